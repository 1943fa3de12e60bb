package nn.train;

import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What losses of one element each have in common. */
final class Elements {
    private Elements() {}

    /** Refuses a target of another shape than the output's: nothing is broadcast. */
    static void requireFit(String loss, Tensor output, Tensor target) {
        if (!output.shape().equals(target.shape())) {
            throw new ShapeException(
                    loss + ": an output of shape " + output.shape() + " needs a target of the same shape, got "
                            + target.shape() + "; nothing is broadcast"
                            + (output.size() == target.size() ? ", reshape the target" : ""),
                    output.shape().toString(),
                    target.shape());
        }
        if (output.size() == 0) {
            throw new ShapeException(
                    loss + ": an output of shape " + output.shape() + " has no elements",
                    "[batch x ...]",
                    output.shape());
        }
    }
}
