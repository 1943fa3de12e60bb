package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import org.junit.jupiter.api.Test;

/** The statistics and limits of hand-made values, worked out on paper. */
class IndependentValuesTest {
    /** The rate of false alarms whose limit is 4 standard deviations: 2 exp(-4^2 / 2). */
    private static final double P = 2 * StrictMath.exp(-8);

    private static final Fans FANS = new Fans(4, 1);
    private static final Function<Fans, ExpectedDistribution> STANDARD = fans -> ExpectedDistribution.normal(0, 1);
    private static final Function<Fans, ExpectedDistribution> UNIT = fans -> ExpectedDistribution.uniform(0, 1);

    private static CheckFinding judged(
            Property property,
            Function<Fans, ExpectedDistribution> expected,
            Fans fans,
            Shape shape,
            Initializer initializer) {
        Findings findings = new Findings(shape);
        new IndependentValues(new Samples(initializer, shape, fans, new long[] {1}), findings, expected, P).check();
        return findings.all().stream()
                .filter(f -> f.property() == property)
                .findFirst()
                .orElseThrow();
    }

    private static CheckFinding judged(
            Property property, Function<Fans, ExpectedDistribution> expected, int n, IntToDoubleFunction values) {
        return judged(property, expected, FANS, Shape.of(n), always(values));
    }

