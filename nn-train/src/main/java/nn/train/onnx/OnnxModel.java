package nn.train.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import nn.layers.Layer;
import nn.layers.graph.Graph;
import nn.layers.network.Network;
import nn.tensor.Shape;
import nn.tensor.operator.OperatorGraph;
import nn.train.internal.io.AtomicFile;
import nn.train.internal.io.ProtobufWriter;
import nn.train.io.DataFormatException;

/**
 * A model in the <a href="https://onnx.ai">ONNX</a> format: what a model of this library computes in inference,
 * described by the operators of the standard, or such a description that another program wrote.
 *
 * <pre>{@code
 * OnnxModel.of(network).write(Path.of("digits.onnx"));          // for ONNX Runtime, for example
 * Network other = OnnxModel.read(Path.of("theirs.onnx")).network();
 * }</pre>
 *
 * <p><b>Writing.</b> Every built-in layer and nonlinearity describes itself, and so does every {@link
 * nn.layers.graph.Formula}; a custom layer does if it overrides {@link Layer#export}. Files have opset {@value
 * nn.tensor.operator.OperatorGraph#OPSET} and keep the shapes of this library: channels come last in inputs and
 * outputs, and are moved once for a chain of convolutions. Free dimensions stay free. A model of one input and output
 * calls them {@code input} and {@code output}, a {@link Graph} by their names. What acts in training only, such as
 * dropout, is left out. A parameter's name in the file is its path, where it is stored as it is.
 *
 * <p><b>Reading.</b> The operators become layers and operations of this library, with the file's weights as initial
 * values, and can be trained on. Several operators that exporters write for one layer become that layer: a product and
 * a bias, smooth nonlinearities, normalizations, attention, residual blocks. What computes the same and is stored
 * elsewhere stays as it is: constants are not trained unless they are a layer's parameters. An input that has its
 * channels second keeps that shape, and the model then begins by moving them, unless {@link #withChannelsLast} comes
 * first. Where images with their channels second are flattened before a dense layer, the rows of its weight are moved
 * instead.
 *
 * <p>What a layer here writes and reads is the same layer again, with the same bits, except for: dropout, which is left
 * out; tied embeddings, which become two parameters; a known number of sinusoidal positions, which become {@link
 * nn.layers.attention.LearnedPositions}; the padding of an embedding, whose row is trained like others; a sum or mean
 * in a formula that first moves channels or time to the second axis, which adds in another order; and what is written
 * but not read, as the package's page says. A {@link nn.layers.dense.GatedDense}, and other layers that branch, are
 * read by {@link #graph} only. A file names parameters and no tree of layers, so {@code user.fc1} comes back as {@code
 * user_fc1}, and a layer without parameters gets a name from what it does.
 *
 * <p>An object does not change. It refers to the weights of the model that it describes, so write it before they are
 * trained further.
 */
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
     * @param model any layer
     * @param in the shape of its input, {@link Shape#ANY} where a size differs from run to run
     * @return the description
     * @throws UnsupportedOperationException if a layer in it cannot be described; the message names it by its path
     * @throws nn.tensor.ShapeException if the model cannot take such an input
     */
    public static OnnxModel of(Layer model, Shape in) {
        OperatorGraph graph = new OperatorGraph();
        Objects.requireNonNull(model, "model").exportModel(graph, Objects.requireNonNull(in, "in"));
        return new OnnxModel(OnnxGraph.of(graph, Layer.describe(model)), OperatorGraph.OPSET, PRODUCER);
    }

    /**
     * Describes a network, for inputs of the shape that it was built for.
     *
     * @param network any
     * @return the description
     * @throws UnsupportedOperationException if a layer in it cannot be described; the message names it by its path
     */
    public static OnnxModel of(Network network) {
        return of(network, network.inputShape());
    }

    /**
     * Describes a graph, with each of its inputs and outputs by name.
     *
     * @param graph any
     * @return the description
     * @throws UnsupportedOperationException if a layer in it cannot be described; the message names it by its path
     */
    public static OnnxModel of(Graph graph) {
        return of(graph, graph.inputShape());
    }

    /**
     * Reads a file. Weights may have the types float, half and bfloat16. Only what {@link #network} and {@link #graph}
     * need is kept. A network or graph has at most 16,777,216 numbers that the file does not have, such as a filled
     * constant, and four of each that it has, so that a small file cannot make a large model.
     *
     * @param file a model in one file, of any opset
     * @return the description
     * @throws DataFormatException if it is no whole model in this format, or has its weights in another file (external
     *     data)
     * @throws IOException if it cannot be read
     */
    public static OnnxModel read(Path file) throws IOException {
        return of(OnnxReader.read(Objects.requireNonNull(file, "file")));
    }

    /** Reads the bytes of a file. */
    static OnnxModel read(byte[] bytes, String source) throws DataFormatException {
        return of(OnnxReader.read(bytes, source));
    }

    private static OnnxModel of(OnnxReader.Content content) {
        return new OnnxModel(content.graph(), content.opset(), content.producer());
    }

    /**
     * Makes a network: the operators must form a chain of layers and residual blocks, with one input and one output.
     *
     * @return a new network, with weights of its own
     * @throws UnsupportedOperationException if the operators form no chain, or some of them, or their attributes, are
     *     not read; the message lists all of these
     */
    public Network network() {
        return lowering().network();
    }

    /**
     * Makes a graph. Its inputs and outputs have the names of the file.
     *
     * @return a new graph, with weights of its own
     * @throws UnsupportedOperationException if some operators or attributes are not read; the message lists all of
     *     them. Or if there are several inputs or outputs of which one is not [batch x ...] of known size
     */
    public Graph graph() {
        return lowering().graph();
    }

    /**
     * Describes the same model for images with their channels last, as the layers here have them: an input [batch x
     * channels x height x width] of another program becomes [batch x height x width x channels]. It is said of every
     * input of four axes.
     *
     * <pre>{@code
     * Network network = OnnxModel.read(Path.of("theirs.onnx")).withChannelsLast().network();
     * }</pre>
     *
     * @return a description; the axes of inputs are moved once, where the first layer needs it
     */
    public OnnxModel withChannelsLast() {
        return new OnnxModel(graph.withImages(0, 2, 3, 1), opset, producer);
    }

    /**
     * Describes the same model for images with their channels second, as most programs have them: an input [batch x
     * height x width x channels] of a model here becomes [batch x channels x height x width]. It is said of every input
     * of four axes.
     *
     * <pre>{@code
     * OnnxModel.of(network).withChannelsSecond().write(Path.of("ours.onnx"));
     * }</pre>
     *
     * @return a description; the axes of inputs are moved once, where the first layer needs it
     */
    public OnnxModel withChannelsSecond() {
        return new OnnxModel(graph.withImages(0, 3, 1, 2), opset, producer);
    }

    /**
     * Describes the same model for inputs whose size along an axis differs from run to run. Exporters often fix the
     * batch, to 1 for example; {@code withFree(0)} frees it:
     *
     * <pre>{@code
     * Network network = OnnxModel.read(Path.of("theirs.onnx")).withFree(0).network();
     * }</pre>
     *
     * <p>It is said of every input and output that has this axis. Where the file reshapes a value to the fixed size
     * along this axis, the value keeps the size that it has. What else rests on the fixed size is refused when the
     * model is made, or is wrong in a model that cannot tell, as one that splits the batch: compare its results with
     * those of the file.
     *
     * @param axis 0 for the batch; 1 too for sequences [time x batch x ...]
     * @return a description
     * @throws IllegalArgumentException if the axis is negative, or no input has it
     */
    public OnnxModel withFree(int axis) {
        if (axis < 0) {
            throw new IllegalArgumentException("axis " + axis + " of an input; the first axis is 0");
        }
        return new OnnxModel(graph.withFree(axis), opset, producer);
    }

    private Lowering lowering() {
        return new Lowering(Importer.plan(graph, opset));
    }

    /**
     * Writes a file. It replaces an old one as a whole: after a crash at any moment, the old file or the new one exists
     * under the name.
     *
     * @param file the destination, usually {@code .onnx}; its folder must exist
     * @throws IOException if it cannot be written; the old file is unchanged
     * @throws IllegalArgumentException if the file would be larger than 2 gigabytes, which the format does not allow
     */
    public void write(Path file) throws IOException {
        ProtobufWriter message = message();
        AtomicFile.write(Objects.requireNonNull(file, "file"), message::writeTo);
    }

    /** Returns the bytes of the file. */
    byte[] toBytes() {
        return message().toBytes();
    }

    private ProtobufWriter message() {
        ProtobufWriter message = OnnxWriter.model(graph, opset, producer);
        if (message.size() > LARGEST) {
            throw tooLarge(message.size());
        }
        return message;
    }

    static IllegalArgumentException tooLarge(long bytes) {
        return new IllegalArgumentException("the model takes " + bytes + " bytes, and an ONNX file at most " + LARGEST
                + ": save it by Checkpoint.saveWeights, which has no such limit");
    }

    /**
     * How often each operator occurs.
     *
     * @return by type, with its domain if that is not the standard; sorted by type
     */
    public SequencedMap<String, Integer> operators() {
        TreeMap<String, Integer> counts = new TreeMap<>();
        graph.nodes().forEach(node -> counts.merge(node.fullType(), 1, Integer::sum));
        return Collections.unmodifiableSequencedMap(counts);
    }

    /**
     * Describes this model for people: who wrote it, inputs, outputs, the number of weights, and the operators, with a
     * mark at those that are not read.
     *
     * @return several lines
     */
    public String summary() {
        StringBuilder text = new StringBuilder();
        text.append("written by ").append(producer.isEmpty() ? "an unknown program" : producer);
        text.append(", opset ").append(opset).append('\n');
        for (OnnxValue value : graph.inputs()) {
            boolean isFixed = value.size(0).orElse((long) Shape.ANY) != Shape.ANY;
            text.append("input   ").append(value).append(isFixed ? "   (a fixed batch: see withFree)" : "");
            text.append('\n');
        }
        graph.outputs().forEach(value -> text.append("output  ").append(value).append('\n'));
        long numbers = graph.constants().values().stream()
                .mapToLong(tensor -> tensor.shape().size())
                .sum();
        text.append(graph.constants().size())
                .append(" constants of ")
                .append(numbers)
                .append(" numbers\n");
        operators()
                .forEach((type, count) -> text.append(count)
                        .append(" x ")
                        .append(type)
                        .append(Importer.types().contains(type) ? "" : "   (not read)")
                        .append('\n'));
        return text.toString();
    }

    /** Such as {@code OnnxModel of 12 operators, opset 19}. */
    @Override
    public String toString() {
        int count = graph.nodes().size();
        return "OnnxModel of " + count + (count == 1 ? " operator" : " operators") + ", opset " + opset;
    }
}
