package nn.train.onnx;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.attention.Attention;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.graph.Graph;
import nn.layers.graph.Node;
import nn.layers.network.Network;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Lstm;
import nn.layers.shape.Flatten;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import nn.train.Allocation;
import nn.train.Trainer;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read: files of this library, with the same bits, and files of PyTorch, which ONNX Runtime runs too. */
class ImportTest {
    private static final int ANY = Shape.ANY;

    /** The cases of {@link ExportTest} that are written and not read, as expressions, and what the error says. */
    private static final Map<String, String> NOT_READ = Map.of(
            "masked .*|last valid step", "Equal",
            "linear recurrence|bidirectional stack", "Scan");

    private static Stream<Exported> all() {
        return Stream.concat(ExportTest.layers(), ExportTest.networks());
    }

    private static Layer readBack(OnnxModel written) throws IOException {
        OnnxModel read = OnnxModel.read(written.toBytes(), "f");
        try {
            return read.network();
        } catch (UnsupportedOperationException e) {
            return read.graph();
        }
    }

    static Stream<Exported> sameAgain() {
        return all().filter(layer -> NOT_READ.keySet().stream().noneMatch(layer.name()::matches));
    }

    @ParameterizedTest
    @MethodSource("sameAgain")
    void whatIsWrittenIsReadWithTheSameBits(Exported layer) throws IOException {
        Layer model = Exported.drawn(layer.layer().get());
        Layer back = readBack(OnnxModel.of(model, layer.in()));
        Tensor expected = model.forward(layer.x(), Context.inference()).output();
        Tensor actual = back.forward(layer.x(), Context.inference()).output();
        assertThat(actual).as(back.summary()).isBitEqualTo(expected);
    }

    @Test
    void theRestIsRefusedByTheOperatorThatIsNotRead() {
        NOT_READ.forEach((names, operator) -> {
            List<Exported> some =
                    all().filter(layer -> layer.name().matches(names)).toList();
            assertThat(some).as(names).isNotEmpty().allSatisfy(layer -> {
                OnnxModel written = OnnxModel.of(layer.layer().get(), layer.in());
                assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(() -> readBack(written))
                        .withMessageContaining("\n  " + operator + " '");
            });
        });
    }

    @Test
    void theLayersAreThoseThatWereWritten() throws IOException {
        Network network = Network.builder(Key.of(3))
                .input(Shape.of(ANY, 8, 8, 1))
                .layer(
                        "conv",
                        nn.layers.convolution.Convolution.channels(4)
                                .kernel(3, 3)
                                .same())
                .relu()
                .layer("pool", nn.layers.convolution.Pool.max(2, 2))
                .layer("flatten", new Flatten())
                .dense("out", 3)
                .build();
        Layer back = readBack(OnnxModel.of(network));
        assertThat(back.children().sequencedKeySet()).containsExactly("conv", "relu", "pool", "flatten", "out");
        assertThat(back.parametersByPath().sequencedKeySet())
                .isEqualTo(network.parametersByPath().sequencedKeySet());
        assertThat(OnnxModel.of(network).operators())
                .as("channels are moved once at the door and once before they are flattened")
                .containsEntry("Transpose", 2);
    }

    static Stream<Layer> attention() {
        return Stream.of(5, ANY).flatMap(time -> {
            Shape in = Shape.of(ANY, time, 16);
            Attention.Config heads = Attention.heads(2);
            return Stream.of(
                    Attention.heads(1).create(in, Key.of(1)),
                    Attention.heads(1).causal().rotary(Rotary.halves()).create(in, Key.of(1)),
                    heads.keyValueHeads(1).causal().create(in, Key.of(1)),
                    heads.rotary(Rotary.halves()).create(in, Key.of(1)),
                    heads.rotary(Rotary.halves().base(500_000)).create(in, Key.of(1)),
                    heads.rotary(Rotary.interleaved().base(1234.5)).create(in, Key.of(1)),
                    heads.rotary(Rotary.halves().rotated(4)).causal().create(in, Key.of(1)),
                    heads.keyValueHeads(1)
                            .rotary(Rotary.interleaved().rotated(4))
                            .withoutBias()
                            .create(in, Key.of(1)));
        });
    }

