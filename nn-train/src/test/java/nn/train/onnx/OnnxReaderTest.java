package nn.train.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.LayerFactory;
import nn.layers.attention.Attention;
import nn.layers.attention.Rotary;
import nn.layers.attention.SinusoidalPositions;
import nn.layers.network.Network;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Rnn;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.internal.io.ProtobufWriter;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encodings of a file that other programs choose, and files that are refused. */
class OnnxReaderTest {
    private static final int FLOAT = 1;
    private static final int HALF = 10;
    private static final int BFLOAT16 = 16;

    /** A model y = x W with this weight [2 x 3], and perhaps more in the graph. */
    private static byte[] model(Consumer<ProtobufWriter> weight, Consumer<ProtobufWriter> more) {
        return new ProtobufWriter()
                .varint(1, 8)
                .message(8, opset -> opset.varint(2, 13))
                .message(7, graph -> {
                    graph.message(
                            1,
                            node -> node.text(1, "x").text(1, "w").text(2, "y").text(4, "MatMul"));
                    graph.text(2, "test").message(5, weight);
                    graph.message(11, input -> value(input, "x", 2)).message(12, output -> value(output, "y", 3));
                    more.accept(graph);
                })
                .toBytes();
    }

    private static byte[] model(Consumer<ProtobufWriter> weight) {
        return model(weight, graph -> {});
    }

    private static void value(ProtobufWriter value, String name, int size) {
        value.text(1, name)
                .message(
                        2,
                        type -> type.message(
                                1,
                                tensor -> tensor.varint(1, FLOAT)
                                        .message(
                                                2,
                                                shape -> shape.message(1, dim -> dim.text(2, "batch"))
                                                        .message(1, dim -> dim.varint(1, size)))));
    }

    private static ProtobufWriter weight(ProtobufWriter tensor, int type) {
        return tensor.packedVarints(1, 2, 3).varint(2, type).text(8, "w");
    }

    private static float[] weights(byte[] model) throws IOException {
        Network network = OnnxModel.read(model, "f").network();
        return network.predict(Tensor.of(new float[] {1, 0, 0, 1}, 2, 2)).toArray();
    }

    @Test
    void weightsAreReadInEveryEncodingOfFloats() throws IOException {
        float[] numbers = {1, -2, 0.5f, 3, 0.25f, -8}; // which halves hold, too
        ByteBuffer raw = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer halves = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer brains = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        long[] halfBits = new long[6];
        for (int i = 0; i < 6; i++) {
            raw.putFloat(numbers[i]);
            halfBits[i] = Float.floatToFloat16(numbers[i]) & 0xFFFF;
            halves.putShort((short) halfBits[i]);
            brains.putShort((short) (Float.floatToRawIntBits(numbers[i]) >>> 16));
        }
        List<byte[]> models = List.of(
                model(w -> weight(w, FLOAT).bytes(9, raw.array())),
                model(w -> weight(w, FLOAT).packedFloats(4, numbers)),
                model(w -> {
                    weight(w, FLOAT);
                    for (float number : numbers) {
                        w.float32(4, number);
                    }
                }),
                model(w -> weight(w, HALF).bytes(9, halves.array())),
                model(w -> weight(w, HALF).packedVarints(5, halfBits)),
                model(w -> weight(w, BFLOAT16).bytes(9, brains.array())));
        for (byte[] model : models) {
            assertThat(weights(model)).isEqualTo(numbers);
        }
    }

    private static final Consumer<ProtobufWriter> WEIGHT = w -> weight(w, FLOAT).packedFloats(4, new float[6]);

    @Test
    void constantsMayBeListedAmongTheInputsAndDescriptionsArePassedOver() throws IOException {
        byte[] model = model(
                WEIGHT,
                graph -> graph.message(11, input -> value(input, "w", 3))
                        .text(10, "a description")
                        .message(13, value -> value(value, "y", 3)));
        assertThat(OnnxModel.read(model, "f").network().inputShape()).isEqualTo(Shape.of(Shape.ANY, 2));
    }

