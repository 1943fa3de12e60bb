package nn.init.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import nn.init.Fans;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.SignalPropagation.DenseLayer;
import nn.init.theory.SignalPropagation.LayerMoments;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalPropagationTest {
    private static List<DenseLayer> repeated(int times, DenseLayer layer) {
        return Collections.nCopies(times, layer);
    }

    @Test
    void heKeepsBothMomentsOfReluAtEveryDepth() {
        SignalPropagation he = SignalPropagation.of(
                repeated(30, DenseLayer.ofGain(new Fans(64, 64), Math.sqrt(2), Nonlinearity.RELU)), 1, 3);
        for (LayerMoments layer : he.layers()) {
            assertThat(layer.preActivation()).isCloseTo(2, within(1e-12));
            assertThat(layer.output()).isCloseTo(1, within(1e-12));
            assertThat(layer.inputGradient()).isCloseTo(3, within(1e-12));
            assertThat(layer.weightGradient()).isCloseTo(1.5, within(1e-12));
        }
        assertThat(he.forwardGain()).isCloseTo(1, within(1e-12));
        assertThat(he.backwardGain()).isCloseTo(1, within(1e-12));
    }

    @Test
    void gainsDoNotDependOnTheSizeOfInputAndGradient() {
        List<DenseLayer> halving = repeated(3, DenseLayer.ofGain(new Fans(64, 64), 1, Nonlinearity.RELU));
        SignalPropagation scaled = SignalPropagation.of(halving, 4, 16);
        assertThat(scaled.forwardGain()).isCloseTo(0.125, within(1e-15));
        assertThat(scaled.backwardGain()).isCloseTo(0.125, within(1e-15));
    }

    @Test
    void aChangeOfWidthFavoursOneDirection() {
        Fans fans = new Fans(64, 512);
        DenseLayer byInputs = new DenseLayer(fans, 1.0 / 64, 0, Nonlinearity.LINEAR);
        DenseLayer byOutputs = new DenseLayer(fans, 1.0 / 512, 0, Nonlinearity.LINEAR);
        DenseLayer xavier = new DenseLayer(fans, 2.0 / (64 + 512), 0, Nonlinearity.LINEAR);
        assertFactors(byInputs, 1, 8);
        assertFactors(byOutputs, 0.125, 1);
        assertFactors(xavier, 0.2222, 1.7778);
    }

    private static void assertFactors(DenseLayer layer, double forward, double backward) {
        LayerMoments only = SignalPropagation.of(List.of(layer), 1, 1).layers().getFirst();
        assertThat(only.forwardFactor()).isCloseTo(forward, within(5e-5));
        assertThat(only.backwardFactor()).isCloseTo(backward, within(5e-5));
    }

    @Test
    void xavierLosesOnAlternatingWidthsWhatFanInKeeps() {
        List<DenseLayer> xavier = new ArrayList<>();
        List<DenseLayer> fanIn = new ArrayList<>();
        for (int l = 0; l < 10; l++) {
            Fans fans = l % 2 == 0 ? new Fans(64, 512) : new Fans(512, 64);
            xavier.add(new DenseLayer(fans, 2.0 / 576, 0, Nonlinearity.LINEAR));
            fanIn.add(DenseLayer.ofGain(fans, 1, Nonlinearity.LINEAR));
        }
        SignalPropagation lost = SignalPropagation.of(xavier, 1, 1);
        assertThat(lost.forwardGain()).isCloseTo(0.00962, within(5e-6));
        assertThat(lost.backwardGain()).isCloseTo(0.00962, within(5e-6));
        SignalPropagation kept = SignalPropagation.of(fanIn, 1, 1);
        assertThat(kept.forwardGain()).isCloseTo(1, within(1e-12));
        assertThat(kept.backwardGain()).isCloseTo(1, within(1e-12));
    }

    /** N(0, 0.01^2), n = 100: the same factor both ways, so a weight's gradient is the same in every layer. */
    @Test
    void smallWeightsShrinkSignalAndGradientAlike() {
        assertShrinks(Nonlinearity.LINEAR, 0.01, 1e-12);
        assertShrinks(Nonlinearity.RELU, 0.005, 1e-12);
        SignalPropagation tanh = SignalPropagation.of(
                repeated(10, new DenseLayer(new Fans(100, 100), 1e-4, 0, Nonlinearity.TANH)), 1, 1);
        assertThat(tanh.layers().get(5).forwardFactor()).isCloseTo(0.01, within(1e-9));
        double ratio = tanh.layers().getFirst().weightGradient()
                / tanh.layers().getLast().weightGradient();
        assertThat(Math.sqrt(ratio)).isCloseTo(1, within(0.001));
        // sigmoid does not vanish forwards, but all the more backwards
        SignalPropagation sigmoid = SignalPropagation.of(
                repeated(10, new DenseLayer(new Fans(100, 100), 1e-4, 0, Nonlinearity.SIGMOID)), 1, 1);
        assertThat(sigmoid.layers().getLast().output()).isCloseTo(0.25, within(1e-3));
        assertThat(sigmoid.layers().get(5).backwardFactor()).isCloseTo(6.2e-4, within(5e-6));
    }

    private static void assertShrinks(Nonlinearity f, double factor, double error) {
        SignalPropagation small =
                SignalPropagation.of(repeated(10, new DenseLayer(new Fans(100, 100), 1e-4, 0, f)), 1, 1);
        for (LayerMoments layer : small.layers()) {
            assertThat(layer.forwardFactor()).isCloseTo(factor, within(error));
            assertThat(layer.backwardFactor()).isCloseTo(factor, within(error));
            assertThat(layer.weightGradient())
                    .isCloseTo(small.layers().getFirst().weightGradient(), within(1e-25));
        }
    }

    /** He's variance keeps the second moment, so each layer adds its bias's. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.1, 1})
    void biasesAddUp(double deviation) {
        double square = deviation * deviation;
        DenseLayer layer = new DenseLayer(new Fans(256, 256), 2.0 / 256, square, Nonlinearity.RELU);
        SignalPropagation biased = SignalPropagation.of(repeated(50, layer), 1, 1);
        assertThat(biased.layers().getLast().preActivation()).isCloseTo(2 + 50 * square, within(1e-9));
    }

    /** The whole prediction against 400 networks of three rectangular tanh layers with biases. */
    @Test
    void predictionsHoldForWideNetworks() {
        int[] widths = {60, 200, 100, 150};
        double[] gains = {1.3, 0.8, 1.7};
        double biasVariance = 0.09;
        List<DenseLayer> stack = new ArrayList<>();
        for (int l = 0; l < 3; l++) {
            Fans fans = new Fans(widths[l], widths[l + 1]);
            stack.add(new DenseLayer(fans, gains[l] * gains[l] / widths[l], biasVariance, Nonlinearity.TANH));
        }
        int networks = 400;
        double[] outputs = new double[3];
        double[] gradients = new double[3];
        double[] squares = new double[3];
        double[] gradientSquares = new double[3];
        for (int draw = 0; draw < networks; draw++) {
            Key key = Key.of(11).child(draw);
            Tensor[] weights = new Tensor[3];
            Tensor[] slopes = new Tensor[3];
            Tensor x = normal(key.child("x"), 1, 1, widths[0]);
            for (int l = 0; l < 3; l++) {
                double deviation = Math.sqrt(stack.get(l).weightVariance());
                weights[l] = normal(key.child("w" + l), deviation, widths[l], widths[l + 1]);
                Tensor z = x.matmul(weights[l]);
                z.addInPlace(normal(key.child("b" + l), 0.3, 1, widths[l + 1]));
                slopes[l] = Tensor.zeros(z.shape());
                z.mapInto(Nonlinearity.TANH::derivative, slopes[l]);
                x = Tensor.zeros(z.shape());
                z.mapInto(StrictMath::tanh, x);
                outputs[l] += x.secondMoment();
                squares[l] += x.secondMoment() * x.secondMoment();
            }
            Tensor dy = normal(key.child("dy"), 1, 1, widths[3]);
            for (int l = 2; l >= 0; l--) {
                dy.multiplyInto(slopes[l], dy);
                dy = dy.matmul(weights[l].transpose());
                gradients[l] += dy.secondMoment();
                gradientSquares[l] += dy.secondMoment() * dy.secondMoment();
            }
        }
        SignalPropagation predicted = SignalPropagation.of(stack, 1, 1);
        for (int l = 0; l < 3; l++) {
            LayerMoments layer = predicted.layers().get(l);
            assertMean("output " + l, outputs[l], squares[l], networks, layer.output());
            assertMean("gradient " + l, gradients[l], gradientSquares[l], networks, layer.inputGradient());
        }
    }

    /** Within five standard errors, and one percent for finite width. */
    private static void assertMean(String what, double sum, double squares, int n, double expected) {
        double mean = sum / n;
        double error = Math.sqrt((squares / n - mean * mean) / n);
        assertThat(mean).as(what).isCloseTo(expected, within(5 * error + 0.01 * expected));
        assertThat(error).as(what).isLessThan(0.02 * expected); // or the test says little
    }

    private static Tensor normal(Key key, double deviation, int... dims) {
        Tensor x = Tensor.zeros(dims);
        key.normal(x, 0, (float) deviation);
        return x;
    }

    @Test
    void explodingSignalsAreClampedInsteadOfFailing() {
        for (Nonlinearity f : new Nonlinearity[] {Nonlinearity.RELU, Nonlinearity.SILU, Nonlinearity.GELU}) {
            DenseLayer large = new DenseLayer(new Fans(1000, 1000), 1e4, 0, f);
            SignalPropagation exploded = SignalPropagation.of(repeated(100, large), 1, 1);
            assertThat(exploded.forwardGain()).as("%s", f).isBetween(1e289, 1e290);
            assertThat(exploded.backwardGain()).as("%s", f).isGreaterThan(1e290);
        }
    }

    @Test
    void emptyStacksAndNegativeNumbersAreRefused() {
        List<DenseLayer> one = List.of(DenseLayer.ofGain(new Fans(2, 3), 1, Nonlinearity.TANH));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignalPropagation.of(List.of(), 1, 1))
                .withMessageStartingWith("signal propagation: the stack is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignalPropagation.of(one, -1, 1))
                .withMessage("signal propagation: second moment of the input -1.0 must be finite and 0 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> SignalPropagation.of(one, 1, Double.NaN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DenseLayer(new Fans(2, 3), -1, 0, Nonlinearity.TANH))
                .withMessage("layer: weight variance -1.0 must be finite and 0 or more");
    }
}
