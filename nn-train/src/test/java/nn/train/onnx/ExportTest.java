package nn.train.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.fixtures.OwnRelu;
import nn.init.Fans;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.LayerFactory;
import nn.layers.Parameter;
import nn.layers.activation.Activation;
import nn.layers.activation.PRelu;
import nn.layers.activation.Softmax;
import nn.layers.attention.Attention;
import nn.layers.attention.LearnedPositions;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.convolution.Convolution;
import nn.layers.convolution.GlobalPool;
import nn.layers.convolution.Padding;
import nn.layers.convolution.Pool;
import nn.layers.convolution.TransposedConvolution;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.graph.Formula;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.LastValidStep;
import nn.layers.network.Masking;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.BatchNorm;
import nn.layers.normalization.GroupNorm;
import nn.layers.normalization.LayerNorm;
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
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.layers.shape.TimeMajor;
import nn.tensor.AttentionHeads;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.Windows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What layers export, run by ONNX Runtime. */
class ExportTest {
    private static final int ANY = Shape.ANY;
    private static final Key KEY = Key.of(1);
    private static final Shape ROWS = Shape.of(ANY, 6);
    private static final Shape STEPS = Shape.of(ANY, ANY, 6);
    private static final Shape IMAGES = Shape.of(ANY, 7, 6, 4);
    private static final Shape FREE_IMAGES = Shape.of(ANY, ANY, ANY, 4);

    private static final List<Nonlinearity> NONLINEARITIES = List.of(
            Nonlinearity.LINEAR,
            Nonlinearity.RELU,
            Nonlinearity.TANH,
            Nonlinearity.SIGMOID,
            Nonlinearity.GELU,
            Nonlinearity.GELU_TANH,
            Nonlinearity.SILU,
            Nonlinearity.SELU,
            Nonlinearity.celu(0.7),
            Nonlinearity.SOFTPLUS,
            Nonlinearity.softplus(2.5),
            Nonlinearity.LOG_SIGMOID,
            Nonlinearity.MISH,
            Nonlinearity.ERF,
            Nonlinearity.SIN,
            Nonlinearity.HARD_TANH,
            Nonlinearity.HARD_SIGMOID,
            Nonlinearity.HARD_SWISH,
            Nonlinearity.leakyRelu(0.1),
            Nonlinearity.elu(0.7));

