package nn.init.testing;

import static nn.init.testing.Findings.number;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import nn.init.Fans;
import nn.tensor.Key;
import nn.tensor.Tensor;

/** Checks that values are independent and have a given distribution. */
final class IndependentValues {
    /** An uncorrected truncation at 2 standard deviations, the smallest of the usual mistakes: 1 / 0.774. */
    private static final double FACTOR_OF_INTEREST = 1.292;

    /** The mean of U(0, 1) mistaken for U(-1, 1), in standard deviations of the latter: sqrt(3) / 2. */
    private static final double SHIFT_OF_INTEREST = 0.866;

    /** The normal quantile of 0.999: a deviation counts as noticeable if it is noticed that often. */
    static final double POWER = 3.1;

    /** Number of rows or columns compared pair by pair, and of leading elements compared in all. */
    static final int LINES = 64;

    private static final int LAGS = 8;

    /** Bits of each half of a key that are changed one by one; so an element is equal by chance once in 2^88. */
    private static final int[] KEY_BITS = {17, 63};

    /** Random bits from which on equal tensors are no chance. */
    private static final int LEAST_BITS = 80;

    private static final int NEIGHBOUR_SUMS = 8;
    private static final int MOST_CLASSES = 64;

    /** Expected values in a class of the chi-square test. */
    private static final int IN_A_CLASS = 50;

    private final Samples samples;
    private final Findings findings;
    private final Function<Fans, ExpectedDistribution> distribution;
    private final ExpectedDistribution expected;
    private final double p;

    /** Widens limits for heavy tails: sums of normal, uniform and truncated values need no slack. */
    private final double slack;

    private double smallestFactor = Double.POSITIVE_INFINITY;

    /**
     * The measured over the promised standard deviation, where it is wrong, so that other properties are judged alone.
     */
    private double scale = 1;

    /** Whether the distribution function is the right one, so that magnitudes can be judged by it. */
    private boolean hasShape;

    /** @param p the rate of false alarms of one statistic */
    IndependentValues(Samples samples, Findings findings, Function<Fans, ExpectedDistribution> distribution, double p) {
        this.samples = samples;
        this.findings = findings;
        this.distribution = distribution;
        this.p = p;
        expected = Objects.requireNonNull(
                distribution.apply(samples.fans),
                () -> "conformance: the expected distribution for fans " + samples.fans + " is null");
        slack = expected.cdf() == null || expected.kurtosis() > 3 + 1e-6 ? 2 : 1; // 3 is normal
    }

    /** Returns the smallest factor of the variance that would be noticed. */
    double check() {
        if (samples.values.length == 0) {
            findings.undecided(Property.SECOND_MOMENT, "no values");
            return smallestFactor;
        }
        if (expected.stddev() == 0) {
            constant();
            return 1;
        }
        secondMoment();
        mean();
        bounds();
        if (expected.cdf() != null) {
            float[] sorted = samples.values.clone();
            Arrays.sort(sorted);
            distinctValues(sorted);
            double[] shares = new double[sorted.length];
            for (int i = 0; i < shares.length; i++) {
                double rescaled = expected.mean() + (sorted[i] - expected.mean()) / scale;
                shares[i] = expected.cdf().applyAsDouble(rescaled);
            }
            shape(shares);
            tails(shares);
        }
        otherKeys();
        neighbours();
        lines(Property.ROWS, samples.rows, samples.columns, samples.columns, 1);
        lines(Property.COLUMNS, samples.columns, samples.rows, 1, samples.columns);
        reflections();
        unrelated(
                Property.LAYERS,
                samples.key().child("a"),
                samples.key().child("b"),
                "the key or its path is ignored: one seed for all layers");
        unrelated(
                Property.SEEDS,
                samples.key(),
                Key.of(samples.seeds[0] + 1),
                "the seed is ignored, or neighbouring seeds start one sequence at neighbouring places");
        return smallestFactor;
    }

    private void constant() {
        int off = 0;
        for (float value : samples.values) {
            off += value == (float) expected.mean() ? 0 : 1;
        }
        String promised = "every value " + number(expected.mean());
        findings.judge(
                Property.SECOND_MOMENT,
                off == 0,
                promised,
                off + " others",
                "none",
                "a standard deviation of 0 was promised");
    }

