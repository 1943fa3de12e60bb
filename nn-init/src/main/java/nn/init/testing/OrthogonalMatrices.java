package nn.init.testing;

import static nn.init.testing.Findings.number;

import nn.tensor.Fma;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Checks that the matrices of gates, side by side along the last axis, are orthogonal and uniformly distributed. */
final class OrthogonalMatrices {
    /**
     * Rounding the elements to float moves an element of {@code W'W / gain^2} by at most 2^-23; this leaves room for
     * algorithms that work in float throughout.
     */
    private static final double ROUNDING = 0x1p-20;

    /** Draws of small matrices: 2^-64 is beyond every rate of false alarms. */
    private static final int DRAWS = 64;

    /**
     * Elements on the diagonals of all draws of a large matrix, at least. If all had the same sign, their sum would be
     * off by 0.8 times the root of their number, 18 standard deviations, three times the usual limit.
     */
    private static final int DIAGONAL = 512;

    private static final int MOST_ELEMENTS = 32 * 32;

    private final Samples samples;
    private final Findings findings;
    private final double gain;
    private final int gates;
    private final double p;
    private final int width;

    /** @param p the rate of false alarms of one statistic */
    OrthogonalMatrices(Samples samples, Findings findings, double gain, int gates, double p) {
        this.samples = samples;
        this.findings = findings;
        this.gain = gain;
        this.gates = gates;
        this.p = p;
        width = samples.columns / gates;
    }

    void check() {
        if (samples.size == 0 || samples.shape.rank() < 2 || samples.columns % gates != 0) {
            findings.undecided(
                    Property.ORTHOGONALITY,
                    "a tensor of shape " + samples.shape + " is not " + gates + " matrices side by side");
            return;
        }
        double worst = 0;
        for (int s = 0; s < samples.seeds.length; s++) {
            for (int gate = 0; gate < gates; gate++) {
                worst = Math.max(worst, gramError(s * samples.size + gate * width, width) / (gain * gain));
            }
        }
        boolean holds = worst <= ROUNDING;
        boolean fused = gates > 1 && gramError(0, samples.columns) <= 1e-5 * gain * gain;
        findings.judge(
                Property.ORTHOGONALITY,
                holds,
                (samples.rows >= width ? "W'W = " : "W W' = ") + number(gain * gain) + " I"
                        + (gates > 1 ? " in each gate" : ""),
                "an element off by " + number(worst) + " of that",
                number(ROUNDING),
                fused
                        ? "the gates' matrices are orthogonal only together: each needs a separate fill"
                        : "not orthogonal, of another gain, or rows and columns exchanged");
        if (holds) {
            Key key = samples.key();
            unrelated(
                    Property.LAYERS,
                    key.child("a"),
                    key.child("b"),
                    "the key or its path is ignored: one seed for all layers");
            unrelated(Property.SEEDS, key, Key.of(samples.seeds[0] + 1), "the seed is ignored");
            haarSigns();
            emptyLines();
            repeatedLines(Property.ROWS, samples.rows, samples.columns, samples.columns, 1);
            repeatedLines(Property.COLUMNS, samples.columns, samples.rows, 1, samples.columns);
        }
    }

    /** Columns of a wide matrix, or rows of a tall one, that are zero leave it orthogonal. */
    private void emptyLines() {
        boolean[] used = new boolean[samples.rows + samples.columns];
        for (int i = 0; i < samples.size; i++) {
            boolean isZero = samples.values[i] == 0;
            used[i / samples.columns] |= !isZero;
            used[samples.rows + i % samples.columns] |= !isZero;
        }
        int empty = 0;
        for (boolean line : used) {
            empty += line ? 0 : 1;
        }
        findings.judge(
                Property.VARIED_ELEMENTS,
                empty == 0,
                "no row or column of zeros",
                empty + " rows and columns",
                "none",
                "an orthogonal block next to zeros: orthogonal, but some inputs or units are never connected");
    }

    /** Columns of a wide matrix, or rows of a tall one, may be repeated in an orthogonal matrix. */
    private void repeatedLines(Property property, int count, int length, int step, int stride) {
        int looked = Math.min(length, IndependentValues.LINES);
        if (count < 2 || samples.equalLinesByChance(count, looked, true) >= p / 100) {
            findings.undecided(property, count + " lines of " + length + " values are too few or too short to compare");
            return;
        }
        int equal = samples.equalLines(count, looked, step, stride, true);
        findings.judge(
                property,
                equal == 0,
                "no two equal, also up to the sign",
                equal + " equal to another",
                "none",
                "a smaller orthogonal matrix is repeated side by side");
    }

