package nn.train;

import java.util.OptionalInt;
import nn.layers.Layer;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.internal.BatchAxes;

/** The axes that count the examples of a model and of the data it is trained on, which must be the same. */
final class DataAxes {
    private DataAxes() {}

    /**
     * Those of a model and the data it is used on.
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
            throw new IllegalArgumentException("the model gives " + BatchAxes.form(out.getAsInt()) + ", but " + name
                    + " holds examples along axis " + data.yAxis() + " of y "
                    + data.y().shape() + "; "
                    + (data.xAxis() == 0
                            ? "end the model with timeMajor(), or with a layer that makes one step of all"
                            : data.yAxis() == 0
                                    ? "use Dataset.timeMajor(x, y) for a target at every step"
                                    : "use Dataset.timeMajorInputs(x, y) for one target for each sequence"));
        }
        return new BatchAxes(data.xAxis(), data.yAxis(), own.only() || data.xAxis() == 1);
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
        boolean steps = carrying
                && data.xAxis() == 0
                && data.yAxis() == 0
                && model.batchAxis(0).isEmpty();
        return steps ? BatchAxes.of(model) : of(model, name, data);
    }
}
