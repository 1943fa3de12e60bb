package nn.layers.network;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.graph.Formula;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.RmsNorm;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.LinearRecurrence;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.recurrent.Stacked;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.tensor.AttentionHeads;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Inside a masking, each layer of the library gives a sequence the bits that it gets alone, or is refused by name. Of
 * formulas this is so if they keep the steps apart.
 */
class PaddedLayersTest {
    private static final Key KEY = Key.of(38);
    private static final Shape SEQUENCE = Shape.of(Shape.ANY, Shape.ANY, 4);
    private static final int TIME = 7;
    private static final int BATCH = 6;
    private static final int LENGTH = 3;

    private static Consumer<Network.Builder> layer(LayerFactory factory) {
        return body -> body.layer("x", factory);
    }

    private static Consumer<Network.Builder> batchFirst(LayerFactory factory) {
        return body -> body.timeMajor().layer("x", factory).timeMajor();
    }

    private static LayerFactory formula(UnaryOperator<Node> formula) {
        return (in, key) -> Formula.of("own formula", formula);
    }

    /** A block of a transformer as a graph; its sequences have seven steps. */
    private static LayerFactory graph(LayerFactory mixing) {
        return (in, key) -> {
            Graph.Builder graph = Graph.builder(key);
            Node x = graph.input("x", TIME, 4);
            Node y = x.plus(graph.layer("mixing", mixing, x));
            return graph.output("y", y.plus(graph.layer("norm", RmsNorm.epsilon(1e-5), y)))
                    .build();
        };
    }

    /** The same as a formula. */
    private static LayerFactory block(LayerFactory mixing) {
        return (in, key) -> {
            Layer layer = mixing.create(in, key);
            return Formula.of("block", x -> x.plus(x.through(layer)).tanh());
        };
    }

    static Stream<Named<Consumer<Network.Builder>>> unchanged() {
        Map<String, Consumer<Network.Builder>> all = new LinkedHashMap<>();
        all.put("Dense", body -> body.dense("x", 3));
        all.put("GatedDense", layer(GatedDense.hidden(5)));
        all.put("Activation", body -> body.tanh());
        all.put("PRelu", layer(PRelu.standard()));
        all.put("Softmax", layer((in, key) -> new Softmax()));
        all.put("Dropout", body -> body.dropout("x", 0.5));
        all.put("LayerNorm", body -> body.layerNorm("x"));
        all.put("RmsNorm", layer(RmsNorm.epsilon(1e-5)));
        all.put("BatchNorm, in inference", body -> body.batchNorm("x"));
        all.put("Rnn", body -> body.rnn("x", 3));
        all.put("Lstm", body -> body.lstm("x", 3));
        all.put("Gru", layer(Gru.units(3).last()));
        all.put("LinearRecurrence", layer(LinearRecurrence.states(3)));
        all.put("Stacked", layer(Stacked.of(Lstm.units(3), Rnn.units(2))));
        all.put("Bidirectional", layer(Bidirectional.of(Stacked.of(Lstm.units(3), Gru.units(2)))));
        all.put("LastStep", layer((in, key) -> new LastStep()));
        all.put("MeanOverTime", layer((in, key) -> new MeanOverTime()));
        all.put("MaxOverTime", layer((in, key) -> new MaxOverTime()));
        all.put("Attention", batchFirst(Attention.heads(2)));
        all.put("Attention, causal", batchFirst(Attention.heads(2).causal().rotary(Rotary.halves())));
        all.put("LearnedPositions", batchFirst(LearnedPositions.of(12)));
        all.put("SinusoidalPositions", batchFirst((in, key) -> SinusoidalPositions.of()));
        all.put("TimeMajor", body -> body.timeMajor().tanh().timeMajor());
        all.put(
                "Convolution, causal",
                batchFirst(Convolution.channels(3).kernel(3).causal()));
        all.put("Convolution of one tap", batchFirst(Convolution.channels(3).kernel(1)));
        all.put(
                "TransposedConvolution of one tap",
                batchFirst(TransposedConvolution.channels(3).kernel(1)));
        all.put("Pool of one step", batchFirst((in, key) -> Pool.max(1)));
        all.put("Masking", layer(Masking.of(0, body -> body.lstm("x", 3))));
        all.put("LastValidStep", layer(LastValidStep.of(Lstm.units(3), 0)));
        all.put("Residual", batchFirst(Residual.of(body -> body.layer("x", Attention.heads(2)))));
        all.put("Network", layer(Network.chain(batchFirst(Attention.heads(2)))));
        all.put("Formula with a layer", batchFirst(block(Attention.heads(2))));
        all.put("Formula", batchFirst(formula(x -> x.times(x.sigmoid()).plus(x.sum(-1)))));
        all.put(
                "Formula, transposed",
                batchFirst(formula(x -> x.permute(1, 0, 2).tanh().permute(1, 0, 2))));
        all.put(
                "Formula of the first step",
                body -> body.timeMajor()
                        .layer("x", formula(x -> x.slice(1, 0, 1).squeeze(1))));
        all.put(
                "Formula with causal attention",
                batchFirst(formula(x -> Node.attention(AttentionHeads.of(2, 2, true, 1), x, x, x))));
        all.put(
                "Reshape, Flatten and convolution behind the last step",
                body -> body.layer("l", Lstm.units(20).last())
                        .layer("r", Reshape.to(5, 4))
                        .layer("c", Convolution.channels(2).kernel(3).same())
                        .layer("n", GroupNorm.instance())
                        .layer("f", new Flatten()));
        return all.entrySet().stream().map(entry -> Named.of(entry.getKey(), entry.getValue()));
    }

