package nn.layers.graph;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.SequencedMap;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.shape.Flatten;
import nn.layers.testing.LayerContract;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class GraphTest {
    private static final Key KEY = Key.of(8);

    private static Tensor numbers(int... dims) {
        Tensor t = Tensor.zeros(dims);
        KEY.child("x").normal(t, 0, 1);
        return t;
    }

    private static Graph towers() {
        Graph.Builder graph = Graph.builder(KEY);
        Node user = graph.chain(
                "user", graph.input("user", 10), t -> t.dense("fc1", 8).relu().dense("fc2", 4));
        Node item = graph.chain(
                "item",
                graph.input("item", 3, 2),
                t -> t.layer("flat", new Flatten()).dense("fc1", 8).tanh().dense("fc2", 4));
        return graph.output("score", user.times(item).sum(-1)).build();
    }

    @Test
    void twoTowersMeetInAProduct() {
        Graph model = towers();
        Tensor x = model.inputs().orElseThrow().pack(Map.of("user", numbers(5, 10), "item", numbers(5, 3, 2)));
        assertThat(x.shape()).isEqualTo(Shape.of(5, 16));
        assertThat(model.parametersByPath().keySet())
                .containsExactly(
                        "user.fc1.weight",
                        "user.fc1.bias",
                        "user.fc2.weight",
                        "user.fc2.bias",
                        "item.fc1.weight",
                        "item.fc1.bias",
                        "item.fc2.weight",
                        "item.fc2.bias");
        Network user = (Network) model.child("user");
        Network item = (Network) model.child("item");
        Tensor u = user.predict(numbers(5, 10));
        Tensor v = item.predict(numbers(5, 3, 2));
        Tensor score = model.forward(x, Context.inference()).output();
        for (int i = 0; i < 5; i++) {
            assertThat(score.get(i, 0))
                    .isEqualTo((float) u.row(i).multiply(v.row(i)).sum());
        }
        LayerContract.standard().check(model, x).throwIfFailed();
    }

    @Test
    void aLayerKeepsItsWeightsWhereverItStands() {
        Graph model = towers();
        Network alone = Network.builder(KEY.child("user"))
                .input(10)
                .dense("fc1", 8)
                .relu()
                .dense("fc2", 4)
                .build();
        assertThat(model.parameter("user.fc1.weight").value())
                .isBitEqualTo(alone.parameter("fc1.weight").value());
    }

    @Test
    void aLayerBeforeAnActivationGetsTheWeightsThatSuitIt() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 6);
        Node rectified = graph.layer("a", Dense.units(4), x).relu();
        Node linear = graph.layer("b", Dense.units(4), x);
        Node both = graph.layer("c", Dense.units(4), x);
        Graph model = graph.output("y", rectified.plus(linear).plus(both.relu()).plus(both.tanh()))
                .build();
        assertThat(model.parameter("a.weight").initializer()).isEqualTo(Init.heNormal());
        assertThat(model.parameter("b.weight").initializer()).isNotEqualTo(Init.heNormal());
        assertThat(model.parameter("c.weight").initializer()).isNotEqualTo(Init.heNormal());
        LayerContract.standard().check(model, numbers(4, 6)).throwIfFailed();
    }

    @Test
    void aSharedLayerGetsTheGradientsOfAllItsPlaces() {
        Graph.Builder graph = Graph.builder(KEY);
        Node left = graph.input("left", 3);
        Node right = graph.input("right", 3);
        Layer shared = graph.make("shared", Dense.units(3), left);
        Graph model = graph.output("y", left.through(shared).plus(right.through(shared)))
                .build();
        Tensor x = numbers(4, 6);
        Pass pass = model.forward(x, Context.training(KEY));
        Gradients gradients = new Gradients(model);
        Tensor dy = numbers(4, 3);
        pass.pullback(dy, gradients);
        SequencedMap<String, Tensor> parts = model.inputs().orElseThrow().unpack(x);
        Tensor sum = parts.get("right").matmul(dy, nn.tensor.Transposed.LEFT);
        parts.get("left").matmulAddInto(dy, nn.tensor.Transposed.LEFT, sum);
        assertThat(gradients.of(model.parameter("shared.weight"))).isBitEqualTo(sum);
        LayerContract.standard().check(model, x).throwIfFailed();
    }

    @Test
    void severalOutputsAreParts() {
        Graph.Builder graph = Graph.builder(KEY);
        Node hidden = graph.layer("hidden", Dense.units(5), graph.input("x", 3)).tanh();
        Node digit = graph.layer("digit", Dense.units(10), hidden);
        Node box = graph.layer("box", Dense.units(4), hidden).reshape(-1, 2, 2);
        Graph model = graph.output("digit", digit).output("box", box).build();
        assertThat(model.outputShape(Shape.of(Shape.ANY, 3))).isEqualTo(Shape.of(Shape.ANY, 14));
        Parts outputs = model.outputs().orElseThrow();
        assertThat(outputs.toString()).isEqualTo("digit [10], box [2 x 2]");
        Tensor y = model.forward(numbers(6, 3), Context.inference()).output();
        assertThat(outputs.unpack(y).get("box").shape()).isEqualTo(Shape.of(6, 2, 2));
        assertThat(outputs.pack(outputs.unpack(y))).isBitEqualTo(y);
        LayerContract.standard().check(model, numbers(6, 3)).throwIfFailed();
    }

    @Test
    void aGraphMayHaveParametersOfItsOwn() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 4);
        Graph model = graph.output("y", x.times(graph.parameter("scale", Init.constant(2), Fans.dense(1, 1), 4)))
                .build();
        assertThat(model.forward(Tensor.full(3, 2, 4), Context.inference()).output())
                .isBitEqualTo(Tensor.full(6, 2, 4));
        LayerContract.standard().check(model, numbers(3, 4)).throwIfFailed();
    }

    @Test
    void whatIsNotConnectedIsRefusedByName() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 4);
        Node unused = graph.input("z", 4);
        graph.layer("fc", Dense.units(2), unused);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.output("y", x).build())
                .withMessage("input 'z' is not used by any output; leave it out, or connect it to an output");
        Graph.Builder other = Graph.builder(KEY);
        Node y = other.input("x", 4);
        other.layer("fc", Dense.units(2), y);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> other.output("y", y.tanh()).build())
                .withMessage("layer 'fc' is not used by any output; leave it out, or connect it to an output");
        assertThatIllegalArgumentException().isThrownBy(() -> Graph.builder(KEY).build());
        assertThatIllegalArgumentException().isThrownBy(() -> other.input("x", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> other.layer("fc", Dense.units(1), y));
        assertThatIllegalArgumentException().isThrownBy(() -> other.output("y", y));
    }

    @Test
    void aMergeOfOtherShapesIsRefusedWhereItIsWritten() {
        Graph.Builder graph = Graph.builder(KEY);
        Node a = graph.layer("a", Dense.units(4), graph.input("x", 3));
        Node b = graph.layer("b", Dense.units(5), graph.input("z", 3));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> a.plus(b))
                .withMessageContaining("plus: shapes [? x 4] and [? x 5] do not fit");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> graph.layer(
                        "c",
                        Network.chain(n -> n.dense("d", 2).layer("e", (in, key) -> {
                            throw new ShapeException("no", "[]", in);
                        })),
                        a))
                .withMessageContaining("layer 'c'");
    }

    @Test
    void inputsOfOtherShapesAreRefused() {
        Graph model = towers();
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> model.forward(numbers(5, 15), Context.inference()))
                .withMessageContaining("expected [? x 16], got [5 x 15]");
        Parts parts = model.inputs().orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.pack(Map.of("user", numbers(5, 10))))
                .withMessage("parts [user] were given, for [user, item]; give each of them once");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> parts.pack(Map.of("user", numbers(5, 10), "item", numbers(4, 3, 2))))
                .withMessage("part 'item': expected [5 x 3 x 2], got [4 x 3 x 2]; all parts have the batch of 'user'");
    }

    /** The identity, with a gradient of ones that its pass keeps from step to step. */
    private static final class KeepsItsGradient implements Layer {
        final Tensor ones = Tensor.full(1, 3, 4);

        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    return x;
                }

                @Override
                protected Tensor backward(Tensor dOutput, Gradients gradients) {
                    return ones;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    @Test
    void aGradientThatALayerReturnsIsAddedToOthersButNotWrittenTo() {
        KeepsItsGradient layer = new KeepsItsGradient();
        Graph.Builder graph = Graph.builder(KEY);
        Node h = graph.input("x", 4).times(2);
        Node others = h.times(3).plus(h.times(5));
        Node kept = graph.layer("kept", (shape, key) -> layer, h); // the last use of h: its gradient comes first
        Graph model = graph.output("y", others.plus(kept)).build();
        Pass pass = Pass.of(model);
        Tensor ones = Tensor.full(1, 3, 4);
        for (int step = 0; step < 2; step++) {
            Context.inference().run(pass, numbers(3, 4));
            assertThat(pass.pullback(ones, new Gradients(model))).isBitEqualTo(Tensor.full(18, 3, 4)); // 2 (1 + 3 + 5)
            assertThat(layer.ones).isBitEqualTo(ones);
        }
    }
}
