package nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import nn.fixtures.OwnDense;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Parameter.Kind;
import nn.layers.WeightMapping.Form;
import nn.layers.WeightMapping.Part;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.normalization.LayerNorm;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import org.junit.jupiter.api.Test;

/** The descriptions that layers give of themselves. */
class DescriptionsTest {
    private static final Key KEY = Key.of(31);

    private static Parameter parameter(int... dims) {
        return Parameter.create("p", Kind.WEIGHT, Shape.of(dims), new Fans(1, 1), Init.zeros(), KEY);
    }

    @Test
    void aDenseLayerIsItsLinearMap() {
        Dense dense = Dense.of(3, 5, KEY);
        assertThat(dense.linearMap())
                .contains(LinearMap.of(dense.weight(), dense.bias().orElseThrow()));
        Dense withoutBias = Dense.units(5).withoutBias().create(3, KEY);
        assertThat(withoutBias.linearMap()).contains(LinearMap.of(withoutBias.weight()));
        assertThat(dense.linearMap().orElseThrow().fans()).isEqualTo(Fans.dense(3, 5));
    }

    @Test
    void theMapOfATiedOutputHasItsOwnFans() {
        Embedding table = Embedding.of(7, 4, KEY);
        LinearMap map = table.tied().linearMap().orElseThrow();
        assertThat(map).isEqualTo(new LinearMap(table.weight(), Optional.empty(), 1));
        assertThat(map.fans())
                .isEqualTo(Fans.dense(4, 7))
                .isNotEqualTo(table.weight().fans());
    }

    @Test
    void aLayerThatIsNotOneLinearMapReturnsNone() {
        Shape sequence = Shape.of(Shape.ANY, Shape.ANY, 3);
        for (Layer layer : List.of(
                Embedding.of(3, 3, KEY),
                Activation.RELU,
                PRelu.standard().create(sequence, KEY),
                Rnn.units(3).create(3, KEY),
                Lstm.units(3).create(3, KEY),
                Gru.units(3).create(3, KEY),
                LayerNorm.standard().create(sequence, KEY),
                Network.builder(KEY).input(3).dense("a", 3).build())) {
            assertThat(layer.linearMap()).as(layer.toString()).isEmpty();
        }
    }

    @Test
    void aLinearMapWhosePartsDoNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearMap.of(parameter(3)))
                .withMessage("linear map: weight 'p' is [3]; it must be [inputs x units] or [units x inputs]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearMap.of(parameter(3, 4), parameter(3)))
                .withMessage("linear map: bias [3] next to weight 'p' [3 x 4]; it must be [4], a number for each unit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LinearMap(parameter(3, 4), Optional.empty(), 2))
                .withMessageContaining("the inputs are axis 2");
    }

    @Test
    void aMappingWhosePartsDoNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightMapping.transposed("w", parameter(3)))
                .withMessage("parameter 'p' [3] cannot be stored as its transpose: it does not have two axes");
        assertThatIllegalArgumentException().isThrownBy(() -> WeightMapping.of("", parameter(3)));
        assertThatIllegalArgumentException().isThrownBy(() -> new WeightMapping("w", List.of()));
        assertThatNullPointerException()
                .isThrownBy(() -> new WeightMapping("w", Collections.singletonList(null)))
                .withMessage("a part");
        List<Part> parts = List.of(new Part(parameter(3, 4), Form.TRANSPOSED), new Part(parameter(3, 4), Form.PLAIN));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WeightMapping("w", parts))
                .withMessage("mapping of 'w': 'p', stored as [3 x 4], does not fit below 'p', stored as [4 x 3]; they"
                        + " may differ in the first axis only");
    }

    @Test
    void byDefaultALinearMapIsALinearModuleOfPyTorchAndOtherParametersAreStoredAsTheyAre() {
        Layer own = new OwnDense(3, 5, Init.zeros(), KEY);
        assertThat(own.torchMapping())
                .containsExactly(
                        WeightMapping.transposed("weight", own.parameter("kernel")),
                        WeightMapping.of("bias", own.parameter("shift")));
        assertThat(own.torchName("a", "weight")).isEqualTo("a.weight");
        assertThat(Activation.RELU.torchMapping()).isEmpty();
    }

    @Test
    void theSummaryOfALayerIsItsText() {
        assertThat(Dense.of(3, 5, KEY).summary()).isEqualTo("Dense 3 -> 5");
        assertThat(new OwnDense(3, 5, Init.zeros(), KEY).summary()).isEqualTo("OwnDense");
    }
}
