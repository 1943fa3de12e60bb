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
     * @param x the inputs, [n x ...] or as the model takes them
     * @param y the targets, [n x ...] or as the model gives its outputs
     * @return the measure
     */
    double of(Layer model, Tensor x, Tensor y);
}
