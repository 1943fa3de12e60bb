package nn.init.testing;

import static nn.init.testing.Findings.number;

import nn.tensor.Key;
import nn.tensor.Tensor;

/** Whether the matrices of gates, side by side along the last axis, are orthogonal, and uniformly so. */
final class OrthogonalMatrices {
    /**
     * Rounding the elements to float moves an element of {@code W'W / gain^2} by at most 2^-23; this leaves room for
     * algorithms that work in float throughout.
     */
    private static final double ROUNDING = 0x1p-20;

    /** Draws of small matrices: 2^-64 is beyond every rate of false alarms. */
    private static final int DRAWS = 64;

    private static final int MOST_ELEMENTS = 32 * 32;

    private final Draws draws;
    private final Findings findings;
    private final double gain;
    private final int gates;
    private final double p;
    private final int width;

    /** @param p the rate of false alarms of one statistic */
    OrthogonalMatrices(Draws draws, Findings findings, double gain, int gates, double p) {
        this.draws = draws;
        this.findings = findings;
        this.gain = gain;
        this.gates = gates;
        this.p = p;
        width = draws.columns / gates;
    }

    void check() {
        if (draws.size == 0 || draws.shape.rank() < 2 || draws.columns % gates != 0) {
            findings.undecided(
                    Property.ORTHOGONALITY,
                    "a tensor of shape " + draws.shape + " is not " + gates + " matrices side by side");
            return;
        }
        double worst = 0;
        for (int s = 0; s < draws.seeds.length; s++) {
            for (int gate = 0; gate < gates; gate++) {
                worst = Math.max(worst, gramError(s * draws.size + gate * width, width) / (gain * gain));
            }
        }
        boolean holds = worst <= ROUNDING;
        boolean fused = gates > 1 && gramError(0, draws.columns) <= 1e-5 * gain * gain;
        findings.judge(
                Property.ORTHOGONALITY,
                holds,
                (draws.rows >= width ? "W'W = " : "W W' = ") + number(gain * gain) + " I"
                        + (gates > 1 ? " in each gate" : ""),
                "an element off by " + number(worst) + " of that",
                number(ROUNDING),
                fused
                        ? "the gates' matrices are orthogonal only together: each needs a fill of its own"
                        : "not orthogonal, of another gain, or rows and columns exchanged");
        if (holds) {
            Key key = draws.key();
            unrelated(
                    Property.LAYERS,
                    key.child("a"),
                    key.child("b"),
                    "the key is ignored, or its path is: one seed for all layers");
            unrelated(Property.SEEDS, key, Key.of(draws.seeds[0] + 1), "the seed is ignored");
            haarSigns();
        }
    }

    /** The largest element of V'V - gain^2 I, V the shorter side's vectors of a part of the first columns. */
    private double gramError(int from, int part) {
        boolean wide = draws.rows < part;
        int count = Math.min(draws.rows, part);
        int length = Math.max(draws.rows, part);
        double[][] vectors = new double[count][length];
        for (int i = 0; i < draws.rows; i++) {
            for (int j = 0; j < part; j++) {
                vectors[wide ? i : j][wide ? j : i] = draws.values[from + i * draws.columns + j];
            }
        }
        double worst = 0;
        for (int i = 0; i < count; i++) {
            for (int k = 0; k <= i; k++) {
                double dot = i == k ? -gain * gain : 0;
                for (int j = 0; j < length; j++) {
                    dot = Math.fma(vectors[i][j], vectors[k][j], dot);
                }
                worst = Math.max(worst, Math.abs(dot));
            }
        }
        return worst;
    }

    /**
     * The sum of products of two independent uniform matrices' elements has the variance shorter / longer side, and is
     * concentrated at least as a normal variable with longer - 2 in the place of longer.
     */
    private void unrelated(Property property, Key one, Key other, String mistake) {
        Tensor a = draws.with(one);
        Tensor b = draws.with(other);
        double dot = 0;
        for (int i = 0; i < draws.size; i++) {
            dot += (double) a.array()[i] * b.array()[i] / (gain * gain);
        }
        double atMost = (double) gates * Math.min(draws.rows, width); // if the two were the same
        double deviation = Math.sqrt(atMost / Math.max(1, Math.max(draws.rows, width) - 2));
        double limit = Bounds.deviations(p);
        boolean same = draws.size > 1 && a.bitEquals(b);
        boolean tells = atMost > (limit + IndependentValues.POWER) * deviation;
        boolean holds = !same && Math.abs(dot) <= limit * deviation;
        String found = same ? "the same bits" : "product " + number(dot / deviation) + " deviations";
        String allowed = number(limit) + " deviations";
        if (holds && !tells) {
            findings.tooFew(
                    property, "no relation", found, allowed, "so small a matrix says nothing; 12 x 12 would do");
        } else {
            findings.judge(property, holds, "no relation", found, allowed, mistake);
        }
    }

    /** Elements have the variance 1 / longer side and are uncorrelated, so the trace has shorter / longer. */
    private void haarSigns() {
        int shorter = Math.min(draws.rows, width);
        int longer = Math.max(draws.rows, width);
        if (shorter < 2 || shorter * longer > MOST_ELEMENTS) {
            findings.undecided(
                    Property.HAAR_SIGNS,
                    "signs are judged from " + DRAWS + " draws of a matrix of 2 x 2 to " + MOST_ELEMENTS + " elements");
            return;
        }
        int negative = 0;
        double traces = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            Tensor q = draws.with(draws.key().child("haar").child(draw));
            negative += q.array()[0] < 0 ? 1 : 0;
            for (int i = 0; i < shorter; i++) {
                traces += q.array()[i * draws.columns + i] / gain;
            }
        }
        double deviation = Math.sqrt(DRAWS * (double) shorter / Math.max(1, longer - 2));
        double limit = Bounds.deviations(p) * deviation;
        boolean holds = !Bounds.unlikelyHalf(negative, DRAWS, p) && Math.abs(traces) <= limit;
        findings.judge(
                Property.HAAR_SIGNS,
                holds,
                "first element negative in half of " + DRAWS + " draws, mean trace 0",
                negative + ", " + number(traces / DRAWS),
                "by chance " + number(p),
                "Q of a QR factorization without the signs of R's diagonal is orthogonal but not uniform: multiply each"
                        + " column by the sign of R's diagonal element");
    }
}