    private void mean() {
        double sum = 0;
        for (float value : samples.values) {
            sum += value - expected.mean();
        }
        int n = samples.values.length;
        double error = expected.stddev() * Math.max(1, scale) / Math.sqrt(n) * slack * SamplingBounds.normal(p);
        double off = sum / n;
        boolean holds = Math.abs(off) <= error + Math.ulp((float) expected.mean());
        String promised = number(expected.mean());
        String found = number(off + expected.mean());
        String allowed = "+-" + number(error);
        double limit = slack * SamplingBounds.normal(p) + POWER;
        double needed = limit * limit / (SHIFT_OF_INTEREST * SHIFT_OF_INTEREST);
        if (holds && n < needed) {
            findings.tooFew(
                    Property.MEAN,
                    promised,
                    found,
                    allowed,
                    n + " values are too few to judge the mean; " + (int) Math.ceil(needed) + " would do");
        } else {
            boolean doubled = expected.mean() != 0 && Math.abs(off - expected.mean()) <= 2 * error && isDoubled(off);
            String mistake = doubled
                    ? "twice the promised mean: the values are added twice, such as those of a layer with two biases"
                    : "not centred: a uniform value from 0 to 1 was not shifted, or a bias was added";
            findings.judge(Property.MEAN, holds, promised, found, allowed, mistake);
        }
    }

    /** Whether the variance around the measured mean is four times the promised one. */
    private boolean isDoubled(double off) {
        double sum = 0;
        for (float value : samples.values) {
            double centred = value - expected.mean() - off;
            sum += centred * centred;
        }
        double quarter = sum / samples.values.length / (4 * expected.stddev() * expected.stddev());
        double z = SamplingBounds.normal(p);
        return quarter >= lowest(z) && quarter <= highest(z);
    }