    static Stream<Named<Consumer<Network.Builder>>> changed() {
        Map<String, Consumer<Network.Builder>> all = new LinkedHashMap<>();
        LayerFactory same = Convolution.channels(4).kernel(3).same();
        all.put("Convolution", batchFirst(same));
        all.put(
                "Convolution with a stride",
                batchFirst(Convolution.channels(4).kernel(2).stride(2)));
        all.put(
                "TransposedConvolution",
                batchFirst(TransposedConvolution.channels(4).kernel(3).same()));
        all.put("Pool", batchFirst((in, key) -> Pool.mean(2)));
        all.put("GlobalPool, mean", body -> body.timeMajor().layer("x", GlobalPool.MEAN));
        all.put("GlobalPool, max", body -> body.timeMajor().layer("x", GlobalPool.MAX));
        all.put("GroupNorm", batchFirst(GroupNorm.groups(2)));
        all.put("GroupNorm, instance", batchFirst(GroupNorm.instance()));
        all.put("in a residual branch", batchFirst(Residual.of(body -> body.layer("x", same))));
        all.put(
                "in a shortcut",
                batchFirst(Residual.of(body -> body.layer("a", Attention.heads(2)))
                        .shortcut(body -> body.layer("x", same))));
        all.put("in a network", layer(Network.chain(batchFirst(same))));
        all.put("in a graph", batchFirst(graph(same)));
        all.put(
                "behind other layers",
                body -> body.dense("d", 4)
                        .layer("l", Bidirectional.of(Lstm.units(2)))
                        .timeMajor()
                        .layer("a", Attention.heads(2))
                        .layer("r", Residual.of(inner -> inner.layer("d", Attention.heads(1))))
                        .layer("g", graph(Attention.heads(2)))
                        .layer("x", same)
                        .timeMajor());
        all.put("in a masking in a masking", layer(Masking.of(0, batchFirst(same))));
        return all.entrySet().stream().map(entry -> Named.of(entry.getKey(), entry.getValue()));
    }