    private static void assertRefused(byte[] model, String message) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> OnnxModel.read(model, "f"))
                .withMessageStartingWith("f: at byte ")
                .withMessageContaining(message);
    }

    @Test
    void whatIsNotInTheFileIsRefused() {
        assertRefused(
                model(w -> weight(w, FLOAT)
                        .message(13, entry -> entry.text(1, "location").text(2, "w.bin"))
                        .varint(14, 1)),
                "graph.initializer[0].data_location says that the numbers are in another file (external data)");
        assertRefused(
                model(w -> weight(w, FLOAT).packedFloats(4, 1, 2)), "has 2 numbers; a tensor [2 x 3] of F32 has 6");
        assertRefused(
                model(w -> weight(w, FLOAT).bytes(9, new byte[20])), "has 20 bytes; a tensor [2 x 3] of F32 has 24");
        assertRefused(model(w -> w.packedVarints(1, 1 << 30, 1 << 30).varint(2, FLOAT)), "a tensor holds at most");
        assertRefused(model(w -> w.packedVarints(1, -3).varint(2, FLOAT)), "dimension -3 is negative");
        assertRefused(model(w -> weight(w, 8)), "data_type of 'w' is 8, which is no type of numbers");
        assertRefused(model(w -> weight(w, FLOAT).message(3, part -> {})), "segment says that this is a part");
        assertRefused(model(WEIGHT, graph -> graph.message(15, sparse -> {})), "sparse_initializer");
        assertRefused(
                model(WEIGHT, graph -> graph.message(5, WEIGHT)), "name is 'w': a constant has a name that no other");
        assertRefused(
                model(
                        WEIGHT,
                        graph -> graph.message(1, node -> node.text(1, "z").text(4, "Relu"))),
                "graph.node[1].input 'z' is given by no node before this one");
        assertRefused(
                model(
                        WEIGHT,
                        graph -> graph.message(1, node -> node.text(2, "y").text(4, "Relu"))),
                "graph.node[1].output 'y' is given twice");
        assertRefused(
                model(WEIGHT, graph -> graph.message(12, output -> value(output, "z", 1))),
                "graph.output 'z' is given by no node");
        assertRefused(
                model(
                        WEIGHT,
                        graph -> graph.message(
                                1, node -> node.message(5, a -> a.text(1, "t").varint(20, 4)))),
                "graph.node[1].attribute[0].t is missing");
        assertRefused(new ProtobufWriter().varint(1, 8).toBytes(), "the model has no graph");
        assertRefused(new byte[0], "this is no ONNX model");
        assertRefused(new byte[] {'P', 'K', 3, 4, 5, 6}, "this is no ONNX model; this looks like a zip archive");
    }

    @Test
    void aFileThatIsMissingOrAFolderIsRefused(@TempDir Path folder) {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> OnnxModel.read(folder.resolve("none.onnx")));
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> OnnxModel.read(folder))
                .withMessageContaining("this is a folder");
    }

    private static byte[] pytorch(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(OnnxReaderTest.class.getResourceAsStream(name + ".onnx"))) {
            return in.readAllBytes();
        }
    }

    private static Network network() {
        return Network.builder(Key.of(1))
                .sequence(4)
                .layer("both", Bidirectional.of(Gru.units(2)))
                .timeMajor()
                .layer("attention", Attention.heads(2).causal())
                .layerNorm("norm")
                .dense("out", 2)
                .build();
    }

    /** Reads a file, or refuses it in one of the two documented ways, with little memory. */
    private static boolean isRead(byte[] file) {
        long limit = 32 << 20;
        boolean[] isRead = new boolean[1];
        long allocated = Allocation.least(limit, () -> {
            try {
                OnnxModel model = OnnxModel.read(file, "f");
                model.graph();
                isRead[0] = true;
            } catch (DataFormatException | UnsupportedOperationException e) {
                assertThat(e).hasMessageNotContainingAny("null");
            }
        });
        assertThat(allocated).isLessThan(limit);
        return isRead[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "gru", "flat"})
    @Timeout(60) // only against a reader that never ends
    void everyPrefixOfAFileIsRefused(String name) throws IOException {
        byte[] file = pytorch(name);
        int last = 0; // where the fields behind the graph begin, which may be missing: they say the opset
        for (int length = 0; length < file.length; length++) {
            if (isRead(Arrays.copyOf(file, length))) {
                last = length;
            }
        }
        assertThat(last).as("a whole model without its end").isZero();
    }

    @Test
    @Timeout(60) // only against a reader that never ends
    void thousandsOfChangedFilesAreReadOrRefused() throws IOException {
        Shape texts = Shape.of(Shape.ANY, Shape.ANY, 8);
        List<byte[]> files = new ArrayList<>(List.of(OnnxModel.of(network()).toBytes()));
        for (LayerFactory factory : List.of(
                Attention.heads(2).rotary(Rotary.interleaved()).mask(Tensor.zeros(4, 4)),
                Rnn.units(3).activation(Nonlinearity.GELU),
                (in, key) -> SinusoidalPositions.of())) {
            files.add(OnnxModel.of(factory.create(texts, Key.of(1)), texts).toBytes());
        }
        for (String name : List.of("mlp13", "cnn", "lstm", "attention_any", "encoder")) {
            files.add(pytorch(name));
        }
        SplittableRandom random = new SplittableRandom(5);
        int read = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] file = files.get(i % files.size()).clone();
            for (int changes = 1 + random.nextInt(2); changes > 0; changes--) {
                file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            }
            read += isRead(file) ? 1 : 0;
        }
        assertThat(read).as("changes of numbers, names and descriptions").isBetween(200, 1800);
    }

    /** A model of one input x [batch x ... x size] and some nodes, of which the last gives y. */
    private static byte[] small(Consumer<ProtobufWriter> nodes, int... dims) {
        return new ProtobufWriter()
                .varint(1, 8)
                .message(8, opset -> opset.varint(2, 17))
                .message(7, graph -> {
                    nodes.accept(graph);
                    graph.message(
                                    11,
                                    input -> input.text(1, "x")
                                            .message(
                                                    2,
                                                    type -> type.message(
                                                            1,
                                                            tensor -> tensor.varint(1, FLOAT)
                                                                    .message(2, shape -> {
                                                                        for (int dim : dims) {
                                                                            shape.message(1, d -> d.varint(1, dim));
                                                                        }
                                                                    }))))
                            .message(12, output -> output.text(1, "y"));
                })
                .toBytes();
    }

    private static void constant(ProtobufWriter graph, String name, int... dims) {
        graph.message(5, tensor -> {
            long size = 1;
            for (int dim : dims) {
                tensor.varint(1, dim);
                size *= dim;
            }
            tensor.varint(2, FLOAT).text(8, name).bytes(9, new byte[(int) size * Float.BYTES]);
        });
    }

    private static void node(ProtobufWriter graph, String type, String to, String... from) {
        graph.message(1, node -> {
            for (String input : from) {
                node.text(1, input);
            }
            node.text(2, to).text(4, type);
        });
    }

    private static void assertRefusedInLittleMemory(byte[] file, String reason) throws IOException {
        long limit = 160 << 20;
        long allocated = Allocation.least(limit, () -> {
            OnnxModel model = OnnxModel.read(file, "f");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(model::graph)
                    .withMessageContaining(reason);
        });
        assertThat(allocated).as(reason).isLessThan(limit);
    }

    /** A layer is made for the features that its weights have, not for those that an input is said to have. */
    @Test
    void anInputOfManyFeaturesMakesNoLargeLayer() throws IOException {
        int many = 1 << 30;
        for (String type : List.of("LayerNormalization", "GroupNormalization", "InstanceNormalization")) {
            assertRefusedInLittleMemory(
                    small(
                            graph -> {
                                constant(graph, "s", 3);
                                node(graph, type, "y", "x", "s", "s");
                            },
                            1,
                            many),
                    "for " + many + " features");
        }
        assertRefusedInLittleMemory(
                small(
                        graph -> {
                            constant(graph, "s", 3);
                            node(graph, "BatchNormalization", "y", "x", "s", "s", "s", "s");
                        },
                        1,
                        many),
                "for " + many + " features");
        for (String type : List.of("Conv", "ConvTranspose")) {
            assertRefusedInLittleMemory(
                    small(
                            graph -> {
                                constant(graph, "w", 2, 2, 1, 1);
                                node(graph, type, "y", "x", "w");
                            },
                            1,
                            many,
                            1,
                            1),
                    "an input of " + many + " channels does not fit the weight");
        }
        assertRefusedInLittleMemory(
                small(
                        graph -> {
                            constant(graph, "s", 1);
                            node(graph, "PRelu", "y", "x", "s");
                        },
                        1,
                        many),
                "too many numbers");
    }

    /** Some bytes for each node, each of which asks for megabytes, or for as many numbers again as all before. */
    @Test
    void aSmallFileMakesFewNumbers() throws IOException {
        byte[] filled = small(
                graph -> {
                    graph.message(
                            5,
                            sizes -> sizes.varint(1, 1)
                                    .varint(2, 7)
                                    .packedVarints(7, 1 << 22)
                                    .text(8, "n"));
                    graph.message(
                            5,
                            one -> one.varint(1, 1)
                                    .varint(2, FLOAT)
                                    .packedFloats(4, 2)
                                    .text(8, "two"));
                    for (int i = 0; i < 100; i++) {
                        String to = "v" + i;
                        graph.message(
                                1,
                                node -> node.text(1, "n")
                                        .text(2, to)
                                        .text(4, "ConstantOfShape")
                                        .message(
                                                5,
                                                attribute -> attribute
                                                        .text(1, "value")
                                                        .varint(20, 4)
                                                        .message(
                                                                5,
                                                                t -> t.varint(1, 1)
                                                                        .varint(2, FLOAT)
                                                                        .packedFloats(4, 2))));
                    }
                    node(graph, "Add", "y", "x", "v99");
                },
                1,
                1 << 22);
        assertRefusedInLittleMemory(filled, "too many numbers");

        byte[] doubled = small(
                graph -> {
                    graph.message(
                            5,
                            sizes -> sizes.varint(1, 4)
                                    .varint(2, 7)
                                    .packedVarints(7, 1, 1, 1, 1)
                                    .text(8, "v0"));
                    for (int i = 0; i < 40; i++) {
                        node(graph, "Concat", "v" + (i + 1), "v" + i, "v" + i);
                    }
                    node(graph, "Reshape", "y", "x", "v40");
                },
                1,
                1);
        assertRefusedInLittleMemory(doubled, "too many numbers");

        byte[] shared = small(
                graph -> {
                    constant(graph, "w", 512, 512);
                    for (int i = 0; i < 1000; i++) {
                        node(graph, "MatMul", i == 999 ? "y" : "v" + i, i == 0 ? "x" : "v" + (i - 1), "w");
                    }
                },
                1,
                512);
        assertRefusedInLittleMemory(shared, "too many numbers");
    }

    @Test
    void aFileOfManyNodesIsReadInTimeThatGrowsWithIt(@TempDir Path folder) throws IOException {
        int count = 20_000;
        byte[] file = new ProtobufWriter()
                .varint(1, 8)
                .message(8, opset -> opset.varint(2, 13))
                .message(7, graph -> {
                    for (int i = 0; i < count; i++) {
                        String from = i == 0 ? "x" : "v" + i;
                        String to = i == count - 1 ? "y" : "v" + (i + 1);
                        graph.message(1, node -> node.text(1, from).text(2, to).text(4, "Relu"));
                    }
                    graph.message(11, input -> value(input, "x", 2)).message(12, output -> value(output, "y", 2));
                })
                .toBytes();
        Path path = Files.write(folder.resolve("deep.onnx"), file);
        Network network = OnnxModel.read(path).network();
        assertThat(network.children()).hasSize(count);
        assertThat(network.forward(Tensor.full(-1, 1, 2), Context.inference())
                        .output()
                        .maxAbs())
                .isZero();
    }
}
