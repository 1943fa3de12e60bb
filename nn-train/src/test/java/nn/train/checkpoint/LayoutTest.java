package nn.train.checkpoint;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import nn.fixtures.OwnDense;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.LinearMap;
import nn.layers.Parameter;
import nn.layers.Parameter.Kind;
import nn.layers.Pass;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.WeightMapping;
import nn.layers.attention.Attention;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Custom layers in the layout of PyTorch. */
class LayoutTest {
    private static final Key KEY = Key.of(12);

    @TempDir
    private Path folder;

    private SequencedMap<String, Tensor> stored(Layer model) throws IOException {
        Path file = folder.resolve("weights.safetensors");
        Checkpoint.saveWeights(file, model, Layout.TORCH);
        return Safetensors.read(file).tensors();
    }

    /** Requires that a file in PyTorch's layout restores all parameters of a model bit for bit. */
    private void requireRoundTrip(Layer model) throws IOException {
        stored(model);
        SequencedMap<String, Tensor> before = new LinkedHashMap<>();
        model.parametersByPath().forEach((path, parameter) -> {
            before.put(path, parameter.value().copy());
            parameter.value().fill(0f);
        });
        Checkpoint.loadWeights(folder.resolve("weights.safetensors"), model);
        model.parametersByPath()
                .forEach((path, parameter) ->
                        assertThat(parameter.value()).as(path).isBitEqualTo(before.get(path)));
    }

    private static Parameter made(String name, Kind kind, int... dims) {
        return Parameter.create(name, kind, Shape.of(dims), new Fans(1, 1), Init.normal(1), KEY);
    }

    /** A layer with some parameters; these tests do not run it. */
    private record Some(List<Parameter> parameters, List<WeightMapping> torchMapping) implements Layer {
        @Override
        public Pass newPass() {
            throw new UnsupportedOperationException("only its parameters count here");
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    }

    /** Returns a layer without a mapping; these tests do not run it. */
    private static Layer unmapped(Parameter... parameters) {
        return new OwnDense(3, 2, Init.normal(1), KEY) {
            @Override
            public List<Parameter> parameters() {
                return List.of(parameters);
            }

            @Override
            public Optional<LinearMap> linearMap() {
                return Optional.empty();
            }
        };
    }

