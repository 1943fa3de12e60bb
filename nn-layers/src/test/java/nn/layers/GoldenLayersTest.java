package nn.layers;

import static nn.fixtures.Weights.given;
import static nn.fixtures.Weights.transposed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import nn.fixtures.LossGradients;
import nn.golden.Golden;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.activation.Activation;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dense layers and activations, compared with PyTorch. */
class GoldenLayersTest {
    private static final Golden GOLDEN = Golden.load("layers.safetensors");
    private static final Golden OPS = Golden.load("ops.safetensors");
    private static final Golden MLP = Golden.load("mlp.safetensors");

    static List<String> linear() {
        return GOLDEN.cases("linear/");
    }

    static List<String> mlp() {
        return MLP.cases("mlp/");
    }

    @ParameterizedTest
    @MethodSource("linear")
    void denseIsLinear(String name) {
        Dense.Config config =
                Dense.units(GOLDEN.config(name).get("out").asInt()).weight(transposed(GOLDEN, name, "in/weight"));
        boolean biased = GOLDEN.has(name, "in/bias");
        config = biased ? config.bias(given(GOLDEN.tensor(name, "in/bias"))) : config.withoutBias();
        Dense layer = config.create(GOLDEN.config(name).get("in").asInt(), Key.of(0));

        Pass pass = layer.forward(GOLDEN.tensor(name, "in/x"), Context.inference());
        Gradients gradients = new Gradients(layer.parameters());
        Tensor dx = pass.pullback(GOLDEN.tensor(name, "in/cotangent_y"), gradients);

        assertProduct(name, layer, pass.output());
        GOLDEN.assertClose(name, "grad/x", dx);
        GOLDEN.assertClose(name, "grad/weight", gradients.of(layer.weight()).transpose());
        assertThat(layer.bias().isPresent()).isEqualTo(biased);
        layer.bias().ifPresent(bias -> GOLDEN.assertClose(name, "grad/bias", gradients.of(bias)));
    }

    /** The rule for products that are summed in order: (4 + 2 sqrt(K)) 2^-24 times the sum of the terms' magnitudes. */
    private static void assertProduct(String name, Dense layer, Tensor y) {
        Tensor magnitudes = GOLDEN.tensor(name, "in/x")
                .map(Math::abs)
                .matmul(layer.weight().value().map(Math::abs));
        layer.bias().ifPresent(bias -> magnitudes.addRowInPlace(bias.value().map(Math::abs)));
        double[] truth = GOLDEN.doubles(name, "out/y");
        assertThat(y.shape().dims()).isEqualTo(GOLDEN.shape(name, "out/y"));
        for (int i = 0; i < truth.length; i++) {
            assertThat(Math.abs(y.array()[i] - truth[i]))
                    .as("element %d", i)
                    .isLessThanOrEqualTo((4 + 2 * Math.sqrt(layer.inputs()))
                            * 0x1p-24
                            * magnitudes.array()[i]);
        }
    }

    @Test
    void tanhIsWithinTwoUlpAndExactAtItsSpecialValues() {
        String name = "act/tanh";
        Tensor x = GOLDEN.tensor(name, "in/x");
        Pass pass = Activation.TANH.forward(x, Context.inference());
        double[] truth = GOLDEN.doubles(name, "out/y");
        for (int i = 0; i < truth.length; i++) {
            float rounded = (float) truth[i];
            float y = pass.output().get(i);
            boolean special = Float.isNaN(rounded) || Math.abs(x.get(i)) == Float.POSITIVE_INFINITY || x.get(i) == 0;
            double allowed = special ? 0 : 2 * Math.ulp(rounded);
            assertThat(Float.compare(y, rounded) == 0 || Math.abs(y - rounded) <= allowed && Math.abs(y) <= 1)
                    .as("tanh(%s) = %s, should be %s", x.get(i), y, rounded)
                    .isTrue();
        }
    }

    @Test
    void reluIsExact() {
        String name = "act/relu";
        Pass pass = Activation.RELU.forward(GOLDEN.tensor(name, "in/x"), Context.inference());
        assertThat(pass.output().toArray()).isEqualTo(rounded(GOLDEN.doubles(name, "out/y")));
    }

    /**
     * Cases of the first family. If PyTorch has NaN instead of a limit at infinity, the case of the second family that
     * has the limit.
     */
    static List<Arguments> activations() {
        return List.of(
                Arguments.of("act/relu", Nonlinearity.RELU, ""),
                Arguments.of("act/tanh", Nonlinearity.TANH, ""),
                Arguments.of("act/sigmoid", Nonlinearity.SIGMOID, ""),
                Arguments.of("act/leaky_relu_0.01", Nonlinearity.leakyRelu(0.01), ""),
                Arguments.of("act/leaky_relu_0.2", Nonlinearity.leakyRelu(0.2), ""),
                Arguments.of("act/elu_1", Nonlinearity.elu(1), ""),
                Arguments.of("act/selu", Nonlinearity.SELU, ""),
                Arguments.of("act/gelu_erf", Nonlinearity.GELU, "op/gelu_erf"),
                Arguments.of("act/silu", Nonlinearity.SILU, "op/silu"),
                Arguments.of("act/softplus", Nonlinearity.SOFTPLUS, ""));
    }

    @ParameterizedTest
    @MethodSource("activations")
    void activationsAgreeEntryByEntry(String name, Nonlinearity f, String limits) {
        Golden source = limits.isEmpty() ? GOLDEN : OPS;
        check(GOLDEN, name, f, source, limits.isEmpty() ? name : limits);
    }

