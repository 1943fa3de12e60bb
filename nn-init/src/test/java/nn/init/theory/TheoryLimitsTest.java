package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.function.DoubleConsumer;
import nn.init.Fans;
import nn.init.Gain;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that are none, infinite, or as large as doubles get. */
class TheoryLimitsTest {
    private static final MeanField TANH = new MeanField(Nonlinearity.TANH, 1.5, 0.1);
    private static final List<DenseLayer> STACK = List.of(DenseLayer.ofGain(new Fans(3, 4), 1, Nonlinearity.RELU));

    @Test
    void theChanceToBeBornDeadIsNeverBelowZero() {
        for (int width = 1; width <= 80; width++) {
            for (int layers : new int[] {1, 2, 3, 10, 10_000, Integer.MAX_VALUE}) {
                assertThat(BornDead.lowerBound(width, layers))
                        .as("%d units, %d layers", width, layers)
                        .isBetween(0.0, BornDead.upperBound(width, layers) * (1 + 1e-9));
            }
        }
    }

    @Test
    void aNonlinearityThatGivesNaNHasNoFixedCorrelation() {
        Nonlinearity none = Nonlinearity.of("none", x -> Double.NaN, x -> Double.NaN);
        assertThat(new MeanField(none, 1, 0).fixedCorrelation(1)).isNaN();
    }

