package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Fans;
import nn.init.Gain;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.LooksLinear;
import nn.init.TruncatedNormal;
import nn.init.Uniform;
import nn.init.VarianceScaling;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The built-in schemes pass, and each planted mistake is caught under its name. */
class ConformanceTest {
    private record Scheme(Initializer initializer, Function<Fans, ExpectedDistribution> expected) {
        Conformance conformance() {
            return Conformance.of(initializer).expecting(expected);
        }

        @Override
        public String toString() {
            return initializer.toString();
        }
    }

    private static ExpectedDistribution uniform(double bound) {
        return ExpectedDistribution.uniform(-bound, bound);
    }

    static Stream<Scheme> schemes() {
        return Stream.of(
                new Scheme(Init.heNormal(), f -> ExpectedDistribution.normal(0, Math.sqrt(2.0 / f.in()))),
                new Scheme(Init.heUniform(), f -> uniform(Math.sqrt(6.0 / f.in()))),
                new Scheme(
                        Init.xavierNormal(), f -> ExpectedDistribution.normal(0, Math.sqrt(2.0 / (f.in() + f.out())))),
                new Scheme(Init.xavierUniform(), f -> uniform(Math.sqrt(6.0 / (f.in() + f.out())))),
                new Scheme(Init.lecunNormal(), f -> ExpectedDistribution.normal(0, Math.sqrt(1.0 / f.in()))),
                new Scheme(Init.lecunUniform(), f -> uniform(Math.sqrt(3.0 / f.in()))),
                new Scheme(Init.normal(0.01), f -> ExpectedDistribution.normal(0, 0.01)),
                new Scheme(new Uniform(-1, 2), f -> ExpectedDistribution.uniform(-1, 2)),
                new Scheme(Init.truncatedNormal(0.02), f -> ExpectedDistribution.truncatedNormal(0, 0.02, 2)),
                new Scheme(new TruncatedNormal(1, 0.5, 0.7), f -> ExpectedDistribution.truncatedNormal(1, 0.5, 0.7)),
                new Scheme(
                        new VarianceScaling(Gain.he(0), Fan.OUT, Distribution.TRUNCATED_NORMAL),
                        f -> ExpectedDistribution.truncatedNormal(0, Math.sqrt(2.0 / f.out()), 2)));
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void builtInSchemesPassAtEveryRankWithNothingUndecided(Scheme scheme) {
        Report report = scheme.conformance().checkAllShapes(1).throwIfUndecided();
        assertThat(report.findings())
                .extracting(CheckFinding::property)
                .doesNotHaveDuplicates()
                .hasSize(19);
        assertThat(report.smallestFactor()).isLessThan(1.2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void orthogonalPassesAtEveryRankAlsoGateByGate(int gates) {
        Initializer initializer = (out, fans, key) -> eachGate(gates, 1.5, out, fans, key);
        Report report = Conformance.of(initializer)
                .expectingOrthogonal(1.5, gates)
                .checkAllShapes(1)
                .throwIfUndecided();
        assertThat(report.findings()).extracting(CheckFinding::property).hasSize(12);
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void smallAndOddShapesPass(Scheme scheme) {
        int[][] shapes = {{}, {0, 3}, {1}, {1, 1}, {1, 7}, {7, 1}, {2, 2}, {3, 1, 2}, {20, 30}, {255, 257}};
        for (int[] dims : shapes) {
            scheme.conformance().check(Shape.of(dims), new Fans(12, 5), 1).throwIfFailed();
        }
    }

    @ParameterizedTest
    @MethodSource("schemes")
    void fewValuesGiveNoFalseAlarm(Scheme scheme) {
        Conformance conformance = scheme.conformance();
        for (int[] dims : new int[][] {{1, 1}, {2}, {1, 5}, {4, 3}, {9, 11}}) {
            for (int seed = 0; seed < 300; seed++) {
                conformance.check(Shape.of(dims), new Fans(3, 4), seed).throwIfFailed();
            }
        }
    }

    /** The bounds are honest: at a rate of one in 100 checks, some right ones do fail, but no more than that. */
    @Test
    void theRateOfFalseAlarmsIsTheStatedOne() {
        Conformance loose = schemes().findFirst().orElseThrow().conformance().falseAlarms(0.01);
        int failures = 0;
        for (int seed = 0; seed < 1000; seed++) {
            failures += loose.check(Shape.of(24, 23), new Fans(24, 11), seed).passed() ? 0 : 1;
        }
        assertThat(failures).isLessThan(10 + 5 * 4); // five deviations of the count
    }

    // The mutants. Each is caught, and by the property that is to catch it.

    private static Report caught(Initializer mutant, Function<Fans, ExpectedDistribution> expected, Property... by) {
        Report report = Conformance.of(mutant).expecting(expected).checkAllShapes(1);
        assertThat(report.passed()).isFalse();
        assertThat(report.findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .contains(by);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(report::throwIfFailed)
                .withMessageContaining(by[0] + " FAILS at [");
        return report;
    }

    private static String note(Report report, Property property) {
        return report.findings(Verdict.FAILS).stream()
                .filter(f -> f.property() == property)
                .map(CheckFinding::note)
                .findFirst()
                .orElseThrow();
    }

    private static final Function<Fans, ExpectedDistribution> HE =
            f -> ExpectedDistribution.normal(0, Math.sqrt(2.0 / f.in()));
    private static final Function<Fans, ExpectedDistribution> HE_UNIFORM = f -> uniform(Math.sqrt(6.0 / f.in()));

    private static Initializer scaled(double variance) {
        return new VarianceScaling(Math.sqrt(2 * variance), Fan.IN, Distribution.NORMAL);
    }

    @ParameterizedTest
    @ValueSource(doubles = {3, 2, 0.76, 1.0 / 32})
    void wrongVariancesAreCaught(double factor) {
        Report report = caught(scaled(factor), HE, Property.SECOND_MOMENT);
        assertThat(report.toString()).contains("likely mistake");
    }

    @Test
    void threeTimesTheVarianceIsReportedAsABoundWidenedTwice() {
        assertThat(note(caught(scaled(3), HE, Property.SECOND_MOMENT), Property.SECOND_MOMENT))
                .contains("sqrt(3)");
    }

    @Test
    void aConstantIsReportedAsOne() {
        Report report = Conformance.of(Init.constant(0.1))
                .expecting(ExpectedDistribution.normal(0, 0.1414))
                .check(Shape.of(50, 40), new Fans(50, 40), 1);
        assertThat(note(report, Property.SECOND_MOMENT))
                .isEqualTo("every value is 0.1000: a constant has no variance,"
                        + " and units that start equal stay equal; draw the values with the key");
    }

    @Test
    void twiceTheVarianceIsReportedAsAGainCountedTwice() {
        Report report = caught(scaled(2), HE, Property.SECOND_MOMENT);
        assertThat(note(report, Property.SECOND_MOMENT)).contains("a factor 2 too many");
    }

    @Test
    void swappedFansAreReportedAsSuch() {
        Initializer mutant = (out, fans, key) -> Init.heNormal().fill(out, new Fans(fans.out(), fans.in()), key);
        Report report = caught(mutant, HE, Property.FANS, Property.SECOND_MOMENT);
        assertThat(report.findings(Verdict.FAILS)) // and nothing is blamed for what follows from it
                .extracting(CheckFinding::property)
                .containsOnly(Property.FANS, Property.SECOND_MOMENT);
        assertThat(note(report, Property.FANS)).contains("fan in and fan out are swapped");
    }

    @Test
    void fansGuessedFromTheShapeAreCaught() {
        Initializer mutant =
                (out, fans, key) -> Init.heNormal().fill(out, new Fans(out.size() / out.dim(-1), out.dim(-1)), key);
        caught(mutant, HE, Property.SECOND_MOMENT);
    }

    @Test
    void truncationThatIsNotCorrectedIsCaught() {
        Function<Fans, ExpectedDistribution> expected =
                f -> ExpectedDistribution.truncatedNormal(0, Math.sqrt(2.0 / f.in()), 2);
        Initializer mutant = (out, fans, key) ->
                new TruncatedNormal(0, Math.sqrt(2.0 / fans.in()) * 0.87962566103423978, 2).fill(out, fans, key);
        Report report = caught(mutant, expected, Property.SECOND_MOMENT);
        assertThat(note(report, Property.SECOND_MOMENT)).contains("truncation is not corrected");
    }

    @Test
    void boundThatIsTooWideIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            float bound = (float) Math.sqrt(12.0 / fans.in());
            key.uniform(out, -bound, bound);
        };
        Report report = caught(mutant, HE_UNIFORM, Property.BOUNDS, Property.SECOND_MOMENT);
        assertThat(note(report, Property.SECOND_MOMENT)).contains("a bound sqrt(2) too wide");
    }

    @Test
    void factorizationWithoutItsSignsIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            int columns = out.dim(-1);
            int rows = out.size() / columns;
            Tensor gaussian = Tensor.zeros(Math.max(rows, columns), Math.min(rows, columns));
            key.normal(gaussian, 0, 1);
            Tensor q = householder(gaussian);
            out.copyFrom((rows < columns ? q.transpose() : q).reshape(out.shape()));
        };
        Report report = Conformance.of(mutant).expectingOrthogonal(1).check(Shape.of(8, 8), new Fans(8, 8), 1);
        assertThat(report.findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .containsExactly(Property.HAAR_SIGNS);
        assertThat(report.findings(Verdict.FAILS).getFirst().measured()).startsWith("64, "); // negative in all draws
        assertThat(note(report, Property.HAAR_SIGNS)).contains("signs of R's diagonal");
        assertThat(Conformance.of(mutant)
                        .expectingOrthogonal(1)
                        .checkAllShapes(1)
                        .findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .containsOnly(Property.HAAR_SIGNS);
        // of larger matrices, 11 diagonals of 48 elements are enough
        assertThat(Conformance.of(mutant)
                        .expectingOrthogonal(1)
                        .check(Shape.of(48, 96), new Fans(48, 96), 1)
                        .findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .containsExactly(Property.HAAR_SIGNS);
    }

    /**
     * The Q of a tall matrix as the textbook's reflections leave it: R's diagonal has the sign that avoids
     * cancellation.
     */
    private static Tensor householder(Tensor a) {
        int rows = a.dim(0);
        int columns = a.dim(1);
        double[][] r = new double[rows][columns];
        double[][] q = new double[rows][rows];
        for (int i = 0; i < rows; i++) {
            q[i][i] = 1;
            for (int j = 0; j < columns; j++) {
                r[i][j] = a.get(i, j);
            }
        }
        for (int k = 0; k < columns; k++) {
            double[] v = new double[rows];
            double square = 0;
            for (int i = k; i < rows; i++) {
                v[i] = r[i][k];
                square += v[i] * v[i];
            }
            v[k] += Math.copySign(Math.sqrt(square), v[k]);
            reflect(r, v, false);
            reflect(q, v, true);
        }
        Tensor result = Tensor.zeros(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result.set((float) q[i][j], i, j);
            }
        }
        return result;
    }

    /** m becomes (I - 2 v v' / v'v) m, or m (I - 2 v v' / v'v) from the right. */
    private static void reflect(double[][] m, double[] v, boolean fromTheRight) {
        double square = 0;
        for (double x : v) {
            square += x * x;
        }
        int others = fromTheRight ? m.length : m[0].length;
        for (int j = 0; j < others && square > 0; j++) {
            double dot = 0;
            for (int i = 0; i < v.length; i++) {
                dot += v[i] * (fromTheRight ? m[j][i] : m[i][j]);
            }
            for (int i = 0; i < v.length; i++) {
                if (fromTheRight) {
                    m[j][i] -= 2 * dot * v[i] / square;
                } else {
                    m[i][j] -= 2 * dot * v[i] / square;
                }
            }
        }
    }

    @Test
    void gatesThatAreOrthogonalOnlyTogetherAreCaught() {
        Report report =
                Conformance.of(Init.orthogonal()).expectingOrthogonal(1, 4).checkAllShapes(1);
        assertThat(report.findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .contains(Property.ORTHOGONALITY);
        assertThat(note(report, Property.ORTHOGONALITY)).contains("only together");
    }

    @Test
    void oneSeedForAllLayersIsCaught() {
        Initializer mutant = (out, fans, key) -> Init.heNormal().fill(out, fans, Key.of(42));
        Report report = caught(mutant, HE, Property.LAYERS, Property.SEEDS);
        assertThat(note(report, Property.LAYERS)).contains("one seed for all layers");
        Initializer orthogonal = (out, fans, key) -> Init.orthogonal().fill(out, fans, Key.of(42));
        assertThat(Conformance.of(orthogonal)
                        .expectingOrthogonal(1)
                        .checkAllShapes(1)
                        .findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .contains(Property.LAYERS, Property.SEEDS);
    }

    @Test
    void layersThatAreShiftedCopiesAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            int shift = (int) (key.lo() & 3);
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] =
                        (float) (Math.sqrt(2.0 / fans.in()) * Key.of(1).normal(i + shift));
            }
        };
        caught(mutant, HE, Property.SEEDS);
    }

    /** Cut at 3 deviations and drawn again: one value in 370 is missing. */
    @Test
    void cutTailIsCaught() {
        Initializer mutant =
                (out, fans, key) -> new TruncatedNormal(0, Math.sqrt(2.0 / fans.in()), 3).fill(out, fans, key);
        assertThat(Conformance.of(mutant).expecting(HE).checkAllShapes(1, 2).findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .containsOnly(Property.TAILS);
    }

    @Test
    void heavyTailsAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            Init.heNormal().fill(out, fans, key);
            for (int i = 0; i < out.size(); i += 20) {
                out.array()[out.offset() + i] *= 3;
            }
        };
        caught(mutant, HE, Property.TAILS);
    }

