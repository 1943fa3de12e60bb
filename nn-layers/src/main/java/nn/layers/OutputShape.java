package nn.layers;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/** The shape that a layer gives, worked out when the input has another shape than the last time. */
final class OutputShape {
    private final Layer layer;
    private Shape in;
    private Shape out;

    OutputShape(Layer layer) {
        this.layer = layer;
    }

    /** For an input; refuses what the layer refuses. */
    Shape of(Tensor x) {
        if (!x.shape().equals(in)) {
            out = Misfit.outputShape(layer, x.shape());
            in = x.shape();
        }
        return out;
    }
}
