package nn.init.testing;

import static nn.init.testing.Findings.number;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import nn.init.Fans;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Whether values are independent and of a law. */
final class IndependentValues {
    /** An uncorrected truncation at 2 deviations, the smallest of the usual mistakes: 1 / 0.774. */
    private static final double FACTOR_OF_INTEREST = 1.292;

    /** Of a uniform value from 0 to 1 that was meant to be from -1 to 1, in deviations of the latter: sqrt(3) / 2. */
    private static final double SHIFT_OF_INTEREST = 0.866;

    /** The one-sided quantile of 999 in 1000, in deviations: what is called noticed, is so that often. */
    static final double POWER = 3.1;

    /** Rows or columns that are compared pair by pair, and leading elements of all that may not be equal. */
    private static final int LINES = 64;

    private static final int LAGS = 8;
    private static final int MOST_CLASSES = 64;

    /** Expected in a class of the chi-square test. */
    private static final int IN_A_CLASS = 50;

    /** Bits of a value that are random: the library's uniform values have 24, float32 has room for some more. */
    private static final int BITS = 22;

    private final Draws draws;
    private final Findings findings;
    private final Function<Fans, Law> law;
    private final Law expected;
    private final double p;

    /** Sums of normal, uniform and truncated values stay within normal limits; of heavier tails less is known. */
    private final double slack;

    private double smallestFactor = Double.POSITIVE_INFINITY;

    /** Of the deviation measured over that promised, where it is wrong: other properties are then judged without it. */
    private double scale = 1;

    /** @param p the rate of false alarms of one statistic */
    IndependentValues(Draws draws, Findings findings, Function<Fans, Law> law, double p) {
        this.draws = draws;
        this.findings = findings;
        this.law = law;
        this.p = p;
        expected = law.apply(draws.fans);
        slack = expected.distribution() == null || expected.kurtosis() > 3 + 1e-6 ? 2 : 1; // 3 is normal
    }

    /** Gives the smallest factor of the variance that would be noticed. */
    double check() {
        if (draws.values.length == 0) {
            findings.undecided(Property.SECOND_MOMENT, "no values");
            return smallestFactor;
        }
        if (expected.deviation() == 0) {
            constant();
            return 1;
        }
        secondMoment();
        mean();
        bounds();
        if (expected.distribution() != null) {
            float[] sorted = draws.values.clone();
            Arrays.sort(sorted);
            distinctValues(sorted);
            double[] shares = new double[sorted.length];
            for (int i = 0; i < shares.length; i++) {
                double rescaled = expected.mean() + (sorted[i] - expected.mean()) / scale;
                shares[i] = expected.distribution().applyAsDouble(rescaled);
            }
            shape(shares);
            tails(shares);
        }
        lines(Property.ROWS, draws.rows, draws.columns, draws.columns, 1);
        lines(Property.COLUMNS, draws.columns, draws.rows, 1, draws.columns);
        unrelated(
                Property.LAYERS,
                draws.key().child("a"),
                draws.key().child("b"),
                "the key is ignored, or its path is: one seed for all layers");
        unrelated(
                Property.SEEDS,
                draws.key(),
                Key.of(draws.seeds[0] + 1),
                "the seed is ignored, or neighbouring seeds start one sequence at neighbouring places");
        return smallestFactor;
    }

    private void constant() {
        int off = 0;
        for (float value : draws.values) {
            off += value == (float) expected.mean() ? 0 : 1;
        }
        String promised = "every value " + number(expected.mean());
        findings.judge(
                Property.SECOND_MOMENT, off == 0, promised, off + " others", "none", "a deviation of 0 was promised");
    }

    private void mean() {
        double sum = 0;
        for (float value : draws.values) {
            sum += value - expected.mean();
        }
        int n = draws.values.length;
        double error = expected.deviation() * Math.max(1, scale) / Math.sqrt(n) * slack * Bounds.deviations(p);
        double off = sum / n;
        boolean holds = Math.abs(off) <= error + Math.ulp((float) expected.mean());
        String promised = number(expected.mean());
        String found = number(off + expected.mean());
        String allowed = "+-" + number(error);
        double limit = slack * Bounds.deviations(p) + POWER;
        double needed = limit * limit / (SHIFT_OF_INTEREST * SHIFT_OF_INTEREST);
        if (holds && n < needed) {
            findings.tooFew(
                    Property.MEAN,
                    promised,
                    found,
                    allowed,
                    n + " values are too few to be off centre; " + (int) Math.ceil(needed) + " would do");
        } else {
            String mistake = "not centred: a uniform value from 0 to 1 was not shifted, or a bias was added";
            findings.judge(Property.MEAN, holds, promised, found, allowed, mistake);
        }
    }

