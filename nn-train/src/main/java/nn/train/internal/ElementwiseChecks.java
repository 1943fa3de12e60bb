package nn.train.internal;

import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Checks that elementwise losses and metrics share. */
public final class ElementwiseChecks {
    private ElementwiseChecks() {}

    /**
     * Refuses a target of another shape than the output's: nothing is broadcast.
     *
     * @param loss its name, for messages
     * @param output of the model
     * @param target of the loss
     */
    public static void requireFit(String loss, Tensor output, Tensor target) {
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
     * Refuses a tensor for the gradient of another shape than the output's, or one that holds output or target.
     *
     * @param loss its name, for messages
     * @param output of the model
     * @param target of the loss
     * @param dOutput receives the gradient
     */
    public static void requireRoom(String loss, Tensor output, Tensor target, Tensor dOutput) {
        if (!dOutput.shape().equals(output.shape())) {
            throw new ShapeException(
                    loss + ": the gradient at an output of shape " + output.shape() + " needs a tensor of that shape,"
                            + " got " + dOutput.shape(),
                    output.shape().toString(),
                    dOutput.shape());
        }
        if (overlap(dOutput, output) || overlap(dOutput, target)) {
            throw new IllegalArgumentException(loss + ": the tensor for the gradient shares memory with the "
                    + (overlap(dOutput, output) ? "output" : "target") + ", which it would overwrite; give it a tensor"
                    + " of its own");
        }
    }

    private static boolean overlap(Tensor a, Tensor b) {
        return a.array() == b.array() && a.offset() < b.offset() + b.size() && b.offset() < a.offset() + a.size();
    }
}
