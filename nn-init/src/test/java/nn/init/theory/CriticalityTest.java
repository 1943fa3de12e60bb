package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import nn.init.nonlinearity.EveryNonlinearity;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CriticalityTest {
    @ParameterizedTest
    @CsvSource({"1e-3, 1.189190", "0.01, 1.424205", "0.05, 1.760955", "0.1, 1.986073", "0.5, 2.843167", "1, 3.443211"})
    void criticalLineOfTanhIsTheKnownOne(double biasVariance, double weightVariance) {
        Criticality point = Criticality.of(Nonlinearity.TANH, biasVariance);
        assertThat(point.weightVariance()).isCloseTo(weightVariance, within(5e-7));
        assertThat(point.biasVariance()).isCloseTo(biasVariance, within(1e-12));
        MeanField network = new MeanField(Nonlinearity.TANH, point.weightVariance(), biasVariance);
        assertThat(network.length(point.length())).isCloseTo(point.length(), within(1e-12));
        assertThat(network.chi(point.length())).isCloseTo(1, within(1e-12));
        assertThat(point.lengthSlope()).isLessThan(1);
    }

    private static Stream<Arguments> nonlinearitiesAndBiasVariances() {
        return EveryNonlinearity.all()
                .flatMap(f -> DoubleStream.of(0, 1e-6, 1e-3, 0.05, 0.17, 0.18, 0.55, 0.56, 1, 5)
                        .mapToObj(biasVariance -> Arguments.of(f, biasVariance)));
    }

    /** Lengths 2 % above and below a point come no farther from it; without a point, they leave each that is fixed. */
    @ParameterizedTest
    @MethodSource("nonlinearitiesAndBiasVariances")
    void signalsStayAtTheCriticalPointAndLeaveThoseThatAreNotOne(Nonlinearity f, double biasVariance) {
        try {
            Criticality point = Criticality.of(f, biasVariance);
            MeanField network = new MeanField(f, point.weightVariance(), biasVariance);
            double q = point.length();
            for (double start : q == 0 ? new double[] {0.01} : new double[] {0.98 * q, 1.02 * q}) {
                double distance = Math.abs(start - q);
                assertThat(network.lengths(start, 300)[300]).isCloseTo(q, within(distance * (1 + 1e-9)));
            }
            assertThat(point.lengthSlope()).isLessThanOrEqualTo(1 + 1e-9);
        } catch (IllegalArgumentException none) {
            assertThat(none).hasMessageContaining("that signals stay at; try Criticality.halfStable");
            for (double q = 1e-6; q < 1e6; q *= 1.1) {
                if ((bias(f, q) < biasVariance) != (bias(f, 1.1 * q) < biasVariance)) {
                    MeanField network = new MeanField(f, 1 / f.moments(q).slopeSecondMoment(), biasVariance);
                    double[] lengths = network.lengths(1.3 * q, 300);
                    assertThat(lengths[300]).as("from a length of %s", q).isGreaterThan(1.3 * q);
                }
            }
        }
    }

    /** The bias variance with which a length is fixed at chi = 1; it may be negative. */
    private static double bias(Nonlinearity f, double q) {
        Moments m = f.moments(q);
        return q - m.secondMoment() / m.slopeSecondMoment();
    }

    @Test
    void geluAndSiluAreCriticalWithBiasesBeyondTheirHalfStablePoints() {
        for (double small : new double[] {1e-6, 0.05, 0.172}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Criticality.of(Nonlinearity.GELU, small))
                    .withMessageContaining("that signals stay at");
        }
        assertThat(Criticality.of(Nonlinearity.GELU, 0.18).lengthSlope()).isLessThan(1);
        assertThatIllegalArgumentException().isThrownBy(() -> Criticality.of(Nonlinearity.SILU, 0.55));
        assertThat(Criticality.of(Nonlinearity.SILU, 0.56).lengthSlope()).isLessThan(1);
        Criticality half = Criticality.halfStable(Nonlinearity.GELU);
        assertThat(Criticality.of(Nonlinearity.GELU, half.biasVariance()).length())
                .isCloseTo(half.length(), within(1e-6));
    }

    @Test
    void erfHasItsKnownPoint() {
        assertThat(Criticality.of(Nonlinearity.ERF, 0.05).weightVariance()).isCloseTo(1.375839, within(5e-7));
    }

    @Test
    void reluIsCriticalAtTwoForAnyLengthButOnlyWithoutBiases() {
        assertThat(Criticality.of(Nonlinearity.RELU, 0).weightVariance()).isEqualTo(2);
        for (double q : new double[] {0.1, 1, 30}) {
            Criticality point = Criticality.at(Nonlinearity.RELU, q);
            assertThat(point.weightVariance()).isCloseTo(2, within(1e-15));
            assertThat(point.biasVariance()).isCloseTo(0, within(1e-14));
            assertThat(point.lengthSlope()).isCloseTo(1, within(1e-15));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Criticality.of(Nonlinearity.RELU, 0.01))
                .withMessageContaining("try Criticality.halfStable, or another bias variance");
    }

    @ParameterizedTest
    @CsvSource({"gelu, 1.98305826, 0.17292239, 3.5616", "silu, 1.98800468, 0.55514317, 14.3202"})
    void geluAndSiluAreHalfStableAtTheirKnownPoints(
            String name, double weightVariance, double biasVariance, double length) {
        Nonlinearity f = name.equals("gelu") ? Nonlinearity.GELU : Nonlinearity.SILU;
        Criticality point = Criticality.halfStable(f);
        assertThat(point.weightVariance()).isCloseTo(weightVariance, within(5e-9));
        assertThat(point.biasVariance()).isCloseTo(biasVariance, within(5e-9));
        assertThat(point.length()).isCloseTo(length, within(5e-5));
        assertThat(point.lengthSlope()).isCloseTo(1, within(1e-9));
        assertThat(point.gain() * point.gain()).isCloseTo(weightVariance, within(5e-9));
    }

    /** The map touches the diagonal and does not cross it, so one side comes and the other leaves. */
    @Test
    void lengthsNearAHalfStablePointMoveInOneDirection() {
        for (Nonlinearity f : new Nonlinearity[] {Nonlinearity.GELU, Nonlinearity.SILU}) {
            Criticality point = Criticality.halfStable(f);
            MeanField network = new MeanField(f, point.weightVariance(), point.biasVariance());
            double below = network.length(point.length() * 0.995) - point.length() * 0.995;
            double above = network.length(point.length() * 1.005) - point.length() * 1.005;
            assertThat(below * above).as("%s", f).isPositive();
        }
    }

    @Test
    void pointsWithoutBiasesAreAtLengthZero() {
        Stream.of(Nonlinearity.TANH, Nonlinearity.SIN, Nonlinearity.HARD_TANH, Nonlinearity.elu(1))
                .forEach(f -> {
                    Criticality point = Criticality.of(f, 0);
                    assertThat(point.gain()).as("%s", f).isCloseTo(1, within(1e-12));
                    assertThat(point.length()).as("%s", f).isZero();
                });
        assertThat(Criticality.of(Nonlinearity.ERF, 0).gain()).isCloseTo(Math.sqrt(Math.PI) / 2, within(1e-14));
        double scale = 1.0507009873554805;
        double alpha = 1.6732632423543772;
        assertThat(Criticality.of(Nonlinearity.SELU, 0).weightVariance())
                .isCloseTo(2 / (scale * scale * (1 + alpha * alpha)), within(1e-12));
    }

    @Test
    void sigmoidIsCriticalAboveZeroOnly() {
        Criticality point = Criticality.of(Nonlinearity.SIGMOID, 0);
        MeanField network = MeanField.ofGain(Nonlinearity.SIGMOID, point.gain());
        assertThat(point.length()).isGreaterThan(1);
        assertThat(network.length(point.length())).isCloseTo(point.length(), within(1e-9));
        assertThat(network.chi(point.length())).isCloseTo(1, within(1e-12));
    }

    @Test
    void aMissingPointIsReportedWithASuggestion() {
        Stream.of(Nonlinearity.GELU, Nonlinearity.SILU, Nonlinearity.SOFTPLUS)
                .forEach(f -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> Criticality.of(f, 0))
                        .withMessageStartingWith("no critical weight variance for '" + f + "' with bias variance 0.0")
                        .withMessageContaining("Criticality.halfStable"));
        Stream.of(Nonlinearity.TANH, Nonlinearity.RELU, Nonlinearity.LINEAR)
                .forEach(f -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> Criticality.halfStable(f))
                        .withMessageStartingWith("no half-stable critical point for '" + f + "'"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Criticality.at(Nonlinearity.SOFTPLUS, 1))
                .withMessageContaining("the bias variance would be -");
    }

    @Test
    void customFunctionsAreSolvedToo() {
        Nonlinearity own = Nonlinearity.of("mine", StrictMath::tanh, Nonlinearity.TANH::derivative);
        assertThat(Criticality.of(own, 0.05).weightVariance()).isCloseTo(1.760955, within(5e-7));
    }
}