    private void secondMoment() {
        double sum = 0;
        for (float value : draws.values) {
            double centred = value - expected.mean();
            sum += centred * centred;
        }
        double square = expected.deviation() * expected.deviation();
        double ratio = sum / draws.values.length / square;
        double z = Bounds.deviations(p);
        double low = lowest(z);
        double high = highest(z);
        if (low > 0) {
            smallestFactor = Math.max(high / lowest(POWER), highest(POWER) / low);
        }
        double swappedDeviation = law.apply(new Fans(draws.fans.out(), draws.fans.in())).deviation();
        double swapped = swappedDeviation * swappedDeviation / square;
        String promised = "deviation " + number(expected.deviation());
        String found = "variance " + number(ratio) + " times that";
        String allowed = number(low) + " to " + number(high) + " times";
        boolean holds = ratio >= low && ratio <= high;
        scale = holds || ratio == 0 ? 1 : Math.sqrt(ratio);
        if (holds && !(smallestFactor <= FACTOR_OF_INTEREST)) {
            findings.tooFew(
                    Property.SECOND_MOMENT,
                    promised,
                    found,
                    allowed,
                    draws.values.length + " values are too few to tell: the smallest factor of the variance that would"
                            + " be noticed is " + number(smallestFactor) + ", an uncorrected truncation is one of "
                            + FACTOR_OF_INTEREST + "; take a larger shape or more seeds");
        } else {
            String mistake = isConstant()
                    ? "every value is " + number(draws.values[0]) + ": a constant has no variance, and units that start"
                            + " equal stay equal; draw the values with the key"
                    : Mistakes.likely(ratio, low, high, expected.deviation(), swapped, draws.fans);
            findings.judge(Property.SECOND_MOMENT, holds, promised, found, allowed, mistake);
        }
        fans(swapped, holds, ratio / swapped >= low && ratio / swapped <= high);
    }

    private boolean isConstant() {
        for (float value : draws.values) {
            if (value != draws.values[0]) {
                return false;
            }
        }
        return draws.values.length > 1;
    }

    /** The sum of squares is a gamma variable, exactly so for normal values; others have fewer far out. */
    private double lowest(double z) {
        int n = draws.values.length;
        return n < 100
                ? Bounds.gamma(n / Math.max(2, spread()), -z)
                : Math.max(0, 1 - z * slack * Math.sqrt(spread() / n));
    }

    private double highest(double z) {
        int n = draws.values.length;
        return Bounds.gamma(n / (n < 100 ? Math.max(2, spread()) : spread()), z * slack);
    }

    /** n times the relative variance of a second moment; random signs have none but rounding. */
    private double spread() {
        return Math.max(0.1, expected.kurtosis() - 1);
    }

    private void fans(double swapped, boolean holds, boolean holdsIfSwapped) {
        Fans fans = draws.fans;
        String promised = "variance by fans " + fans;
        if (fans.in() == fans.out()) {
            findings.undecided(
                    Property.FANS,
                    "fans " + fans + " are equal: swapping them changes nothing; take fans that differ");
        } else if (Math.abs(swapped - 1) < 1e-12) {
            findings.judge(Property.FANS, true, promised, "the law is symmetric in the fans", "any order", "");
        } else if (!holds && !holdsIfSwapped) {
            findings.undecided(Property.FANS, "the variance is wrong in another way");
        } else if (holds && Math.max(swapped, 1 / swapped) < smallestFactor) {
            findings.undecided(
                    Property.FANS,
                    "swapped fans would change the variance by " + number(swapped)
                            + ", which so few values cannot tell; take fans that differ more, or more values");
        } else {
            findings.judge(
                    Property.FANS,
                    holds,
                    promised,
                    holds ? "that, and not by the fans swapped" : "that by the fans swapped",
                    "no swap",
                    "fan in and fan out are swapped, or guessed from the shape");
        }
    }