    private static void check(Golden golden, String name, Nonlinearity f, Golden limits, String limitsName) {
        Pass pass = new Activation(f).forward(golden.tensor(name, "in/x"), Context.inference());
        Tensor y = pass.output().copy();
        Tensor dx = pass.pullback(golden.tensor(name, "in/cotangent_y"), new Gradients(List.of()));
        golden.assertActivation(name, y, dx, limits, limitsName);
    }

    static List<Arguments> exactActivations() {
        return List.of(
                Arguments.of("op/elu_alpha0.5", Nonlinearity.elu(0.5)),
                Arguments.of("op/elu_alpha1", Nonlinearity.elu(1)),
                Arguments.of("op/selu", Nonlinearity.SELU),
                Arguments.of("op/gelu_erf", Nonlinearity.GELU),
                Arguments.of("op/gelu_tanh", Nonlinearity.GELU_TANH),
                Arguments.of("op/silu", Nonlinearity.SILU),
                Arguments.of("op/softplus_beta1", Nonlinearity.SOFTPLUS),
                Arguments.of("op/softplus_beta2", Nonlinearity.softplus(2)),
                Arguments.of("op/log_sigmoid", Nonlinearity.LOG_SIGMOID),
                Arguments.of("op/mish", Nonlinearity.MISH),
                Arguments.of("op/celu_alpha1", Nonlinearity.celu(1)),
                Arguments.of("op/celu_alpha2", Nonlinearity.celu(2)),
                Arguments.of("op/hard_sigmoid", Nonlinearity.HARD_SIGMOID),
                Arguments.of("op/hard_swish", Nonlinearity.HARD_SWISH));
    }

    /**
     * The expected values are exact to the last digit of a double, in the tails too. So each value may be off by 4 ulp
     * of itself, down to the smallest normal number.
     */
    @ParameterizedTest
    @MethodSource("exactActivations")
    void valuesKeepTheirDigitsInTheTails(String name, Nonlinearity f) {
        check(OPS, name, f, OPS, name);
        Tensor x = OPS.tensor(name, "in/x");
        Tensor y = new Activation(f).forward(x, Context.inference()).output();
        double[] truth = OPS.doubles(name, "out/y");
        for (int i = 0; i < truth.length; i++) {
            float rounded = (float) truth[i];
            assertThat(y.get(i) == rounded
                            || Float.compare(y.get(i), rounded) == 0
                            || Math.abs(y.get(i) - truth[i]) <= Math.max(4 * Math.ulp(rounded), Float.MIN_NORMAL))
                    .as("%s at %s is %s, should be %s", f, x.get(i), y.get(i), truth[i])
                    .isTrue();
        }
    }

    @Test
    void everyActivationOfTheGoldenSetIsTested() {
        assertThat(GOLDEN.cases("act/"))
                .containsExactlyInAnyOrderElementsOf(
                        activations().stream().map(a -> (String) a.get()[0]).toList());
    }

    private static float[] rounded(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values[i] + 0f; // another framework's -0 is a +0 of ours
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("mlp")
    void networksOfDenseLayersAgree(String name) {
        int count = MLP.config(name).get("sizes").size() - 1;
        String act = MLP.config(name).get("act").asText();
        Network.Builder builder = Network.builder(Key.of(0))
                .input(MLP.config(name).get("sizes").get(0).asInt());
        for (int i = 0; i < count; i++) {
            builder.layer(
                    "fc" + i,
                    Dense.units(MLP.config(name).get("sizes").get(i + 1).asInt())
                            .weight(transposed(MLP, name, "in/w" + i))
                            .bias(given(MLP.tensor(name, "in/b" + i))));
            if (i < count - 1) {
                boolean relu = act.equals("relu") || act.equals("mixed") && i % 2 == 1;
                builder.activation(relu ? Activation.RELU.nonlinearity() : Activation.TANH.nonlinearity());
            }
        }
        Network network = builder.build();
        Pass pass = network.forward(MLP.tensor(name, "in/x"), Context.inference());
        MLP.assertClose(name, "out/y", pass.output());

        Gradients gradients = new Gradients(network.parameters());
        Tensor dx = pass.pullback(lossGradient(name, pass.output()), gradients);
        MLP.assertClose(name, "grad/x", dx);
        for (int i = 0; i < count; i++) {
            Tensor dw = gradients.of(network.parametersByPath().get("fc" + i + ".weight"));
            MLP.assertClose(name, "grad/w" + i, dw.transpose());
            MLP.assertClose(
                    name, "grad/b" + i, gradients.of(network.parametersByPath().get("fc" + i + ".bias")));
        }
    }

    private static Tensor lossGradient(String name, Tensor y) {
        if (MLP.config(name).get("loss").asText().equals("ce")) {
            return LossGradients.crossEntropy(y, MLP.longs(name, "in/target"));
        }
        Tensor dy = y.subtract(MLP.tensor(name, "in/target"));
        dy.scaleInPlace(2f / y.size());
        return dy;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void aDenseLayerTakesBatchesOfAnySize(int batch) {
        Dense layer = Dense.of(4, 3, Key.of(0));
        assertThat(layer.forward(Tensor.zeros(batch, 4), Context.inference())
                        .output()
                        .shape()
                        .dims())
                .containsExactly(batch, 3);
    }
}