    /** Whether the determinant of the first gate's matrix is positive, by elimination with pivots. */
    private boolean isRotation(Tensor q) {
        double[][] rows = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                rows[i][j] = q.array()[q.offset() + i * samples.columns + j];
            }
        }
        boolean positive = true;
        for (int k = 0; k < width; k++) {
            int pivot = k;
            for (int i = k + 1; i < width; i++) {
                pivot = Math.abs(rows[i][k]) > Math.abs(rows[pivot][k]) ? i : pivot;
            }
            double[] exchanged = rows[k];
            rows[k] = rows[pivot];
            rows[pivot] = exchanged;
            positive ^= pivot != k;
            positive ^= rows[k][k] < 0;
            for (int i = k + 1; i < width; i++) {
                double factor = -rows[i][k] / rows[k][k];
                for (int j = k; j < width; j++) {
                    rows[i][j] = Fma.fma(factor, rows[k][j], rows[i][j]);
                }
            }
        }
        return positive;
    }

    /** The largest element of V'V - gain^2 I, where V has the vectors of the shorter side, for a range of columns. */
    private double gramError(int from, int part) {
        boolean wide = samples.rows < part;
        int count = Math.min(samples.rows, part);
        int length = Math.max(samples.rows, part);
        double[][] vectors = new double[count][length];
        for (int i = 0; i < samples.rows; i++) {
            for (int j = 0; j < part; j++) {
                vectors[wide ? i : j][wide ? j : i] = samples.values[from + i * samples.columns + j];
            }
        }
        double worst = 0;
        for (int i = 0; i < count; i++) {
            for (int k = 0; k <= i; k++) {
                double dot = i == k ? -gain * gain : 0;
                for (int j = 0; j < length; j++) {
                    dot = Fma.fma(vectors[i][j], vectors[k][j], dot);
                }
                worst = Math.max(worst, Math.abs(dot));
            }
        }
        return worst;
    }

    /**
     * The sum of products of two independent uniform matrices' elements has the variance shorter / longer side, and is
     * concentrated at least as a normal variable with longer - 2 instead of longer.
     */
    private void unrelated(Property property, Key one, Key other, String mistake) {
        Tensor a = samples.with(one);
        Tensor b = samples.with(other);
        if (!a.isFinite() || !b.isFinite()) {
            findings.undecided(property, "with other keys, values are not finite");
            return;
        }
        double dot = 0;
        for (int i = 0; i < samples.size; i++) {
            dot += (double) a.array()[i] * b.array()[i] / (gain * gain);
        }
        double atMost = (double) gates * Math.min(samples.rows, width); // if the two were the same
        double stddev = Math.sqrt(atMost / Math.max(1, Math.max(samples.rows, width) - 2));
        double limit = SamplingBounds.normal(p);
        boolean same = samples.size > 1 && a.bitEquals(b);
        boolean decisive = atMost > (limit + IndependentValues.POWER) * stddev;
        boolean holds = !same && Math.abs(dot) <= limit * stddev;
        String found = same ? "the same bits" : "product " + number(dot / stddev) + " standard deviations";
        String allowed = number(limit) + " standard deviations";
        if (holds && !decisive) {
            findings.tooFew(
                    property, "no relation", found, allowed, "the matrix is too small to compare; 12 x 12 would do");
        } else {
            findings.judge(property, holds, "no relation", found, allowed, mistake);
        }
    }

    /** Elements have the variance 1 / longer side and are uncorrelated, so the trace has shorter / longer. */
    private void haarSigns() {
        int shorter = Math.min(samples.rows, width);
        int longer = Math.max(samples.rows, width);
        if (shorter < 2) {
            findings.undecided(Property.HAAR_SIGNS, "signs are judged from matrices of 2 x 2 or more");
            if (shorter == longer) {
                findings.undecided(Property.DETERMINANT, "it is judged where the signs are");
            }
            return;
        }
        boolean small = (long) shorter * longer <= MOST_ELEMENTS;
        int draws = small ? DRAWS : Math.max(2, Math.ceilDiv(DIAGONAL, shorter));
        int negative = 0;
        int rotations = 0;
        double traces = 0;
        for (int draw = 0; draw < draws; draw++) {
            Tensor q = samples.with(samples.key().child("haar").child(draw));
            negative += q.array()[0] < 0 ? 1 : 0;
            rotations += small && shorter == longer && isRotation(q) ? 1 : 0;
            for (int i = 0; i < shorter; i++) {
                traces += q.array()[i * samples.columns + i] / gain;
            }
        }
        double stddev = Math.sqrt(draws * (double) shorter / Math.max(1, longer - 2));
        double limit = SamplingBounds.normal(p) * stddev;
        boolean holds = !SamplingBounds.unlikelyHalf(negative, draws, p) && Math.abs(traces) <= limit;
        findings.judge(
                Property.HAAR_SIGNS,
                holds,
                "first element negative in half of " + draws + " samples, mean trace 0",
                negative + ", " + number(traces / draws),
                "by chance " + number(p),
                "Q of a QR factorization without the signs of R's diagonal is orthogonal but not uniform: multiply"
                        + " each column by the sign of R's diagonal element; or the random matrix is not centred");
        if (small) {
            determinants(rotations, holds);
        } else {
            findings.undecided(
                    Property.DETERMINANT,
                    "it is judged from " + DRAWS + " draws of at most " + MOST_ELEMENTS + " elements");
        }
    }

    private void determinants(int rotations, boolean signsHold) {
        if (Math.min(samples.rows, width) < Math.max(samples.rows, width)) {
            return; // only square matrices have one
        }
        if (!signsHold) {
            findings.undecided(Property.DETERMINANT, "the signs are wrong in another way");
            return;
        }
        findings.judge(
                Property.DETERMINANT,
                !SamplingBounds.unlikelyHalf(rotations, DRAWS, p),
                "positive in half of " + DRAWS + " samples",
                String.valueOf(rotations),
                "by chance " + number(p),
                "only rotations are drawn, or only reflections: multiply a column by a random sign");
    }
}
