package nn.train;

import nn.layers.Context;
import nn.tensor.Tensor;

/**
 * What training makes small: a number for a batch of outputs and targets, with its gradient at the outputs. A loss
 * has no state; a lambda will do.
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
     * A loss and its gradient.
     *
     * @param value the loss of the batch; not finite if an output was not
     * @param dOutput the gradient of {@code value} at the output, of the output's shape
     */
    record Value(double value, Tensor dOutput) {}
}
