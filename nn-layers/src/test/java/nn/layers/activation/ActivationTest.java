package nn.layers.activation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import nn.init.Distribution;
import nn.init.Fan;
import nn.init.Gain;
import nn.init.Init;
import nn.init.VarianceScaling;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the kernels for whole tensors with the functions of nn.init, which are in double. */
class ActivationTest {
    static Stream<Nonlinearity> nonlinearities() {
        return Stream.of(
                Nonlinearity.LINEAR,
                Nonlinearity.RELU,
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.GELU,
                Nonlinearity.SILU,
                Nonlinearity.SELU,
                Nonlinearity.SOFTPLUS,
                Nonlinearity.ERF,
                Nonlinearity.SIN,
                Nonlinearity.HARD_TANH,
                Nonlinearity.HARD_SIGMOID,
                Nonlinearity.HARD_SWISH,
                Nonlinearity.LOG_SIGMOID,
                Nonlinearity.MISH,
                Nonlinearity.softplus(3),
                Nonlinearity.celu(0.3),
                Nonlinearity.leakyRelu(0.3),
                Nonlinearity.leakyRelu(-1),
                Nonlinearity.elu(1),
                Nonlinearity.elu(0.7));
    }

    /** From -20 to 20 in steps of 1/64, and magnitudes down to 2^-30, in a tensor that begins within its array. */
    private static Tensor grid() {
        Tensor x = Tensor.zeros(2561 + 2 * 31 + 3);
        for (int i = 0; i < 2561; i++) {
            x.set((i - 1280) / 64f, i);
        }
        for (int i = 0; i < 31; i++) {
            x.set(Math.scalb(1.1f, -i), 2561 + 2 * i);
            x.set(-Math.scalb(1.1f, -i), 2562 + 2 * i);
        }
        return x.rows(1, x.size() - 1);
    }

    @ParameterizedTest
    @MethodSource("nonlinearities")
    void kernelsAgreeWithTheFunctionsToAFewUnitsInTheLastPlace(Nonlinearity f) {
        Tensor x = grid();
        Pass pass = new Activation(f).forward(x, Context.inference());
        Tensor y = pass.output();
        Tensor dx = pass.pullback(Tensor.full(1, x.size()), new Gradients(List.of()));
        for (int i = 0; i < x.size(); i++) {
            float z = x.get(i);
            // The accuracy that Activation promises: a few units in the last place, of the value and of a slope of 1.
            float value = (float) f.value(z);
            assertThat(Math.abs(y.get(i) - value)).as("f(%s)", z).isLessThanOrEqualTo(4 * Math.ulp(value) + 0x1p-126f);
            float slope = (float) f.derivative(z);
            assertThat(Math.abs(dx.get(i) - slope)).as("f'(%s)", z).isLessThanOrEqualTo(3 * Math.ulp(1f));
        }
    }

    @ParameterizedTest
    @MethodSource("nonlinearities")
    void anElementGetsTheSameBitsAtAnyPosition(Nonlinearity f) {
        Tensor x = grid();
        Tensor y = new Activation(f).forward(x, Context.inference()).output();
        for (int i = 0; i < x.size(); i += 13) {
            // next to a 1, as a row of tiny elements alone would become zeros
            Tensor other = new Activation(f)
                    .forward(Tensor.of(new float[] {1, x.get(i)}, 2), Context.inference())
                    .output();
            assertThat(other.get(1)).isEqualTo(y.get(i));
        }
    }

    @Test
    void nanStaysNan() {
        nonlinearities()
                .forEach(f -> assertThat(new Activation(f)
                                .forward(Tensor.full(Float.NaN, 3), Context.inference())
                                .output()
                                .toArray())
                        .as(f.name())
                        .containsOnly(Float.NaN));
    }

    private static Tensor derivative(Nonlinearity f, Tensor x) {
        Pass pass = new Activation(f).forward(x, Context.inference());
        return pass.pullback(Tensor.full(1, x.size()), new Gradients(List.of()));
    }

