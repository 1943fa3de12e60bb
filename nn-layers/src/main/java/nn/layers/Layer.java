package nn.layers;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * A differentiable function of a tensor, with parameters. A custom layer implements {@link #newPass} and {@link
 * #outputShape}, and {@link #parameters} if it has any. The built-in layers use nothing else.
 *
 * <p>A layer's parameters are its only state; a {@link Pass} keeps the tensors that a step needs between its forward
 * and its backward pass. So several threads may use a model as long as none of them trains it.
 */
public interface Layer {
    /**
     * Creates an object that runs this layer forward and backward, step after step, in one place of a model.
     *
     * @return a new pass at every call; passes share nothing but the parameters
     */
    Pass newPass();

    /**
     * Runs the layer forward once, with a new pass.
     *
     * @param x the input, of a shape that {@link #outputShape} accepts; not changed
     * @param context gives scratch tensors and says whether this is training
     * @return the pass, which has the output and computes the gradients
     * @throws nn.tensor.ShapeException if the input has a shape that this layer cannot take
     * @throws NullPointerException if a layer returned null (the message names it), or an argument is null
     */
    default Pass forward(Tensor x, Context context) {
        Pass pass = Pass.of(this);
        Objects.requireNonNull(context, "context").run(pass, x);
        return pass;
    }

    /**
     * Returns the shape of the output for a shape of the input. A network's builder calls it with {@link Shape#ANY} for
     * the batch (and the time), so that layers which do not fit together are found before any data arrives.
     *
     * @param in the input's shape, free dimensions included
     * @return the output's shape
     * @throws nn.tensor.ShapeException if this layer cannot take such an input
     */
    Shape outputShape(Shape in);

    /**
     * Returns the axis of the output that counts the examples of a batch, for an axis of the input that does: 0 in
     * [batch x ...], 1 in [time x batch x ...]. Code that splits or joins batches relies on it, so a layer that
     * combines elements along an axis returns nothing for that axis: a recurrent layer returns 1 for 1, and nothing for
     * 0, its time axis.
     *
     * <p>By default a layer without {@link #children} keeps the axis, which is right if it treats every row by itself.
     * A layer made of layers passes the axis through its children, one after the other.
     *
     * @param in the axis of the input that counts the examples, from 0
     * @return the axis of the output; empty if this layer cannot take examples along that axis
     */
    default OptionalInt batchAxis(int in) {
        OptionalInt axis = OptionalInt.of(in);
        for (Layer child : children().values()) {
            axis = axis.isPresent() ? child.batchAxis(axis.getAsInt()) : axis;
        }
        return axis;
    }

    /**
     * Whether this layer treats every row of a batch [batch x ...] by itself, in training too: whatever other rows
     * there are, a row of the output and of the gradient at the input has the same bits, except for random numbers
     * that the layer draws by {@link Pass#draw}. The layer draws no others, measures no statistics, keeps the batch
     * axis first, and adds to the gradients of its own {@link #parameters} by {@link Gradients#addWeightGradient} and
     * {@link Gradients#addSumOfRows} only. A trainer that cuts batches into parts, such as virtual shards, runs such a
     * layer once on the rows of many parts, and any other layer on each part. No bit depends on it. {@link
     * nn.layers.testing.LayerContract} finds a wrong answer.
     *
     * <p>A layer made of layers answers for what it does itself between them. Each of its {@link #children}, run by
     * {@link Context#run}, is asked too. A layer that runs them in a context of its own, with another key or another
     * answer to {@link Context#training}, returns false: parts that run at once have contexts of theirs.
     *
     * @return false by default, which is always right
     */
    default boolean isRowwise() {
        return false;
    }

    /**
     * Whether the input consists of indices, such as tokens. The size of an index means nothing, so statistics of such
     * an input are of no use.
     *
     * @return false by default; {@link nn.layers.dense.Embedding} returns true
     */
    default boolean takesIndices() {
        return false;
    }

    /**
     * The layer's own parameters, in a fixed order. A layer made of layers may list the parameters of its {@link
     * #children} too, but need not: {@link #parametersByPath} finds them. Every call returns the same objects, created
     * once, in the constructor.
     *
     * @return the parameters; by default those of its children, or none if it has no children
     */
    default List<Parameter> parameters() {
        return children().isEmpty() ? List.of() : new LayerTree.AllParameters(this);
    }

    /**
     * All parameters by path, this layer's own first and then its children's: {@code weight} for its own, {@code
     * hidden1.weight} for a child's. Trainers, checkpoints, summaries and reports use these paths. A parameter that
     * several layers list appears once, under the path of the innermost of them, or of the first if several are
     * innermost.
     *
     * @return the parameters, each once
     * @throws IllegalArgumentException if two parameters have the same path, a layer contains itself, a child's name is
     *     empty or has a dot, or {@link #parameters} or {@link #children} returns other objects at a second call
     * @throws NullPointerException if {@link #parameters} or {@link #children} is null or contains null
     */
    default SequencedMap<String, Parameter> parametersByPath() {
        return new LayerTree(this).parameters();
    }

    /**
     * This layer and all layers inside it, by path: itself under the empty path, then its children and theirs, such as
     * {@code encoder} and {@code encoder.hidden1}. A layer used in several places appears once, under the first path
     * that leads to it. A layer's own parameters are those of {@link #parametersByPath} whose path is the layer's path
     * and a name.
     *
     * @return the layers, each once; a layer before its children
     * @throws IllegalArgumentException as for {@link #parametersByPath}
     * @throws NullPointerException as for {@link #parametersByPath}
     */
    default SequencedMap<String, Layer> layersByPath() {
        return new LayerTree(this).layers();
    }

    /**
     * The layers that this one is made of, by name. A parameter's path consists of the names on the way to it, as in
     * {@code encoder.hidden1.weight}. Every call returns the same layers. Names are not empty and have no dots, and no
     * child contains this layer.
     *
     * @return the children in order; empty for a layer that is not made of others
     */
    default SequencedMap<String, Layer> children() {
        return Collections.emptyNavigableMap();
    }

    /**
     * The nonlinearity that this layer applies to every element, if it does nothing else. In a network, a dense layer
     * before it takes default weights that suit the nonlinearity, so a custom layer of this kind overrides this method.
     *
     * @return empty by default
     */
    default Optional<Nonlinearity> activation() {
        return Optional.empty();
    }

    /**
     * The map y = x W + b that this layer applies to every row, if it does nothing else, with W and b among its {@link
     * #parameters}. Reports on a model's initial weights use it to compare the layer with theory and to find identical
     * units. Checkpoints use it for the layouts of other frameworks. A layer of several maps, such as the gates of a
     * recurrent layer, returns none, and so does a layer with a nonlinearity inside.
     *
     * @return empty by default; {@link nn.layers.dense.Dense} returns its map
     */
    default Optional<LinearMap> linearMap() {
        return Optional.empty();
    }

    /**
     * The branches whose outputs this layer adds to values that pass them by, in the order of the signal, without those
     * inside its {@link #children}. Schemes for whole models ({@link nn.layers.preset.Preset}) find the weights to
     * scale by it. A custom layer that computes x + f(x) overrides this method.
     *
     * @return empty by default; {@link nn.layers.network.Residual} returns one branch, and {@link
     *     nn.layers.graph.Graph} one for each addition of a value and a function of it
     */
    default List<ResidualBranch> residualBranches() {
        return List.of();
    }

    /**
     * The fraction of its input's elements that this layer sets to zero at random in training, if it divides the others
     * by the fraction that it keeps and does nothing else. Reports on a model's initial weights tell by it which
     * weights follow dropout. A custom layer of this kind overrides this method.
     *
     * @return from 0 to below 1; 0 by default. {@link nn.layers.regularization.Dropout} returns its rate
     */
    default double dropoutRate() {
        return 0;
    }

    /**
     * The names of several outputs that lie side by side in a row of this layer's output. A loss of one output would
     * take them for one, so a trainer refuses it.
     *
     * @return in their order; empty if there is one output, as by default. A {@link nn.layers.graph.Graph} of several
     *     outputs returns their names, and a network those of its last layer
     */
    default List<String> outputNames() {
        return List.of();
    }

    /**
     * The tensors that PyTorch's {@code state_dict} has for this layer's own parameters, without those of its {@link
     * #children}, in the order of the file.
     *
     * <p>By default a {@link #linearMap} is stored as a {@code torch.nn.Linear}: {@code weight} [units x inputs] and
     * {@code bias}. Any other parameter is stored as it is, under its own name, and so is every parameter that an
     * override leaves out. A layer overrides this method if PyTorch has another order of axes, or another name, for one
     * of its parameters.
     *
     * @return the tensors; no parameter is in two of them, except as an {@linkplain WeightMapping.Form#ADDEND addend}
     */
    default List<WeightMapping> torchMapping() {
        return WeightMapping.inTorchByDefault(this);
    }

    /**
     * The name that PyTorch's {@code state_dict} has, within this layer, for a tensor of a child.
     *
     * @param child the child's name among the {@link #children}
     * @param tensor the tensor's name within the child, such as {@code weight}
     * @return {@code child.tensor} by default, which is right if PyTorch's modules have the names of the children.
     *     {@link nn.layers.recurrent.Stacked} and {@link nn.layers.recurrent.Bidirectional}, each one module in
     *     PyTorch, override it
     */
    default String torchName(String child, String tensor) {
        return Objects.requireNonNull(child, "child") + "." + Objects.requireNonNull(tensor, "tensor");
    }

    /**
     * Describes what this layer computes in inference by standard operators, so that other programs can run it. All
     * built-in layers do; a {@link nn.layers.graph.Formula} does by its operations. A custom layer overrides this
     * method if it is to be part of an exported model:
     *
     * <pre>{@code
     * public Value export(OperatorGraph graph, Value x) {           // y = x * weight
     *     return graph.elementwise("Mul", x, graph.constant("weight", weight.value()));
     * }
     * }</pre>
     *
     * <p>A layer made of layers describes each under its name: {@code graph.within(name, () -> layer.export(graph,
     * x))}.
     *
     * @param graph takes the operators
     * @param x the input, of a shape that {@link #outputShape} accepts, which may have free dimensions
     * @return the output, of the shape that {@link #outputShape} gives
     * @throws UnsupportedOperationException if this layer, or one in it, does not override this method, or cannot say
     *     what it computes for such an input; the message names the layer by its path
     */
    default Value export(OperatorGraph graph, Value x) {
        throw graph.refused("what " + describe(this) + " computes: let its class override"
                + " Layer.export(OperatorGraph, Value), or write it as a Formula");
    }

    /**
     * Describes this layer as a whole model: declares its inputs and outputs. By default these are {@code input} and
     * {@code output}. An input is of whole numbers if the first layer {@linkplain #takesIndices takes indices}.
     *
     * @param graph an empty graph
     * @param in the input's shape; free dimensions differ from run to run
     * @throws UnsupportedOperationException as for {@link #export}
     */
    default void exportModel(OperatorGraph graph, Shape in) {
        ElementKind kind = LayerTree.firstReader(this).takesIndices() ? ElementKind.INT64 : ElementKind.FLOAT32;
        graph.output("output", export(graph, graph.input("input", kind, in)));
    }

    /**
     * Whether a layer before this one chooses its default weights by the {@link #activation} after this one, as if this
     * layer were not there. It is true of layers that may stand between a dense layer and its nonlinearity, such as
     * dropout, a normalization or a reshape. Inserting or removing such a layer does not change the weights of others.
     *
     * @return false by default
     */
    default boolean isTransparent() {
        return false;
    }

    /**
     * Returns one parameter of {@link #parametersByPath}.
     *
     * @param path such as {@code hidden1.weight}
     * @return the parameter
     * @throws IllegalArgumentException if there is none; the message lists the existing ones
     */
    default Parameter parameter(String path) {
        return LayerTree.find("parameter", Objects.requireNonNull(path, "parameter path"), parametersByPath());
    }

    /**
     * Returns one layer of the {@link #children}.
     *
     * @param name such as {@code hidden1}
     * @return the layer
     * @throws IllegalArgumentException if there is none; the message lists the existing ones
     */
    default Layer child(String name) {
        return LayerTree.find("layer", Objects.requireNonNull(name, "layer name"), children());
    }

    /**
     * Describes this layer, and the layers inside it, for people.
     *
     * @return by default the text of {@link #describe}; a network returns a table
     */
    default String summary() {
        return describe(this);
    }

    /**
     * Returns the text of a layer, for messages and tables.
     *
     * @param layer any
     * @return its {@code toString}, or the name of its class if that is not overridden
     */
    static String describe(Layer layer) {
        return Description.of(Objects.requireNonNull(layer, "layer"));
    }
}
