package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What layers say when a shape is wrong. */
final class Shapes {
    private Shapes() {}

    /** An input that a layer cannot take. The hint is a likely fix, or empty. */
    static ShapeException mismatch(Layer layer, String expected, Shape actual, String hint) {
        String fix = hint.isEmpty() ? "" : ": " + hint;
        return new ShapeException(layer + ": expected " + expected + ", got " + actual + fix, expected, actual);
    }

    /** Refuses a gradient at the output that has not the output's shape. */
    static void requireGradient(Layer layer, Tensor output, Tensor dOutput) {
        if (!dOutput.shape().equals(output.shape())) {
            throw new ShapeException(
                    layer + ": the output was " + output.shape() + ", so its gradient is too, but a gradient of shape "
                            + dOutput.shape() + " came back",
                    output.shape().toString(),
                    dOutput.shape());
        }
    }
}
