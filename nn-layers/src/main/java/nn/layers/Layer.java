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

/**
 * A differentiable function of a tensor with parameters. Write your own by implementing {@link #newPass} and {@link
 * #outputShape}, and {@link #parameters} if it has any. The built-in layers use nothing else.
 *
 * <p>A layer's parameters are its only state: what a step needs between its forward and its backward pass is in a
 * {@link Pass}. So a model may be used by several threads as long as none of them trains it.
 */
public interface Layer {
    /**
     * Makes an object that runs this layer forward and backward, step after step, in one place of a model.
     *
     * @return a new one at every call, which shares nothing but the parameters with others
     */
    Pass newPass();

    /**
     * Runs the layer forward once, by a new pass.
     *
     * @param x the input, of a shape that {@link #outputShape} accepts; not changed
     * @param context gives scratch tensors and says whether this is training
     * @return the pass, which has the output and computes the gradients
     * @throws nn.tensor.ShapeException if the input has a shape that this layer cannot take
     * @throws NullPointerException if a layer gave null, naming it; or if an argument is null
     */
    default Pass forward(Tensor x, Context context) {
        Pass pass = Pass.of(this);
        Objects.requireNonNull(context, "context").run(pass, x);
        return pass;
    }

    /**
     * The shape of the output for a shape of the input. Called when a network is built, with {@link Shape#ANY} for the
     * batch (and the time), so that layers which do not chain are found before any data comes.
     *
     * @param in the input's shape, free dimensions included
     * @return the output's shape
     * @throws nn.tensor.ShapeException if this layer cannot take such an input
     */
    Shape outputShape(Shape in);

    /**
     * The axis of the output that counts the examples of a batch, for an axis of the input that does: 0 in [batch x
     * ...], 1 in [time x batch x ...]. Whoever cuts a batch into parts or puts parts together goes by it, so a layer
     * that combines elements along an axis gives no answer for that axis: a recurrent layer answers 1 for 1, and for 0,
     * which is its time, nothing.
     *
     * <p>By default a layer without {@link #children} keeps the axis, as is right for all that treat every row by
     * itself; for a layer made of others it is the answer of each to that of the one before.
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
     * Whether the numbers of the input are indices, such as tokens, whose size says nothing: they are not a signal, so
     * no statistic of them is of use.
     *
     * @return false unless a layer says otherwise, as {@link nn.layers.dense.Embedding} does
     */
    default boolean takesIndices() {
        return false;
    }

    /**
     * The layer's own parameters, in a fixed order: those that its author lists. A layer made of layers may list the
     * parameters of its {@link #children} too, but need not: {@link #parametersByPath} finds them. Every call gives the
     * same objects, made once, in the constructor.
     *
     * @return the parameters; if a layer does not say otherwise, those of its children, or none if it has no children
     */
    default List<Parameter> parameters() {
        return children().isEmpty() ? List.of() : new LayerTree.All(this);
    }

    /**
     * All parameters by path, this layer's own first and then its children's: {@code weight} for its own, {@code
     * hidden1.weight} for a child's. This is what trainers, checkpoints, summaries and reports go by. A parameter that
     * several layers list is there once: under the path of the innermost of them, and of several such the first.
     *
     * @return the parameters, each once
     * @throws IllegalArgumentException if two parameters have one path; or the layers do not form a tree that can be
     *     trained: a layer contains itself, a child's name is empty or has a dot, or {@link #parameters} or {@link
     *     #children} gives other objects at a second call
     * @throws NullPointerException if {@link #parameters} or {@link #children} is null or has a null
     */
    default SequencedMap<String, Parameter> parametersByPath() {
        return new LayerTree(this).parameters();
    }

    /**
     * This layer and all those it is made of, by path: itself under the empty path, then its children with theirs, as
     * {@code encoder} and {@code encoder.hidden1}. A layer that stands in several places is there once, under the first
     * path that leads to it. The parameters of a layer itself are those of {@link #parametersByPath} whose path is the
     * layer's and a name.
     *
     * @return the layers, each once; a layer before its children
     * @throws IllegalArgumentException as for {@link #parametersByPath}
     * @throws NullPointerException as for {@link #parametersByPath}
     */
    default SequencedMap<String, Layer> layersByPath() {
        return new LayerTree(this).layers();
    }