    @Test
    void eightBitGridIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            float bound = (float) Math.sqrt(6.0 / fans.in());
            key.uniform(out, -1, 1);
            for (int i = 0; i < out.size(); i++) {
                int step = (int) Math.floor((out.array()[out.offset() + i] + 1) * 128);
                out.array()[out.offset() + i] = bound * ((step + 0.5f) / 128 - 1);
            }
        };
        Report report = caught(mutant, HE_UNIFORM, Property.DISTINCT_VALUES);
        assertThat(note(report, Property.DISTINCT_VALUES)).contains("coarse grid of about 25");
    }

    @Test
    void lastRowThatIsNotFilledIsCaught() {
        Initializer mutant = (out, fans, key) -> {
            if (out.shape().rank() > 1) {
                Init.heNormal().fill(out.rows(0, out.dim(0) - 1), fans, key);
            } else {
                Init.heNormal().fill(out, fans, key);
            }
        };
        Report report = caught(mutant, HE, Property.FINITE, Property.FILLS_EVERYTHING);
        assertThat(note(report, Property.FILLS_EVERYTHING)).contains("last row");
    }

    @Test
    void viewsWrittenAtTheWrongPlaceAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            Tensor whole = Tensor.wrap(out.array(), 0, out.shape());
            Init.heNormal().fill(whole, fans, key);
        };
        assertThat(note(caught(mutant, HE, Property.FILLS_EVERYTHING), Property.FILLS_EVERYTHING))
                .contains("offset()");
    }

    /** Rows and columns of a symmetric matrix are different ones, and its variance and distribution are right. */
    @ParameterizedTest
    @ValueSource(doubles = {1, -1, 0.3})
    void aSquareMatrixWhoseElementsFollowFromTheTransposedOnesIsCaught(double correlation) {
        Initializer mutant = (out, fans, key) -> {
            Init.heNormal().fill(out, fans, key);
            int n = out.dim(-1);
            float[] w = out.array();
            for (int i = 0; i < n && out.size() == n * n; i++) {
                for (int j = 0; j < i; j++) {
                    double own = Math.sqrt(1 - correlation * correlation);
                    int at = out.offset() + i * n + j;
                    w[at] = (float) (own * w[at] + correlation * w[out.offset() + j * n + i]);
                }
            }
        };
        Report report = caught(mutant, HE, Property.REFLECTIONS);
        assertThat(report.findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .isSubsetOf(Property.REFLECTIONS, Property.DISTINCT_VALUES);
        assertThat(note(report, Property.REFLECTIONS)).contains("a symmetric matrix");
    }

    @Test
    void valuesRepeatedInReverseOrderAreCaught() {
        Initializer mutant = (out, fans, key) -> {
            Init.heNormal().fill(out, fans, key);
            for (int i = 0; i < out.size() / 2; i++) {
                out.array()[out.offset() + out.size() - 1 - i] = out.array()[out.offset() + i];
            }
        };
        assertThat(note(caught(mutant, HE, Property.REFLECTIONS), Property.REFLECTIONS))
                .contains("in reverse order");
    }

    @Test
    void repeatedRowsAndColumnsAreCaught() {
        Initializer rows = (out, fans, key) -> {
            Init.heNormal().fill(out, fans, key);
            int columns = out.dim(-1);
            for (int i = columns * 3; i < columns * 4 && i < out.size(); i++) {
                out.array()[out.offset() + i] = out.array()[out.offset() + i - columns];
            }
        };
        caught(rows, HE, Property.ROWS);
        Initializer columns = (out, fans, key) -> {
            Init.heNormal().fill(out, fans, key);
            for (int i = 2; i < out.size(); i += out.dim(-1)) {
                out.array()[out.offset() + i] = out.array()[out.offset() + i - 1];
            }
        };
        caught(columns, HE, Property.COLUMNS);
    }

    @Test
    void hiddenStateIsCaught() {
        AtomicInteger fills = new AtomicInteger();
        Initializer mutant = (out, fans, key) -> Init.heNormal().fill(out, fans, key.child(fills.getAndIncrement()));
        caught(mutant, HE, Property.SAME_KEY_SAME_BITS, Property.ORDER_INDEPENDENCE);
        List<Shape> seen = new ArrayList<>();
        Initializer counting = (out, fans, key) -> { // one seed for each new shape
            if (seen.isEmpty() || !seen.getLast().equals(out.shape()) || fans.in() < fans.out()) {
                seen.add(out.shape());
            }
            Init.heNormal().fill(out, fans, key.child(seen.size()));
        };
        assertThat(Conformance.of(counting)
                        .check(Shape.of(3, 3), new Fans(5, 4), 1)
                        .findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .containsExactly(Property.ORDER_INDEPENDENCE);
    }

    @Test
    void wrongMeanIsCaught() {
        caught((out, fans, key) -> key.uniform(out, 0, (float) Math.sqrt(6.0 / fans.in())), HE_UNIFORM, Property.MEAN);
    }

    @Test
    void anotherShapeOfTheSameVarianceIsCaught() {
        caught(Init.heUniform(), HE, Property.SHAPE, Property.TAILS);
        caught(Init.heNormal(), HE_UNIFORM, Property.SHAPE, Property.BOUNDS);
    }

    @Test
    void matricesThatAreNotOrthogonalAreCaught() {
        assertThat(Conformance.of(Init.lecunNormal())
                        .expectingOrthogonal(1)
                        .checkAllShapes(1)
                        .findings(Verdict.FAILS))
                .extracting(CheckFinding::property)
                .contains(Property.ORTHOGONALITY);
        assertThat(Conformance.of(Init.orthogonal(1.01))
                        .expectingOrthogonal(1)
                        .checkAllShapes(1)
                        .passed())
                .isFalse();
    }

    // undecided properties are reported

    @Test
    void aSmallShapeIsReportedWithTheNoticeableFactor() {
        Report report = Conformance.of(Init.heNormal()).expecting(HE).check(Shape.of(8, 8), new Fans(8, 3), 1);
        assertThat(report.passed()).isTrue();
        assertThat(report.conclusive()).isFalse();
        assertThat(report.smallestFactor()).isBetween(2.0, 30.0);
        assertThat(report.findings(Verdict.UNDECIDED))
                .extracting(CheckFinding::property)
                .contains(Property.MEAN, Property.SECOND_MOMENT, Property.SHAPE, Property.TAILS);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(report::throwIfUndecided)
                .withMessageContaining("64 values are too few to decide: the smallest factor of the variance");
    }

    /** What one value or one row shows is that it was written, and that it follows from the key. */
    @Test
    void oneValueLeavesADistributionUndecided() {
        Report value = Conformance.of(Init.heNormal()).expecting(HE).check(Shape.of(1, 1), new Fans(1, 1), 1);
        assertThat(value.passed()).isTrue();
        assertThat(value.findings(Verdict.HOLDS))
                .extracting(CheckFinding::property)
                .containsExactlyInAnyOrder(
                        Property.FINITE,
                        Property.FILLS_EVERYTHING,
                        Property.SAME_KEY_SAME_BITS,
                        Property.ORDER_INDEPENDENCE,
                        Property.WHOLE_KEY,
                        Property.VARIED_ELEMENTS,
                        Property.BOUNDS); // of which a normal distribution has none
        Conformance orthogonal = Conformance.of(Init.orthogonal()).expectingOrthogonal(1);
        Report matrix = orthogonal.check(Shape.of(1, 9), new Fans(1, 9), 1);
        assertThat(matrix.passed()).isTrue();
        assertThat(matrix.findings(Verdict.UNDECIDED))
                .extracting(CheckFinding::property)
                .containsExactlyInAnyOrder(
                        Property.LAYERS, Property.SEEDS, Property.HAAR_SIGNS, Property.ROWS, Property.COLUMNS);
    }

    /** This number of values is enough for the shift of interest. */
    @Test
    void uniformValuesThatWereNotShiftedAreNoticedAsSoonAsTheMeanIsDecided() {
        Initializer mutant = (out, fans, key) -> key.uniform(out, 0, (float) Math.sqrt(6.0 / fans.in()));
        for (int seed = 1; seed <= 20; seed++) {
            Report report = Conformance.of(mutant).expecting(HE_UNIFORM).check(Shape.of(108), new Fans(8, 3), seed);
            assertThat(report.findings(Verdict.FAILS))
                    .extracting(CheckFinding::property)
                    .contains(Property.MEAN);
        }
        Report fewer = Conformance.of(Init.heUniform()).expecting(HE_UNIFORM).check(Shape.of(107), new Fans(8, 3), 1);
        assertThat(fewer.findings(Verdict.UNDECIDED))
                .extracting(CheckFinding::property)
                .contains(Property.MEAN);
        Report enough = Conformance.of(Init.heUniform()).expecting(HE_UNIFORM).check(Shape.of(108), new Fans(8, 3), 1);
        assertThat(enough.findings(Verdict.HOLDS))
                .extracting(CheckFinding::property)
                .contains(Property.MEAN);
    }

    /** The factor is honest: a variance wrong by it is found. */
    @ParameterizedTest
    @ValueSource(ints = {10, 30, 200, 2000})
    void theSmallestFactorIsNoticed(int n) {
        Report report = Conformance.of(Init.heNormal()).expecting(HE).check(Shape.of(n), new Fans(8, 3), 1);
        double factor = report.smallestFactor();
        for (long seed = 1; seed <= 20; seed++) {
            for (double wrong : new double[] {factor, 1 / factor}) {
                Conformance conformance = Conformance.of(scaled(wrong)).expecting(HE);
                assertThat(conformance.check(Shape.of(n), new Fans(8, 3), seed).passed())
                        .as("%s times at %s values", wrong, n)
                        .isFalse();
            }
        }
    }

    @Test
    void moreSeedsDecideMore() {
        Conformance he = Conformance.of(Init.heNormal()).expecting(HE);
        double one = he.check(Shape.of(8, 8), new Fans(8, 3), 1).smallestFactor();
        long[] seeds = LongStream.range(0, 100).toArray();
        Report many = he.check(Shape.of(8, 8), new Fans(8, 3), seeds);
        assertThat(many.smallestFactor()).isLessThan(one / 2).isLessThan(1.292);
    }

    @Test
    void equalFansLeaveASwapUndecided() {
        Report report = Conformance.of(Init.heNormal()).expecting(HE).check(Shape.of(100, 100), new Fans(64, 64), 1);
        assertThat(report.findings(Verdict.UNDECIDED))
                .extracting(CheckFinding::property)
                .containsExactly(Property.FANS);
    }

    @Test
    void withoutExpectationsOnlyTheBasicContractIsChecked() {
        Report report = Conformance.of(Init.zeros()).checkAllShapes(1).throwIfUndecided();
        assertThat(report.findings()).hasSize(4);
        Conformance.of(Init.identity()).checkAllShapes(1).throwIfUndecided(); // which refuses all but matrices
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Conformance.of((out, fans, key) -> {
                            throw new ShapeException("no", "none", out.shape());
                        })
                        .checkAllShapes(1));
    }

    /** The kit exchanges the fans for a fill in between; a scheme may refuse what comes of that. */
    @Test
    void schemesThatCompareFansWithTheShapeCanBeChecked() {
        Conformance.of(Init.asymmetricWeight(Key.of(1)))
                .check(Shape.of(30, 20), new Fans(30, 20), 1)
                .throwIfFailed();
        Initializer mirrored = Init.looksLinear(LooksLinear.Mirror.INPUTS); // refuses an odd fan in
        Conformance.of(mirrored).check(Shape.of(30, 7), new Fans(30, 7), 1).throwIfFailed();
    }

    @Test
    void aStandardDeviationOfZeroExpectsAConstant() {
        Conformance.of(Init.ones())
                .expecting(ExpectedDistribution.normal(1, 0))
                .checkAllShapes(1)
                .throwIfUndecided();
        assertThat(Conformance.of(Init.zeros())
                        .expecting(ExpectedDistribution.normal(1, 0))
                        .checkAllShapes(1)
                        .passed())
                .isFalse();
    }

    @Test
    void expectedMomentsLeaveTheShapeUnchecked() {
        ExpectedDistribution expected = ExpectedDistribution.ofMoments(0, 0.1, 3);
        Report report = Conformance.of(Init.normal(0.1))
                .expecting(expected)
                .checkAllShapes(1, 2)
                .throwIfFailed();
        assertThat(report.findings(Verdict.UNDECIDED)) // wider limits, for which lines of 100 are too short
                .extracting(CheckFinding::property)
                .containsExactly(Property.ROWS, Property.COLUMNS);
        assertThat(report.findings()).extracting(CheckFinding::property).doesNotContain(Property.SHAPE, Property.TAILS);
        assertThat(Conformance.of(Init.normal(0.2))
                        .expecting(ExpectedDistribution.ofMoments(0, 0.1, 3))
                        .checkAllShapes(1)
                        .passed())
                .isFalse();
    }

    @Test
    void badArgumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Conformance.of(Init.ones()).checkAllShapes());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Conformance.of(Init.ones()).falseAlarms(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Conformance.of(Init.ones()).expectingOrthogonal(0));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpectedDistribution.normal(Double.NaN, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpectedDistribution.normal(0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpectedDistribution.uniform(1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpectedDistribution.truncatedNormal(0, 1, 0));
    }

    @Test
    void truncatedDistributionHasTheKnownMoments() {
        ExpectedDistribution expected = ExpectedDistribution.truncatedNormal(0, 0.87962566103423978, 2);
        assertThat(expected.high()).isCloseTo(2, within(1e-14));
        assertThat(expected.kurtosis()).isCloseTo(2.3655, within(1e-3));
        assertThat(expected.cdf().applyAsDouble(-2)).isZero();
        assertThat(expected.cdf().applyAsDouble(0)).isEqualTo(0.5);
        assertThat(expected.cdf().applyAsDouble(2)).isEqualTo(1);
    }

    /** Gate by gate, as a recurrent layer does. */
    private static void eachGate(int gates, double gain, Tensor out, Fans fans, Key key) {
        int columns = out.dim(-1);
        int width = columns / gates;
        int rows = out.size() / columns;
        for (int gate = 0; gate < gates; gate++) {
            Tensor one = Tensor.zeros(rows, width);
            Init.orthogonal(gain).fill(one, fans, key.child(gate));
            for (int i = 0; i < rows; i++) {
                System.arraycopy(one.array(), i * width, out.array(), out.offset() + i * columns + gate * width, width);
            }
        }
    }

    @Test
    void aSeedGivenTwiceIsRefused() {
        Conformance check = Conformance.of(Init.normal(1)).expecting(ExpectedDistribution.normal(0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.checkAllShapes(5, 7, 5))
                .withMessage("conformance: seed 5 is given twice; its values would count as independent ones");
    }

    @Test
    void moreValuesThanATensorHoldsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Conformance.of(Init.zeros()).check(Shape.of(1 << 15, 1 << 15), new Fans(1, 1), 1, 2, 3))
                .withMessageStartingWith("conformance: 3 seeds of 1073741824 values, as for shape [32768 x 32768]");
    }

    @Test
    void aKurtosisTooLargeToDecideByCausesNoFalseAlarm() {
        for (double kurtosis : new double[] {100, 1e6, 1e9, 1e300}) {
            Report report = Conformance.of(Init.normal(1))
                    .expecting(ExpectedDistribution.ofMoments(0, 1, kurtosis))
                    .check(Shape.of(96, 101), new Fans(96, 101), 1);
            assertThat(report.findings(Verdict.FAILS))
                    .as("kurtosis %s", kurtosis)
                    .isEmpty();
            assertThat(report.findings(Verdict.UNDECIDED))
                    .extracting(CheckFinding::property)
                    .contains(Property.SECOND_MOMENT);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpectedDistribution.ofMoments(0, 1, Double.POSITIVE_INFINITY))
                .withMessageContaining("kurtosis Infinity");
    }

    @Test
    void aCutThatCutsNothingLeavesANormalDistribution() {
        ExpectedDistribution expected = ExpectedDistribution.truncatedNormal(0, 1, 1e150);
        assertThat(expected.kurtosis()).isEqualTo(3);
        assertThat(expected.cdf().applyAsDouble(1)).isCloseTo(0.8413447460685429, within(1e-15));
    }

    @Test
    void anExpectedDistributionThatIsNullIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() ->
                        Conformance.of(Init.normal(1)).expecting(fans -> null).check(Shape.of(9, 9), new Fans(9, 9), 1))
                .withMessage("conformance: the expected distribution for fans (in 9, out 9) is null");
    }
}