    /** As one layer, with any number of heads, and with the base of rotary positions, which no file says. */
    @ParameterizedTest
    @MethodSource("attention")
    void attentionIsThatWhichWasWritten(Layer attention) throws IOException {
        for (int time : new int[] {5, ANY}) {
            OnnxModel written = OnnxModel.of(attention, Shape.of(ANY, time, 16));
            Network back = OnnxModel.read(written.toBytes(), "f").network();
            assertThat(back.children()).hasSize(1);
            assertThat(Layer.describe(back.children().firstEntry().getValue())).isEqualTo(Layer.describe(attention));
        }
    }

    @Test
    void sinusoidalPositionsOfAnyNumberAreThoseThatWereWritten() throws IOException {
        for (SinusoidalPositions.Order order : SinusoidalPositions.Order.values()) {
            for (int features : new int[] {6, 7}) {
                Layer layer = new SinusoidalPositions(order);
                OnnxModel written = OnnxModel.of(layer, Shape.of(ANY, ANY, features));
                Network back = OnnxModel.read(written.toBytes(), "f").network();
                assertThat(back.children().values()).containsExactly(layer);
            }
        }
    }

    /** A model whose constants in double, the angles of positions, are a little larger. */
    private static OnnxModel withOtherAngles(Layer layer, Shape in) throws IOException {
        OperatorGraph graph = new OperatorGraph();
        layer.exportModel(graph, in);
        OnnxGraph written = OnnxGraph.of(graph, "test");
        SequencedMap<String, OnnxTensor> constants = new LinkedHashMap<>(written.constants());
        constants.replaceAll((name, constant) -> constant instanceof OnnxTensor.Doubles doubles
                        && name.contains("speeds")
                ? new OnnxTensor.Doubles(
                        doubles.shape(),
                        Arrays.stream(doubles.numbers()).map(Math::nextUp).toArray())
                : constant);
        assertThat(constants).isNotEqualTo(written.constants());
        OnnxGraph other = new OnnxGraph("test", written.nodes(), constants, written.inputs(), written.outputs());
        return OnnxModel.read(OnnxWriter.model(other, 19, "test").toBytes(), "f");
    }

    /** A model that says that its input has a billion features, which the angles in the file do not have. */
    @Test
    void positionsOfFewerFeaturesAreRefusedInLittleMemory() throws IOException {
        OperatorGraph graph = new OperatorGraph();
        new SinusoidalPositions(SinusoidalPositions.Order.HALVES).exportModel(graph, Shape.of(ANY, ANY, 8));
        OnnxGraph written = OnnxGraph.of(graph, "test");
        OnnxValue input = written.inputs().getFirst();
        OnnxValue wide = new OnnxValue(input.name(), input.kind(), Optional.of(Shape.of(ANY, ANY, 1 << 30)));
        OnnxGraph other = new OnnxGraph("test", written.nodes(), written.constants(), List.of(wide), written.outputs());
        OnnxModel model = OnnxModel.read(OnnxWriter.model(other, 19, "test").toBytes(), "f");
        long limit = 16 << 20;
        long allocated = Allocation.least(
                limit,
                () -> assertThatExceptionOfType(UnsupportedOperationException.class)
                        .isThrownBy(model::graph)
                        .withMessageContaining("positions that are neither those of SinusoidalPositions"));
        assertThat(allocated).isLessThan(limit);
    }

    @Test
    void positionsOfOtherAnglesAreRefused() throws IOException {
        Shape in = Shape.of(ANY, ANY, 16);
        OnnxModel sinusoidal = withOtherAngles(SinusoidalPositions.of(), in);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(sinusoidal::graph)
                .withMessageContaining("positions that are neither those of SinusoidalPositions");
        OnnxModel rotary =
                withOtherAngles(Attention.heads(2).rotary(Rotary.halves()).create(in, Key.of(1)), in);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(rotary::graph)
                .withMessageContaining("positions that are not rotary ones of attention");
    }

