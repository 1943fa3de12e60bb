package nn.train.metric;

import nn.layers.Layer;
import nn.tensor.Tensor;

/** A measure of a model on data, such as {@code Metrics::accuracy}. */
@FunctionalInterface
public interface Metric {
    /**
     * Measures a model.
     *
     * @param model the model, run in inference
     * @param x the inputs, [n x ...] or [time x n x ...]; the validation data themselves, so a metric must not change
     *     them
     * @param y the targets, [n x ...] or [time x n x ...]; not to be changed either
     * @return the measure
     */
    double of(Layer model, Tensor x, Tensor y);
}
