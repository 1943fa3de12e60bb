package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import nn.init.nonlinearity.Nonlinearity;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small closed forms: born-dead networks, finite width, spectra, self-normalization, deep linear learning. */
class RandomNetworksTest {
    /** Bounds that 20,000 networks of inputs -1 and 1 lay between. */
    @ParameterizedTest
    @CsvSource({"2, 9, 0.8703, 0.8999", "3, 9, 0.5134, 0.6564", "4, 9, 0.2042, 0.4033", "5, 9, 0.0640, 0.2243"})
    void bornDeadBoundsAreTheKnownOnes(int width, int hidden, double lower, double upper) {
        assertThat(BornDead.lowerBound(width, hidden)).isCloseTo(lower, within(5e-5));
        assertThat(BornDead.upperBound(width, hidden)).isCloseTo(upper, within(5e-5));
    }

    @ParameterizedTest
    @CsvSource({"3, 10, 0.7369", "4, 10, 0.4755"})
    void oneInputDiesWithAKnownProbability(int width, int hidden, double probability) {
        assertThat(BornDead.forOneInput(width, hidden)).isCloseTo(probability, within(5e-5));
    }

    @Test
    void twoHiddenLayersOfTwoDieLessOftenThanTheUpperBound() {
        assertThat(BornDead.upperBound(2, 2)).isCloseTo(0.25, within(1e-15));
        assertThat(BornDead.lowerBound(2, 2)).isLessThanOrEqualTo(0.15625);
        assertThat(BornDead.upperBound(2, 1)).isZero();
        assertThat(BornDead.lowerBound(2, 1)).isZero();
        // far below the spacing of doubles around 1
        assertThat(BornDead.forOneInput(200, 10)).isCloseTo(10 * Math.pow(2, -200), Percentage.withPercentage(1e-10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BornDead.upperBound(0, 3))
                .withMessage("born dead: width 0 must be at least 1");
    }

    @Test
    void aNetworkNeedsAUnitAndABoundALayer() {
        assertThat(BornDead.forOneInput(3, 0)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BornDead.forOneInput(0, 3))
                .withMessage("born dead: width 0 must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BornDead.forOneInput(3, -1))
                .withMessage("born dead: hidden layers -1 must be at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BornDead.lowerBound(3, 0))
                .withMessage("born dead: hidden layers 0 must be at least 1");
    }

    @Test
    void squaredLengthScattersAsFiveByTheWidth() {
        assertThat(FiniteWidth.lengthVariance(0, widths(5, 50))).isCloseTo(0.611, within(5e-4));
        assertThat(FiniteWidth.lengthVariance(0, widths(10, 100))).isCloseTo(0.629, within(5e-4));
        assertThat(FiniteWidth.lengthVariance(0, widths(4, 20))).isCloseTo(1.44, within(5e-3));
        assertThat(FiniteWidth.lengthVariance(1, 8)).isCloseTo(2.0 / 8, within(1e-15));
        assertThat(FiniteWidth.lengthVariance(0)).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> FiniteWidth.lengthVariance(0, 4, 0));
    }

    private static int[] widths(int layers, int width) {
        int[] widths = new int[layers];
        java.util.Arrays.fill(widths, width);
        return widths;
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 6.75", "4, 12.2"})
    void largestSingularValueOfAGaussianProductIsTheKnownOne(int layers, double square) {
        assertThat(JacobianSpectrum.largestOfGaussianProduct(layers)).isCloseTo(square, within(0.01));
    }

    @Test
    void spectraSpreadWithDepthUnlessOrthogonal() {
        MeanField linear = MeanField.ofGain(Nonlinearity.LINEAR, 1);
        for (int layers : new int[] {0, 1, 2, 4, 8}) {
            assertThat(JacobianSpectrum.gaussian(linear, 1, layers)).isEqualTo(new JacobianSpectrum(1, layers));
            assertThat(JacobianSpectrum.orthogonal(linear, 1, layers)).isEqualTo(new JacobianSpectrum(1, 0));
        }
        MeanField relu = MeanField.ofGain(Nonlinearity.RELU, Math.sqrt(2));
        assertThat(JacobianSpectrum.gaussian(relu, 1, 10).variance()).isCloseTo(20, within(1e-12));
        assertThat(JacobianSpectrum.orthogonal(relu, 1, 10).variance()).isCloseTo(10, within(1e-12));
        assertThat(JacobianSpectrum.gaussian(MeanField.ofGain(Nonlinearity.RELU, 1), 1, 3)
                        .mean())
                .isCloseTo(0.125, within(1e-15));
    }

    /** The squared singular values of a square Gaussian matrix of variance s / n have mean s and variance s^2. */
    @Test
    void spectraScaleWithTheGain() {
        MeanField linear = new MeanField(Nonlinearity.LINEAR, 2, 0);
        assertThat(JacobianSpectrum.gaussian(linear, 1, 1)).isEqualTo(new JacobianSpectrum(2, 4));
        assertThat(JacobianSpectrum.gaussian(linear, 1, 3)).isEqualTo(new JacobianSpectrum(8, 3 * 64));
        assertThat(JacobianSpectrum.orthogonal(linear, 1, 3)).isEqualTo(new JacobianSpectrum(8, 0));
    }

    /** E relu(z) = sqrt(v / (2 pi)) and E relu(z)^2 = v / 2. */
    @ParameterizedTest
    @ValueSource(doubles = {0.25, 1, 9})
    void meanAndVarianceOfReluGrowWithTheVarianceByTheirFormulas(double v) {
        SelfNormalization relu = SelfNormalization.of(Nonlinearity.RELU, v);
        assertThat(relu.mean()).isCloseTo(Math.sqrt(v / (2 * Math.PI)), within(1e-14));
        assertThat(relu.variance()).isCloseTo(v / 2 - v / (2 * Math.PI), within(1e-14));
        assertThat(relu.meanRate()).isCloseTo(1 / Math.sqrt(8 * Math.PI * v), within(1e-14));
        assertThat(relu.varianceRate()).isCloseTo(0.5 - 1 / (2 * Math.PI), within(1e-14));
    }

    @Test
    void seluContractsMeanAndVariance() {
        SelfNormalization selu = SelfNormalization.of(Nonlinearity.SELU, 1);
        assertThat(selu.mean()).isCloseTo(0, within(1e-14));
        assertThat(selu.variance()).isCloseTo(1, within(1e-14));
        assertThat(selu.meanRate()).isCloseTo(0.088835, within(5e-7));
        assertThat(selu.varianceRate()).isCloseTo(0.782648, within(5e-7));
        assertThat(selu.spectralNorm()).isCloseTo(0.78767, within(5e-6));
        double variance = 4;
        for (int layer = 0; layer < 60; layer++) {
            variance = SelfNormalization.of(Nonlinearity.SELU, variance).variance();
        }
        assertThat(variance).isCloseTo(1, within(1e-5));
    }

    /** Euler's method with a small step lags by the order of the step. */
    @Test
    void deepLinearLearningFollowsItsClosedForm() {
        DeepLinear mode = new DeepLinear(3, 1e-3, 1);
        double u = 1e-3;
        double h = 1e-5;
        double largest = 0;
        for (int i = 0; i < 300_000; i++) {
            largest = Math.max(largest, Math.abs(u - mode.at(i * h)));
            u += h * 2 * u * (3 - u);
        }
        assertThat(largest).isLessThan(1e-3);
        assertThat(mode.at(0)).isCloseTo(1e-3, within(1e-15));
        assertThat(mode.at(1e6)).isEqualTo(3);
        assertThat(mode.at(mode.timeTo(1.5))).isCloseTo(1.5, within(1e-12));
        DeepLinear slow = new DeepLinear(3, 1e-3, 7);
        assertThat(slow.timeTo(1.5)).isCloseTo(7 * mode.timeTo(1.5), within(1e-12));
        assertThat(slow.at(7)).isCloseTo(mode.at(1), within(1e-15));
        assertThatIllegalArgumentException().isThrownBy(() -> mode.timeTo(3));
        assertThatIllegalArgumentException().isThrownBy(() -> mode.timeTo(1e-4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeepLinear(-1, 1, 1))
                .withMessage("deep linear: strength -1.0 must be finite and above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeepLinear(1, 1, 0))
                .withMessage("deep linear: time constant 0.0 must be finite and above 0");
    }
}
