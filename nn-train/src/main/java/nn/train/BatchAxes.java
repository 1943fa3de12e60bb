package nn.train;

import java.util.Objects;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.internal.BatchAxis;

/**
 * The axes that count the examples of a model's inputs and outputs, as its layers {@linkplain Layer#batchAxis say}.
 *
 * @param in of the input
 * @param out of the output, and of the target
 * @param only whether no other axis is possible, by the model or the data; a chain of dense layers, say, takes any
 */
record BatchAxes(int in, int out, boolean only) {
    /** Those of a model: the first axis, if it takes that. */
    static BatchAxes of(Layer model) {
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
     * Those of a model and the data it is used on.
     *
     * @param name of the data, for messages
     * @throws IllegalArgumentException if they differ
     */
    static BatchAxes of(Layer model, String name, Dataset data) {
        BatchAxes own = of(model);
        OptionalInt out = model.batchAxis(data.xAxis());
        if (out.isEmpty()) {
            throw new IllegalArgumentException("the model takes x as " + form(own.in) + ", but " + name
                    + " holds examples along axis " + data.xAxis() + " of x " + data.x().shape() + "; "
                    + (own.in == 1
                            ? "begin the model with timeMajor() if x is [batch x time x ...], or declare the data as"
                                    + " Dataset.timeMajor(x, y) if it is [time x batch x ...]"
                            : "declare the data as new Dataset(x, y), or leave out timeMajor() in the model"));
        }
        if (out.getAsInt() != data.yAxis()) {
            throw new IllegalArgumentException("the model gives " + form(out.getAsInt()) + ", but " + name
                    + " holds examples along axis " + data.yAxis() + " of y " + data.y().shape() + "; "
                    + (data.xAxis() == 0
                            ? "end the model with timeMajor(), or with a layer that makes one step of all"
                            : data.yAxis() == 0
                                    ? "use Dataset.timeMajor(x, y) for a target at every step"
                                    : "use Dataset.timeMajorInputs(x, y) for one target for each sequence"));
        }
        return new BatchAxes(data.xAxis(), data.yAxis(), own.only || data.xAxis() == 1);
    }

    /**
     * Those of a model and its batches.
     *
     * @param carrying whether recurrent states are carried between batches: then undeclared data may have time first
     */
    static BatchAxes of(Layer model, Batches batches, boolean carrying) {
        if (batches.isAlongTime()) {
            return of(model, "the data set", batches.dataset());
        }
        return of(model, "the data set", batches.dataset(), carrying);
    }

    /** Those of a model and data; where states are carried, data that declare nothing may be steps, time first. */
    static BatchAxes of(Layer model, String name, Dataset data, boolean carrying) {
        boolean steps = carrying && data.xAxis() == 0 && data.yAxis() == 0 && model.batchAxis(0).isEmpty();
        return steps ? of(model) : of(model, name, data);
    }

    private static String form(int axis) {
        return axis == 0 ? "[batch x ...]" : "[time x batch x ...]";
    }

    /** Refuses inputs and targets of different numbers of examples, as far as the model says where they are. */
    void requireAsMany(Tensor x, Tensor y) {
        if (only && x.shape().rank() > in && y.shape().rank() > out && x.dim(in) != y.dim(out)) {
            throw new ShapeException(
                    "x " + x.shape() + " has " + x.dim(in) + " examples and y " + y.shape() + " has " + y.dim(out)
                            + ": the model takes x as " + form(in) + " and gives " + form(out)
                            + (in == 1 ? "; begin it with timeMajor() if x is [batch x time x ...]" : ""),
                    x.dim(in) + " examples",
                    y.shape());
        }
    }

    /** The number of examples in a batch. */
    int count(Tensor x, Tensor y) {
        return only ? x.dim(in) : y.dim(0);
    }

    /** Some neighbouring examples: a view if the axis is the first, else a copy in a tensor of the context. */
    static Tensor some(Tensor all, int axis, int from, int to, Context context) {
        if (axis == 0) {
            return all.rows(from, to);
        }
        Shape shape = BatchAxis.resized(all.shape(), axis, to - from);
        Tensor some = context.empty(shape);
        BatchAxis.copy(all, axis, from, some, 0, to - from);
        return some;
    }
}
