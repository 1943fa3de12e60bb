package nn.train.loss;

import nn.layers.Context;
import nn.tensor.Tensor;

/**
 * A loss that writes its gradient into a tensor that it is given, as the built-in ones do. {@link Loss#of} is as right,
 * and a lambda will do for it; this saves a small object at every step, which counts where a step takes microseconds.
 */
public interface DirectLoss extends Loss {
    /**
     * Computes the loss of a batch and its gradient.
     *
     * @param output what the model gave, [batch x ...]; not changed
     * @param target what it should have given, of the shape this loss asks for; not changed
     * @param dOutput receives the gradient of the loss at the output, of the output's shape; it shares no memory with
     *     output and target. What it holds before is undefined, so every element is written
     * @return the loss of the batch; not finite if an output was not
     * @throws IllegalArgumentException if the shapes do not fit together, the batch is empty, a target is not allowed,
     *     or {@code dOutput} shares memory with output or target
     */
    double of(Tensor output, Tensor target, Tensor dOutput);

    /** The same, with a tensor of the context's. */
    @Override
    default Value of(Tensor output, Tensor target, Context context) {
        Tensor dOutput = context.empty(output.shape());
        return new Value(of(output, target, dOutput), dOutput);
    }
}
