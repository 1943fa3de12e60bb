package nn.layers.network;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Pass;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.convolution.Convolution;
import nn.layers.dense.Embedding;
import nn.layers.graph.Graph;
import nn.layers.normalization.GroupNorm;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** What a layer refuses when it is made or run says by its path where in the model it is. */
class RunTimeErrorsTest {
    private static final Key KEY = Key.of(1);

    private static void refused(Layer model, Tensor x, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.forward(x, Context.inference()))
                .withMessage(message);
    }

    @Test
    void aBadIndexIsFoundByThePathOfItsEmbedding() {
        Network inner = Network.builder(KEY)
                .tokens()
                .layer("text", Network.chain(b -> b.layer("words", Embedding.of(10, 4))))
                .build();
        Tensor x = Tensor.of(new float[] {1, 2, 3, 12}, 2, 2);
        String problem = "element [1, 1] of the input [2 x 2] is 12.0; an index is a whole number from 0 to 9";
        refused(inner, x, "layer 'text.words' (Embedding 10 -> 4): " + problem);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inner.predict(x))
                .withMessage("layer 'text.words' (Embedding 10 -> 4): " + problem);
        Graph.Builder graph = Graph.builder(KEY);
        Graph model = graph.output("y", graph.layer("words", Embedding.of(10, 4), graph.input("x", 2)))
                .build();
        refused(model, x, "layer 'words' (Embedding 10 -> 4): " + problem);
    }

    @Test
    void longSequencesAreFoundByThePathOfTheLayerThatCannotTakeThem() {
        Tensor x = Tensor.full(1, 2, 5, 8);
        refused(
                Network.builder(KEY)
                        .sequence(8)
                        .layer("positions", LearnedPositions.of(4))
                        .build(),
                x,
                "layer 'positions' (LearnedPositions 4 x 8): got 5 positions, and has a row for 4; make the layer with"
                        + " LearnedPositions.of(5) or more, or cut the sequences");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .sequence(8)
                        .layer("attention1", Attention.heads(2).mask(Tensor.zeros(4, 4)))
                        .build()
                        .predict(x))
                .withMessageStartingWith("layer 'attention1' (Attention 8, 2 heads, mask [4 x 4] ")
                .withMessageEndingWith("the mask [4 x 4] is for sequences of up to 4 positions, got 5; give a larger"
                        + " mask, or shorter sequences");
    }

    @Test
    void whatDoesNotDivideIsFoundByNameWhenTheNetworkIsBuilt() {
        Network.Builder images = Network.builder(KEY).input(Shape.of(Shape.ANY, 8, 8, 6));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> images.layer(
                                "conv1", Convolution.channels(8).kernel(3, 3).groups(4))
                        .build())
                .withMessage("layer 'conv1': Convolution 6 -> 8 in 4 groups: the groups must divide the channels of the"
                        + " input and of the output; choose groups(2) or another number of channels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .input(Shape.of(Shape.ANY, 8, 8, 6))
                        .layer("norm1", GroupNorm.groups(4))
                        .build())
                .withMessage("layer 'norm1': GroupNorm: 6 channels are not a multiple of 4 groups; choose a number of"
                        + " groups that divides the channels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .sequence(10)
                        .layer("attention1", Attention.heads(4))
                        .build())
                .withMessage("layer 'attention1': Attention of 4 heads on 10 features: the heads must divide the"
                        + " features; choose another number of heads or features, or give the size of a head by"
                        + " headSize(n)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Network.builder(KEY)
                        .input(Shape.of(Shape.ANY, 4, 4, 3))
                        .layer("conv1", Convolution.channels(8).kernel(7, 7).padding(1))
                        .build())
                .withMessageStartingWith("layer 'conv1': Convolution 3 -> 8 (7 x 7, padding [1] [1]): ")
                .withMessageContaining("a window over 7 places is wider than the axis of 4 with its padding of 1 and 1;"
                        + " give at most 6 taps, or 1 more place of padding");
    }

    private static final class OwnException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void anExceptionOfAUsersClassIsLeftAlone() {
        LayerFactory failing = (in, key) -> new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> {
                    throw new OwnException();
                });
            }

            @Override
            public Shape outputShape(Shape shape) {
                return shape;
            }
        };
        Network network = Network.builder(KEY).input(2).layer("own", failing).build();
        assertThatThrownBy(() -> network.predict(Tensor.zeros(1, 2))).isExactlyInstanceOf(OwnException.class);
    }

    @Test
    void aChainThatContainsItselfIsRefused() {
        LayerFactory[] chain = new LayerFactory[1];
        chain[0] = Network.chain(b -> b.dense("fc", 4).layer("again", chain[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Network.builder(KEY).input(4).layer("first", chain[0]).build())
                .withMessage(
                        "layer 'first': layer 'again': a chain of layers contains itself, and would never end; make"
                                + " another chain for each level, and one without inner layers at last");
        LayerFactory[] block = new LayerFactory[1];
        block[0] = Residual.of(b -> b.layer("again", block[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Network.builder(KEY).input(4).layer("first", block[0]).build())
                .withMessageContaining("a chain of layers contains itself");
    }

    private static Consumer<Network.Builder> endless() {
        return b -> b.layer("again", Network.chain(endless()));
    }

    private static Consumer<Network.Builder> nested(int levels) {
        return b -> {
            if (levels == 0) {
                b.dense("fc", 4);
            } else {
                b.layer("in", Network.chain(nested(levels - 1)));
            }
        };
    }

    @Test
    void chainsWithoutAnEndAreRefusedAndDeepOnesAreNot() {
        assertThatThrownBy(() -> Network.builder(KEY)
                        .input(4)
                        .layer("first", Network.chain(endless()))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("chains of layers are nested more than 100 deep: does a chain make itself");
        Network.builder(KEY).input(4).layer("first", Network.chain(nested(90))).build();
        LayerFactory twice = Network.chain(b -> b.dense("fc", 4));
        Network.builder(KEY)
                .input(4)
                .layer("first", twice)
                .layer("second", Network.chain(b -> b.layer("a", twice).layer("b", twice)))
                .build();
    }
}
