package nn.train.internal;

import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Checks for elementwise losses and metrics. */
public final class ElementwiseChecks {
    private ElementwiseChecks() {}

    /**
     * Refuses an empty output, or a target of another shape: nothing is broadcast.
     *
     * @param loss name of the loss, for messages
     * @param output the output of the model, of any shape
     * @param target the target
     */
    public static void requireSameShape(String loss, Tensor output, Tensor target) {
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

    /**
     * Refuses a tensor for the gradient if it has another shape than the output, or overlaps output or target.
     *
     * @param loss name of the loss, for messages
     * @param output the output of the model, of any shape
     * @param target the target
     * @param dOutput the tensor that receives the gradient
     */
    public static void requireDestination(String loss, Tensor output, Tensor target, Tensor dOutput) {
        if (!dOutput.shape().equals(output.shape())) {
            throw new ShapeException(
                    loss + ": the gradient at an output of shape " + output.shape() + " needs a tensor of that shape,"
                            + " got " + dOutput.shape(),
                    output.shape().toString(),
                    dOutput.shape());
        }
        if (dOutput.overlaps(output) || dOutput.overlaps(target)) {
            throw new IllegalArgumentException(loss + ": the tensor for the gradient shares memory with the "
                    + (dOutput.overlaps(output) ? "output" : "target") + ", which it would overwrite; pass a separate"
                    + " tensor");
        }
    }
}