    private static OnnxModel pytorch(String name) throws IOException {
        return OnnxModel.read(bytes(name), name);
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ImportTest.class.getResourceAsStream(name + ".onnx"), name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mlp|3 6|Dense gelu Dense leaky LayerNorm Dense Softmax",
                "mlp13|3 6|Dense silu LayerNorm Dense logSoftmax",
                "cnn|3 2 12 10|permute Convolution relu Pool Residual Convolution Pool TransposedConvolution"
                        + " GlobalPool Dense",
                "flat|3 1 8 6|Reshape Convolution tanh Pool Flatten Dense",
                "lstm|7 3 5|Lstm Lstm LastStep Dense",
                "lstm_batch_first|3 7 5|TimeMajor Lstm LastStep Dense",
                "gru|7 3 5|Gru LastStep Dense",
                "rnn|7 3 5|Rnn LastStep Dense",
                "bilstm|7 3 5|Bidirectional Dense",
                "attention_any|3 7 8|Attention",
                "gpt_any|3 4|Embedding LearnedPositions Residual Residual Residual Residual LayerNorm Dense",
                "tokens|3 7|Embedding TimeMajor Gru MeanOverTime Dense",
                "encoder|3 5 8|",
                "mha|5 2 8|"
            })
    void aFileOfPyTorchBecomesTheSameModel(String name, String dims, String layers) throws IOException, OrtException {
        int[] shape = Arrays.stream(dims.split(" ")).mapToInt(Integer::parseInt).toArray();
        Tensor x = Tensor.zeros(shape);
        Key.of(2).normal(x, 0, 1);
        if (shape.length == 2 && !name.startsWith("mlp")) { // tokens
            for (int i = 0; i < x.size(); i++) {
                x.array()[i] = (5 * i + 1) % 9;
            }
        }
        OnnxModel model = pytorch(name);
        Layer read = layers == null ? model.graph() : model.network();
        if (layers != null) {
            assertThat(kinds(read)).isEqualTo(layers);
        }
        Tensor expected = Runtime.run(bytes(name), Map.of("input", x)).get("output");
        Tensor actual = read.forward(x, Context.inference()).output();
        assertThat(Exported.error(actual, expected)).isLessThan(2e-6);
    }

    private static Network classifier() {
        return Network.builder(Key.of(6))
                .input(Shape.of(ANY, 9, 8, 3))
                .layer(
                        "conv1",
                        nn.layers.convolution.Convolution.channels(4)
                                .kernel(3, 3)
                                .stride(2)
                                .same())
                .batchNorm("norm")
                .relu()
                .layer("pool", nn.layers.convolution.Pool.max(2, 2))
                .layer("flatten", new Flatten())
                .dense("hidden", 7)
                .relu()
                .dense("out", 5)
                .build();
    }

    private static Tensor images(int... dims) {
        Tensor images = Tensor.zeros(dims);
        Key.of(7).normal(images, 0, 1);
        return images;
    }

    private static String kinds(Layer model) {
        return model.children().values().stream()
                .map(layer -> Layer.describe(layer).split("[ (]")[0])
                .collect(Collectors.joining(" "));
    }

    /** Images of the other program have their channels second; those of the network that is read have them last. */
    @ParameterizedTest
    @CsvSource({"cnn, 12, 10, 2", "flat, 8, 6, 1"})
    void anImageClassifierIsReadWithItsChannelsLast(String name, int height, int width, int channels)
            throws IOException, OrtException {
        Network network = pytorch(name).withChannelsLast().network();
        assertThat(network.inputShape()).isEqualTo(Shape.of(ANY, height, width, channels));
        assertThat(kinds(network)).startsWith("Convolution").doesNotContain("permute");
        Tensor second = images(3, channels, height, width);
        Tensor expected = Runtime.run(bytes(name), Map.of("input", second)).get("output");
        Tensor actual =
                network.forward(second.permute(0, 2, 3, 1), Context.inference()).output();
        assertThat(Exported.error(actual, expected)).isLessThan(2e-6);
    }

    @Test
    void anImageClassifierIsWrittenWithItsChannelsSecondAndReadBackWithTheSameBits() throws IOException, OrtException {
        Layer network = Exported.drawn(classifier());
        OnnxModel written = OnnxModel.of(network, Shape.of(ANY, 9, 8, 3)).withChannelsSecond();
        assertThat(written.summary()).contains("input   input [? x 3 x 9 x 8]\n");
        assertThat(written.operators())
                .as("moved only before they are flattened")
                .containsEntry("Transpose", 1);
        Tensor last = images(2, 9, 8, 3);
        Tensor expected = network.forward(last, Context.inference()).output();
        Tensor second = last.permute(0, 3, 1, 2);
        Tensor theirs = Runtime.run(written.toBytes(), Map.of("input", second)).get("output");
        assertThat(Exported.error(theirs, expected)).isLessThan(2e-6);
        OnnxModel read = OnnxModel.read(written.toBytes(), "f");
        Network back = read.withChannelsLast().network();
        assertThat(kinds(back)).isEqualTo("Convolution BatchNorm relu Pool Flatten Dense relu Dense");
        assertThat(back.forward(last, Context.inference()).output()).isBitEqualTo(expected);
        Layer same = read.network();
        assertThat(same.forward(second, Context.inference()).output()).isBitEqualTo(expected);
    }

    /** Files whose batch is 1, as exporters write them by default: with reshapes to a batch of 1, too. */
    @Test
    void aFixedBatchIsFreed() throws IOException {
        Layer network = Exported.drawn(classifier());
        OnnxModel fixed = OnnxModel.of(network, Shape.of(1, 9, 8, 3));
        assertThat(fixed.summary()).contains("input   input [1 x 9 x 8 x 3]   (a fixed batch: see withFree)\n");
        Tensor x = images(5, 9, 8, 3);
        Tensor expected = network.forward(x, Context.inference()).output();
        OnnxModel free = OnnxModel.read(fixed.toBytes(), "f").withFree(0);
        assertThat(free.summary()).contains("input   input [? x 9 x 8 x 3]\n").doesNotContain("withFree");
        assertThat(free.network().forward(x, Context.inference()).output()).isBitEqualTo(expected);
        assertThat(free.withFree(0).summary()).isEqualTo(free.summary());
    }

    @Test
    void aReshapeToTheFixedBatchKeepsTheBatch() throws IOException, OrtException {
        OperatorGraph graph = new OperatorGraph();
        Value x = graph.input("input", ElementKind.FLOAT32, Shape.of(1, 4, 3));
        Value rows = graph.reshape(graph.elementwise("Relu", x), Shape.of(1, 12));
        graph.output("output", graph.elementwise("Tanh", rows));
        OnnxModel free = of(graph).withFree(0);
        Tensor some = images(5, 4, 3);
        Tensor expected = Runtime.run(free.toBytes(), Map.of("input", some)).get("output");
        assertThat(expected.shape()).isEqualTo(Shape.of(5, 12));
        Network network = free.network();
        assertThat(network.inputShape()).isEqualTo(Shape.of(ANY, 4, 3));
        assertThat(Exported.error(network.forward(some, Context.inference()).output(), expected))
                .isLessThan(2e-6);
    }

    /** [time x batch x features]: the batch is the second axis. */
    @Test
    void aFixedBatchOfSequencesIsFreed() throws IOException {
        Layer lstm = Exported.drawn(Lstm.units(4).create(3, Key.of(2)));
        OnnxModel fixed = OnnxModel.read(OnnxModel.of(lstm, Shape.of(6, 1, 3)).toBytes(), "f");
        Tensor x = images(6, 5, 3);
        Tensor expected = lstm.forward(x, Context.inference()).output();
        Network network = fixed.withFree(1).network();
        assertThat(network.inputShape()).isEqualTo(Shape.of(6, ANY, 3));
        assertThat(network.forward(x, Context.inference()).output()).isBitEqualTo(expected);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixed.withFree(3))
                .withMessage("no input has an axis 3: input [6 x 1 x 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fixed.withFree(-1))
                .withMessage("axis -1 of an input; the first axis is 0");
    }

    /** The order of a sum is that of the axis along which it runs. */
    @Test
    void aMeanOverTimeIsAlongTheSameAxisAgain() throws IOException {
        Network network = Network.builder(Key.of(1))
                .input(Shape.of(ANY, ANY, 8))
                .timeMajor()
                .layer("mean", new MeanOverTime())
                .build();
        Layer back = readBack(OnnxModel.of(network));
        for (int steps = 3; steps <= 13; steps++) {
            Tensor x = images(3, steps, 8);
            assertThat(back.forward(x, Context.inference()).output())
                    .isBitEqualTo(network.forward(x, Context.inference()).output());
        }
        assertThat(kinds(back)).isEqualTo("TimeMajor MeanOverTime");
    }

    /** A model that reads an image twice, once as it is. */
    @Test
    void anImageThatIsNotOnlyMovedIsMovedAtTheDoor() throws IOException, OrtException {
        OperatorGraph graph = new OperatorGraph();
        Value x = graph.input("input", ElementKind.FLOAT32, Shape.of(ANY, 4, 3, 2));
        Value pooled = graph.elementwise("Relu", graph.transpose(x, 0, 3, 1, 2));
        graph.output("output", graph.elementwise("Add", x, graph.transpose(pooled, 0, 2, 3, 1)));
        OnnxModel model = of(graph);
        OnnxModel moved = model.withChannelsSecond();
        Tensor last = images(2, 4, 3, 2);
        Tensor expected = Runtime.run(model.toBytes(), Map.of("input", last)).get("output");
        Tensor actual = Runtime.run(moved.toBytes(), Map.of("input", last.permute(0, 3, 1, 2)))
                .get("output");
        assertThat(actual).isBitEqualTo(expected);
    }

    @Test
    void aModelThatWasReadIsTrained() throws IOException {
        Network network = pytorch("lstm").network();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), Key.of(1));
        Tensor x = Tensor.zeros(4, 6, 5);
        Key.of(1).normal(x, 0, 1);
        double first = trainer.step(x, Tensor.zeros(6, 3)).loss();
        for (int i = 0; i < 20; i++) {
            trainer.step(x, Tensor.zeros(6, 3));
        }
        assertThat(trainer.step(x, Tensor.zeros(6, 3)).loss()).isLessThan(first / 2);
        assertThat(network.parameter("lstm.forget_bias").initializer()).hasToString("read from a file");
    }

    @Test
    void aGraphKeepsTheNamesOfInputsAndOutputs() throws IOException {
        Graph.Builder builder = Graph.builder(Key.of(1));
        Node a = builder.layer("left", nn.layers.dense.Dense.units(3), builder.input("a", 2));
        Node b = builder.input("b", 3);
        Graph graph = builder.output("sum", a.plus(b))
                .output("product", a.times(b).relu())
                .build();
        Graph back = OnnxModel.read(OnnxModel.of(graph).toBytes(), "f").graph();
        Map<String, Tensor> x = Map.of("a", Tensor.full(2, 4, 2), "b", Tensor.full(-1, 4, 3));
        graph.predict(x)
                .forEach((name, value) -> assertThat(back.predict(x).get(name)).isBitEqualTo(value));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> OnnxModel.of(graph).network())
                .withMessage("the model has 2 inputs and 2 outputs, and a network has one of each: read it as a graph");
    }

    private static OnnxModel of(OperatorGraph graph) throws IOException {
        OnnxModel model = OnnxModel.read(
                OnnxWriter.model(OnnxGraph.of(graph, "test"), 19, "test").toBytes(), "f");
        assertThat(model.toString()).startsWith("OnnxModel of ");
        return model;
    }

    /** Every operator and attribute that cannot be read, and what makes an input useless; nothing that follows. */
    @Test
    void everythingThatCannotBeReadIsListedAtOnce() throws IOException {
        OperatorGraph graph = new OperatorGraph();
        Value x = graph.input("x", ElementKind.FLOAT32, Shape.of(ANY, 4));
        Value a = graph.call("Acosh", x).gives(x.shape());
        Value b = graph.call("Relu", a).gives(x.shape());
        Value c =
                graph.call("LeakyRelu", b).with("alpha", 0.1f).with("beta", 2f).gives(x.shape());
        Value d = graph.call("Gemm", x, graph.constant("w", Tensor.zeros(4, 4)))
                .with("alpha", 2f)
                .gives(x.shape());
        Value e = graph.call("Softmax", d).with("axis", 7).gives(x.shape());
        graph.output("y", graph.elementwise("Add", c, e));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> of(graph).network())
                .withMessage("""
                    the model has 3 parts that cannot be read:
                      Acosh 'Acosh': this operator is not read
                      LeakyRelu 'LeakyRelu': attribute beta is not read
                      Gemm 'Gemm': alpha and beta must be 1\
                    """);
    }

    /** What exporters write as several operators, or as one that has no layer here. */
    @ParameterizedTest
    @ValueSource(strings = {"Mish", "HardSwish", "LogSigmoid", "HardSigmoid", "Softsign", "Abs", "Reciprocal"})
    void otherFormsOfNonlinearitiesAreRead(String name) throws IOException, OrtException {
        OperatorGraph graph = new OperatorGraph();
        Value x = graph.input("input", ElementKind.FLOAT32, Shape.of(ANY, 6));
        Value y = switch (name) {
            case "Mish" -> graph.elementwise("Mul", x, graph.elementwise("Tanh", graph.elementwise("Softplus", x)));
            case "HardSwish" -> {
                Value gate = graph.call("HardSigmoid", x).with("alpha", 1f / 6).elementwise();
                yield graph.elementwise("Mul", x, gate);
            }
            case "LogSigmoid" -> graph.elementwise("Log", graph.elementwise("Sigmoid", x));
            default -> graph.elementwise(name, x);
        };
        graph.output("output", y);
        OnnxModel model = of(graph);
        Network network = model.network();
        Tensor values = Tensor.zeros(50, 6);
        Key.of(4).normal(values, 0, 1);
        Tensor expected = Runtime.run(model.toBytes(), Map.of("input", values)).get("output");
        Tensor actual = network.forward(values, Context.inference()).output();
        assertThat(Exported.error(actual, expected)).isLessThan(1e-6);
        assertThat(network.children()).as("one layer").hasSize(1);
        boolean isLayer = List.of("Mish", "HardSwish", "LogSigmoid").contains(name);
        assertThat(network.children().firstEntry().getValue().activation().isPresent())
                .isEqualTo(isLayer);
    }

    private static void assertRefused(String type, String reason, Shape in, Tensor constant, Object... attributes)
            throws IOException {
        OperatorGraph graph = new OperatorGraph();
        Value x = graph.input("x", ElementKind.FLOAT32, in);
        OperatorGraph.Call call = graph.call(type, x, graph.constant("c", constant));
        for (int i = 0; i < attributes.length; i += 2) {
            String name = (String) attributes[i];
            switch (attributes[i + 1]) {
                case Integer number -> call.with(name, (long) number);
                case long[] numbers -> call.with(name, numbers);
                case String text -> call.with(name, text);
                default -> throw new AssertionError();
            }
        }
        graph.output("y", call.gives(in));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .as(type)
                .isThrownBy(() -> of(graph).graph())
                .withMessageContaining(type + " '" + type + "': ")
                .withMessageContaining(reason);
    }

    @Test
    void whatALayerCannotDoIsRefusedWithTheReason() throws IOException {
        Shape rows = Shape.of(ANY, 4);
        Shape images = Shape.of(ANY, 3, 8, 8);
        assertRefused("Conv", "SAME_LOWER", images, Tensor.zeros(2, 3, 3, 3), "auto_pad", "SAME_LOWER");
        assertRefused(
                "Conv",
                "an input of 3 channels does not fit the weight [2 x 3 x 3 x 3] in 2 groups",
                images,
                Tensor.zeros(2, 3, 3, 3),
                "group",
                2);
        assertRefused("Conv", "windows over 3 axes", Shape.of(ANY, 1, 4, 4, 4), Tensor.zeros(2, 1, 3, 3, 3));
        assertRefused(
                "Conv", "kernel_shape is not that of", images, Tensor.zeros(2, 3, 3, 3), "kernel_shape", new long[] {
                    2, 2
                });
        assertRefused(
                "Conv", "pads has 2 numbers instead of 4", images, Tensor.zeros(2, 3, 3, 3), "pads", new long[] {1, 1});
        assertRefused("Conv", "attribute strides is 0", images, Tensor.zeros(2, 3, 3, 3), "strides", new long[] {0, 1});
        assertRefused("MatMul", "does not fit a weight [3 x 2]", rows, Tensor.zeros(3, 2));
        assertRefused("MatMul", "not finite", rows, Tensor.full(Float.NaN, 4, 2));
        assertRefused("Add", "cannot be repeated to [? x 4]", rows, Tensor.zeros(3));
        assertRefused("Pow", "a power of 1.5", rows, Tensor.full(1.5f));
        assertRefused("PRelu", "slopes [3]", rows, Tensor.zeros(3));
        assertRefused("Reshape", "must be constant whole numbers", rows, Tensor.zeros(2));
    }

    /** The table of the package says what is read and what is not. */
    @Test
    void thePackageListsEveryOperator() throws IOException {
        String page = Files.readString(Path.of("src/main/java/nn/train/onnx/package-info.java"))
                .replaceAll("\\s*\\n \\* ?", " ");
        Set<String> read = new TreeSet<>();
        Set<String> written = new TreeSet<>();
        Matcher rows = Pattern.compile("<tr><td>(\\w+)</td><td>(.*?)</td><td>(.*?)</td></tr>")
                .matcher(page);
        while (rows.find()) {
            if (!rows.group(3).equals("refused")) {
                read.add(rows.group(1));
            }
            if (!rows.group(2).isEmpty()) {
                written.add(rows.group(1));
            }
        }
        assertThat(read).isEqualTo(new TreeSet<>(Importer.types()));
        Set<String> used = new TreeSet<>();
        all().forEach(layer -> used.addAll(
                OnnxModel.of(layer.layer().get(), layer.in()).operators().keySet()));
        assertThat(written).containsAll(used);
    }

    @Test
    void aSummarySaysWhatIsInAFile() throws IOException {
        assertThat(OnnxModel.of(new Acosh(), Shape.of(ANY, 2)).summary()).isEqualTo("""
            written by nn, opset 19
            input   input [? x 2]
            output  output [? x 2]
            1 constants of 1 numbers
            1 x Acosh   (not read)
            1 x Add
            """);
        assertThat(pytorch("rnn").summary())
                .startsWith("written by pytorch, opset 17\ninput   input [? x ? x 5]\noutput  output [? x 3]\n");
    }

    /** acosh(x) + 1 by an operator that is not read. */
    private record Acosh() implements Layer {
        @Override
        public Pass newPass() {
            throw new AssertionError("only described");
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public Value export(OperatorGraph graph, Value x) {
            return graph.elementwise("Add", graph.elementwise("Acosh", x), graph.number("one", 1));
        }
    }
}
