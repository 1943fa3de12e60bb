package nn.train.metric;

import nn.layers.Layer;
import nn.tensor.Tensor;

/** A measure of a model on data, such as {@code Metrics::accuracy}. */
@FunctionalInterface
public interface Metric {
    /**
     * Measures.
     *
     * @param model the model, not in training
     * @param x the inputs, [n x ...] or as the model takes them; the data themselves and no copy, so they must not be
     *     changed
     * @param y the targets, [n x ...] or as the model gives its outputs; not to be changed either
     * @return the measure
     */
    double of(Layer model, Tensor x, Tensor y);
}