    @ParameterizedTest
    @MethodSource("nonlinearities")
    void valueAndDerivativeHaveTheirLimitsAtInfinityAndAtTheLargestFloats(Nonlinearity f) {
        float infinity = Float.POSITIVE_INFINITY;
        Tensor x = Tensor.of(new float[] {infinity, -infinity, Float.MAX_VALUE, -Float.MAX_VALUE, 1e20f, -1e20f}, 6);
        Tensor y = new Activation(f)
                .forward(x.copy(), Context.inference())
                .output()
                .copy();
        Tensor slopes = derivative(f, x);
        for (int i = 0; i < x.size(); i++) {
            assertClose(f + " at " + x.get(i), y.get(i), f.value(x.get(i)));
            assertClose(f + "' at " + x.get(i), slopes.get(i), f.derivative(x.get(i)));
        }
    }

    /** Accepts 2 ulp, equal infinities, two NaN, and zeros of different signs. */
    private static void assertClose(String what, float actual, double expected) {
        float rounded = (float) expected;
        boolean same = actual == rounded
                || Float.isNaN(actual) && Float.isNaN(rounded)
                || Math.abs(actual - rounded) <= 2 * Math.ulp(rounded);
        assertThat(same).as("%s is %s, should be %s", what, actual, rounded).isTrue();
    }

    @Test
    void negativeZeroStaysNegativeZero() {
        for (Nonlinearity f : List.of(
                Nonlinearity.LINEAR,
                Nonlinearity.TANH,
                Nonlinearity.GELU,
                Nonlinearity.SILU,
                Nonlinearity.SELU,
                Nonlinearity.ERF,
                Nonlinearity.SIN,
                Nonlinearity.HARD_TANH,
                Nonlinearity.leakyRelu(0.3),
                Nonlinearity.elu(0.7))) {
            assertThat(1 / f.value(-0.0)).as("%s in double", f).isEqualTo(Double.NEGATIVE_INFINITY);
            Tensor y = new Activation(f)
                    .forward(Tensor.full(-0f, 1), Context.inference())
                    .output();
            assertThat(1 / y.get(0)).as("%s", f).isEqualTo(Float.NEGATIVE_INFINITY);
        }
    }

    @Test
    void theDerivativeOfSiluIsWithinTwoUlp() {
        Tensor x = Tensor.zeros(1 << 16);
        for (int i = 0; i < x.size(); i++) {
            x.set(20f * (i + 0.37f) / x.size(), i);
        }
        Tensor slopes = derivative(Nonlinearity.SILU, x);
        for (int i = 0; i < x.size(); i++) {
            double slope = Nonlinearity.SILU.derivative(x.get(i));
            assertThat(Math.abs(slopes.get(i) - slope))
                    .as("at %s", x.get(i))
                    .isLessThanOrEqualTo(2 * Math.ulp((float) slope));
        }
    }

    @Test
    void theBuilderHasAMethodForEachNonlinearity() {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .relu()
                .tanh()
                .sigmoid()
                .leakyRelu(0.1)
                .elu()
                .selu()
                .gelu()
                .silu()
                .softplus()
                .build();
        assertThat(network.children().keySet())
                .containsExactly(
                        "relu1", "tanh2", "sigmoid3", "leaky4", "elu5", "selu6", "gelu7", "silu8", "softplus9");
        assertThat(network.children().values())
                .extracting(layer -> ((Activation) layer).nonlinearity())
                .containsExactly(
                        Nonlinearity.RELU,
                        Nonlinearity.TANH,
                        Nonlinearity.SIGMOID,
                        Nonlinearity.leakyRelu(0.1),
                        Nonlinearity.elu(1),
                        Nonlinearity.SELU,
                        Nonlinearity.GELU,
                        Nonlinearity.SILU,
                        Nonlinearity.SOFTPLUS);
    }

    @Test
    void aDenseLayerBeforeSeluIsLecunNormalAndOneBeforeGeluHasItsGain() {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .dense("a", 4)
                .selu()
                .dense("b", 2)
                .gelu()
                .build();
        assertThat(network.parametersByPath().get("a.weight").initializer()).isEqualTo(Init.lecunNormal());
        assertThat(network.parametersByPath().get("b.weight").initializer())
                .isEqualTo(new VarianceScaling(Gain.secondMoment(Nonlinearity.GELU), Fan.IN, Distribution.NORMAL));
    }
}
