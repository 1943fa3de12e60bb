package nn.train.loss;

import nn.layers.Context;
import nn.tensor.Tensor;

/**
 * A loss that writes its gradient into a given tensor, as the built-in ones do. Unlike other losses it allocates no
 * object at a step, which matters where a step takes microseconds.
 */
public interface DirectLoss extends Loss {
    /**
     * Computes the loss of a batch and its gradient.
     *
     * @param output the model's output [batch x ...]; not changed
     * @param target the target, of the shape {@link #targetShape} returns; not changed
     * @param dOutput receives the gradient of the loss with respect to the output, in the output's shape; shares no
     *     memory with output and target. Its values before the call are undefined, so every element must be written
     * @return the loss of the batch; not finite if an output was not
     * @throws IllegalArgumentException if the shapes do not fit together, the batch is empty, a target is not allowed,
     *     or {@code dOutput} shares memory with output or target
     */
    double of(Tensor output, Tensor target, Tensor dOutput);

    /** Computes the loss with a gradient tensor from the context. */
    @Override
    default Value of(Tensor output, Tensor target, Context context) {
        Tensor dOutput = context.empty(output.shape());
        return new Value(of(output, target, dOutput), dOutput);
    }
}
