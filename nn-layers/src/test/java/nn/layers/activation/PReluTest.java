package nn.layers.activation;

import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PReluTest {
    private static final Key KEY = Key.of(23);

    private static PRelu layer(int features) {
        PRelu layer = PRelu.standard().create(Shape.of(Shape.ANY, features), KEY);
        KEY.uniform(layer.parameters().getFirst().value(), -1, 1);
        return layer;
    }

    @Test
    void eachFeatureHasItsOwnSlope() {
        PRelu layer = layer(2);
        Tensor slope = layer.parameters().getFirst().value();
        Tensor y = layer.forward(Tensor.of(new float[] {2, 3, -2, -3, -0f, Float.NaN}, 3, 2), Context.inference())
                .output();
        assertThat(y.toArray())
                .containsExactly(2, 3, -2 * slope.get(0), -3 * slope.get(1), -0f * slope.get(0), Float.NaN);
        GradientCheck.standard().check(layer(5), normal("x", 4, 5)).throwIfFailed();
    }

    @Test
    void theDerivativeAtZeroIsTheSlope() {
        PRelu layer = layer(1);
        Tensor dx = layer.forward(Tensor.zeros(1, 1), Context.inference())
                .pullback(Tensor.full(3, 1, 1), new Gradients(layer.parameters()));
        assertThat(dx.get(0, 0))
                .isEqualTo(3 * layer.parameters().getFirst().value().get(0));
    }

    @Test
    void aDenseLayerBeforeItIsHeNormalForTheInitialSlope() {
        Network network = Network.builder(KEY)
                .input(4)
                .dense("a", 3)
                .layer("p", PRelu.standard())
                .dense("b", 2)
                .layer("q", new PRelu.Config(0))
                .build();
        assertThat(network.parametersByPath().get("a.weight").initializer()).isEqualTo(Init.heNormal(0.25));
        assertThat(network.parametersByPath().get("b.weight").initializer()).isEqualTo(Init.heNormal());
        assertThat(network.parametersByPath().get("p.slope").value().toArray()).containsExactly(0.25f, 0.25f, 0.25f);
        assertThat(network.parametersByPath().get("p.slope").kind()).isEqualTo(Parameter.Kind.SCALE);
    }

    @Test
    void invalidSlopesAndShapesAreRefused() {
        assertThatThrownBy(() -> new PRelu.Config(Double.NaN))
                .hasMessage("prelu: slope NaN must be finite; 0.25 is usual");
        assertThatThrownBy(() -> layer(3).outputShape(Shape.of(2, 4)))
                .hasMessage("PRelu 3: expected [... x 3], got [2 x 4]");
        assertThatThrownBy(() -> layer(0)).hasMessage("PRelu 0: a layer has at least one feature");
    }
}
