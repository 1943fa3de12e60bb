package nn.train.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.train.internal.io.ProtobufWriter;

/** Writes a graph as a ModelProto. Numbers of fields and types are those of the standard's onnx.proto. */
final class OnnxWriter {
    /** The version of the file format that belongs to the opset. */
    static final int IR_VERSION = 9;

    private OnnxWriter() {}

    static ProtobufWriter model(OnnxGraph graph, int opset, String producer) {
        return new ProtobufWriter()
                .varint(1, IR_VERSION)
                .text(2, producer)
                .message(7, message -> graph(message, graph))
                .message(8, version -> version.text(1, "").varint(2, opset));
    }

    private static void graph(ProtobufWriter message, OnnxGraph graph) {
        graph.nodes().forEach(node -> message.message(1, out -> node(out, node)));
        message.text(2, graph.name());
        graph.constants().forEach((name, tensor) -> message.message(5, out -> tensor(out, name, tensor)));
        graph.inputs().forEach(value -> message.message(11, out -> value(out, value)));
        graph.outputs().forEach(value -> message.message(12, out -> value(out, value)));
    }

    private static void node(ProtobufWriter message, OnnxNode node) {
        node.inputs().forEach(input -> message.text(1, input));
        node.outputs().forEach(output -> message.text(2, output));
        message.text(3, node.name()).text(4, node.type());
        node.attributes().forEach((name, value) -> message.message(5, out -> attribute(out, name, value)));
        if (!node.domain().isEmpty()) {
            message.text(7, node.domain());
        }
    }

    private static void attribute(ProtobufWriter message, String name, OnnxAttribute attribute) {
        message.text(1, name);
        int type = switch (attribute) {
            case OnnxAttribute.Real real -> {
                message.float32(2, real.number());
                yield 1;
            }
            case OnnxAttribute.Whole whole -> {
                message.varint(3, whole.number());
                yield 2;
            }
            case OnnxAttribute.Text text -> {
                message.bytes(4, text.text().getBytes(StandardCharsets.UTF_8));
                yield 3;
            }
            case OnnxAttribute.Numbers numbers -> {
                message.message(5, out -> tensor(out, "", numbers.tensor()));
                yield 4;
            }
            case OnnxAttribute.Body body -> {
                message.message(6, out -> graph(out, body.graph()));
                yield 5;
            }
            case OnnxAttribute.Reals reals -> {
                reals.numbers().forEach(number -> message.float32(7, number));
                yield 6;
            }
            case OnnxAttribute.Wholes wholes -> {
                wholes.numbers().forEach(number -> message.varint(8, number));
                yield 7;
            }
            case OnnxAttribute.Texts texts -> {
                texts.texts().forEach(text -> message.bytes(9, text.getBytes(StandardCharsets.UTF_8)));
                yield 8;
            }
            case OnnxAttribute.Other other ->
                throw new IllegalArgumentException("attribute '" + name + "' of type " + other.type()
                        + " cannot be written: it was read, but its value was left out");
        };
        message.varint(20, type);
    }

    private static void tensor(ProtobufWriter message, String name, OnnxTensor tensor) {
        for (int dim : tensor.shape().dims()) {
            message.varint(1, dim);
        }
        message.varint(2, OperatorGraph.code(tensor.kind())).text(8, name).bytes(9, bytes(tensor));
    }

    /** The numbers in the order of the file, little-endian. */
    private static byte[] bytes(OnnxTensor tensor) {
        return switch (tensor) {
            case OnnxTensor.Floats floats -> {
                Tensor numbers = floats.numbers();
                ByteBuffer buffer = buffer((long) Float.BYTES * numbers.size());
                buffer.asFloatBuffer().put(numbers.array(), numbers.offset(), numbers.size()); // the bits
                yield buffer.array();
            }
            case OnnxTensor.Doubles doubles -> {
                ByteBuffer buffer = buffer((long) Double.BYTES * doubles.numbers().length);
                buffer.asDoubleBuffer().put(doubles.numbers());
                yield buffer.array();
            }
            case OnnxTensor.Wholes wholes -> {
                int size = wholes.kind() == ElementKind.INT64
                        ? Long.BYTES
                        : wholes.kind() == ElementKind.INT32 ? Integer.BYTES : 1;
                ByteBuffer buffer = buffer((long) size * wholes.numbers().length);
                Arrays.stream(wholes.numbers()).forEach(number -> {
                    switch (size) {
                        case Long.BYTES -> buffer.putLong(number);
                        case Integer.BYTES -> buffer.putInt((int) number);
                        default -> buffer.put((byte) number);
                    }
                });
                yield buffer.array();
            }
        };
    }

    private static ByteBuffer buffer(long bytes) {
        if (bytes > OnnxModel.LARGEST) {
            throw OnnxModel.tooLarge(bytes);
        }
        return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void value(ProtobufWriter message, OnnxValue value) {
        message.text(1, value.name());
        message.message(
                2,
                type -> type.message(1, tensor -> {
                    tensor.varint(1, OperatorGraph.code(value.kind()));
                    value.shape().ifPresent(shape -> tensor.message(2, dims -> dims(dims, shape, value.name())));
                }));
    }

    /** A free dimension gets a name, which other programs show. */
    private static void dims(ProtobufWriter message, Shape shape, String name) {
        int axis = 0;
        for (int dim : shape.dims()) {
            String free = name + "_size" + axis++;
            message.message(1, out -> {
                if (dim == Shape.ANY) {
                    out.text(2, free);
                } else {
                    out.varint(1, dim);
                }
            });
        }
    }
}