    private void secondMoment() {
        double sum = 0;
        for (float value : samples.values) {
            double centred = value - expected.mean();
            sum += centred * centred;
        }
        double square = expected.stddev() * expected.stddev();
        double ratio = sum / samples.values.length / square;
        double z = SamplingBounds.normal(p);
        double low = lowest(z);
        double high = highest(z);
        if (low > 0) {
            smallestFactor = Math.max(high / lowest(POWER), highest(POWER) / low);
        }
        double swappedStddev = distribution
                .apply(new Fans(samples.fans.out(), samples.fans.in()))
                .stddev();
        double swapped = swappedStddev * swappedStddev / square;
        String promised = "standard deviation " + number(expected.stddev());
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
                    samples.values.length + " values are too few to decide: the smallest factor of the variance that"
                            + " would be noticed is " + number(smallestFactor) + ", and an uncorrected truncation has "
                            + FACTOR_OF_INTEREST + "; take a larger shape or more seeds");
        } else {
            String mistake = isConstant()
                    ? "every value is " + number(samples.values[0]) + ": a constant has no variance, and units that"
                            + " start equal stay equal; draw the values with the key"
                    : mistake(ratio, low, high, swapped);
            findings.judge(Property.SECOND_MOMENT, holds, promised, found, allowed, mistake);
        }
        fans(swapped, holds, ratio / swapped >= low && ratio / swapped <= high);
    }

    private String mistake(double ratio, double low, double high, double swapped) {
        Fans guessed = samples.fansOfShape();
        double bySum = samples.shape.rank() > 2 ? varianceOf(samples.fansOfSum()) : 1;
        return CommonMistakes.likely(
                ratio, low, high, expected.stddev(), swapped, samples.fans, guessed, varianceOf(guessed), bySum);
    }

    /** The variance by other fans, over the promised one. */
    private double varianceOf(Fans fans) {
        return StrictMath.pow(distribution.apply(fans).stddev() / expected.stddev(), 2);
    }

    private boolean isConstant() {
        for (float value : samples.values) {
            if (value != samples.values[0]) {
                return false;
            }
        }
        return samples.values.length > 1;
    }

    /** The lower limit of the sum of squares, a gamma variable for normal values; other values have lighter tails. */
    private double lowest(double z) {
        int n = samples.values.length;
        return n < 100
                ? SamplingBounds.gamma(n / Math.max(2, spread()), -z)
                : Math.max(0, 1 - z * slack * Math.sqrt(spread() / n));
    }

    /** The upper limit; infinite where the tails are so heavy that the approximation has none. */
    private double highest(double z) {
        int n = samples.values.length;
        double limit = SamplingBounds.gamma(n / (n < 100 ? Math.max(2, spread()) : spread()), z * slack);
        return limit < 1 ? Double.POSITIVE_INFINITY : limit;
    }

    /** n times the relative variance of a second moment; at least 0.1, as random signs have none. */
    private double spread() {
        return Math.max(0.1, expected.kurtosis() - 1);
    }

    private void fans(double swapped, boolean holds, boolean holdsIfSwapped) {
        Fans fans = samples.fans;
        String promised = "variance by fans " + fans;
        if (fans.in() == fans.out()) {
            findings.undecided(
                    Property.FANS, "fans " + fans + " are equal: swapping them changes nothing; take fans that differ");
        } else if (Math.abs(swapped - 1) < 1e-12) {
            findings.judge(Property.FANS, true, promised, "the distribution is symmetric in the fans", "any order", "");
        } else if (!holds && !holdsIfSwapped) {
            findings.undecided(Property.FANS, "the variance is wrong in another way");
        } else if (holds && Math.max(swapped, 1 / swapped) < smallestFactor) {
            findings.undecided(
                    Property.FANS,
                    "swapped fans would change the variance by " + number(swapped)
                            + ", which these values are too few to notice; take fans that differ more, or more values");
        } else {
            findings.judge(
                    Property.FANS,
                    holds,
                    promised,
                    holds ? "by these fans" : "by the swapped fans",
                    "no swap",
                    "fan in and fan out are swapped, or guessed from the shape");
        }
    }

    private void bounds() {
        double rounding = 0x1p-22 * Math.max(Math.abs(expected.low()), Math.abs(expected.high()));
        double ulps = Double.isFinite(rounding) ? rounding : 0;
        int beyond = 0;
        for (float value : samples.values) {
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

    /**
     * Judges the values of the distribution function, in ascending order: uniform over (0, 1) if it is the right one.
     */
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
        double distance = SamplingBounds.distance(p, n);
        int degrees = counts.length - 1;
        double limit = degrees == 0 ? 0 : degrees * SamplingBounds.gamma(degrees / 2.0, SamplingBounds.normal(p));
        boolean holds = largest <= distance && (degrees == 0 || squares <= limit);
        hasShape = holds;
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

    /** Compares the counts in both tails together with their expectations: tails that should have 30, 110 and 440. */
    private void tails(double[] shares) {
        int n = shares.length;
        double least = 1.5 * StrictMath.log(2 / (p / 3)); // an empty tail is then unlikely enough
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
            holds &= !SamplingBounds.unlikely(count, mean, p / 3);
            found += (found.isEmpty() ? "" : ", ") + count + " of " + number(mean);
        }
        if (found.isEmpty()) {
            findings.undecided(
                    Property.TAILS, n + " values are too few for tails; " + (int) Math.ceil(10 * least) + " would do");
        } else {
            findings.judge(
                    Property.TAILS,
                    holds,
                    "as many values far out as the distribution has",
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
        double mean = Math.scalb(pairs, -Samples.BITS);
        boolean holds = repeats <= mean || !SamplingBounds.unlikely(repeats, mean, p);
        double onBytes = pairs / 256;
        if (holds && onBytes < 16) {
            findings.undecided(
                    Property.DISTINCT_VALUES, n + " values are too few to repeat even on an 8-bit grid; 100 would do");
        } else if (holds && mean > n / 4.0) {
            findings.undecided(Property.DISTINCT_VALUES, n + " values are too many not to repeat; take fewer");
        } else {
            findings.judge(
                    Property.DISTINCT_VALUES,
                    holds,
                    "at most " + number(mean) + " repeated values, as for 2^" + Samples.BITS + " different ones",
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
                    property,
                    "a matrix of " + samples.rows + " x " + samples.columns + " has none that could be compared");
            return;
        }
        int looked = Math.min(length, LINES);
        boolean signBlind = expected.mean() == 0;
        boolean compared = expected.cdf() != null // without a cdf many values may be 0
                && samples.equalLinesByChance(count, looked, signBlind) < p / 100;
        int equal = compared ? samples.equalLines(count, looked, step, stride, signBlind) : 0;
        int some = Math.min(count, LINES);
        int pairs = some * (some - 1) / 2;
        double limit = SamplingBounds.normal(p / pairs) * slack;
        double worst = largestProduct(some, length, step, stride);
        boolean holds = equal == 0 && worst <= limit;
        if (holds && !compared && Math.sqrt(length) < limit + POWER) {
            findings.undecided(
                    property, count + " lines of " + length + " values are too short to be compared; take longer ones");
        } else {
            findings.judge(
                    property,
                    holds,
                    "no two equal or correlated",
                    equal + " equal to another, the largest of " + pairs + " products " + number(worst)
                            + " standard deviations",
                    "none, " + number(limit) + " standard deviations",
                    "values are repeated along an axis, or a generator is restarted for each line");
        }
    }

    /** The largest inner product of two lines, in standard deviations given one of them. */
    private double largestProduct(int count, int length, int step, int stride) {
        double[][] lines = new double[count][length];
        double worst = 0;
        for (int i = 0; i < count; i++) {
            double norm = 0;
            for (int j = 0; j < length; j++) {
                lines[i][j] = samples.values[i * step + j * stride] - expected.mean();
                norm += lines[i][j] * lines[i][j];
            }
            for (int k = 0; k < i; k++) {
                double dot = 0;
                for (int j = 0; j < length; j++) {
                    dot += lines[i][j] * lines[k][j];
                }
                worst = Math.max(worst, standardized(dot, norm));
            }
        }
        return worst;
    }

    private double standardized(double dot, double norm) {
        return norm == 0 ? 0 : Math.abs(dot) / Math.sqrt(norm) / (expected.stddev() * scale);
    }

    /** Judges the products of each element with its reflection: the first seed's matrix transposed, and reversed. */
    private void reflections() {
        boolean square = samples.rows == samples.columns;
        double transposed = square ? product(samples.size, this::transposed) : 0;
        double reversed = product(samples.size, i -> samples.size - 1 - i);
        double limit = SamplingBounds.normal(p / 2) * slack;
        boolean holds = transposed <= limit && reversed <= limit;
        int pairs = square ? samples.rows * (samples.rows - 1) / 2 : samples.size / 2; // the fewer of both
        double needed = (limit + POWER) * (limit + POWER);
        String found = (square ? "transposed " + number(transposed) + ", " : "") + "reversed " + number(reversed)
                + " standard deviations";
        String allowed = number(limit) + " standard deviations";
        if (holds && pairs < needed) {
            findings.tooFew(
                    Property.REFLECTIONS,
                    "no relation",
                    found,
                    allowed,
                    pairs + " pairs are too few to compare; " + (int) Math.ceil(needed) + " would do");
        } else {
            findings.judge(
                    Property.REFLECTIONS,
                    holds,
                    "no relation",
                    found,
                    allowed,
                    transposed > limit
                            ? "a symmetric matrix, or one that is nearly so: half of the values follow from the others"
                            : "the values are repeated in reverse order");
        }
    }

    /** Judges draws with keys that differ in one bit of either half: as tensors, and element by element. */
    private void otherKeys() {
        Key key = samples.key();
        String ignored = "";
        boolean[] varies = new boolean[samples.size];
        for (int half = 0; half < 2; half++) {
            for (int bit : KEY_BITS) {
                long mask = 1L << bit;
                Tensor other = samples.with(
                        half == 0 ? new Key(key.hi() ^ mask, key.lo()) : new Key(key.hi(), key.lo() ^ mask));
                boolean differs = false;
                for (int i = 0; i < varies.length; i++) {
                    boolean here = samples.differs(other.array()[other.offset() + i], i);
                    varies[i] |= here;
                    differs |= here;
                }
                ignored += differs ? "" : (ignored.isEmpty() ? "" : ", ") + bit + (half == 0 ? " of hi" : " of lo");
            }
        }
        if (!ignored.isEmpty() && samples.size * Samples.BITS < LEAST_BITS) {
            findings.undecided(Property.WHOLE_KEY, samples.size + " values are too few to differ; 4 would do");
        } else {
            findings.judge(
                    Property.WHOLE_KEY,
                    ignored.isEmpty(),
                    "other values after a change of any bit",
                    ignored.isEmpty() ? "others" : "the same values after a change of bit " + ignored,
                    "no bit ignored",
                    "a part of the key is ignored: a seed of fewer bits, or one half only");
        }
        if (expected.cdf() != null) { // else many values may be 0
            variedElements(varies);
        }
    }

    private void variedElements(boolean[] varies) {
        int same = 0;
        int first = -1;
        for (int i = 0; i < varies.length; i++) {
            first = !varies[i] && first < 0 ? i : first;
            same += varies[i] ? 0 : 1;
        }
        findings.judge(
                Property.VARIED_ELEMENTS,
                same == 0,
                "every element varies with the key",
                same + " do not" + (first < 0 ? "" : ", the first of them element " + first),
                "none",
                "elements that are not drawn: a loop ends early or starts late, or a constant is written over them");
    }

    /**
     * Judges products of neighbours in pairs that share no element. The magnitude of a value counts as 1 if it is in
     * the outer half of the distribution and as -1 otherwise, so that products are random signs.
     */
    private void neighbours() {
        double worst = 0;
        double limit = SamplingBounds.normal(p / NEIGHBOUR_SUMS) * slack;
        for (int odd = 0; odd < 2; odd++) {
            worst = Math.max(worst, neighbours(1, odd, samples.columns, false));
            worst = Math.max(worst, neighbours(samples.columns, odd, samples.rows, false));
        }
        double magnitudes = 0;
        for (int lag = 1; lag <= 2 && hasShape; lag++) {
            for (int odd = 0; odd < 2; odd++) {
                magnitudes = Math.max(magnitudes, neighbours(lag, odd, samples.columns / lag, true));
            }
        }
        boolean holds = worst <= limit && magnitudes <= limit;
        double needed = 3 * (limit + POWER) * (limit + POWER); // a third of the elements or more are first of a pair
        String found = "products " + number(worst) + ", of magnitudes " + number(magnitudes) + " standard deviations";
        String allowed = number(limit) + " standard deviations";
        if (holds && samples.values.length < needed) {
            findings.tooFew(
                    Property.NEIGHBOURS,
                    "no relation",
                    found,
                    allowed,
                    samples.values.length + " values are too few to compare; " + (int) Math.ceil(needed) + " would do");
        } else {
            findings.judge(
                    Property.NEIGHBOURS,
                    holds,
                    "no relation",
                    found,
                    allowed,
                    worst > limit
                            ? "each row or column contains a part of the one before: a smoothed or a shared noise"
                            : "neighbours are large together: one radius of Box and Muller for more than two values");
        }
    }

    /** The sum over pairs of an element and the one a number of places further, in standard deviations. */
    private double neighbours(int lag, int odd, int length, boolean magnitudes) {
        double dot = 0;
        double norm = 0;
        for (int i = 0; i + lag < samples.values.length; i++) {
            int place = i % samples.size / lag % Math.max(1, length); // along the axis of neighbours
            if (place % 2 == odd && place + 1 < length && i % samples.size + lag < samples.size) {
                double a = magnitudes ? magnitude(samples.values[i]) : samples.values[i] - expected.mean();
                double b = magnitudes ? magnitude(samples.values[i + lag]) : samples.values[i + lag] - expected.mean();
                dot += a * b;
                norm += a * a;
            }
        }
        return norm == 0 ? 0 : magnitudes ? Math.abs(dot) / Math.sqrt(norm) : standardized(dot, norm);
    }

    private double magnitude(float value) {
        double share = Objects.requireNonNull(expected.cdf())
                .applyAsDouble(expected.mean() + (value - expected.mean()) / scale);
        return share < 0.25 || share > 0.75 ? 1 : -1;
    }

    private int transposed(int index) {
        return index % samples.columns * samples.columns + index / samples.columns;
    }

    /** The inner product of elements with their partners, each pair once, in standard deviations. */
    private double product(int size, IntUnaryOperator partner) {
        double dot = 0;
        double norm = 0;
        for (int i = 0; i < size; i++) {
            int other = partner.applyAsInt(i);
            if (i < other) {
                double x = samples.values[i] - expected.mean();
                dot += x * (samples.values[other] - expected.mean());
                norm += x * x;
            }
        }
        return standardized(dot, norm);
    }

    /** Judges products of two tensors' values, the second one shifted by -LAGS to LAGS places. */
    private void unrelated(Property property, Key one, Key other, String mistake) {
        Tensor a = samples.with(one);
        Tensor b = samples.with(other);
        if (!a.isFinite() || !b.isFinite()) {
            findings.undecided(property, "with other keys, values are not finite");
            return;
        }
        boolean same = samples.size > 1 && a.bitEquals(b);
        int products = 2 * LAGS + 1;
        double limit = SamplingBounds.normal(p / products) * slack;
        double worst = 0;
        for (int lag = -LAGS; lag <= LAGS; lag++) {
            double dot = 0;
            double norm = 0;
            for (int i = Math.max(0, -lag); i < samples.size && i + lag < samples.size; i++) {
                double x = a.array()[i] - expected.mean();
                dot += x * (b.array()[i + lag] - expected.mean());
                norm += x * x;
            }
            worst = Math.max(worst, standardized(dot, norm));
        }
        boolean holds = !same && worst <= limit;
        double needed = (limit + POWER) * (limit + POWER);
        String found = same
                ? "the same bits"
                : "the largest of " + products + " products " + number(worst) + " standard deviations";
        String allowed = number(limit) + " standard deviations";
        if (holds && samples.size < needed) {
            findings.tooFew(
                    property,
                    "no relation",
                    found,
                    allowed,
                    samples.size + " values are too few to compare; " + (int) Math.ceil(needed) + " would do");
        } else {
            findings.judge(property, holds, "no relation", found, allowed, mistake);
        }
    }
}