    @Test
    void aStartThatIsNothingNextToTheStrengthIsRefused() {
        assertThat(new DeepLinear(1, 1e-307, 1).at(1e3)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeepLinear(1, 1e-320, 1))
                .withMessage("deep linear: strength over start Infinity must be finite and above 0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void badNumbersAreRefusedWhereTheyEnter(double bad) {
        List<DoubleConsumer> calls = List.of(
                v -> SignalPropagation.of(STACK, v, 1),
                v -> SignalPropagation.of(STACK, 1, v),
                v -> new DenseLayer(new Fans(1, 1), v, 0, Nonlinearity.RELU),
                v -> new DenseLayer(new Fans(1, 1), 1, v, Nonlinearity.RELU),
                v -> DenseLayer.ofGain(new Fans(1, 1), v, Nonlinearity.RELU),
                v -> new MeanField(Nonlinearity.TANH, v, 0),
                v -> new MeanField(Nonlinearity.TANH, 1, v),
                v -> MeanField.ofGain(Nonlinearity.TANH, v),
                TANH::length,
                TANH::lengthSlope,
                TANH::chi,
                TANH::fixedPoint,
                v -> TANH.lengths(v, 0),
                v -> TANH.lengths(v, 3),
                v -> TANH.correlation(v, 0.5),
                v -> TANH.correlation(1, v),
                v -> TANH.correlationSlope(v, 0.5),
                v -> TANH.correlationSlope(1, v),
                v -> TANH.correlations(v, 0.5, 0),
                v -> TANH.correlations(1, v, 0),
                v -> TANH.correlations(1, v, 2),
                v -> TANH.dataVariances(v, 0.5, 0),
                v -> TANH.dataVariances(1, v, 2),
                TANH::fixedCorrelation,
                TANH::lengthDepth,
                TANH::correlationDepth,
                v -> Criticality.of(Nonlinearity.TANH, v),
                v -> Criticality.at(Nonlinearity.TANH, v),
                v -> JacobianSpectrum.gaussian(TANH, v, 2),
                v -> JacobianSpectrum.orthogonal(TANH, v, 2),
                v -> FiniteWidth.lengthVariance(v, 3),
                v -> SelfNormalization.of(Nonlinearity.SELU, v),
                v -> new DeepLinear(v, 1, 1),
                v -> new DeepLinear(1, v, 1),
                v -> new DeepLinear(1, 1, v),
                v -> new DeepLinear(2, 1, 1).at(v),
                v -> new DeepLinear(2, 1, 1).timeTo(v),
                Gain::he,
                v -> Nonlinearity.GELU.moments(v),
                v -> Nonlinearity.GELU.moments(v, 1),
                v -> Nonlinearity.GELU.crossMoments(v, 0),
                v -> Nonlinearity.GELU.crossMoments(1, v));
        for (int i = 0; i < calls.size(); i++) {
            DoubleConsumer call = calls.get(i);
            assertThatIllegalArgumentException().as("call %d", i).isThrownBy(() -> call.accept(bad));
        }
    }

    @Test
    void moreLayersThanAnArrayHoldsAreRefused() {
        for (int layers : new int[] {-1, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TANH.lengths(1, layers))
                    .withMessage("mean field: " + layers + " layers; there must be 0 or more, at most 10000000");
        }
    }

    @Test
    void hugeSlopesHaveTheKurtosisOfTheirLimit() {
        // a leaky ReLU of slope a is one of slope 1 / a, mirrored and scaled
        assertThat(FiniteWidth.lengthVariance(1e30, 5)).isCloseTo(FiniteWidth.lengthVariance(1e-30, 5), within(1e-12));
        assertThat(FiniteWidth.lengthVariance(1e200, 5)).isEqualTo(FiniteWidth.lengthVariance(0, 5));
    }

    @Test
    void aZeroJacobianHasNoVariance() {
        MeanField flat = new MeanField(Nonlinearity.of("flat", z -> 1, z -> 0), 1, 0);
        assertThat(JacobianSpectrum.gaussian(flat, 1, 3)).isEqualTo(new JacobianSpectrum(0, 0));
        assertThat(JacobianSpectrum.gaussian(flat, 1, 0)).isEqualTo(new JacobianSpectrum(1, 0));
    }

    /** The number of nodes of the rule grows with the mean over the deviation: here it would not end. */
    @Test
    void aVarianceFarBelowTheMeanGivesALinearFunction() {
        for (double mean : new double[] {1, -3, 1e10, 1e200}) {
            double variance = Math.min(1e-30 * mean * mean, 1e300);
            Moments moments = Nonlinearity.SOFTPLUS.moments(mean, variance);
            assertThat(moments.mean()).isEqualTo(Nonlinearity.SOFTPLUS.value(mean));
            double slope = Nonlinearity.SOFTPLUS.derivative(mean);
            assertThat(moments.slopeSecondMoment()).isCloseTo(slope * slope, within(1e-9 * slope * slope + 1e-300));
        }
        // where f itself is 0, all of the second moment comes of the slope
        Nonlinearity shifted = Nonlinearity.of("shifted", z -> z - 5, z -> 1);
        assertThat(shifted.moments(5, 1e-22).secondMoment()).isCloseTo(1e-22, within(1e-27));
    }

    @Test
    void theSpreadOfAJacobianWhoseMeanOverflowsIsANumber() {
        MeanField linear = new MeanField(Nonlinearity.LINEAR, 4, 0);
        assertThat(JacobianSpectrum.orthogonal(linear, 1, 1000))
                .isEqualTo(new JacobianSpectrum(Double.POSITIVE_INFINITY, 0));
        assertThat(JacobianSpectrum.gaussian(linear, 1, 1000).variance()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void aStrengthWhoseSquareOverflowsHasItsTimes() {
        DeepLinear mode = new DeepLinear(1e300, 1e299, 1);
        assertThat(mode.timeTo(5e299) * 2e300).isCloseTo(Math.log(9), within(1e-12));
    }

    /** The second moment of f(z) is infinite there only if f is not 0. */
    @Test
    void momentsFarFromZeroAreNoNaN() {
        for (double variance : new double[] {0, 1, 1e100}) {
            assertThat(Nonlinearity.RELU.moments(-1e300, variance).secondMoment())
                    .isZero();
            assertThat(Nonlinearity.RELU.moments(1e300, variance).secondMoment())
                    .isEqualTo(Double.POSITIVE_INFINITY);
        }
    }

    @Test
    void aLayerThatIsNullIsNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> SignalPropagation.of(Collections.singletonList(null), 1, 1))
                .withMessage("a layer of the stack");
        assertThatNullPointerException()
                .isThrownBy(() -> new SignalPropagation(Collections.singletonList(null)))
                .withMessage("a layer");
    }
}