    /** The same values with every key. */
    private static Initializer always(IntToDoubleFunction values) {
        return (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] = (float) values.applyAsDouble(i);
            }
        };
    }

    private static double factor(Function<Fans, ExpectedDistribution> expected, int n) {
        Shape shape = Shape.of(n);
        Samples samples = new Samples(always(i -> sign(i)), shape, FANS, new long[] {1});
        return new IndependentValues(samples, new Findings(shape), expected, P).check();
    }

    private static int sign(int i) {
        return i % 2 == 0 ? 1 : -1;
    }

    /** 1 for the squares modulo 101, -1 for the others: no two stretches of this sequence are much alike. */
    private static int legendre(int i) {
        long power = 1;
        for (int k = 0; k < 50; k++) {
            power = power * (i % 101) % 101;
        }
        return power == 100 ? -1 : 1;
    }

    private static void assertFinding(
            CheckFinding finding, Verdict verdict, String expected, String measured, String allowed) {
        assertThat(finding)
                .extracting(
                        CheckFinding::verdict, CheckFinding::expected, CheckFinding::measured, CheckFinding::allowed)
                .containsExactly(verdict, expected, measured, allowed);
    }

    private static void assertUndecided(CheckFinding finding, String note) {
        assertThat(finding)
                .extracting(CheckFinding::verdict, CheckFinding::note)
                .containsExactly(Verdict.UNDECIDED, note);
    }

    // the mean

    @Test
    void theMeanMayBeOffByFourStandardErrors() {
        Function<Fans, ExpectedDistribution> expected = fans -> ExpectedDistribution.normal(0.5, 1);
        assertFinding(
                judged(Property.MEAN, expected, 100, i -> 0.5 + sign(i) + 0.375),
                Verdict.HOLDS,
                "0.5000",
                "0.8750",
                "+-0.4000");
        CheckFinding off = judged(Property.MEAN, expected, 100, i -> 0.5 + sign(i) + 0.4375);
        assertFinding(off, Verdict.FAILS, "0.5000", "0.9375", "+-0.4000");
        assertThat(off.note())
                .isEqualTo("not centred: a uniform value from 0 to 1 was not shifted, or a bias was added");
    }

    /** A variance of 4 instead of 1 is reported as such, and does not make a mean of 0.5 wrong as well. */
    @Test
    void theMeanIsJudgedByTheMeasuredDeviationWhereThatIsTooLarge() {
        assertFinding(
                judged(Property.MEAN, STANDARD, 100, i -> 2 * sign(i)), Verdict.HOLDS, "0.000", "0.000", "+-0.8000");
        assertFinding(
                judged(Property.MEAN, STANDARD, 100, i -> sign(i) / 4.0), Verdict.HOLDS, "0.000", "0.000", "+-0.4000");
    }

    @Test
    void limitsAreTwiceAsWideForHeavyTailsAndForDistributionsOfWhichOnlyTheMomentsAreKnown() {
        CheckFinding moments =
                judged(Property.MEAN, fans -> ExpectedDistribution.ofMoments(0, 1, 3), 400, i -> sign(i));
        assertThat(moments.allowed()).isEqualTo("+-0.4000");
        CheckFinding heavy = judged(
                Property.MEAN,
                fans -> new ExpectedDistribution(
                        "heavy", 0, 1, 4, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, x -> 0.5),
                400,
                i -> sign(i));
        assertThat(heavy.allowed()).isEqualTo("+-0.4000");
        assertThat(judged(Property.MEAN, STANDARD, 400, i -> sign(i)).allowed()).isEqualTo("+-0.2000");
    }

    /** A shift by sqrt(3) / 2 deviations is noticed if (4 + 3.1) / sqrt(n) is less, from n = 67.2 on. */
    @Test
    void theMeanIsDecidedFrom68ValuesOn() {
        assertUndecided(
                judged(Property.MEAN, STANDARD, 67, i -> sign(i)),
                "67 values are too few to judge the mean; 68 would do");
        assertThat(judged(Property.MEAN, STANDARD, 68, i -> sign(i)).verdict()).isEqualTo(Verdict.HOLDS);
    }

    /** The nearest float to 1.03 is 3e-8 away from it, 300 times the standard error allowed. */
    @Test
    void theMeanMayBeRoundedToFloat() {
        CheckFinding finding =
                judged(Property.MEAN, fans -> ExpectedDistribution.normal(1.03, 1e-10), 100, i -> (float) 1.03);
        assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    }

    // the second moment

    /** From 100 values on, 1 - 4 sqrt(2 / 200) = 0.6 below, and Wilson and Hilferty's (1 - 1/900 + 4/30)^3 above. */
    @Test
    void theVarianceOfTwoHundredNormalValuesHasTheseLimits() {
        assertFinding(
                judged(Property.SECOND_MOMENT, STANDARD, 200, i -> 1.5 * sign(i)),
                Verdict.FAILS,
                "standard deviation 1.000",
                "variance 2.250 times that",
                "0.6000 to 1.451 times");
        assertThat(judged(Property.SECOND_MOMENT, STANDARD, 200, i -> 1.5 * sign(i))
                        .note())
                .isEqualTo("likely mistake: a factor 2 too many: the gain of ReLU counted twice, or a bound sqrt(2) too"
                        + " wide"); // 2.25 is 1.125 times 2
        CheckFinding moments =
                judged(Property.SECOND_MOMENT, fans -> ExpectedDistribution.ofMoments(0, 1, 3), 200, i -> sign(i));
        assertThat(moments.allowed()).isEqualTo("0.2000 to 2.027 times"); // 1 - 8/10, (1 - 1/900 + 8/30)^3
        CheckFinding uniform =
                judged(Property.SECOND_MOMENT, fans -> ExpectedDistribution.uniform(-1, 1), 200, i -> sign(i) / 2.0);
        assertThat(uniform.allowed()).isEqualTo("0.7470 to 1.273 times"); // 0.8 / 200 instead of 2 / 200
        CheckFinding signs =
                judged(Property.SECOND_MOMENT, fans -> ExpectedDistribution.ofMoments(0, 1, 1), 160, i -> sign(i));
        assertThat(signs.allowed()).isEqualTo("0.8000 to 1.213 times"); // 1 - 8 / 40, (1 - 1/14400 + 8/120)^3
    }

    /** With less than 100 values the lower limit is that of chi-square too: 9 halves, (1 - 1/81 -+ 4/9)^3. */
    @Test
    void theVarianceOfFewValuesHasTheLimitsOfChiSquare() {
        CheckFinding few = judged(Property.SECOND_MOMENT, STANDARD, 18, i -> sign(i));
        assertThat(few.allowed()).isEqualTo("0.1603 to 2.937 times");
        assertUndecided(
                few,
                "18 values are too few to decide: the smallest factor of the variance that would be noticed is 14.75,"
                        + " and an uncorrected truncation has 1.292; take a larger shape or more seeds");
        CheckFinding uniform =
                judged(Property.SECOND_MOMENT, fans -> ExpectedDistribution.uniform(-1, 1), 18, i -> sign(i) / 2.0);
        assertThat(uniform.allowed()).isEqualTo("0.1603 to 2.937 times");
        // 99 and 100 values: (1 - 1/445.5 - 4 / 21.107)^3, and 1 - 4 sqrt(2 / 100)
        assertThat(judged(Property.SECOND_MOMENT, STANDARD, 99, i -> sign(i)).allowed())
                .startsWith("0.5280 to ");
        assertThat(judged(Property.SECOND_MOMENT, STANDARD, 100, i -> sign(i)).allowed())
                .startsWith("0.4343 to ");
    }

    /** 0.6 would be noticed of a variance of (1 - 1/900 + 3.1/30)^3 = 1.339, which gives the larger factor. */
    @Test
    void theSmallestFactorIsThatOfTheLimits() {
        assertThat(factor(STANDARD, 200)).isCloseTo(2.23180, within(1e-5));
        assertThat(factor(fans -> ExpectedDistribution.ofMoments(0, 1, 3), 100))
                .isInfinite(); // 1 - 8 sqrt(2 / 100) < 0
        assertThat(factor(fans -> ExpectedDistribution.normal(1, 0), 200)).isEqualTo(1);
    }

    @Test
    void oneValueThatIsFarOffIsNotCalledAConstant() {
        CheckFinding one = judged(Property.SECOND_MOMENT, STANDARD, 1, i -> 100);
        assertThat(one.verdict()).isEqualTo(Verdict.FAILS);
        assertThat(one.note()).isEqualTo("likely mistake: a wrong formula for the variance");
        CheckFinding two = judged(Property.SECOND_MOMENT, STANDARD, 2, i -> 100);
        assertThat(two.note())
                .isEqualTo("every value is 100.0: a constant has no variance, and units that start equal stay equal;"
                        + " draw the values with the key");
    }

    @Test
    void valuesThatDifferFromAConstantAreCounted() {
        CheckFinding finding = judged(
                Property.SECOND_MOMENT, fans -> ExpectedDistribution.normal(1, 0), 10, i -> i == 3 || i == 5 ? 2 : 1);
        assertFinding(finding, Verdict.FAILS, "every value 1.000", "2 others", "none");
    }

    @Test
    void noValuesDecideNothing() {
        Shape shape = Shape.of(0, 3);
        Findings findings = new Findings(shape);
        Samples samples = new Samples(Init.zeros(), shape, FANS, new long[] {1});
        double factor = new IndependentValues(samples, findings, STANDARD, P).check();
        assertThat(factor).isInfinite();
        assertThat(findings.all()).singleElement().satisfies(f -> {
            assertThat(f.property()).isEqualTo(Property.SECOND_MOMENT);
            assertUndecided(f, "no values");
        });
    }

    // the fans

    private static CheckFinding fans(int in, int out, double variance) {
        return judged(
                Property.FANS,
                fans -> ExpectedDistribution.normal(0, Math.sqrt(1 / fans.in())),
                new Fans(in, out),
                Shape.of(200),
                always(i -> sign(i) * Math.sqrt(variance)));
    }

    @Test
    void theVarianceTellsWhichFanItFollows() {
        assertFinding(fans(4, 1, 1 / 4.0), Verdict.HOLDS, "variance by fans (in 4, out 1)", "by these fans", "no swap");
        assertFinding(fans(1, 4, 1 / 1.0), Verdict.HOLDS, "variance by fans (in 1, out 4)", "by these fans", "no swap");
        CheckFinding swapped = fans(4, 1, 1 / 1.0);
        assertFinding(swapped, Verdict.FAILS, "variance by fans (in 4, out 1)", "by the swapped fans", "no swap");
        assertThat(swapped.note()).isEqualTo("fan in and fan out are swapped, or guessed from the shape");
        assertFinding(
                fans(1, 4, 1 / 4.0), Verdict.FAILS, "variance by fans (in 1, out 4)", "by the swapped fans", "no swap");
    }

    /** Twice the variance is neither right nor, with half the variance of swapped fans, right for those. */
    @Test
    void aVarianceThatFitsNeitherFanSaysNothingAboutThem() {
        assertUndecided(fans(4, 1, 2 / 4.0), "the variance is wrong in another way");
        assertUndecided(fans(4, 1, 8 / 4.0), "the variance is wrong in another way");
        assertUndecided(fans(4, 1, 1 / 8.0), "the variance is wrong in another way");
    }

    /** A factor of 2 is below the smallest that 200 values show, 2.23. */
    @Test
    void fansThatDifferTooLittleForTheNumberOfValuesAreUndecided() {
        assertUndecided(
                fans(4, 2, 1 / 4.0),
                "swapped fans would change the variance by 2.000, which these values are too few to notice; take fans"
                        + " that differ more, or more values");
        assertUndecided(
                fans(2, 4, 1 / 2.0),
                "swapped fans would change the variance by 0.5000, which these values are too few to notice; take fans"
                        + " that differ more, or more values");
        assertUndecided(
                fans(3, 3, 1 / 3.0),
                "fans (in 3, out 3) are equal: swapping them changes nothing; take fans that differ");
    }

    @Test
    void aDistributionThatIsSymmetricInTheFansHasNoSwap() {
        assertFinding(
                judged(Property.FANS, STANDARD, 200, i -> sign(i)),
                Verdict.HOLDS,
                "variance by fans (in 4, out 1)",
                "the distribution is symmetric in the fans",
                "any order");
    }

    // bounds

    /** 2^-22 of the larger bound, 2: both -1 - 2^-21 and 2 + 2^-21 are allowed, twice as much is not. */
    @Test
    void boundsMayBeExceededByRoundingOnly() {
        double[] values = {-1 - 0x1p-21, 2 + 0x1p-21, -1, 2, 0, 0.5};
        Function<Fans, ExpectedDistribution> expected = fans -> ExpectedDistribution.uniform(-1, 2);
        assertFinding(
                judged(Property.BOUNDS, expected, values.length, i -> values[i]),
                Verdict.HOLDS,
                "-1.000 to 2.000",
                "0 values beyond",
                "none");
        double[] beyond = {-1 - 0x1p-20, 2 + 0x1p-20, -3, 2, 0, 0.5};
        CheckFinding finding = judged(Property.BOUNDS, expected, beyond.length, i -> beyond[i]);
        assertFinding(finding, Verdict.FAILS, "-1.000 to 2.000", "3 values beyond", "none");
        assertThat(finding.note()).isEqualTo("a bound that is too wide, or a distribution without bounds");
    }

    @Test
    void aSingleFiniteBoundIsExact() {
        CheckFinding finding = judged(
                Property.BOUNDS,
                fans -> new ExpectedDistribution("exponential", 1, 1, 9, 0, Double.POSITIVE_INFINITY, x -> 0.5),
                4,
                i -> i == 0 ? -1e-30 : i);
        assertFinding(finding, Verdict.FAILS, "0.000 to Infinity", "1 values beyond", "none");
    }

    // the shape

    /** Values in eight classes of equal width, evenly within each. */
    private static double[] inClasses(int... counts) {
        double[] values = new double[Arrays.stream(counts).sum()];
        int i = 0;
        for (int k = 0; k < counts.length; k++) {
            for (int j = 0; j < counts[k]; j++) {
                values[i++] = (k + (j + 0.5) / counts[k]) / counts.length;
            }
        }
        return values;
    }

    /**
     * The distances: 1/8 + 1/880 - 45/400 where values are missing, and 55/400 - (1/8 - 1/880) where there are too
     * many.
     */
    @Test
    void theShapeOfFourHundredValuesIsJudgedByDistanceAndChiSquare() {
        String allowed =
                "distance 0.1000, chi-square 33.25 of 7 degrees"; // sqrt(8 / 800), 7 (1 - 2/63 + 4 sqrt(2/63))^3
        double[] even = inClasses(50, 50, 50, 50, 50, 50, 50, 50);
        assertFinding(
                judged(Property.SHAPE, UNIT, 400, i -> even[i]),
                Verdict.HOLDS,
                "uniform distribution",
                "distance 0.001250, chi-square 0.000",
                allowed);
        double[] missing = inClasses(45, 55, 50, 50, 50, 50, 50, 50);
        assertFinding(
                judged(Property.SHAPE, UNIT, 400, i -> missing[i]),
                Verdict.HOLDS,
                "uniform distribution",
                "distance 0.01364, chi-square 1.000",
                allowed);
        double[] surplus = inClasses(55, 45, 50, 50, 50, 50, 50, 50);
        assertFinding(
                judged(Property.SHAPE, UNIT, 400, i -> surplus[i]),
                Verdict.HOLDS,
                "uniform distribution",
                "distance 0.01364, chi-square 1.000",
                allowed);
        double[] comb = inClasses(70, 30, 70, 30, 70, 30, 70, 30);
        CheckFinding finding = judged(Property.SHAPE, UNIT, 400, i -> comb[i]);
        assertThat(finding.verdict()).isEqualTo(Verdict.FAILS);
        assertThat(finding.measured()).endsWith("chi-square 64.00");
        assertThat(finding.note()).isEqualTo("another distribution");
    }

    @Test
    void theShapeOfFewValuesIsRefutedByItsDistanceOnly() {
        assertFinding(
                judged(Property.SHAPE, UNIT, 49, i -> 0.5 + (i + 0.5) / 98),
                Verdict.FAILS,
                "uniform distribution",
                "distance 0.5051, chi-square 0.000", // 1/2 and 1/98, half a step
                "distance 0.2857, chi-square 0.000 of 0 degrees"); // sqrt(8 / 98)
        assertUndecided(
                judged(Property.SHAPE, UNIT, 399, i -> (i + 0.5) / 399),
                "399 values are too few for a distribution; 400 would do");
    }

    // tails

    /** Tails that should have 1.5 ln(2 / (p / 3)) = 1.5 (8 + ln 3) = 13.65 values, and 4 and 16 times as many. */
    @Test
    void valuesInTheTailsAreCounted() {
        assertUndecided(
                judged(Property.TAILS, UNIT, 136, i -> (i + 0.5) / 136),
                "136 values are too few for tails; 137 would do");
        assertFinding(
                judged(Property.TAILS, UNIT, 137, i -> (i + 0.5) / 137),
                Verdict.HOLDS,
                "as many values far out as the distribution has",
                "14 of 13.65",
                "by chance 0.0006709");
        assertThat(judged(Property.TAILS, UNIT, 2184, i -> (i + 0.5) / 2184).measured())
                .isEqualTo("14 of 13.65, 54 of 54.59, 218 of 218.4");
    }

    /** Chernoff: 13.65 (r ln r - r + 1) is 7.8 for 2 values, 10.0 for 1, and may be 8 + ln 3 = 9.1. */
    @Test
    void twoValuesInTheTailsAreEnoughAndOneIsNot() {
        IntToDoubleFunction inner = i -> 0.05 + 0.9 * (i + 0.5) / 137;
        CheckFinding two =
                judged(Property.TAILS, UNIT, 137, i -> i == 0 ? 0.01 : i == 1 ? 0.99 : inner.applyAsDouble(i));
        assertThat(two.measured()).isEqualTo("2 of 13.65");
        assertThat(two.verdict()).isEqualTo(Verdict.HOLDS);
        CheckFinding one = judged(Property.TAILS, UNIT, 137, i -> i == 0 ? 0.01 : inner.applyAsDouble(i));
        assertThat(one.measured()).isEqualTo("1 of 13.65");
        assertThat(one.verdict()).isEqualTo(Verdict.FAILS);
    }

    @Test
    void allValuesMayBeInOneTail() {
        for (double share : new double[] {0, 1}) {
            CheckFinding finding = judged(
                    Property.TAILS,
                    fans -> new ExpectedDistribution(
                            "step", 0, 1, 3, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, x -> share),
                    137,
                    i -> sign(i));
            assertThat(finding.measured()).isEqualTo("137 of 13.65");
            assertThat(finding.verdict()).isEqualTo(Verdict.FAILS);
        }
    }

    // distinct values

    private static CheckFinding distinct(int n, int different) {
        return judged(Property.DISTINCT_VALUES, UNIT, n, i -> (i % different + 0.5) / different);
    }

    /** n (n - 1) / 2 pairs, 2^22 different values: 4950 / 2^22 repeats. */
    @Test
    void repeatedValuesAreCounted() {
        assertFinding(
                distinct(100, 100),
                Verdict.HOLDS,
                "at most 0.001180 repeated values, as for 2^22 different ones",
                "0",
                "by chance 0.0006709");
        assertThat(distinct(100, 99).measured()).isEqualTo("1"); // a chance of 1 in 850
        assertThat(distinct(100, 99).verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(distinct(100, 98).measured()).isEqualTo("2");
        assertThat(distinct(100, 98).verdict()).isEqualTo(Verdict.FAILS);
    }

    /** Few repeats r come from pairs / r values; if they are many, each value occurs, and n - r is their number. */
    @Test
    void theSizeOfAGridIsEstimated() {
        assertThat(distinct(100, 90).note())
                .isEqualTo("a coarse grid of about 495 different values: a generator of few bits, or weights that were"
                        + " quantized");
        assertThat(distinct(100, 50).note()).startsWith("a coarse grid of about 50 different values");
        assertThat(distinct(100, 4).note()).startsWith("a coarse grid of about 4 different values");
    }

    /** 16 of 4096 pairs are equal on a grid of 256 values; 91 values have 4095 pairs. */
    @Test
    void distinctValuesAreDecidedFrom92ValuesOn() {
        assertUndecided(distinct(91, 91), "91 values are too few to repeat even on an 8-bit grid; 100 would do");
        assertThat(distinct(92, 92).verdict()).isEqualTo(Verdict.HOLDS);
    }

    /** From 2^21 + 2 values on, more than a quarter of them repeats one of 2^22. */
    @Test
    void distinctValuesAreUndecidedIfThereAreTooManyNotToRepeat() {
        Initializer uniform = (out, fans, key) -> key.uniform(out, 0, 1);
        int n = (1 << 21) + 2;
        assertUndecided(
                judged(Property.DISTINCT_VALUES, UNIT, FANS, Shape.of(n), uniform),
                "2097154 values are too many not to repeat; take fewer");
    }

    // rows and columns

    /** A matrix of lines along the rows, or its transpose with lines along the columns. */
    private static CheckFinding lines(
            Property property, Function<Fans, ExpectedDistribution> expected, double[]... lines) {
        int count = lines.length;
        int length = lines[0].length;
        return property == Property.ROWS
                ? judged(property, expected, FANS, Shape.of(count, length), always(i -> lines[i / length][i % length]))
                : judged(property, expected, FANS, Shape.of(length, count), always(i -> lines[i % count][i / count]));
    }

    private static double[] line(int length, IntToDoubleFunction values) {
        double[] line = new double[length];
        Arrays.setAll(line, values);
        return line;
    }

    /** Of 64 signs 56 agree: a product of 48 * 1.25 over the second line's length, sqrt(64) * 1.25 = 10. */
    @Test
    void twoLinesAreComparedByTheirProduct() {
        double[] first = line(64, i -> sign(i));
        double[] second = line(64, i -> 1.25 * (i < 8 ? -1 : 1) * sign(i));
        for (Property property : new Property[] {Property.ROWS, Property.COLUMNS}) {
            CheckFinding finding = lines(property, STANDARD, first, second);
            assertFinding(
                    finding,
                    Verdict.FAILS,
                    "no two equal or correlated",
                    "0 equal to another, the largest of 1 products 6.000 standard deviations",
                    "none, 4.000 standard deviations");
            assertThat(finding.note())
                    .isEqualTo("values are repeated along an axis, or a generator is restarted for each line");
            double[] other = line(64, i -> 1.25 * (i < 28 ? -1 : 1) * sign(i)); // 36 agree, 28 do not
            assertThat(lines(property, STANDARD, first, other))
                    .extracting(CheckFinding::verdict, CheckFinding::measured)
                    .containsExactly(
                            Verdict.HOLDS, "0 equal to another, the largest of 1 products 1.000 standard deviations");
        }
    }

    /** Three pairs: the limit is sqrt(2 (8 + ln 3)). The deviations are from the promised mean. */
    @Test
    void equalLinesAreCounted() {
        Function<Fans, ExpectedDistribution> expected = fans -> ExpectedDistribution.normal(3, 1);
        double[] first = line(64, i -> 3 + sign(i));
        double[] other = line(64, i -> 3 + sign(i / 2));
        for (Property property : new Property[] {Property.ROWS, Property.COLUMNS}) {
            assertFinding(
                    lines(property, expected, first, other, first),
                    Verdict.FAILS,
                    "no two equal or correlated",
                    "1 equal to another, the largest of 3 products 8.000 standard deviations",
                    "none, 4.266 standard deviations");
        }
    }

    /** Lines beyond the 64th are compared with all others by their first 64 elements, and not multiplied. */
    @Test
    void linesBeyondThe64thAreComparedWithAllOthers() {
        double[][] lines = new double[66][];
        for (int k = 0; k < lines.length; k++) {
            int line = k;
            lines[k] = line(80, i -> legendre(i * 7 + line * line + 1) * (1 + line / 1024.0));
        }
        lines[65] = line(80, i -> i < 64 ? lines[2][i] : -lines[2][i]);
        for (Property property : new Property[] {Property.ROWS, Property.COLUMNS}) {
            CheckFinding finding = lines(property, STANDARD, lines);
            assertThat(finding.verdict()).isEqualTo(Verdict.FAILS);
            assertThat(finding.measured()).startsWith("1 equal to another, the largest of 2016 products");
        }
    }

    @Test
    void aSingleLineIsNotCompared() {
        assertUndecided(
                lines(Property.ROWS, STANDARD, line(7, i -> sign(i))),
                "a matrix of 1 x 7 has none that could be compared");
        assertUndecided(
                lines(Property.ROWS, STANDARD, line(1, i -> 1), line(1, i -> -1), line(1, i -> 2)),
                "a matrix of 3 x 1 has none that could be compared");
        assertThat(lines(Property.ROWS, STANDARD, line(2, i -> sign(i)), line(2, i -> 1))
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
    }

    /** c^2 / 2 pairs of lines of two values are equal by chance in c^2 / 2 / 2^44, more than p / 100 from 15,364 on. */
    @Test
    void linesOfTwoValuesAreComparedWhileThereAreFew() {
        Initializer uniform = (out, fans, key) -> key.uniform(out, 0, 1);
        assertThat(judged(Property.ROWS, UNIT, FANS, Shape.of(15_350, 2), uniform)
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
        assertUndecided(
                judged(Property.ROWS, UNIT, FANS, Shape.of(15_380, 2), uniform),
                "15380 lines of 2 values are too short to be compared; take longer ones");
    }

    /** Equal lines have a product of sqrt(length), noticed if that is above 2 * 4 + 3.1 deviations. */
    @Test
    void linesOfUnknownShapeAreOnlyMultiplied() {
        Function<Fans, ExpectedDistribution> expected = fans -> ExpectedDistribution.ofMoments(0, 1, 1);
        assertUndecided(
                lines(Property.ROWS, expected, line(123, i -> sign(i)), line(123, i -> sign(i / 2))),
                "2 lines of 123 values are too short to be compared; take longer ones");
        assertThat(lines(Property.ROWS, expected, line(124, i -> sign(i)), line(124, i -> sign(i / 2)))
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
    }

    // reflections

    /** 36 pairs, all equal: 36 / sqrt(36). The limit is sqrt(2 (8 + ln 2)). */
    @Test
    void aSymmetricMatrixIsSixDeviationsOffAt9x9() {
        IntToDoubleFunction symmetric = i -> legendre(1 + (i / 9 + 1) * (i % 9 + 1) + (i / 9 + i % 9) * 3);
        CheckFinding finding = judged(Property.REFLECTIONS, STANDARD, FANS, Shape.of(9, 9), always(symmetric));
        assertThat(finding.verdict()).isEqualTo(Verdict.FAILS);
        assertThat(finding.measured()).startsWith("transposed 6.000, reversed ");
        assertThat(finding.allowed()).isEqualTo("4.170 standard deviations");
        assertThat(finding.note())
                .isEqualTo("a symmetric matrix, or one that is nearly so: half of the values follow from the others");
    }

    /** 64 pairs around the promised mean, of which 60 are opposite: -56 / 8. */
    @Test
    void valuesInReverseOrderAreComparedInPairs() {
        Function<Fans, ExpectedDistribution> expected = fans -> ExpectedDistribution.normal(3, 1);
        CheckFinding finding = judged(Property.REFLECTIONS, expected, 128, i -> 3 + (i < 4 ? -1 : 1) * sign(i));
        assertFinding(
                finding,
                Verdict.FAILS,
                "no relation",
                "reversed 7.000 standard deviations",
                "4.170 standard deviations");
        assertThat(finding.note()).isEqualTo("the values are repeated in reverse order");
        assertThat(judged(Property.REFLECTIONS, expected, 128, i -> 3 + (i < 34 ? -1 : 1) * sign(i))
                        .measured())
                .isEqualTo("reversed 0.5000 standard deviations"); // 34 of 64 agree
    }

    /** (4.17 + 3.1)^2 = 52.9 pairs. */
    @Test
    void reflectionsAreDecidedFrom53PairsOn() {
        assertUndecided(
                judged(Property.REFLECTIONS, STANDARD, 105, i -> legendre(i + 1)),
                "52 pairs are too few to compare; 53 would do");
        assertThat(judged(Property.REFLECTIONS, STANDARD, 106, i -> legendre(i + 1))
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
        assertUndecided(
                judged(Property.REFLECTIONS, STANDARD, FANS, Shape.of(10, 10), always(i -> legendre(i + 4))),
                "45 pairs are too few to compare; 53 would do");
        assertThat(judged(Property.REFLECTIONS, STANDARD, FANS, Shape.of(11, 11), always(i -> legendre(i * i + 1)))
                        .verdict())
                .isEqualTo(Verdict.HOLDS);
    }

    // layers and seeds

    /** With the second key the first one's values, shifted: element i has the value of place i + shift. */
    private static CheckFinding shifted(Property property, double mean, int n, int shift) {
        Key second = property == Property.LAYERS ? Key.of(1).child("b") : Key.of(2);
        Initializer initializer = (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                int place = key.equals(second) ? i + shift : i;
                out.array()[out.offset() + i] = (float) (mean + legendre(place + 1_000));
            }
        };
        return judged(property, fans -> ExpectedDistribution.normal(mean, 1), FANS, Shape.of(n), initializer);
    }

    /** 17 shifts, so the limit is sqrt(2 (8 + ln 17)); 100 - k pairs agree at a shift by k. */
    @Test
    void copiesShiftedByUpToEightPlacesAreNoticed() {
        for (Property property : new Property[] {Property.LAYERS, Property.SEEDS}) {
            for (int shift : new int[] {-8, -3, 1, 8}) {
                String product = Findings.number(Math.sqrt(100 - Math.abs(shift)));
                for (double mean : new double[] {0, 3}) {
                    assertFinding(
                            shifted(property, mean, 100, shift),
                            Verdict.FAILS,
                            "no relation",
                            "the largest of 17 products " + product + " standard deviations",
                            "4.655 standard deviations");
                }
            }
            assertThat(shifted(property, 0, 100, 9).verdict()).isEqualTo(Verdict.HOLDS);
            assertThat(shifted(property, 0, 100, -9).verdict()).isEqualTo(Verdict.HOLDS);
            assertFinding(
                    shifted(property, 0, 100, 0),
                    Verdict.FAILS,
                    "no relation",
                    "the same bits",
                    "4.655 standard deviations");
        }
    }

    /** (4.655 + 3.1)^2 = 60.1 values. */
    @Test
    void layersAndSeedsAreDecidedFrom61ValuesOn() {
        for (Property property : new Property[] {Property.LAYERS, Property.SEEDS}) {
            assertUndecided(shifted(property, 0, 60, 20), "60 values are too few to compare; 61 would do");
            assertThat(shifted(property, 0, 61, 20).verdict()).isEqualTo(Verdict.HOLDS);
        }
    }

    @Test
    void theSameSingleValueIsNoSignOfTheSameSeed() {
        assertThat(shifted(Property.LAYERS, 0, 1, 0))
                .extracting(CheckFinding::verdict, CheckFinding::measured)
                .containsExactly(Verdict.UNDECIDED, "the largest of 17 products 1.000 standard deviations");
        assertThat(shifted(Property.LAYERS, 0, 2, 0).verdict()).isEqualTo(Verdict.FAILS);
    }

    // deviations other than 1

    /** Twice the promised deviation is the second moment's mistake: the shape is that of even values, 1/800 off. */
    @Test
    void theShapeIsJudgedAtTheMeasuredDeviation() {
        IntToDoubleFunction wide = i -> 0.5 + 2 * ((i + 0.5) / 400 - 0.5);
        CheckFinding shape = judged(Property.SHAPE, UNIT, 400, wide);
        assertThat(shape.verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(shape.measured()).isEqualTo("distance 0.001252, chi-square 0.000"); // at 1.999994, not 2
        assertThat(judged(Property.SECOND_MOMENT, UNIT, 400, wide).verdict()).isEqualTo(Verdict.FAILS);
    }

    /** 64 pairs of 2.5 and 1.5, of which 8 are opposite: 48 * 3.75 over sqrt(64) * 2.5 and the deviation of 2. */
    @Test
    void productsOfReflectionsAreInPromisedDeviations() {
        CheckFinding finding = judged(
                Property.REFLECTIONS,
                fans -> ExpectedDistribution.normal(3, 2),
                128,
                i -> i < 64 ? 3 + 2.5 : 3 + (i < 72 ? -1.5 : 1.5));
        assertThat(finding.measured()).isEqualTo("reversed 4.500 standard deviations");
        assertThat(finding.verdict()).isEqualTo(Verdict.FAILS);
    }

    /** Values of 2 instead of 1, of which 56 more pairs are alike than opposite: 56 * 4 / 16, in deviations of 2. */
    @Test
    void productsAreInMeasuredDeviationsWhereTheVarianceIsWrong() {
        CheckFinding finding =
                judged(Property.REFLECTIONS, STANDARD, 128, i -> 2 * sign(i < 64 ? i : 127 - i) * (i < 4 ? -1 : 1));
        assertThat(finding.measured()).isEqualTo("reversed 7.000 standard deviations");
    }

    /** Signs of 64 values times 2, and times 2.5: 64 * 5 over sqrt(64) * 2 and the deviation of 2. */
    @Test
    void productsOfLayersAreInPromisedDeviations() {
        for (Property property : new Property[] {Property.LAYERS, Property.SEEDS}) {
            Key second = property == Property.LAYERS ? Key.of(1).child("b") : Key.of(2);
            Initializer initializer = (out, fans, key) -> {
                for (int i = 0; i < out.size(); i++) {
                    float size = key.equals(second) ? 2.5f : 2;
                    out.array()[out.offset() + i] = 3 + size * legendre(i + 10);
                }
            };
            CheckFinding finding =
                    judged(property, fans -> ExpectedDistribution.normal(3, 2), FANS, Shape.of(64), initializer);
            assertThat(finding.measured()).isEqualTo("the largest of 17 products 10.00 standard deviations");
        }
    }

    /** 2 sqrt(2 (8 + ln k)) for the 2, 3 and 17 products of reflections, of three rows, and of shifted layers. */
    @Test
    void limitsOfProductsAreTwiceAsWideIfOnlyTheMomentsAreKnown() {
        Function<Fans, ExpectedDistribution> moments = fans -> ExpectedDistribution.ofMoments(0, 1, 3);
        Initializer signs = always(i -> legendre(i + 4));
        Shape shape = Shape.of(3, 40);
        assertThat(judged(Property.REFLECTIONS, moments, FANS, shape, signs).allowed())
                .isEqualTo("8.339 standard deviations");
        assertThat(judged(Property.LAYERS, moments, FANS, shape, signs).allowed())
                .isEqualTo("9.309 standard deviations");
        assertThat(judged(Property.ROWS, moments, FANS, Shape.of(3, 400), signs).allowed())
                .isEqualTo("none, 8.532 standard deviations");
    }
}
