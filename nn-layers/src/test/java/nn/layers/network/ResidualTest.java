package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nn.layers.Context;
import nn.layers.dense.Dense;
import nn.layers.testing.GradientCheck;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ResidualTest {
    private static final Key KEY = Key.of(13);

    private static Network.Builder blocks() {
        return Network.builder(KEY)
                .input(5)
                .layer("block1", Residual.of(body -> body.dense("fc1", 7).tanh().dense("fc2", 5)))
                .layer("block2", Residual.of(body -> body.dense("fc1", 5)));
    }

    @Test
    void theInputIsAddedToTheOutputOfTheLayers() {
        Network network = blocks().build();
        Tensor x = normal("x", 3, 5);
        Residual first = (Residual) network.children().get("block1");
        Tensor y = first.forward(x, Context.inference()).output();
        assertThat(y).isBitEqualTo(x.add(first.body().predict(x)));
        GradientCheck.standard().check(network, x).throwIfFailed();
    }

    @Test
    void pathsAndKeysIncludeTheNameOfTheBlock() {
        Network network = blocks().build();
        assertThat(network.parametersByPath().keySet())
                .containsExactly(
                        "block1.fc1.weight",
                        "block1.fc1.bias",
                        "block1.fc2.weight",
                        "block1.fc2.bias",
                        "block2.fc1.weight",
                        "block2.fc1.bias");
        Dense alone = Dense.of(7, 5, KEY.child("block1").child("fc2"));
        assertThat(network.parametersByPath().get("block1.fc2.weight").value())
                .isBitEqualTo(alone.weight().value());
    }

    @Test
    void shapesThatDifferAreBothNamed() {
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(6)
                        .dense("in", 5)
                        .layer(
                                "block",
                                Residual.of(body -> body.dense("fc1", 7).relu().dense("fc2", 4)))
                        .build())
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'block' (Residual of 3 layers): expected its layers to keep the shape [? x 5],"
                        + " got [? x 4]; give the last of them, 'fc2', that size. The layer before, 'in' (Dense 6"
                        + " -> 5), gives [? x 5]");
    }

    @Test
    void aLayerInsideThatDoesNotFitIsNamed() {
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(6)
                        .dense("in", 5)
                        .layer("block", Residual.of(body -> body.dense("fc1", 7).layer("fc2", Dense.of(8, 5, KEY))))
                        .build())
                .isInstanceOf(ShapeException.class)
                .hasMessage("layer 'block': layer 'fc2' (Dense 8 -> 5): expected [batch x 8], got [? x 7]. The layer"
                        + " before, 'fc1' (Dense 5 -> 7), gives 7 features: declare fc2 with 7 inputs or fc1 with"
                        + " 8 units");
        Network network = blocks().build();
        assertThatThrownBy(() -> network.children().get("block1").outputShape(Shape.of(2, 4)))
                .isInstanceOf(ShapeException.class);
    }
}
