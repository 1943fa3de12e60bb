package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.init.Gain;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField.FixedPoint;
import nn.init.theory.MeanField.Stability;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeanFieldTest {
    private static Nonlinearity named(String name) {
        return switch (name) {
            case "relu" -> Nonlinearity.RELU;
            case "tanh" -> Nonlinearity.TANH;
            case "sigmoid" -> Nonlinearity.SIGMOID;
            case "gelu" -> Nonlinearity.GELU;
            case "silu" -> Nonlinearity.SILU;
            case "elu" -> Nonlinearity.elu(1);
            case "selu" -> Nonlinearity.SELU;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static MeanField network(String name, String gain) {
        Nonlinearity f = named(name);
        return MeanField.ofGain(f, gain.equals("second moment") ? Gain.secondMoment(f) : Double.parseDouble(gain));
    }

    /** q in the end, and the product of chi over the 50 layers behind the first: each to the digits given. */
    @ParameterizedTest
    @CsvSource({
        "relu, 1.4142135623730951, 1, 1e-12, 1, 1e-12",
        "tanh, 1, 1.02e-2, 5e-5, 3.0e-2, 5e-4",
        "tanh, 1.6666666666666667, 1.178, 5e-4, 1.4e4, 500",
        "sigmoid, 1, 0.265, 5e-4, 2e-63, 5e-64",
        "sigmoid, 4, 5.86, 5e-3, 1.2e-20, 5e-22",
        "gelu, 1.4142135623730951, 3e-14, 5e-15, 3e-14, 5e-15",
        "gelu, second moment, 1, 1e-9, 32, 0.5",
        "silu, 1.4142135623730951, 3e-15, 5e-16, 3e-15, 5e-16",
        "silu, second moment, 1, 1e-9, 25, 0.5",
        "elu, 1.4142135623730951, 34, 0.5, 301, 0.5",
        "elu, second moment, 1, 1e-12, 5.8, 0.05",
        "selu, 1, 1, 1e-12, 32, 0.5",
        "selu, 0.75, 0.024, 5e-4, 0.064, 5e-4"
    })
    void fiftyLayersOfAStandardGainHaveTheDocumentedMoments(
            String name, String gain, double q, double errorOfQ, double gradient, double errorOfGradient) {
        MeanField network = network(name, gain);
        double[] lengths = network.lengths(1, 50);
        double product = 1;
        for (int l = 1; l <= 50; l++) {
            product *= network.chi(lengths[l]);
        }
        assertThat(lengths).hasSize(51);
        assertThat(lengths[50]).isCloseTo(q, within(errorOfQ));
        assertThat(product).isCloseTo(gradient, within(errorOfGradient));
    }

    @ParameterizedTest
    @CsvSource({"gelu, 1.144, UNSTABLE", "silu, 1.173, UNSTABLE", "elu, 0.891, STABLE", "selu, 0.783, STABLE"})
    void secondMomentGainsHaveAFixedPointAtOneOfKnownSlope(String name, double slope, Stability stability) {
        MeanField network = network(name, "second moment");
        FixedPoint one = network.fixedPoints().stream()
                .filter(p -> Math.abs(p.length() - 1) < 1e-9)
                .findFirst()
                .orElseThrow();
        assertThat(one.slope()).isCloseTo(slope, within(5e-4));
        assertThat(one.stability()).isEqualTo(stability);
    }

    @Test
    void conventionalGainOfTanhIsChaotic() {
        MeanField network = network("tanh", "1.6666666666666667");
        assertThat(network.chi(network.fixedPoint(1))).isCloseTo(1.2098, within(5e-5));
    }

    /** sigma_b^2 = 0.05. */
    @ParameterizedTest
    @CsvSource({"1.3, 0.31532, 0.88016, 7.834, 1.785, 1", "2.5, 1.06396, 1.13352, 11.80, , 0.44680"})
    void tanhHasItsKnownPhases(
            double weightVariance, double q, double chi, double correlationDepth, Double lengthDepth, double c) {
        MeanField network = new MeanField(Nonlinearity.TANH, weightVariance, 0.05);
        double fixed = network.fixedPoint(1);
        assertThat(fixed).isCloseTo(q, within(5e-6));
        assertThat(network.chi(fixed)).isCloseTo(chi, within(5e-6));
        assertThat(network.fixedCorrelation(fixed)).isCloseTo(c, within(5e-6));
        double digits = correlationDepth > 10 ? 5e-3 : 5e-4;
        assertThat(network.correlationDepth(fixed)).isCloseTo(correlationDepth, within(digits));
        if (lengthDepth != null) {
            assertThat(network.lengthDepth(fixed)).isCloseTo(lengthDepth, within(5e-4));
        }
    }

    @Test
    void correlationDepthDivergesAtTheEdge() {
        MeanField near = new MeanField(Nonlinearity.TANH, 1.6, 0.05);
        assertThat(near.correlationDepth(near.fixedPoint(1))).isCloseTo(27.0, within(0.05));
        MeanField relu = MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2));
        assertThat(relu.correlationDepth(1)).isInfinite();
        assertThat(relu.lengthDepth(1)).isInfinite();
    }

    @ParameterizedTest
    @CsvSource({"0.01, 0.986", "0.05, 0.759", "0.25, 0.580"})
    void randomBiasesMakeTanhVanish(double biasVariance, double chi) {
        MeanField network = new MeanField(Nonlinearity.TANH, 1, biasVariance);
        // the first is for sigma_b = 0.01
        MeanField asStated = biasVariance == 0.01 ? new MeanField(Nonlinearity.TANH, 1, 1e-4) : network;
        assertThat(asStated.chi(asStated.fixedPoint(1))).isCloseTo(chi, within(5e-4));
    }

    /** The variance over the data of a He ReLU network, weights fixed: 2 (1 - c_l). */
    @Test
    void dataVarianceOfReluDecaysPolynomially() {
        MeanField network = MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2));
        double[] expected = {2, 1.3634, 1.0125, 0.7903, 0.6381, 0.5281, 0.4455, 0.3817, 0.3312, 0.2904};
        double[] variances = network.dataVariances(2, 0, 9);
        assertThat(variances).hasSize(10);
        for (int l = 0; l < 10; l++) {
            assertThat(variances[l]).as("layer %d", l + 1).isCloseTo(expected[l], within(5e-5));
        }
        double late = network.correlations(2, 0, 2000)[2000];
        assertThat((1 - late) * 2 * 2000.0 * 2000 / (9 * Math.PI * Math.PI)).isCloseTo(1, within(0.02));
    }

    @Test
    void tanhAtGainOneDecaysLikeOneByTwiceTheDepth() {
        double[] lengths = MeanField.ofGain(Nonlinearity.TANH, 1).lengths(1, 4000);
        assertThat(lengths[50]).isCloseTo(0.0102, within(5e-5));
        assertThat(2 * 4000 * lengths[4000]).isCloseTo(1, within(0.01));
    }

    @Test
    void sirenHasItsGaussianFixedPoint() {
        MeanField siren = new MeanField(Nonlinearity.SIN, 2, 0);
        double q = siren.fixedPoint(1);
        assertThat(q).isCloseTo(0.79681, within(5e-6)).isCloseTo(1 - Math.exp(-2 * q), within(1e-14));
        assertThat(siren.chi(q)).isCloseTo(1.2032, within(5e-5));
    }

    @Test
    void fixedPointsAreLimitsOfTheMap() {
        assertThat(MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2)).fixedPoint(3.5))
                .isCloseTo(3.5, within(1e-14));
        assertThat(MeanField.ofGain(Nonlinearity.RELU, 2).fixedPoint(1)).isInfinite();
        assertThat(MeanField.ofGain(Nonlinearity.RELU, 1).fixedPoint(1)).isZero();
        assertThat(MeanField.ofGain(Nonlinearity.TANH, 1).fixedPoint(1)).isZero();
        assertThat(new MeanField(Nonlinearity.RELU, 1, 0.5).fixedPoint(9)).isCloseTo(1, within(1e-13));
        assertThat(MeanField.ofGain(Nonlinearity.GELU, Math.sqrt(2)).fixedPoint(1))
                .isZero();
        // unstable at 1, so what starts above leaves
        assertThat(network("gelu", "second moment").fixedPoint(1.1)).isInfinite();
        assertThat(network("gelu", "second moment").fixedPoint(0.9)).isZero();
        // just above criticality the approach takes some 1e5 layers
        double slow = MeanField.ofGain(Nonlinearity.TANH, 1.00001).fixedPoint(1);
        assertThat(MeanField.ofGain(Nonlinearity.TANH, 1.00001).length(slow)).isCloseTo(slow, within(1e-15));
        assertThat(slow).isCloseTo(1e-5, within(1e-7)); // (sigma_w^2 - 1) / 2
    }

    @Test
    void aFixedPointThatIsApproachedSlowlyIsFoundFromBelowToo() {
        // (sigma_w^2 - 1) / 2, some 1e6 layers away
        assertThat(MeanField.ofGain(Nonlinearity.TANH, 1.00001).fixedPoint(2e-6))
                .isCloseTo(1e-5, within(1e-7));
    }

    @Test
    void aSignalThatLeavesTheDoublesWithinFewLayersHasItsLimitToo() {
        assertThat(MeanField.ofGain(Nonlinearity.RELU, 1e3).fixedPoint(1)).isInfinite();
        assertThat(MeanField.ofGain(Nonlinearity.RELU, 1e-3).fixedPoint(1)).isZero();
    }

    @Test
    void noLayersLeaveWhatTheyGet() {
        MeanField network = new MeanField(Nonlinearity.TANH, 2.5, 0.05);
        assertThat(network.lengths(0.7, 0)).containsExactly(0.7);
        assertThat(network.correlations(0.7, -1, 0)).containsExactly(-1);
        assertThat(network.dataVariances(0.5, 0.5, 0)).containsExactly(0.25);
    }

    @Test
    void equalInputsStayEqualAndOppositeOnesOpposite() {
        double q = new MeanField(Nonlinearity.TANH, 2.5, 0.05).fixedPoint(1);
        assertThat(new MeanField(Nonlinearity.TANH, 2.5, 0.05).correlations(q, 1, 3)[3])
                .isCloseTo(1, within(1e-12));
        MeanField odd = MeanField.ofGain(Nonlinearity.TANH, 1.5); // and without biases
        assertThat(odd.correlations(odd.fixedPoint(1), -1, 3)[3]).isCloseTo(-1, within(1e-12));
    }

    @Test
    void fixedPointsAreListedWithTheirStability() {
        assertThat(MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2)).fixedPoints())
                .containsExactly(new FixedPoint(
                        0, MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2)).lengthSlope(0)));
        List<FixedPoint> tanh = MeanField.ofGain(Nonlinearity.TANH, 1.5).fixedPoints();
        assertThat(tanh).hasSize(2);
        assertThat(tanh.get(0).length()).isZero();
        assertThat(tanh.get(0).slope()).isCloseTo(2.25, within(1e-12));
        assertThat(tanh.get(0).stability()).isEqualTo(Stability.UNSTABLE);
        assertThat(tanh.get(1).stability()).isEqualTo(Stability.STABLE);
        double limit = MeanField.ofGain(Nonlinearity.TANH, 1.5).fixedPoint(1);
        assertThat(tanh.get(1).length()).isCloseTo(limit, within(1e-13));
        assertThat(MeanField.ofGain(Nonlinearity.TANH, 1).fixedPoints())
                .extracting(FixedPoint::stability)
                .containsExactly(Stability.MARGINAL);
        assertThat(MeanField.ofGain(Nonlinearity.SIGMOID, 1).fixedPoints()).hasSize(1);
    }

    @Test
    void correlationMapKeepsOneAndHasChiThere() {
        MeanField network = new MeanField(Nonlinearity.TANH, 2.5, 0.05);
        double q = network.fixedPoint(1);
        assertThat(network.correlation(q, 1)).isCloseTo(1, within(1e-13));
        assertThat(network.correlationSlope(q, 1)).isCloseTo(network.chi(q), within(1e-13));
        double c = network.fixedCorrelation(q);
        assertThat(network.correlation(q, c)).isCloseTo(c, within(1e-12));
        assertThat(network.correlations(q, 0.99, 300)[300]).isCloseTo(c, within(1e-9));
        // odd functions without biases keep orthogonal inputs so
        assertThat(MeanField.ofGain(Nonlinearity.TANH, 1.5).fixedCorrelation(0.5))
                .isZero();
    }

    @Test
    void networksThatGrowBeyondDoublesStayInfinite() {
        assertThat(MeanField.ofGain(Nonlinearity.RELU, 1e100).lengths(1, 5)[5]).isInfinite();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void badNumbersAreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MeanField(Nonlinearity.TANH, bad, 0))
                .withMessage("mean field: weight variance " + bad + " must be finite and 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MeanField(Nonlinearity.TANH, 1, bad))
                .withMessage("mean field: bias variance " + bad + " must be finite and 0 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> MeanField.ofGain(Nonlinearity.TANH, bad));
        MeanField network = MeanField.ofGain(Nonlinearity.TANH, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> network.length(bad));
        assertThatIllegalArgumentException().isThrownBy(() -> network.fixedPoint(bad));
        assertThatIllegalArgumentException().isThrownBy(() -> network.correlation(bad, 0));
    }

    @Test
    void negativeNumbersOfLayersAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MeanField.ofGain(Nonlinearity.TANH, 1).lengths(1, -1))
                .withMessage("mean field: -1 layers; there must be 0 or more, at most 10000000");
    }

    @Test
    void sigmoidShrinksGradientsAtEveryUsualGain() {
        MeanField network = MeanField.ofGain(Nonlinearity.SIGMOID, 1);
        assertThat(network.chi(network.fixedPoint(1))).isCloseTo(0.0557, within(5e-5));
        assertThat(network.fixedPoint(0)).isCloseTo(network.fixedPoint(10), Percentage.withPercentage(1e-10));
    }
}