    /** The sequence as the last of a batch of six, of seven steps. */
    private static Tensor padded(Tensor alone) {
        Shape one = alone.shape();
        int[] dims = one.dims();
        dims[0] = TIME;
        dims[1] = BATCH;
        Tensor x = Tensor.full(1, dims);
        for (int t = 0; t < TIME; t++) {
            if (t < LENGTH) {
                x.row(t).row(BATCH - 1).copyFrom(alone.row(t).row(0));
            } else {
                x.row(t).row(BATCH - 1).fill(0);
            }
        }
        return x;
    }

    @ParameterizedTest
    @MethodSource("unchanged")
    void aSequenceGetsTheSameBitsPaddedAndAlone(Consumer<Network.Builder> body) {
        requireSameBits(Masking.of(0, body).create(SEQUENCE, KEY), normal("x", LENGTH, 1, 4));
    }

    /** A graph has a fixed number of steps, so a sequence alone has padding too, or none in its batch. */
    @Test
    void aGraphOfAttentionIsAllowed() {
        Layer layer = Masking.of(0, batchFirst(graph(Attention.heads(2)))).create(Shape.of(TIME, Shape.ANY, 4), KEY);
        Tensor x = padded(normal("x", LENGTH, 1, 4));
        Tensor alone = Tensor.zeros(TIME, 1, 4);
        for (int t = 0; t < LENGTH; t++) {
            alone.row(t).row(0).copyFrom(x.row(t).row(BATCH - 1));
        }
        Tensor y = layer.forward(x, Context.inference()).output();
        Tensor expected = layer.forward(alone, Context.inference()).output();
        assertThat(y.row(0).row(BATCH - 1)).isBitEqualTo(expected.row(0).row(0));
    }

    @Test
    void tokensThatAreEmbeddedGetTheSameBitsPaddedAndAlone() {
        LayerFactory embedding = Masking.of(0, body -> body.layer("x", Embedding.of(9, 4)));
        Tensor tokens = Tensor.of(new float[] {3, 5, 1}, LENGTH, 1);
        requireSameBits(embedding.create(Shape.of(Shape.ANY, Shape.ANY), KEY), tokens);
    }

    private static void requireSameBits(Layer layer, Tensor x) {
        Tensor expected = layer.forward(x, Context.inference()).output();
        Tensor y = layer.forward(padded(x), Context.inference()).output();
        if (expected.shape().rank() < 3) {
            assertThat(y.row(BATCH - 1)).isBitEqualTo(expected.row(0));
            return;
        }
        for (int t = 0; t < LENGTH; t++) {
            assertThat(y.row(t).row(BATCH - 1)).isBitEqualTo(expected.row(t).row(0));
        }
    }

    @ParameterizedTest
    @MethodSource("changed")
    void aLayerThatPaddingWouldChangeIsRefusedByName(Consumer<Network.Builder> body) {
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY, Shape.ANY, 4))
                .layer("m", Masking.of(0, body))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.forward(padded(normal("x", LENGTH, 1, 4)), Context.inference()))
                .withMessageMatching(
                        "(?s).*layer '([xm.]|mixing)*'.*: it combines the steps of each sequence and cannot leave"
                                + " out padding, so a sequence would get other numbers than alone; use .*");
    }

    @Test
    void everyLayerOfTheLibraryIsHere() throws IOException {
        Set<String> tested = new TreeSet<>(Set.of("Embedding", "Graph", "Reshape", "Flatten"));
        Stream.concat(unchanged(), changed())
                .forEach(named -> tested.add(named.getName().split("[ ,]")[0]));
        Pattern layers = Pattern.compile(
                "^public .*(?:class|record) (\\w+).* (?:implements (?:Layer|Recurrent)|extends" + " Formula) \\{",
                Pattern.MULTILINE);
        Set<String> all = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java/nn/layers"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                Matcher matcher = layers.matcher(Files.readString(source));
                while (matcher.find()) {
                    all.add(matcher.group(1));
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(30);
        assertThat(tested).containsAll(all);
    }
}