    /**
     * The layers that this one is made of, by name. A parameter's path is the names on the way to it, as in {@code
     * encoder.hidden1.weight}. Every call gives the same layers, under names that are not empty and have no dots, and
     * none leads back to this one.
     *
     * @return the children in order; empty for a layer that is not made of others
     */
    default SequencedMap<String, Layer> children() {
        return Collections.emptyNavigableMap();
    }

    /**
     * The nonlinearity that this layer applies to every element, if it does that and nothing else. In a network, a
     * dense layer before it takes default weights that suit it; so a custom nonlinearity, as a layer, says so
     * here.
     *
     * @return empty unless a layer says otherwise
     */
    default Optional<Nonlinearity> activation() {
        return Optional.empty();
    }

    /**
     * The map y = x W + b that this layer applies to every row, if it does that and nothing else, with W and b among
     * its {@link #parameters}. Reports of a model's first weights go by it: they compare the layer with theory, and
     * find units that are alike. Checkpoints go by it in the layouts of other frameworks. A layer of several maps, such
     * as the gates of a recurrent one, gives none of them, nor does one with a nonlinearity inside.
     *
     * @return empty unless a layer says otherwise, as {@link nn.layers.dense.Dense} does
     */
    default Optional<LinearMap> linearMap() {
        return Optional.empty();
    }

    /**
     * The tensors that PyTorch's {@code state_dict} has for this layer's own parameters, those of its {@link #children}
     * left out, in the order in which they are to stand in a file.
     *
     * <p>By default a {@link #linearMap} is a {@code torch.nn.Linear}: {@code weight} [units x inputs] and {@code
     * bias}. Any other parameter is stored as it is, under its name here, as is every parameter that an override leaves
     * out. So a layer overrides this if PyTorch has another order of axes, or another name, for one of its parameters.
     *
     * @return the tensors; no parameter is in two of them, {@linkplain WeightMapping.Form#ADDEND addends} aside
     */
    default List<WeightMapping> torchMapping() {
        return WeightMapping.inTorchByDefault(this);
    }

    /**
     * The name that PyTorch's {@code state_dict} has, within this layer, for a tensor of a child.
     *
     * @param child the child's name among the {@link #children}
     * @param tensor the tensor's name within the child, such as {@code weight}
     * @return {@code child.tensor}, as is right for modules that have the names of the children; {@link
     *     nn.layers.recurrent.Stacked} and {@link nn.layers.recurrent.Bidirectional}, which are one module there, say
     *     otherwise
     */
    default String torchName(String child, String tensor) {
        return Objects.requireNonNull(child, "child") + "." + Objects.requireNonNull(tensor, "tensor");
    }

    /**
     * Whether default weights before this layer suit the {@link #activation} behind it, as if this layer were not
     * there: true of what may be put between a dense layer and its nonlinearity, such as dropout, a normalization or
     * another shape. So to insert or remove it leaves the weights of other layers alone.
     *
     * @return false unless a layer says otherwise
     */
    default boolean isTransparent() {
        return false;
    }

    /**
     * One parameter of those of {@link #parametersByPath}.
     *
     * @param path such as {@code hidden1.weight}
     * @return the parameter
     * @throws IllegalArgumentException if there is none, listing those there are
     */
    default Parameter parameter(String path) {
        return LayerTree.find("parameter", Objects.requireNonNull(path, "parameter path"), parametersByPath());
    }

    /**
     * One layer of the {@link #children}.
     *
     * @param name such as {@code hidden1}
     * @return the layer
     * @throws IllegalArgumentException if there is none, listing those there are
     */
    default Layer child(String name) {
        return LayerTree.find("layer", Objects.requireNonNull(name, "layer name"), children());
    }

    /**
     * The layers that this one is made of, as a text for people.
     *
     * @return the text of {@link #describe}, unless a layer has more to show, as a network does
     */
    default String summary() {
        return describe(this);
    }

    /**
     * The text of a layer, for messages and tables.
     *
     * @param layer any
     * @return its {@code toString}; the name of its class, if that is not overridden
     */
    static String describe(Layer layer) {
        return Description.of(Objects.requireNonNull(layer, "layer"));
    }
}