    private void bounds() {
        double rounding = 0x1p-22 * Math.max(Math.abs(expected.low()), Math.abs(expected.high()));
        double ulps = Double.isFinite(rounding) ? rounding : 0;
        int beyond = 0;
        for (float value : draws.values) {
            beyond += value < expected.low() - ulps || value > expected.high() + ulps ? 1 : 0;
        }
        findings.judge(
                Property.BOUNDS,
                beyond == 0,
                number(expected.low()) + " to " + number(expected.high()),
                beyond + " values beyond",
                "none",
                "a bound that is too wide, or a distribution without bounds");
    }

    /** From the distribution function at each value, rising: uniform over (0, 1) if the law is the right one. */
    private void shape(double[] shares) {
        int n = shares.length;
        int classes = Math.min(MOST_CLASSES, n / IN_A_CLASS);
        int[] counts = new int[Math.max(classes, 1)];
        double largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.max(shares[i] - (double) i / n, (i + 1.0) / n - shares[i]));
            counts[Math.clamp((int) (shares[i] * counts.length), 0, counts.length - 1)]++;
        }
        double each = (double) n / counts.length;
        double squares = 0;
        for (int count : counts) {
            squares += (count - each) * (count - each) / each;
        }
        double distance = Bounds.distance(p, n);
        int degrees = counts.length - 1;
        double limit = degrees == 0 ? 0 : degrees * Bounds.gamma(degrees / 2.0, Bounds.deviations(p));
        boolean holds = largest <= distance && (degrees == 0 || squares <= limit);
        String promised = expected.name() + " distribution";
        String found = "distance " + number(largest) + ", chi-square " + number(squares);
        String allowed =
                "distance " + number(distance) + ", chi-square " + number(limit) + " of " + degrees + " degrees";
        if (holds && classes < 8) {
            String needed = n + " values are too few for a distribution; 400 would do";
            findings.tooFew(Property.SHAPE, promised, found, allowed, needed);
        } else {
            findings.judge(Property.SHAPE, holds, promised, found, allowed, "another distribution");
        }
    }

    /** As many values as there should be in tails, on both sides together, that are to have some 30, 110 and 440. */
    private void tails(double[] shares) {
        int n = shares.length;
        double least = 1.5 * StrictMath.log(2 / (p / 3)); // an empty one is then unlikely enough
        boolean holds = true;
        String found = "";
        for (double mean = least; mean <= 16 * least && mean <= n / 10.0; mean *= 4) {
            double tail = mean / n / 2;
            int count = 0;
            for (int i = 0; i < n && shares[i] < tail; i++) {
                count++;
            }
            for (int i = n - 1; i >= 0 && shares[i] > 1 - tail; i--) {
                count++;
            }
            holds &= !Bounds.unlikely(count, mean, p / 3);
            found += (found.isEmpty() ? "" : ", ") + count + " of " + number(mean);
        }
        if (found.isEmpty()) {
            findings.undecided(
                    Property.TAILS,
                    n + " values have no tails to speak of; " + (int) Math.ceil(10 * least) + " would do");
        } else {
            findings.judge(
                    Property.TAILS,
                    holds,
                    "as many values far out as the law has",
                    found,
                    "by chance " + number(p),
                    "tails are cut off (values clipped or drawn again, sums of uniform values), or heavy");
        }
    }

    private void distinctValues(float[] sorted) {
        int n = sorted.length;
        int repeats = 0;
        for (int i = 1; i < n; i++) {
            repeats += sorted[i] == sorted[i - 1] ? 1 : 0;
        }
        double pairs = n * (n - 1.0) / 2;
        double mean = Math.scalb(pairs, -BITS);
        boolean holds = repeats <= mean || !Bounds.unlikely(repeats, mean, p);
        double onBytes = pairs / 256;
        if (holds && onBytes < 16) {
            findings.undecided(
                    Property.DISTINCT_VALUES, n + " values are too few to meet even on an 8-bit grid; 100 would do");
        } else if (holds && mean > n / 4.0) {
            findings.undecided(
                    Property.DISTINCT_VALUES, n + " values are so many that they repeat anyway; take fewer");
        } else {
            findings.judge(
                    Property.DISTINCT_VALUES,
                    holds,
                    "at most " + number(mean) + " repeated values, as of 2^" + BITS + " different ones",
                    String.valueOf(repeats),
                    "by chance " + number(p),
                    "a coarse grid of about " + (repeats < n / 2 ? (long) (pairs / Math.max(repeats, 1)) : n - repeats)
                            + " different values: a generator of few bits, or weights that were quantized");
        }
    }

    /** Rows or columns of the first seed's matrix: element j of line i is at i * step + j * stride. */
    private void lines(Property property, int count, int length, int step, int stride) {
        if (count < 2 || length < 2) {
            findings.undecided(
                    property, "a matrix of " + draws.rows + " x " + draws.columns + " has none that could be compared");
            return;
        }
        int looked = Math.min(length, LINES);
        double byChance = Math.scalb(0.5 * count * count, -BITS * Math.min(looked, 40));
        boolean compared = expected.distribution() != null && byChance < p / 100; // of mere moments, many may be 0
        int equal = compared ? equalLines(count, looked, step, stride) : 0;
        int some = Math.min(count, LINES);
        int pairs = some * (some - 1) / 2;
        double limit = Bounds.deviations(p / pairs) * slack;
        double worst = largestProduct(some, length, step, stride);
        boolean holds = equal == 0 && worst <= limit;
        if (holds && !compared && Math.sqrt(length) < limit + POWER) {
            findings.undecided(
                    property, count + " lines of " + length + " values say nothing; take longer ones");
        } else {
            findings.judge(
                    property,
                    holds,
                    "no two equal or correlated",
                    equal + " equal to another, the largest of " + pairs + " products " + number(worst) + " deviations",
                    "none, " + number(limit) + " deviations",
                    "values are repeated along an axis, or a generator is started anew for each line");
        }
    }

    private int equalLines(int count, int length, int step, int stride) {
        Set<List<Float>> seen = new HashSet<>();
        int equal = 0;
        for (int i = 0; i < count; i++) {
            Float[] line = new Float[length];
            for (int j = 0; j < length; j++) {
                line[j] = draws.values[i * step + j * stride];
            }
            equal += seen.add(List.of(line)) ? 0 : 1;
        }
        return equal;
    }

    /** Given one line, its product with another is a sum of independent values, in deviations of that sum. */
    private double largestProduct(int count, int length, int step, int stride) {
        double[][] lines = new double[count][length];
        double worst = 0;
        for (int i = 0; i < count; i++) {
            double norm = 0;
            for (int j = 0; j < length; j++) {
                lines[i][j] = draws.values[i * step + j * stride] - expected.mean();
                norm += lines[i][j] * lines[i][j];
            }
            for (int k = 0; k < i; k++) {
                double dot = 0;
                for (int j = 0; j < length; j++) {
                    dot += lines[i][j] * lines[k][j];
                }
                worst = Math.max(worst, inDeviations(dot, norm));
            }
        }
        return worst;
    }

    private double inDeviations(double dot, double norm) {
        return norm == 0 ? 0 : Math.abs(dot) / Math.sqrt(norm) / (expected.deviation() * scale);
    }

    /** Products of two tensors' values, the second one shifted by -LAGS to LAGS places. */
    private void unrelated(Property property, Key one, Key other, String mistake) {
        Tensor a = draws.with(one);
        Tensor b = draws.with(other);
        boolean same = draws.size > 1 && a.bitEquals(b);
        int products = 2 * LAGS + 1;
        double limit = Bounds.deviations(p / products) * slack;
        double worst = 0;
        for (int lag = -LAGS; lag <= LAGS; lag++) {
            double dot = 0;
            double norm = 0;
            for (int i = Math.max(0, -lag); i < draws.size && i + lag < draws.size; i++) {
                double x = a.array()[i] - expected.mean();
                dot += x * (b.array()[i + lag] - expected.mean());
                norm += x * x;
            }
            worst = Math.max(worst, inDeviations(dot, norm));
        }
        boolean holds = !same && worst <= limit;
        double needed = (limit + POWER) * (limit + POWER);
        String found =
                same ? "the same bits" : "the largest of " + products + " products " + number(worst) + " deviations";
        String allowed = number(limit) + " deviations";
        if (holds && draws.size < needed) {
            findings.tooFew(
                    property,
                    "no relation",
                    found,
                    allowed,
                    draws.size + " values are too few to be correlated; " + (int) Math.ceil(needed) + " would do");
        } else {
            findings.judge(property, holds, "no relation", found, allowed, mistake);
        }
    }
}
