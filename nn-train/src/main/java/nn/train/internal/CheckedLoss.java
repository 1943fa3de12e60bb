package nn.train.internal;

import nn.layers.Context;
import nn.tensor.Description;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.Loss;

/** A loss that may be of a user's own: a lambda returns null more easily than it should. */
public final class CheckedLoss {
    private CheckedLoss() {}

    /**
     * Computes a loss and its gradient.
     *
     * @param loss the loss
     * @param output of the model
     * @param target of the shape that the loss asks for
     * @param context for tensors
     * @return the value, with a gradient of the output's shape
     * @throws NullPointerException if the loss gave null or a null gradient, naming it
     * @throws ShapeException if the gradient has another shape, naming the loss
     */
    public static Loss.Value of(Loss loss, Tensor output, Tensor target, Context context) {
        Loss.Value both = loss.of(output, target, context);
        if (both == null || both.dOutput() == null) {
            throw new NullPointerException("the loss " + Description.of(loss) + " gave "
                    + (both == null ? "null" : "a null gradient") + "; it gives a number and its gradient at the"
                    + " output, of shape " + output.shape());
        }
        if (!both.dOutput().shape().equals(output.shape())) {
            throw new ShapeException(
                    "the loss " + Description.of(loss) + " gave a gradient of shape " + both.dOutput().shape()
                            + " for an output of shape " + output.shape() + "; both have the same shape",
                    output.shape().toString(),
                    both.dOutput().shape());
        }
        return both;
    }
}
