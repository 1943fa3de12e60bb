package nn.train;

import java.util.OptionalInt;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.data.ExampleSource;
import nn.train.internal.BatchAxes;
import nn.train.internal.BatchAxis;
import nn.train.internal.Refusal;

/** Finds the axes that count the examples. The model and its data must agree on them. */
final class DataAxes {
    private DataAxes() {}

    /**
     * Returns the axes that a model and its data agree on.
     *
     * @param name of the data, for messages
     * @throws IllegalArgumentException if they differ
     */
    static BatchAxes of(Layer model, String name, Dataset data) {
        BatchAxes own = BatchAxes.of(model);
        OptionalInt out = model.batchAxis(data.xAxis());
        if (out.isEmpty()) {
            throw new IllegalArgumentException("the model takes x as " + BatchAxes.form(own.in()) + ", but " + name
                    + " holds examples along axis " + data.xAxis() + " of x "
                    + data.x().shape() + "; "
                    + (own.in() == 1
                            ? "begin the model with timeMajor() if x is [batch x time x ...], or declare the data as"
                                    + " Dataset.timeMajor(x, y) if it is [time x batch x ...]"
                            : "declare the data as new Dataset(x, y), or leave out timeMajor() in the model"));
        }
        if (out.getAsInt() != data.yAxis()) {
            throw new IllegalArgumentException("the model returns " + BatchAxes.form(out.getAsInt()) + ", but " + name
                    + " holds examples along axis " + data.yAxis() + " of y "
                    + data.y().shape() + "; "
                    + (data.xAxis() == 0
                            ? "end the model with timeMajor(), or with a layer that reduces all steps to one"
                            : data.yAxis() == 0
                                    ? "use Dataset.timeMajor(x, y) for a target at every step"
                                    : "use Dataset.timeMajorInputs(x, y) for one target for each sequence"));
        }
        return new BatchAxes(data.xAxis(), data.yAxis(), own.fixed() || data.xAxis() == 1);
    }

    /**
     * Checks that a model takes the validation data, before any step.
     *
     * @throws IllegalArgumentException if it does not
     */
    static void requireTaken(Layer model, Dataset held, boolean carrying) {
        of(model, "the validation data", held, carrying);
        try {
            model.outputShape(held.x().shape());
        } catch (IllegalArgumentException e) {
            throw Refusal.about("the validation data: ", e);
        }
    }

    /**
     * Returns the axes that a model and its batches agree on.
     *
     * @param carrying whether recurrent states are carried between batches: then data that do not declare their layout
     *     may be time-major
     */
    static BatchAxes of(Layer model, Batches batches, boolean carrying) {
        if (batches.isAlongTime()) {
            return of(model, "the data set", batches.dataset());
        }
        Dataset data = batches.source().map(DataAxes::oneExample).orElseGet(batches::dataset);
        return of(model, "the data set", data, carrying);
    }

    private static Dataset oneExample(ExampleSource source) {
        return new Dataset(Tensor.zeros(BatchAxis.ofOne(source.x())), Tensor.zeros(BatchAxis.ofOne(source.y())));
    }

    /** Returns the axes that a model and its data agree on; {@code carrying} as above. */
    static BatchAxes of(Layer model, String name, Dataset data, boolean carrying) {
        boolean timeMajor = carrying
                && data.xAxis() == 0
                && data.yAxis() == 0
                && model.batchAxis(0).isEmpty();
        return timeMajor ? BatchAxes.of(model) : of(model, name, data);
    }
}
