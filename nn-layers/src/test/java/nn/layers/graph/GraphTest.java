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
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.normalization.BatchNorm;
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
                .withMessage("Graph of 2 layers: the packed inputs [user, item]: expected [? x 16], got [5 x 15];"
                        + " pack(...) makes one tensor of them");
        Parts parts = model.inputs().orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.pack(Map.of("user", numbers(5, 10))))
                .withMessage("the parts are [user, item], each to be given once; [item] is missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.predict(Map.of("user", numbers(5, 10), "itm", numbers(5, 3, 2))))
                .withMessage("the parts are [user, item], each to be given once; [item] is missing, [itm] is none of"
                        + " them");
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

    private static Graph inceptionLike(boolean swapped) {
        Graph.Builder graph = Graph.builder(KEY);
        Node image = graph.input("image", 8, 8, 1);
        Node conv =
                graph.layer("conv", Convolution.channels(4).kernel(3, 3).same().withoutBias(), image);
        Node main = graph.layer("norm", BatchNorm.standard(), conv).relu();
        Node side = main.through(Pool.max(3, 3).stride(1).padding(1));
        Node merged = swapped ? Node.concat(-1, side, main) : Node.concat(-1, main, side);
        Node means = merged.through(GlobalPool.MEAN);
        Node offset = means.minus(means.mean(-1)).times(graph.parameter("scale", Init.ones(), Fans.dense(1, 1), 8));
        return graph.output("class", graph.layer("out", Dense.units(3), offset)).build();
    }

    @Test
    void theSummarySaysWhatEveryLineIsAppliedTo() {
        Graph model = inceptionLike(false);
        assertThat(model.summary()).isEqualTo("""
            name               layer                    output                    parameters
            image              input                    [? x 8 x 8 x 1]
            conv               Convolution 1 -> 4 (3... [? x 8 x 8 x 4]                   36
              .weight          [3 x 3 x 1 x 4]          he normal
            norm               BatchNorm 4              [? x 8 x 8 x 4]                8 + 8
              .scale           [4]                      ones
              .bias            [4]                      zeros
              .mean            [4]                      zeros, a statistic
              .variance        [4]                      ones, a statistic
            relu4              relu                     [? x 8 x 8 x 4]                    0
            pool5              Pool max (3 x 3, padd... [? x 8 x 8 x 4]                    0
            concat6            concat [-1]              [? x 8 x 8 x 8]
              of               relu4, pool5
            globalpool6        GlobalPool mean          [? x 8]                            0
            mean8              mean [-1]                [? x 1]
            minus9             minus                    [? x 8]
              of               globalpool6, mean8
            scale              [8]                      ones
            times11            times                    [? x 8]
              of               minus9, scale
            out                Dense 8 -> 3             [? x 3]                           27
              .weight          [8 x 3]                  xavier uniform
              .bias            [3]                      zeros
            class              output                   [? x 3]
              of               out
            79 parameters and 8 running statistics, 348 bytes
            """);
        assertThat(model.summary().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void activationsAndPoolingsBecomeLayersOfTheGraph() {
        assertThat(inceptionLike(false).children().keySet())
                .containsExactly("conv", "norm", "out", "relu4", "pool5", "globalpool6");
    }

    @Test
    void aLayerBeforeANormalizationTakesTheWeightsThatSuitTheActivationAfterIt() {
        Parameter kernel = inceptionLike(false).parameter("conv.weight");
        assertThat(kernel.initializer()).isEqualTo(Init.heNormal());
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, 8, 8, 1))
                .layer("conv", Convolution.channels(4).kernel(3, 3).same().withoutBias())
                .batchNorm("norm")
                .relu()
                .build();
        assertThat(kernel.value()).isBitEqualTo(network.parameter("conv.weight").value());
    }

    @Test
    void otherConnectionsOfTheSameLayersHaveAnotherText() {
        assertThat(inceptionLike(false)).hasToString(inceptionLike(false).toString());
        assertThat(inceptionLike(true).toString())
                .isNotEqualTo(inceptionLike(false).toString());
        assertThat(inceptionLike(true).children().keySet())
                .isEqualTo(inceptionLike(false).children().keySet());
        assertThat(inceptionLike(false).toString()).startsWith("Graph of 6 layers, connected as ");
    }

    @Test
    void inputsAndOutputsGoByNameHoweverManyThereAre() {
        Graph model = towers();
        Map<String, Tensor> x = Map.of("user", numbers(5, 10), "item", numbers(5, 3, 2));
        Tensor y = model.forward(model.pack(x), Context.inference()).output();
        assertThat(model.predict(x).keySet()).containsExactly("score");
        assertThat(model.predict(x).get("score")).isBitEqualTo(y);
        Graph single = inceptionLike(false);
        Tensor image = numbers(2, 8, 8, 1);
        assertThat(single.pack(Map.of("image", image))).isSameAs(image);
        assertThat(single.predict(Map.of("image", image)).get("class").shape()).isEqualTo(Shape.of(2, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> single.predict(Map.of("images", image)))
                .withMessage("the parts are [image], each to be given once; [image] is missing, [images] is none of"
                        + " them");
    }

    @Test
    void aLayerHasOneName() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 4);
        Layer dense = graph.make("a", Dense.units(4), x);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.layer("b", (in, key) -> dense, x))
                .withMessage("layer 'b' is the same object as 'a'; to use a layer in several places, keep the result of"
                        + " make(...) and call node.through(layer) in each");
    }

    @Test
    void whatBelongsToAnotherGraphOrToNoneIsRefused() {
        Graph.Builder graph = Graph.builder(KEY);
        Node x = graph.input("x", 4);
        Node foreign = Graph.builder(KEY).input("x", 4);
        graph.output("y", x.plus(foreign));
        assertThatIllegalArgumentException()
                .isThrownBy(graph::build)
                .withMessage("an output depends on an input [? x 4] of another graph; declare it by graph.input(...) of"
                        + " this one");
        Graph.Builder second = Graph.builder(KEY);
        Layer dense = Dense.of(4, 4, KEY);
        second.output("y", second.input("x", 4).through(dense));
        assertThatIllegalArgumentException()
                .isThrownBy(second::build)
                .withMessage("layer Dense 4 -> 4 has parameters, but no name in the graph; make it by graph.layer(name,"
                        + " ...) or graph.make(name, ...)");
        Graph.Builder third = Graph.builder(KEY);
        third.output("y", third.input("x", 4).plus(dense.parameter("bias")));
        assertThatIllegalArgumentException()
                .isThrownBy(third::build)
                .withMessage("parameter 'bias' is used by an output, but does not belong to the graph; make it by"
                        + " graph.parameter(...)");
    }

    @Test
    void whatALayerRefusesWhenItRunsHasItsName() {
        Graph.Builder graph = Graph.builder(KEY);
        Graph model = graph.output("y", graph.layer("norm", BatchNorm.standard(), graph.input("x", 4)))
                .build();
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> model.forward(numbers(1, 4), Context.training(KEY)))
                .withMessageStartingWith("layer 'norm' (BatchNorm 4): a batch of 1 row has no variance");
    }
}
