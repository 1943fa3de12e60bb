package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashSet;
import java.util.Set;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a check is asked for: promises, rates, shapes and seeds. */
class ConformanceArgumentsTest {
    private static final Conformance ONES = Conformance.of(Init.ones());

    /** Values of 1 and -1 in turns. */
    private static final Initializer SIGNS = (out, fans, key) -> {
        for (int i = 0; i < out.size(); i++) {
            out.array()[out.offset() + i] = i % 2 == 0 ? 1 : -1;
        }
    };

    private static CheckFinding mean(Report report) {
        return report.findings().stream()
                .filter(f -> f.property() == Property.MEAN)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.POSITIVE_INFINITY, Double.NaN})
    void aGainOutOfItsRangeIsRefused(double gain) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ONES.expectingOrthogonal(gain))
                .withMessage("conformance: gain " + gain + " must be finite and above 0, gates 1 at least 1");
    }

    @Test
    void aMatrixHasAtLeastOneGate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ONES.expectingOrthogonal(1, 0))
                .withMessage("conformance: gain 1.0 must be finite and above 0, gates 0 at least 1");
        assertThat(ONES.expectingOrthogonal(Double.MIN_VALUE, 1)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.001, 0.0101, Double.NaN})
    void aRateOutOfItsRangeIsRefused(double rate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ONES.falseAlarms(rate))
                .withMessage("conformance: rate of false alarms " + rate + " must be above 0 and at most 0.01");
    }

    /** A rate r for 16 statistics: sqrt(2 ln(2 * 16 / r)) / sqrt(400), with 4.018 for 0.01 and 5.879 for 1e-6. */
    @Test
    void theRateIsDividedAmongSixteenStatistics() {
        Conformance check = Conformance.of(SIGNS).expecting(ExpectedDistribution.normal(0, 1));
        assertThat(mean(check.falseAlarms(0.01).check(Shape.of(400), new Fans(2, 1), 1))
                        .allowed())
                .isEqualTo("+-0.2009");
        assertThat(mean(check.check(Shape.of(400), new Fans(2, 1), 1)).allowed())
                .isEqualTo("+-0.2939");
        assertThat(mean(Conformance.of(SIGNS)
                                .falseAlarms(0.01)
                                .expecting(fans -> ExpectedDistribution.normal(0, 1))
                                .check(Shape.of(400), new Fans(2, 1), 1))
                        .allowed())
                .isEqualTo("+-0.2009");
    }

    /** sqrt(2 ln(2 * 16 * 7 / 0.01) / 4801) for the first of seven shapes. */
    @Test
    void theRateIsDividedAmongSevenShapes() {
        Report report = Conformance.of(SIGNS)
                .expecting(ExpectedDistribution.normal(0, 1))
                .falseAlarms(0.01)
                .checkAllShapes(1);
        assertThat(mean(report))
                .extracting(CheckFinding::shape, CheckFinding::allowed)
                .containsExactly("[4801]", "+-0.06460");
    }

    @Test
    void aRateOfOrthogonalMatricesIsDividedToo() {
        Report report = Conformance.of(Init.orthogonal())
                .expectingOrthogonal(1)
                .falseAlarms(0.01)
                .check(Shape.of(20, 20), new Fans(20, 20), 1);
        assertThat(report.findings())
                .filteredOn(f -> f.property() == Property.LAYERS)
                .singleElement()
                .extracting(CheckFinding::allowed)
                .isEqualTo("4.018 standard deviations");
    }

    private static Set<String> seen(Conformance check, Set<String> shapes) {
        shapes.clear();
        check.checkAllShapes(1);
        return shapes;
    }

    @Test
    void shapesAreOfRankOneToFive() {
        Set<String> shapes = new LinkedHashSet<>();
        Initializer recording = (out, fans, key) -> {
            if (out.offset() == 0 && Float.isNaN(out.array()[0])) {
                shapes.add(out.shape() + " " + fans);
            }
            Init.ones().fill(out, fans, key);
        };
        assertThat(seen(Conformance.of(recording), shapes))
                .containsExactly(
                        "[4801] (in 50, out 7)",
                        "[96 x 101] (in 96, out 101)",
                        "[101 x 96] (in 300, out 20)",
                        "[72 x 72] (in 72, out 151)",
                        "[5 x 20 x 96] (in 100, out 480)",
                        "[3 x 3 x 12 x 96] (in 108, out 864)",
                        "[2 x 3 x 3 x 6 x 96] (in 108, out 1728)");
        assertThat(seen(Conformance.of(recording).expectingOrthogonal(1, 3), shapes))
                .containsExactly(
                        "[8 x 24] (in 8, out 8)",
                        "[48 x 60] (in 48, out 20)",
                        "[20 x 144] (in 20, out 48)",
                        "[3 x 5 x 36] (in 15, out 12)",
                        "[3 x 3 x 8 x 48] (in 72, out 144)",
                        "[2 x 3 x 3 x 4 x 30] (in 72, out 180)");
    }

    /** A constant fails at each shape; what holds at one and is undecided at others holds, and is listed once. */
    @Test
    void failuresAreListedForEachShapeAndOthersOnce() {
        Report report = ONES.expecting(ExpectedDistribution.ofMoments(0, 1, 3)).checkAllShapes(1);
        assertThat(report.findings(Verdict.FAILS))
                .filteredOn(f -> f.property() == Property.MEAN)
                .extracting(CheckFinding::shape)
                .containsExactly(
                        "[4801]",
                        "[96 x 101]",
                        "[101 x 96]",
                        "[72 x 72]",
                        "[5 x 20 x 96]",
                        "[3 x 3 x 12 x 96]",
                        "[2 x 3 x 3 x 6 x 96]");
        assertThat(report.findings())
                .filteredOn(f -> f.verdict() != Verdict.FAILS)
                .extracting(CheckFinding::property)
                .doesNotHaveDuplicates()
                .doesNotContain(Property.MEAN)
                .contains(Property.FINITE, Property.SECOND_MOMENT);
    }

    @Test
    void theSmallestFactorIsThatOfTheBestShape() {
        Conformance check = Conformance.of(SIGNS).expecting(ExpectedDistribution.normal(0, 1));
        double most = check.falseAlarms(1e-6 / 7)
                .check(Shape.of(3, 3, 12, 96), new Fans(108, 864), 1)
                .smallestFactor();
        assertThat(check.checkAllShapes(1).smallestFactor()).isEqualTo(most); // of 10,368 values, as for 5 axes
        assertThat(ONES.checkAllShapes(1).smallestFactor()).isInfinite();
    }

    @Test
    void shapesThatAreRefusedAreLeftOutUnlessAllAre() {
        Initializer matrices = (out, fans, key) -> {
            if (out.shape().rank() != 2) {
                throw new ShapeException("not a matrix", "[rows x columns]", out.shape());
            }
            out.fill(Float.NaN);
        };
        assertThat(Conformance.of(matrices).checkAllShapes(1).findings(Verdict.FAILS))
                .filteredOn(f -> f.property() == Property.FINITE)
                .extracting(CheckFinding::shape)
                .containsExactly("[96 x 101]", "[101 x 96]", "[72 x 72]");
        Initializer none = (out, fans, key) -> {
            throw new ShapeException("nothing fits", "none", out.shape());
        };
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Conformance.of(none).checkAllShapes(1))
                .withMessageContaining("nothing fits");
    }

    @Test
    void aPropertyThatFailsAtOneShapeDoesNotHoldAtOthers() {
        Initializer vectors = (out, fans, key) -> out.fill(out.shape().rank() == 1 ? Float.NaN : 1);
        assertThat(Conformance.of(vectors).checkAllShapes(1).findings())
                .filteredOn(f -> f.property() == Property.FINITE)
                .singleElement()
                .extracting(CheckFinding::verdict, CheckFinding::shape, CheckFinding::measured)
                .containsExactly(Verdict.FAILS, "[4801]", "4801 are not");
    }

    /** Values that are not finite have no statistics. */
    @Test
    void valuesThatAreNotFiniteEndTheCheck() {
        Initializer infinite = (out, fans, key) -> out.fill(Float.POSITIVE_INFINITY);
        for (Conformance check : new Conformance[] {
            Conformance.of(infinite).expecting(ExpectedDistribution.normal(0, 1)),
            Conformance.of(infinite).expectingOrthogonal(1)
        }) {
            Report report = check.check(Shape.of(4, 4), new Fans(4, 3), 1);
            assertThat(report.findings()).hasSize(4);
            assertThat(report.smallestFactor()).isInfinite();
        }
    }

    @Test
    void seedsMustBeGivenAndDiffer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ONES.check(Shape.of(3), new Fans(1, 1)))
                .withMessage("conformance: no seed to check with; give at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ONES.check(Shape.of(3), new Fans(1, 1), 4, 4))
                .withMessage("conformance: seed 4 is given twice; its values would count as independent ones");
        assertThat(ONES.check(Shape.of(3), new Fans(1, 1), 4, 5).passed()).isTrue();
    }

    @Test
    void aReportHasTheNameOfTheInitializer() {
        assertThat(ONES.check(Shape.of(3), new Fans(1, 1), 1).initializer()).isEqualTo("ones");
        assertThat(ONES.checkAllShapes(1).initializer()).isEqualTo("ones");
    }
}
