package nn.train;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import nn.tensor.Tensor;

/**
 * Writes a network as a file of ONNX (Open Neural Network Exchange), which is a message of Protocol Buffers: fields of
 * a number and a value, some of which are messages again. The numbers are those of {@code onnx.proto3}.
 */
final class OnnxModel {
    private static final int FLOAT = 1; // TensorProto.DataType
    private static final int INT = 2; // AttributeProto.AttributeType
    private static final int VARINT = 0; // kinds of fields
    private static final int BYTES = 2;
    private static final int VERSION_OF_FORMAT = 8;
    private static final int VERSION_OF_OPERATORS = 17;

    private final Message graph = new Message();

    OnnxModel(String input, int[] shape, String output) {
        graph.text(2, "graph");
        graph.message(11, value(input, shape));
        graph.message(
                12, new Message().text(1, output).message(2, new Message().message(1, new Message().number(1, FLOAT))));
    }

    private static Message value(String name, int[] shape) {
        Message dims = new Message();
        for (int dim : shape) {
            dims.message(1, new Message().number(1, dim));
        }
        Message type = new Message().number(1, FLOAT).message(2, dims);
        return new Message().text(1, name).message(2, new Message().message(1, type));
    }

    /** Adds a constant tensor, whose shape may be another one of the same size. */
    OnnxModel constant(String name, Tensor value, int... shape) {
        Message tensor = new Message();
        for (int dim : shape) {
            tensor.number(1, dim);
        }
        ByteBuffer bytes = ByteBuffer.allocate(value.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(value.toArray());
        graph.message(5, tensor.number(2, FLOAT).text(8, name).bytes(9, bytes.array()));
        return this;
    }

    /** Adds an operator with attributes that are integers. Nodes are added in the order of computation. */
    OnnxModel node(String operator, List<String> inputs, String output, Map<String, Integer> attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(4, operator);
        attributes.forEach((name, number) ->
                node.message(5, new Message().text(1, name).number(3, number).number(20, INT)));
        graph.message(1, node);
        return this;
    }

    byte[] bytes() {
        return new Message()
                .number(1, VERSION_OF_FORMAT)
                .message(8, new Message().number(2, VERSION_OF_OPERATORS))
                .message(7, graph)
                .toArray();
    }

    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3 | VARINT);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.toArray());
        }

        private void varint(long value) {
            long rest = value;
            for (; rest >= 128; rest >>>= 7) {
                out.write((int) (rest & 127 | 128));
            }
            out.write((int) rest);
        }

        byte[] toArray() {
            return out.toByteArray();
        }
    }
}