    @Test
    void everyNonlinearityIsAmongThoseThatAreExported() throws IllegalAccessException {
        for (Field constant : Nonlinearity.class.getFields()) {
            assertThat(NONLINEARITIES).contains((Nonlinearity) constant.get(null));
        }
        Set<String> factories = Arrays.stream(Nonlinearity.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .filter(name -> !name.equals("of")) // of two functions, which nobody can describe
                .collect(Collectors.toSet());
        assertThat(factories).isEqualTo(Set.of("leakyRelu", "elu", "celu", "softplus"));
    }

    private static Exported rows(String name, LayerFactory factory) {
        return Exported.of(name, ROWS, () -> factory.create(ROWS, KEY), 5, 6);
    }

    private static Exported steps(String name, LayerFactory factory) {
        return Exported.of(name, STEPS, () -> factory.create(STEPS, KEY), 5, 3, 6);
    }

    private static Exported images(String name, LayerFactory factory) {
        return Exported.of(name, IMAGES, () -> factory.create(IMAGES, KEY), 2, 7, 6, 4);
    }

    private static Exported freeImages(String name, LayerFactory factory) {
        return Exported.of(name, FREE_IMAGES, () -> factory.create(FREE_IMAGES, KEY), 2, 7, 6, 4);
    }

    /** Sequences of 5, 3 and 4 steps, padded with zeros. */
    private static Exported padded(String name, LayerFactory factory) {
        Exported steps = steps(name, factory);
        for (int t = 0; t < 5; t++) {
            for (int b = 0; b < 3; b++) {
                if (t >= new int[] {5, 3, 4}[b]) {
                    steps.x().row(t).row(b).fill(0);
                }
            }
        }
        return steps;
    }

    private static LayerFactory layer(Layer layer) {
        return (in, key) -> layer;
    }

    private static Consumer<Network.Builder> then(LayerFactory factory) {
        return builder -> builder.layer("inner", factory);
    }

    static Stream<Exported> layers() {
        List<Exported> all = new ArrayList<>();
        for (Nonlinearity f : NONLINEARITIES) {
            all.add(rows(f.name(), layer(new Activation(f))));
        }
        all.add(rows("dense", Dense.units(4)));
        all.add(rows("dense without bias", Dense.units(4).withoutBias()));
        all.add(steps("dense of steps", Dense.units(4)));
        all.add(rows("gated dense", GatedDense.hidden(8)));
        all.add(rows("softmax", layer(new Softmax())));
        all.add(rows("prelu", PRelu.standard()));
        all.add(images("prelu of images", PRelu.standard()));
        all.add(rows("dropout", Dropout.of(0.5)));
        all.add(rows("batch norm", BatchNorm.standard()));
        all.add(steps("batch norm of steps", new BatchNorm.Config(1e-3, 0.1)));
        all.add(images("batch norm of images", BatchNorm.standard()));
        all.add(rows("layer norm", LayerNorm.standard()));
        all.add(steps("layer norm of steps", new LayerNorm.Config(1e-3)));
        all.add(steps("rms norm", RmsNorm.epsilon(1e-6)));
        all.add(images("group norm", GroupNorm.groups(2)));
        all.add(freeImages("group norm of any size", GroupNorm.groups(2).epsilon(1e-3)));
        all.add(images("instance norm", GroupNorm.instance()));
        all.add(rows("group norm of rows", GroupNorm.groups(3)));
        all.add(images("flatten", layer(new Flatten())));
        all.add(rows("reshape", layer(Reshape.to(2, 3))));
        all.add(steps("time major", layer(new TimeMajor())));
        all.add(steps("last step", layer(new LastStep())));
        all.add(steps("mean over time", layer(new MeanOverTime())));
        all.add(steps("max over time", layer(new MaxOverTime())));
        all.add(Exported.ofIndices("embedding", Shape.of(ANY, ANY), () -> Embedding.of(9, 4, KEY), 9, 3, 5));
        all.add(rows("tied embedding", (in, key) -> Embedding.of(9, 6, KEY).tied()));
        all.addAll(convolutions());
        all.addAll(recurrent());
        all.addAll(attention());
        all.addAll(composed());
        return all.stream();
    }

    private static List<Exported> convolutions() {
        Shape sequence = Shape.of(ANY, ANY, 4);
        LayerFactory causal = Convolution.channels(6).kernel(3).causal().dilation(2);
        return List.of(
                images("convolution", Convolution.channels(5).kernel(3, 2)),
                images("strided", Convolution.channels(5).kernel(3, 3).stride(2).same()),
                freeImages(
                        "strided of any size",
                        Convolution.channels(5).kernel(3, 3).stride(2).same()),
                freeImages(
                        "dilated in groups",
                        Convolution.channels(6)
                                .kernel(2, 3)
                                .dilation(2, 1)
                                .groups(2)
                                .same()),
                images(
                        "depthwise",
                        Convolution.depthwise(2).kernel(3, 3).padding(1, 2).withoutBias()),
                Exported.of("causal", sequence, () -> causal.create(sequence, KEY), 2, 9, 4),
                images(
                        "transposed",
                        TransposedConvolution.channels(5).kernel(3, 2).stride(2)),
                images(
                        "transposed to the same",
                        TransposedConvolution.channels(6)
                                .kernel(3, 3)
                                .stride(2)
                                .same()
                                .groups(2)),
                images(
                        "transposed and longer",
                        TransposedConvolution.channels(5).kernel(3, 3).stride(2).crop(new int[] {1}, new int[] {-1})),
                freeImages(
                        "transposed of any size",
                        TransposedConvolution.channels(5).kernel(2, 2).dilation(2)),
                images("max pool", layer(Pool.max(2, 2))),
                freeImages(
                        "max pool with padding", layer(Pool.max(3, 3).stride(2).padding(1))),
                images("max pool rounded up", layer(Pool.max(2, 2).stride(2, 4).roundedUp())),
                images("max pool of same size", layer(Pool.max(3, 2).stride(1).padding(new Padding.Same()))),
                images("dilated max pool", layer(Pool.max(2, 2).stride(1).dilation(2))),
                images("mean pool", layer(Pool.mean(2, 3))),
                images("mean pool with padding", layer(Pool.mean(3, 3).stride(2).padding(1))),
                images(
                        "mean pool without padding",
                        layer(Pool.mean(3, 3).stride(2).padding(1).withoutPadding())),
                images("mean pool rounded up", layer(Pool.mean(3, 3).stride(2).roundedUp())),
                images(
                        "mean pool rounded up with padding",
                        layer(Pool.mean(3, 3).stride(2).padding(1).roundedUp())),
                images(
                        "dilated mean pool",
                        layer(Pool.mean(2, 2).stride(1).dilation(2).padding(1))),
                Exported.of("pool of sequences", sequence, () -> Pool.max(3).stride(2), 2, 9, 4),
                freeImages("global mean", layer(GlobalPool.MEAN)),
                images("global max", layer(GlobalPool.MAX)));
    }

    private static List<Exported> recurrent() {
        return List.of(
                steps("rnn", Rnn.units(4)),
                steps(
                        "rnn of relu, last",
                        Rnn.units(4).activation(Nonlinearity.RELU).last()),
                steps(
                        "rnn of sigmoid without bias",
                        Rnn.units(4).activation(Nonlinearity.SIGMOID).withoutBias()),
                steps("rnn of gelu", Rnn.units(4).activation(Nonlinearity.GELU)),
                steps(
                        "rnn of gelu without bias, last",
                        Rnn.units(4).activation(Nonlinearity.GELU).withoutBias().last()),
                steps("lstm", Lstm.units(4)),
                steps("lstm, last", Lstm.units(4).last()),
                steps("gru", Gru.units(4)),
                steps("linear recurrence", LinearRecurrence.states(5)),
                steps("stacked", Stacked.of(Lstm.units(4), Gru.units(3)).last()),
                steps("bidirectional", Bidirectional.of(Lstm.units(4))),
                steps("bidirectional, last", Bidirectional.of(Gru.units(4)).last()),
                steps("bidirectional stack", Bidirectional.of(Stacked.of(Rnn.units(4), LinearRecurrence.states(3)))),
                steps("bidirectional rnn of gelu", Bidirectional.of(Rnn.units(4).activation(Nonlinearity.GELU))),
                padded("masked lstm", Masking.of(0, then(Lstm.units(4)))),
                padded("masked gru, last", Masking.of(0, then(Gru.units(4).last()))),
                padded("masked linear recurrence", Masking.of(0, then(LinearRecurrence.states(4)))),
                padded("masked both ways", Masking.of(0, then(Bidirectional.of(Lstm.units(4))))),
                padded(
                        "masked both ways, last",
                        Masking.of(0, then(Bidirectional.of(Rnn.units(4)).last()))),
                padded("masked rnn of gelu", Masking.of(0, then(Rnn.units(4).activation(Nonlinearity.GELU)))),
                padded(
                        "masked both ways, gelu",
                        Masking.of(0, then(Bidirectional.of(Rnn.units(4).activation(Nonlinearity.GELU))))),
                padded("masked mean", Masking.of(0, then(layer(new MeanOverTime())))),
                padded("masked max", Masking.of(0, then(layer(new MaxOverTime())))),
                padded("masked last step", Masking.of(0, then(layer(new LastStep())))),
                padded("last valid step", LastValidStep.of(Gru.units(4), 0)),
                padded(
                        "masked attention",
                        Masking.of(
                                0,
                                b -> b.timeMajor()
                                        .layer("attention", Attention.heads(2))
                                        .timeMajor()
                                        .layer("mean", new MeanOverTime()))));
    }

    private static List<Exported> attention() {
        Shape known = Shape.of(ANY, 5, 8);
        Shape free = Shape.of(ANY, ANY, 8);
        Tensor mask = Tensor.zeros(6, 6);
        mask.set(Float.NEGATIVE_INFINITY, 1, 2);
        mask.set(-2, 4, 0);
        List<Exported> all = new ArrayList<>();
        for (Shape in : List.of(known, free)) {
            String of = in == known ? " of 5 positions" : " of any length";
            add(all, "attention" + of, in, Attention.heads(2));
            add(all, "causal" + of, in, Attention.heads(4).causal().withoutBias());
            add(all, "grouped" + of, in, Attention.heads(4).keyValueHeads(2).causal());
            add(all, "rotary" + of, in, Attention.heads(2).rotary(Rotary.halves()));
            add(
                    all,
                    "rotary in pairs" + of,
                    in,
                    Attention.heads(2).rotary(Rotary.interleaved().rotated(2)));
            add(
                    all,
                    "fixed mask" + of,
                    in,
                    Attention.heads(2).headSize(3).scale(0.7).mask(mask));
            add(all, "learned positions" + of, in, LearnedPositions.of(7));
            add(all, "sinusoidal" + of, in, layer(SinusoidalPositions.of()));
            add(all, "sinusoidal halves" + of, in, layer(new SinusoidalPositions(SinusoidalPositions.Order.HALVES)));
        }
        Shape odd = Shape.of(ANY, ANY, 7);
        all.add(Exported.of("sinusoidal of 7", odd, SinusoidalPositions::of, 2, 5, 7));
        all.add(Exported.of(
                "sinusoidal halves of 7",
                odd,
                () -> new SinusoidalPositions(SinusoidalPositions.Order.HALVES),
                2,
                300,
                7));
        return all;
    }

    private static void add(List<Exported> all, String name, Shape in, LayerFactory factory) {
        all.add(Exported.of(name, in, () -> factory.create(in, KEY), 2, 5, 8));
    }

    private static List<Exported> composed() {
        return List.of(
                rows("residual", Residual.of(b -> b.dense("a", 8).relu().dense("b", 6))),
                rows(
                        "residual with gains",
                        Residual.of(b -> b.dense("a", 6)).skip(0.5).learnedGains(0.1)),
                rows("residual with a gain", Residual.of(b -> b.dense("a", 6)).learnedGain(0.1)),
                images(
                        "residual with a shortcut",
                        Residual.of(b -> b.layer(
                                        "a",
                                        Convolution.channels(6).kernel(3, 3).same()))
                                .shortcut(b ->
                                        b.layer("b", Convolution.channels(6).kernel(1, 1)))
                                .gain(0.3)));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onnxRuntimeComputesTheSameAsTheLayer(Exported layer) throws OrtException {
        assertThat(layer.error()).isLessThan(1e-6);
    }

    static Stream<Exported> networks() {
        Network mlp = Network.builder(KEY)
                .input(6)
                .dense("hidden1", 32)
                .relu()
                .dropout("dropout", 0.5)
                .dense("hidden2", 32)
                .tanh()
                .layerNorm("norm")
                .dense("out", 5)
                .build();
        Network.Builder deep = Network.builder(KEY).input(6);
        for (int i = 0; i < 30; i++) {
            deep.dense("hidden" + i, 24).tanh();
        }
        Network cnn = Network.builder(KEY)
                .input(Shape.of(ANY, 12, 12, 3))
                .layer("conv1", Convolution.channels(8).kernel(3, 3).same())
                .batchNorm("norm")
                .relu()
                .layer("pool", Pool.max(2, 2))
                .layer(
                        "block",
                        Residual.of(b -> b.layer(
                                        "a",
                                        Convolution.channels(8).kernel(3, 3).same())
                                .layer("slopes", PRelu.standard())
                                .layer("b", Convolution.channels(8).kernel(3, 3).same())))
                .layer("flatten", new Flatten())
                .dense("out", 10)
                .build();
        Embedding tokens = Embedding.of(20, 16).create(KEY);
        Network.Builder gpt =
                Network.builder(KEY).tokens().layer("tokens", tokens).layer("positions", LearnedPositions.of(12));
        for (int i = 0; i < 2; i++) {
            gpt.layer(
                    "attention" + i,
                    Residual.of(b -> b.layerNorm("norm")
                            .layer("heads", Attention.heads(4).causal())));
            gpt.layer(
                    "ffn" + i,
                    Residual.of(b -> b.layerNorm("norm")
                            .dense("up", 32)
                            .activation(Nonlinearity.GELU_TANH)
                            .dense("down", 16)));
        }
        gpt.layer("norm", RmsNorm.epsilon(1e-6)).layer("out", tokens.tied());
        Network sequence = Network.builder(KEY)
                .sequence(6)
                .layer("both", Bidirectional.of(Lstm.units(8)))
                .gru("gru", 8)
                .layer("last", new LastStep())
                .dense("out", 3)
                .build();
        return Stream.of(
                Exported.of("perceptron", mlp.inputShape(), () -> mlp, 9, 6),
                Exported.of("deep", ROWS, deep::build, 9, 6),
                Exported.of("convolutional", cnn.inputShape(), () -> cnn, 3, 12, 12, 3),
                Exported.ofIndices("transformer", Shape.of(ANY, ANY), gpt::build, 20, 2, 9),
                Exported.of("recurrent", sequence.inputShape(), () -> sequence, 7, 3, 6));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void onnxRuntimeComputesTheSameAsTheNetwork(Exported network) throws OrtException {
        assertThat(network.error()).isLessThan(2e-6);
    }

    /** All operations of nodes. */
    private static Node operations(Node x) {
        Node heads = x.reshape(ANY, 4, 6); // of images [batch x 4 x 3 x 2]
        Node scores = heads.matmul(heads, Transposed.RIGHT).times(0.3).softmax();
        Node mixed = scores.matmul(heads);
        Node other = heads.permute(0, 2, 1).matmul(heads);
        Node left = Node.concat(1, mixed, other.slice(2, 1, 3).matmul(Node.of(Tensor.full(0.2f, 2, 6))));
        Node safe = left.square()
                .plus(1)
                .sqrt()
                .log()
                .plus(left.clip(-0.5, 0.5).exp())
                .negate();
        Node centred = safe.minus(safe.mean(-1))
                .dividedBy(safe.max(1, 2).minus(safe.min(1, 2)).plus(1));
        Node sums = centred.sum(1).squeeze(1).logSoftmax();
        Node attended =
                Node.attention(AttentionHeads.of(2, 1, true, 0.5), heads, heads.slice(2, 0, 3), heads.slice(2, 3, 6));
        return sums.plus(attended.mean(1).squeeze(1)).plus(sums.tanh().times(sums.sigmoid()));
    }

    @Test
    void aFormulaIsExportedByItsOperations() throws OrtException {
        Layer formula = Formula.of("operations", ExportTest::operations);
        Exported case1 = Exported.of("operations", Shape.of(ANY, 4, 3, 2), () -> formula, 5, 4, 3, 2);
        assertThat(case1.error()).isLessThan(1e-6);

        Layer merged = Formula.of("merged", x -> x.reshape(ANY, 2));
        assertThat(Exported.of("merged", Shape.of(ANY, ANY, 2), () -> merged, 3, 4, 2)
                        .error())
                .isZero();

        Windows windows = new Windows(new Windows.Axis(3, 2, 1, 1, 0), new Windows.Axis(2, 1, 2, 0, 1));
        Tensor kernel = Tensor.zeros(3, 2, 2, 6);
        KEY.normal(kernel, 0, 1);
        Layer convolution = Formula.of(
                "convolution", x -> x.convolution(Node.of(kernel), windows).relu());
        assertThat(Exported.of("convolution", FREE_IMAGES, () -> convolution, 2, 7, 6, 4)
                        .error())
                .isLessThan(1e-6);
    }

    @Test
    void aGraphHasItsInputsAndOutputsByName() throws OrtException {
        Graph.Builder builder = Graph.builder(KEY);
        Node word = builder.input("word", 2);
        Node user = builder.layer("words", Embedding.of(9, 6), word).mean(1).squeeze(1);
        Node item = builder.chain(
                "item",
                builder.input("item", 2, 3),
                n -> n.layer("flatten", new Flatten()).dense("fc", 6).tanh());
        Parameter mix = builder.parameter("mix", Init.normal(0.5), new Fans(6, 6), 6);
        Node both = user.times(item).plus(mix);
        Graph graph = builder.output("score", both.sum(-1)).output("all", both).build();

        Map<String, Tensor> inputs = Map.of(
                "word", Tensor.of(new float[] {0, 8, 3, 3}, 2, 2),
                "item", Tensor.of(new float[] {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6}, 2, 2, 3));
        SequencedMap<String, Tensor> expected = graph.predict(inputs);
        SequencedMap<String, Tensor> actual = Runtime.run(OnnxModel.of(graph).toBytes(), inputs);
        assertThat(actual.sequencedKeySet()).containsExactly("score", "all");
        expected.forEach((name, value) ->
                assertThat(Exported.error(actual.get(name), value)).isLessThan(1e-6));
    }

    @Test
    void aLayerWithoutADescriptionIsRefusedByItsPath() {
        Network network = Network.builder(KEY)
                .input(3)
                .layer("outer", Network.chain(b -> b.dense("fc", 3).layer("own", new OwnRelu())))
                .build();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> OnnxModel.of(network))
                .withMessage("layer 'outer.own': standard operators cannot say what " + new OwnRelu()
                        + " computes: let its class override Layer.export(OperatorGraph, Value), or write it as a"
                        + " Formula");
        Network nonlinear = Network.builder(KEY)
                .input(3)
                .dense("fc", 3)
                .layer("square", new Activation(Nonlinearity.of("square", z -> z * z, z -> 2 * z)))
                .build();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> OnnxModel.of(nonlinear))
                .withMessage("layer 'square': standard operators cannot say the nonlinearity 'square': let its class"
                        + " override Nonlinearity.export(OperatorGraph, Value)");
    }

    @Test
    void aNetworkIsWrittenIntoAFile(@TempDir Path folder) throws IOException {
        Network network = Network.builder(KEY).input(3).dense("fc", 2).relu().build();
        Path file = folder.resolve("model.onnx");
        OnnxModel.of(network).write(file);
        assertThat(file).hasBinaryContent(OnnxModel.of(network).toBytes());
        assertThat(OnnxModel.read(file).network().parametersByPath().sequencedKeySet())
                .containsExactly("fc.weight", "fc.bias");
    }
}
