package nn.layers.dense;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static nn.fixtures.Weights.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import nn.golden.Golden;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GatedDenseTest {
    private static final Golden GOLDEN = Golden.load("attention.safetensors");
    private static final Key KEY = Key.of(5);
    private static final List<String> PARTS = List.of("gate", "up", "down");

    static List<String> cases() {
        return GOLDEN.cases("ffn/");
    }

    private static Nonlinearity nonlinearity(String variant) {
        return switch (variant) {
            case "swiglu" -> Nonlinearity.SILU;
            case "geglu_erf" -> Nonlinearity.GELU;
            case "geglu_tanh" -> Nonlinearity.GELU_TANH;
            case "reglu" -> Nonlinearity.RELU;
            case "glu" -> Nonlinearity.SIGMOID;
            default -> throw new IllegalArgumentException(variant);
        };
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyVariantAgreesWithPyTorch(String name) {
        JsonNode config = GOLDEN.config(name);
        boolean biased = config.get("bias").asBoolean();
        GatedDense.Config factory = GatedDense.hidden(config.get("hidden").asInt())
                .activation(nonlinearity(config.get("gate").asText()))
                .gate(transposed(GOLDEN, name, "in/w_gate"))
                .up(transposed(GOLDEN, name, "in/w_up"))
                .down(transposed(GOLDEN, name, "in/w_down"));
        Tensor x = GOLDEN.tensor(name, "in/x");
        GatedDense layer = (biased ? factory : factory.withoutBias()).create(x.shape(), KEY);
        for (String part : biased ? PARTS : List.<String>of()) {
            layer.parameter(part + ".bias").value().copyFrom(GOLDEN.tensor(name, "in/b_" + part));
        }
        Pass pass = layer.forward(x, Context.training(KEY));
        Gradients gradients = new Gradients(layer);
        Tensor dx = pass.pullback(GOLDEN.tensor(name, "in/cotangent_y"), gradients);
        GOLDEN.assertClose(name, "out/y", pass.output());
        GOLDEN.assertClose(name, "grad/x", dx);
        for (String part : PARTS) {
            GOLDEN.assertClose(
                    name,
                    "grad/w_" + part,
                    gradients.of(layer.parameter(part + ".weight")).transpose());
            if (biased) {
                GOLDEN.assertClose(name, "grad/b_" + part, gradients.of(layer.parameter(part + ".bias")));
            }
        }
        assertThat(layer.parametersByPath()).hasSize(biased ? 6 : 3);
    }

    @Test
    void itsPartsAreDenseLayersWithKeysAndFansOfTheirOwn() {
        GatedDense layer = GatedDense.hidden(7).units(2).create(Shape.of(Shape.ANY, 5), KEY);
        assertThat(layer.child("up").parameter("weight").value())
                .isBitEqualTo(Dense.of(5, 7, KEY.child("up")).weight().value());
        assertThat(layer.parameter("down.weight").fans().in()).isEqualTo(7);
        assertThat(layer.parameter("gate.weight").fans().in()).isEqualTo(5);
        assertThat(layer.outputShape(Shape.of(3, 5))).isEqualTo(Shape.of(3, 2));
        assertThat(layer).hasToString("GatedDense 5 -> 7 -> 2 (silu)");
    }

    @Test
    void theDefaultWeightsSuitTheGateAndWhatFollows() {
        Network network = Network.builder(KEY)
                .input(4)
                .layer("ffn", GatedDense.hidden(6).activation(Nonlinearity.RELU))
                .relu()
                .build();
        assertThat(network.parameter("ffn.gate.weight").initializer()).isEqualTo(Init.heNormal(0));
        assertThat(network.parameter("ffn.up.weight").initializer()).isEqualTo(Init.xavierUniform());
        assertThat(network.parameter("ffn.down.weight").initializer()).isEqualTo(Init.heNormal(0));
    }

    @Test
    void sizesAndShapesThatDoNotFitAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GatedDense.hidden(0).create(Shape.of(2, 3), KEY))
                .withMessage("GatedDense 3 -> 0 -> 3: a layer has at least one input, one hidden unit and one unit");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> GatedDense.hidden(4)
                        .create(Shape.of(2, 3), KEY)
                        .forward(normal("x", 2, 5), Context.inference()))
                .withMessage("GatedDense 3 -> 4 -> 3 (silu): expected [... x 3], got [2 x 5]");
    }
}
