package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.convolution.Convolution;
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

    private static Network one(Residual.Config block) {
        return Network.builder(KEY).input(5).layer("block", block).build();
    }

    private static Residual.Config dense() {
        return Residual.of(body -> body.dense("fc", 5));
    }

    @Test
    void constantsScaleInputAndBranch() {
        Network network = one(dense().skip(2).gain(0.5)); // exact factors
        Tensor x = normal("x", 3, 5);
        Tensor expected = ((Residual) network.child("block")).body().predict(x);
        expected.scaleInPlace(0.5f);
        expected.addScaledInPlace(2, x);
        assertThat(network.predict(x)).isBitEqualTo(expected);
        GradientCheck.standard().check(network, x).throwIfFailed();
    }

    @Test
    void aLearnedGainOfZeroBeginsAsTheIdentityAndOnlyTheGainHasAGradient() {
        Network network = one(dense().learnedGain(0));
        Tensor x = normal("x", 3, 5);
        Pass pass = network.forward(x, Context.training(KEY));
        assertThat(pass.output()).isBitEqualTo(x);
        Gradients gradients = new Gradients(network);
        Tensor dy = normal("dy", 3, 5);
        assertThat(pass.pullback(dy, gradients)).isBitEqualTo(dy);
        Tensor branch = ((Residual) network.child("block")).body().predict(x);
        assertThat(gradients.of(network.parameter("block.gain")))
                .isBitEqualTo(Tensor.of(new float[] {(float) dy.dot(branch)}, 1));
        assertThat(gradients.of(network.parameter("block.fc.weight")).norm()).isZero();
        assertThat(network.child("block")).hasToString("Residual of 1 layer (learned gain)");
    }

    @Test
    void learnedGainsScaleEachFeatureOfTheBranch() {
        Network network = one(dense().learnedGains(0.1));
        Parameter gain = network.parameter("block.gain");
        assertThat(gain.value().toArray()).containsExactly(0.1f, 0.1f, 0.1f, 0.1f, 0.1f);
        gain.value().copyFrom(normal("gain", 5));
        Tensor x = normal("x", 3, 5);
        Tensor expected = ((Residual) network.child("block")).body().predict(x).multiplyRow(gain.value());
        expected.addInPlace(x);
        assertThat(network.predict(x)).isBitEqualTo(expected);
        GradientCheck.standard().check(network, x).throwIfFailed();
    }

    @Test
    void aShortcutBringsTheInputToTheShapeOfTheBranch() {
        Network network = one(Residual.of(body -> body.dense("fc1", 7).relu().dense("fc2", 3))
                .shortcut(skip -> skip.dense("project", 3)));
        assertThat(network.parametersByPath().keySet())
                .containsExactly(
                        "block.fc1.weight",
                        "block.fc1.bias",
                        "block.fc2.weight",
                        "block.fc2.bias",
                        "block.shortcut.project.weight",
                        "block.shortcut.project.bias");
        Tensor x = normal("x", 4, 5);
        Residual block = (Residual) network.child("block");
        assertThat(network.predict(x))
                .isBitEqualTo(block.shortcut()
                        .orElseThrow()
                        .predict(x)
                        .add(block.body().predict(x)));
        assertThat(network.parameter("block.shortcut.project.weight").value())
                .isBitEqualTo(
                        Dense.of(5, 3, KEY.child("block").child("shortcut").child("project"))
                                .weight()
                                .value());
        GradientCheck.standard().check(network, x).throwIfFailed();
    }

    /** As in the networks of He and others: half the places, twice the channels. */
    @Test
    void aBlockOfConvolutionsMayHaveAStride() {
        LayerFactory block = Residual.of(body -> body.layer(
                                "conv1",
                                Convolution.channels(4)
                                        .kernel(3, 3)
                                        .stride(2, 2)
                                        .same())
                        .batchNorm("bn1")
                        .tanh()
                        .layer("conv2", Convolution.channels(4).kernel(3, 3).same()))
                .shortcut(skip ->
                        skip.layer("conv", Convolution.channels(4).kernel(1, 1).stride(2, 2)));
        Layer layer = block.create(Shape.of(Shape.ANY, 5, 4, 2), KEY);
        assertThat(layer.outputShape(Shape.of(3, 5, 4, 2))).isEqualTo(Shape.of(3, 3, 2, 4));
        GradientCheck.standard().check(layer, normal("images", 3, 5, 4, 2)).throwIfFailed();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> one(dense().shortcut(skip -> skip.dense("a", 4))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "Residual of 1 layer (with a shortcut)): its layers give [? x 5] for [? x 5], and its"
                                + " shortcut gives [? x 4]; make both shapes the same");
        assertThatThrownBy(
                        () -> one(Residual.of(body -> body.dense("shortcut", 5)).shortcut(skip -> skip.dense("a", 5))))
                .hasMessageContaining("one of its layers has the name 'shortcut'");
        assertThatThrownBy(() -> dense().gain(Double.NaN)).hasMessage("residual: the gain NaN must be finite");
        assertThatThrownBy(() -> dense().skip(1e39)).hasMessage("residual: the skip 1.0E39 must be finite");
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
