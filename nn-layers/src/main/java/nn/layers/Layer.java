package nn.layers;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A differentiable function of a tensor with parameters. Write your own by implementing {@link #forward} and {@link
 * #outputShape}, and {@link #parameters} if it has any; a layer that is to make no objects in a step of training is
 * {@link Propagating}. The built-in layers use nothing else.
 *
 * <p>A layer's parameters are its only state. A forward pass changes nothing in it, so a model may be used by several
 * threads as long as none of them trains it.
 */
public interface Layer {
    /**
     * Computes the output, and says how to take a gradient back.
     *
     * @param x the input, of a shape that {@link #outputShape} accepts; not changed
     * @param context gives scratch tensors and says whether this is training
     * @return the output and its pullback
     * @throws nn.tensor.ShapeException if the input has a shape that this layer cannot take
     */
    Pass forward(Tensor x, Context context);

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
     * @return false unless a layer says otherwise, as {@link Embedding} does
     */
    default boolean takesIndices() {
        return false;
    }

    /**
     * The parameters, in a fixed order. For a layer made of layers: those of its {@link #children}, each once; it has
     * none beside theirs.
     *
     * @return the parameters; empty if there are none
     */
    default List<Parameter> parameters() {
        return children().isEmpty() ? List.of() : List.copyOf(parametersByPath().values());
    }

    /**
     * The parameters by path, in the same order: {@code weight} for a layer's own, {@code hidden1.weight} for a
     * child's. A parameter that several children share is there once, under the first path that leads to it.
     *
     * @return the parameters
     * @throws IllegalArgumentException if two parameters have one path
     */
    default SequencedMap<String, Parameter> parametersByPath() {
        return ParameterPaths.of(this);
    }

    /**
     * The layers that this one is made of, by name. A parameter's path is the names on the way to it, as in {@code
     * encoder.hidden1.weight}.
     *
     * @return the children in order; empty for a layer that is not made of others
     */
    default SequencedMap<String, Layer> children() {
        return Collections.emptyNavigableMap();
    }

    /**
     * One parameter of those of {@link #parametersByPath}.
     *
     * @param path such as {@code hidden1.weight}
     * @return the parameter
     * @throws IllegalArgumentException if there is none, listing those there are
     */
    default Parameter parameter(String path) {
        return ParameterPaths.find("parameter", Objects.requireNonNull(path, "parameter path"), parametersByPath());
    }

    /**
     * One layer of the {@link #children}.
     *
     * @param name such as {@code hidden1}
     * @return the layer
     * @throws IllegalArgumentException if there is none, listing those there are
     */
    default Layer child(String name) {
        return ParameterPaths.find("layer", Objects.requireNonNull(name, "layer name"), children());
    }

    /**
     * What a layer calls itself, for messages and tables.
     *
     * @param layer any
     * @return its text; the name of its class, if it has no text of its own
     */
    static String describe(Layer layer) {
        return Description.of(Objects.requireNonNull(layer, "layer"));
    }
}
