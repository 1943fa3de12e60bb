package nn.train;

import nn.layers.Context;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * What training makes small: a number for a batch of outputs and targets, with its gradient at the outputs. A loss
 * has no state; a lambda will do. One that makes no object at every step is a {@link DirectLoss}.
 */
@FunctionalInterface
public interface Loss {
    /**
     * Computes the loss of a batch and its gradient.
     *
     * @param output what the model gave, [batch x ...]; not changed
     * @param target what it should have given, of the shape this loss asks for; not changed
     * @param context gives the tensor for the gradient
     * @return the loss, and its gradient in a tensor of the output's shape
     * @throws IllegalArgumentException if the shapes do not fit together, the batch is empty, or a target is not
     *     allowed
     */
    Value of(Tensor output, Tensor target, Context context);

    /**
     * The shape of the target that goes with an output. By default that of the output itself.
     *
     * @param output [batch x ...]
     * @return [batch x ...]
     */
    default Shape targetShape(Shape output) {
        return output;
    }

    /**
     * What the loss of some rows counts in the loss of all of them: the whole is the sum of its parts, each times its
     * share. A batch that goes through a model in parts, and a loss measured on many data, are put together by it. By
     * default that of a mean over rows.
     *
     * @param part targets of some rows
     * @param whole targets of all rows, [n x ...]
     * @return from 0 to 1
     */
    default double share(Tensor part, Tensor whole) {
        return (double) part.dim(0) / whole.dim(0);
    }

    /**
     * A loss and its gradient.
     *
     * @param value the loss of the batch; not finite if an output was not
     * @param dOutput the gradient of {@code value} at the output, of the output's shape
     */
    record Value(double value, Tensor dOutput) {}
}