    @Test
    void attentionIsStoredAsAMultiheadAttentionOfPyTorch() throws IOException {
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY, 4))
                .layer("attention", Attention.heads(2))
                .build();
        SequencedMap<String, Tensor> stored = stored(network);
        assertThat(List.copyOf(stored.keySet()))
                .containsExactly(
                        "attention.in_proj_weight",
                        "attention.in_proj_bias",
                        "attention.out_proj.weight",
                        "attention.out_proj.bias");
        Tensor joined = stored.get("attention.in_proj_weight");
        assertThat(joined.rows(4, 8))
                .isBitEqualTo(network.parameter("attention.key").value().transpose());
        requireRoundTrip(network);
    }

    @Test
    void aCustomDenseLayerIsStoredAsALinearModuleOfPyTorch() throws IOException {
        Network network = Network.builder(KEY)
                .input(3)
                .layer("own", (in, key) -> new OwnDense(3, 2, Init.normal(1), key))
                .build();
        SequencedMap<String, Tensor> stored = stored(network);
        assertThat(List.copyOf(stored.keySet())).containsExactly("own.weight", "own.bias");
        Tensor kernel = network.parameter("own.kernel").value();
        assertThat(stored.get("own.weight")).isBitEqualTo(kernel.transpose());
        requireRoundTrip(network);
    }

    @Test
    void aWeightThatIsUnitsByInputsIsNotTransposed() throws IOException {
        Layer tied = Embedding.of(6, 4, KEY).tied();
        assertThat(tied.linearMap().orElseThrow().inputs()).isEqualTo(4);
        assertThat(stored(tied).get("weight"))
                .isBitEqualTo(tied.parameter("weight").value());
    }

    @Test
    void aLayerWithoutAMappingIsStoredUnchanged() throws IOException {
        Layer layer = unmapped(made("slope", Kind.WEIGHT, 3), made("filter", Kind.WEIGHT, 5, 3));
        assertThat(List.copyOf(stored(layer).keySet())).containsExactly("slope", "filter");
        assertThat(stored(layer).get("filter"))
                .isBitEqualTo(layer.parameter("filter").value());
        requireRoundTrip(layer);
    }

    @Test
    void aParameterThatAMappingLeavesOutIsStoredUnchanged() throws IOException {
        Parameter filter = made("filter", Kind.WEIGHT, 3, 2);
        Parameter rest = made("rest", Kind.WEIGHT, 3, 2);
        Layer layer = new Some(List.of(rest, filter), List.of(WeightMapping.transposed("weight", filter)));
        assertThat(List.copyOf(stored(layer).keySet())).containsExactly("weight", "rest");
        requireRoundTrip(layer);
    }

    @Test
    void aLayerDefinesHowItIsStored() throws IOException {
        Parameter filter = made("filter", Kind.WEIGHT, 3, 2);
        Parameter other = made("other", Kind.WEIGHT, 3, 4);
        Layer layer = new Some(
                List.of(filter, other),
                List.of(new WeightMapping(
                        "both",
                        List.of(
                                new WeightMapping.Part(other, WeightMapping.Form.TRANSPOSED),
                                new WeightMapping.Part(filter, WeightMapping.Form.TRANSPOSED)))));
        Tensor both = stored(layer).get("both");
        assertThat(both.rows(0, 4)).isBitEqualTo(other.value().transpose());
        assertThat(both.rows(4, 6)).isBitEqualTo(filter.value().transpose());
        requireRoundTrip(layer);
    }

    @Test
    void aMappingThatDoesNotFitTheLayerIsRefused() {
        Parameter own = made("own", Kind.BIAS, 3);
        Parameter foreign = made("foreign", Kind.BIAS, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored(new Some(List.of(own), List.of(WeightMapping.of("x", foreign)))))
                .withMessageContaining("makes 'x' of the parameter foreign [3], which is not among its parameters()");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        stored(new Some(List.of(own), List.of(WeightMapping.of("x", own), WeightMapping.of("y", own)))))
                .withMessageContaining("stores 'own' twice, in 'y' and before");
        assertThatNullPointerException()
                .isThrownBy(() -> stored(new Some(List.of(own), null)))
                .withMessageStartingWith("the model (")
                .withMessageEndingWith("): its torchMapping() returned null");
        assertThatNullPointerException()
                .isThrownBy(() -> stored(new Some(List.of(own), Arrays.asList((WeightMapping) null))))
                .withMessageEndingWith("): its torchMapping() has a null");
        Layer around = new Around(
                made("p", Kind.WEIGHT, 3, 2), new Some(List.of(own), List.of(WeightMapping.of("x", foreign))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored(around))
                .withMessageStartingWith("layer 'child' (");
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        Parameter first = made("first", Kind.BIAS, 3);
        Parameter second = made("second", Kind.BIAS, 3);
        Layer layer =
                new Some(List.of(first, second), List.of(WeightMapping.of("x", first), WeightMapping.of("x", second)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored(layer))
                .withMessage("in the layout of PyTorch, 'first' and 'second' would both be named 'x'; rename a layer,"
                        + " or use Layout.NN");
    }

    /** A recurrent layer whose state is the last step, with two weights that it names as PyTorch's cells do. */
    private record OwnCell(Parameter in, Parameter state) implements Recurrent {
        OwnCell(Key key) {
            this(made("in", Kind.WEIGHT, 3, 3), made("state", Kind.RECURRENT, 3, 3));
        }

        @Override
        public int inputs() {
            return 3;
        }

        @Override
        public int units() {
            return 3;
        }

        @Override
        public List<Integer> stateSizes() {
            return List.of(3);
        }

        @Override
        public RecurrentPass newPass() {
            return new RecurrentPass(this) {
                @Override
                protected Tensor forward(Tensor x, State state, Context context) {
                    return x;
                }

                @Override
                protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
                    return dStates;
                }
            };
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(in, state);
        }

        @Override
        public List<WeightMapping> torchMapping() {
            return List.of(
                    WeightMapping.transposed("weight_ih_l0", in), WeightMapping.transposed("weight_hh_l0", state));
        }
    }

    @Test
    void aCustomRecurrentLayerIsNumberedInAStackLikeABuiltInOne() throws IOException {
        Recurrent.Factory own = (in, key) -> new OwnCell(key);
        Network network = Network.builder(KEY)
                .sequence(3)
                .layer("stack", Stacked.of(own, Rnn.units(3).withoutBias(), own))
                .build();
        assertThat(List.copyOf(stored(network).keySet()))
                .containsExactly(
                        "stack.weight_ih_l0",
                        "stack.weight_hh_l0",
                        "stack.weight_ih_l1",
                        "stack.weight_hh_l1",
                        "stack.weight_ih_l2",
                        "stack.weight_hh_l2");
        requireRoundTrip(network);
    }

    /** A layer with a parameter and a child, whose tensors it renames. */
    private record Around(Parameter own, Layer child) implements Layer {
        @Override
        public Pass newPass() {
            return child.newPass();
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(own);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            children.put("child", child);
            return children;
        }

        @Override
        public List<WeightMapping> torchMapping() {
            return List.of(WeightMapping.transposed("mine", own));
        }

        @Override
        public String torchName(String child, String tensor) {
            return "module." + tensor;
        }
    }

    @Test
    void aLayerOfLayersDefinesTheNamesOfItsChildrenAndStoresItsOwnParameters() throws IOException {
        Around inner = new Around(made("p", Kind.WEIGHT, 3, 2), new OwnDense(3, 3, Init.normal(1), KEY));
        Network network = Network.builder(KEY)
                .input(3)
                .layer("around", inner)
                .dense("out", 2)
                .build();
        assertThat(List.copyOf(stored(network).keySet()))
                .containsExactly("around.module.weight", "around.module.bias", "out.weight", "out.bias", "around.mine");
        assertThat(stored(network).get("around.mine"))
                .isBitEqualTo(inner.own().value().transpose());
        requireRoundTrip(network);
    }
}
