package nn.train.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import nn.layers.Layer;
import nn.layers.graph.Graph;
import nn.layers.network.Network;
import nn.tensor.Shape;
import nn.tensor.operator.OperatorGraph;
import nn.train.internal.io.AtomicFile;
import nn.train.internal.io.ProtobufWriter;
import nn.train.io.DataFormatException;

/** TODO. */
public final class OnnxModel {
    /** The bytes of the largest file: those of the largest message of Protocol Buffers. */
    static final long LARGEST = Integer.MAX_VALUE - 8L;

    private static final String PRODUCER = "nn";

    private final OnnxGraph graph;
    private final int opset;
    private final String producer;

    private OnnxModel(OnnxGraph graph, int opset, String producer) {
        this.graph = graph;
        this.opset = opset;
        this.producer = producer;
    }

    /**
     * Describes a model by the operators of the standard.
     *
     * @param model a layer
     * @param in the shape of its input, such as {@code Shape.of(Shape.ANY, 64)}
     * @return the model
     */
    public static OnnxModel of(Layer model, Shape in) {
        OperatorGraph graph = new OperatorGraph();
        Objects.requireNonNull(model, "model").exportModel(graph, Objects.requireNonNull(in, "in"));
        return new OnnxModel(OnnxGraph.of(graph, Layer.describe(model)), OperatorGraph.OPSET, PRODUCER);
    }

    /**
     * Describes a network.
     *
     * @param network a network
     * @return the model
     */
    public static OnnxModel of(Network network) {
        return of(network, network.inputShape());
    }

    /**
     * Reads a file.
     *
     * @param file the file
     * @return the model
     * @throws IOException if it cannot be read
     */
    public static OnnxModel read(Path file) throws IOException {
        return of(OnnxReader.read(Objects.requireNonNull(file, "file")));
    }

    private static OnnxModel of(OnnxReader.Content content) {
        return new OnnxModel(content.graph(), content.opset(), content.producer());
    }

    static OnnxModel read(byte[] bytes, String source) throws DataFormatException {
        return of(OnnxReader.read(bytes, source));
    }

    /**
     * The network.
     *
     * @return a network
     */
    public Network network() {
        return lowering().network();
    }

    /**
     * The graph.
     *
     * @return a graph
     */
    public Graph graph() {
        return lowering().graph();
    }

    private Lowering lowering() {
        return new Lowering(Importer.plan(graph, opset));
    }

    static IllegalArgumentException tooLarge(long bytes) {
        return new IllegalArgumentException("the model takes " + bytes + " bytes, and an ONNX file at most " + LARGEST
                + ": save it by Safetensors, which has no such limit");
    }

    /**
     * Writes a file.
     *
     * @param file the file
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        ProtobufWriter message = message();
        AtomicFile.write(Objects.requireNonNull(file, "file"), message::writeTo);
    }

    OnnxGraph graphOf() {
        return graph;
    }

    private ProtobufWriter message() {
        ProtobufWriter message = OnnxWriter.model(graph, opset, producer);
        if (message.size() > LARGEST) {
            throw tooLarge(message.size());
        }
        return message;
    }

    byte[] toBytes() {
        return message().toBytes();
    }
}
