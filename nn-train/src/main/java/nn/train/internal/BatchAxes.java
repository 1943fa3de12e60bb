package nn.train.internal;

import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The axes that count the examples of a model's inputs and outputs, by {@link Layer#batchAxis}.
 *
 * @param in the axis of the input
 * @param out the axis of the output and the target
 * @param fixed whether model or data allow no other axis; a chain of dense layers, for example, allows any
 */
public record BatchAxes(int in, int out, boolean fixed) {
    /**
     * Returns the axes of a model, which take the first axis of the input if the model allows it.
     *
     * @param model the model
     * @return the axes
     */
    public static BatchAxes of(Layer model) {
        Objects.requireNonNull(model, "model");
        OptionalInt first = model.batchAxis(0);
        OptionalInt second = model.batchAxis(1);
        if (first.isEmpty() && second.isEmpty()) {
            throw new IllegalArgumentException(Layer.describe(model) + " takes a batch neither along the first axis of"
                    + " its input nor along the second; if its layers are not a chain, let its batchAxis say which");
        }
        return first.isPresent()
                ? new BatchAxes(0, first.getAsInt(), second.isEmpty())
                : new BatchAxes(1, second.getAsInt(), true);
    }

    /**
     * Returns the form of a batch, for messages.
     *
     * @param axis the axis that counts the examples
     * @return such as {@code [batch x ...]}
     */
    public static String form(int axis) {
        return axis == 0 ? "[batch x ...]" : "[time x batch x ...]";
    }

    /**
     * Refuses inputs and targets of different numbers of examples, if the axes are fixed.
     *
     * @param x the inputs
     * @param y the targets
     */
    public void requireSameCount(Tensor x, Tensor y) {
        if (fixed && x.shape().rank() > in && y.shape().rank() > out && x.dim(in) != y.dim(out)) {
            throw new ShapeException(
                    "x " + x.shape() + " has " + x.dim(in) + " examples and y " + y.shape() + " has " + y.dim(out)
                            + ": the model takes x as " + form(in) + " and returns " + form(out)
                            + (in == 1 ? "; begin it with timeMajor() if x is [batch x time x ...]" : ""),
                    x.dim(in) + " examples",
                    y.shape());
        }
    }

    /**
     * Returns the number of examples in a batch.
     *
     * @param x the inputs
     * @param y the targets
     * @return the number of examples
     */
    public int count(Tensor x, Tensor y) {
        return fixed ? x.dim(in) : y.dim(0);
    }

    /**
     * Returns a range of examples: a view if the axis is the first, else a copy in a tensor of the context.
     *
     * @param all all examples
     * @param axis the axis that counts them
     * @param from the first
     * @param to the one after the last
     * @param context provides the tensor of a copy
     * @return the examples
     */
    public static Tensor slice(Tensor all, int axis, int from, int to, Context context) {
        if (axis == 0) {
            return all.rows(from, to);
        }
        Shape shape = BatchAxis.resized(all.shape(), axis, to - from);
        Tensor slice = context.empty(shape);
        BatchAxis.copy(all, axis, from, slice, 0, to - from);
        return slice;
    }
}
