package nn.layers.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.graph.Formula;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FanCheckTest {
    private static final Key KEY = Key.of(91);
    private static final Shape IMAGE = Shape.of(1, 20, 20, 8);

    static Stream<LayerFactory> convolutions() {
        return Stream.of(
                Convolution.channels(16).kernel(3, 3).same(),
                Convolution.channels(16).kernel(3, 3).same().groups(4),
                Convolution.channels(16).kernel(3, 3).same().groups(2).stride(2),
                Convolution.depthwise(2).kernel(5, 5).same(),
                Convolution.channels(4).kernel(1, 1),
                TransposedConvolution.channels(4).kernel(4, 4).stride(2),
                TransposedConvolution.channels(4).kernel(2, 2).stride(2).groups(2));
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void convolutionsDeclareTheProductsThatAreCounted(LayerFactory factory) {
        Layer layer = factory.create(Shape.of(Shape.ANY, 20, 20, 8), KEY);
        Tensor before = layer.parameters().getFirst().value().copy();
        FanCheck check = FanCheck.of(layer, IMAGE).throwIfFailed();
        assertThat(check.declared()).isEqualTo(layer.parameters().getFirst().fans());
        assertThat(layer.parameters().getFirst().value().bitEquals(before)).isTrue();
    }

    @Test
    void aDenseLayerHasItsFansExactly() {
        FanCheck check = FanCheck.of(Dense.of(6, 4, KEY), Shape.of(3, 6)).throwIfFailed();
        assertThat(check.counted()).isEqualTo(new Fans(6, 4));
    }

    /** A layer of one's own that computes as another does, and declares other fans. */
    private static Layer declaring(Fans fans, Layer convolution) {
        Parameter weight = Parameter.create(
                "weight",
                Parameter.Kind.WEIGHT,
                convolution.parameters().getFirst().value().shape(),
                fans,
                Init.heNormal(),
                KEY);
        return new Formula() {
            @Override
            protected Node forward(Node x) {
                // the products of a grouped pointwise convolution, group by group
                int groups = x.shape().dim(-1) / weight.value().dim(-2);
                int outputs = weight.value().dim(-1) / groups;
                Node[] parts = new Node[groups];
                Node matrix = Node.of(weight)
                        .reshape(weight.value().dim(-2), weight.value().dim(-1));
                for (int group = 0; group < groups; group++) {
                    int inputs = weight.value().dim(-2);
                    parts[group] = x.slice(-1, group * inputs, (group + 1) * inputs)
                            .matmul(matrix.slice(1, group * outputs, (group + 1) * outputs));
                }
                return Node.concat(-1, parts);
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(weight);
            }

            @Override
            public String toString() {
                return "My convolution";
            }
        };
    }

    @Test
    void groupsForgottenInTheFansAreNamed() {
        Layer grouped = Convolution.channels(16).kernel(1, 1).groups(4).create(IMAGE, KEY);
        Fans right = Fans.convolution(8, 16, 1, 1, 4);
        FanCheck.of(declaring(right, grouped), Shape.of(5, 8)).throwIfFailed();
        assertThatThrownBy(() -> FanCheck.of(declaring(new Fans(right.in(), 16), grouped), Shape.of(5, 8))
                        .throwIfFailed())
                .isInstanceOf(AssertionError.class)
                .hasMessage("My convolution: its weight declares a fan out of 16.00, but an input takes part in 4.000"
                        + " products, 1 / 4 of that: are groups or strides not divided?");
        assertThat(FanCheck.of(declaring(new Fans(8, 4), grouped), Shape.of(5, 8))
                        .failures())
                .containsExactly("My convolution: its weight declares a fan in of 8.000, but an output adds up 2.000"
                        + " products, 1 / 4 of that: are groups or strides not divided?");
    }

    @Test
    void swappedFansAreNamed() {
        Layer grouped = Convolution.channels(16).kernel(1, 1).groups(4).create(IMAGE, KEY);
        assertThat(FanCheck.of(declaring(new Fans(4, 2), grouped), Shape.of(5, 8))
                        .failures())
                .containsExactly("My convolution: its weight declares the fans (in 4, out 2), which are swapped: an"
                        + " output adds up 2.000 products, and an input takes part in 4.000");
    }

    @Test
    void layersThatAreNotOneLinearMapAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanCheck.of(Embedding.of(3, 2, KEY), Shape.of(4)))
                .withMessageContaining("that do not take indices");
        Network bent = Network.builder(KEY).input(3).dense("a", 3).softplus().build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanCheck.of(bent, Shape.of(4, 3)))
                .withMessageContaining("take the nonlinearity out of the layer");
        Network two = Network.builder(KEY).input(3).dense("a", 3).dense("b", 3).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanCheck.of(two, Shape.of(4, 3)))
                .withMessageContaining("it has 2 weights");
    }

    // the row for padding

    /** A table of one's own that gives the row for padding a gradient. */
    private static final class Table extends Formula {
        private final Parameter table =
                Parameter.createPadded("table", Shape.of(5, 3), Fans.embedding(5, 3), Init.normal(1), KEY, 2);

        @Override
        protected Node forward(Node x) {
            return Node.of(table).rows(x);
        }

        @Override
        public boolean takesIndices() {
            return true;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(table);
        }
    }

    @Test
    void aRowForPaddingThatWouldMoveIsNamed() {
        Tensor x = Tensor.of(new float[] {4, 2, 1, 2}, 4);
        GradientCheck check = GradientCheck.standard().ofParameters();
        assertThat(check.check(new Table(), x).failures())
                .singleElement()
                .asString()
                .startsWith("table: row 2 is that of padding, and gets a gradient of norm ")
                .endsWith(", so training would move it; add none to it");
        check.check(Embedding.of(5, 3).padding(2).create(KEY), x).throwIfFailed();
        Embedding drawn = Embedding.of(5, 3).padding(2).create(KEY);
        drawn.weight().value().row(2).fill(1f);
        assertThat(check.check(drawn, x).failures()).contains("weight: row 2 is that of padding, and is not zero");
    }
}
