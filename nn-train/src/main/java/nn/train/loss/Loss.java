package nn.train.loss;

import nn.layers.Context;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A loss, which training makes small: a number for a batch of outputs and targets, with its gradient at the outputs. A
 * loss has no state; a lambda will do. One that makes no object at every step is a {@link DirectLoss}.
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
     * Returns how the losses of the terms become the loss of a batch. It is the same for any larger set of examples: a
     * batch in parts, the data of a validation, an epoch. By default a mean.
     *
     * @return the mean or the sum
     */
    default Reduction reduction() {
        return Reduction.MEAN;
    }

    /**
     * The number of terms that the mean of a batch is over, or the sum of their weights. The loss of several batches
     * together is, for a mean, the sum of their losses, each times its terms, divided by all terms; for a {@linkplain
     * Reduction#SUM sum}, the sum of their losses. By default the size of the target, as is right where every example
     * counts the same.
     *
     * @param target of some examples
     * @return 0 or more; 0 if none of them counts
     */
    default double terms(Tensor target) {
        return target.size();
    }

    /**
     * A loss and its gradient.
     *
     * @param value the loss of the batch; not finite if an output was not
     * @param dOutput the gradient of {@code value} at the output, of the output's shape
     */
    record Value(double value, Tensor dOutput) {}

    /**
     * Computes the loss by {@link #of}, and refuses a result that is none, which a lambda returns more easily than it
     * should.
     *
     * @param output of the model
     * @param target of the shape {@link #targetShape} of the output's shape
     * @param context gives scratch tensors
     * @return the value, with a gradient of the output's shape
     * @throws NullPointerException if the loss gave null or a null gradient, naming it
     * @throws ShapeException if the gradient has another shape, naming the loss
     */
    default Value checked(Tensor output, Tensor target, Context context) {
        Value both = of(output, target, context);
        if (both == null || both.dOutput() == null) {
            throw new NullPointerException("the loss " + Description.of(this) + " gave "
                    + (both == null ? "null" : "a null gradient") + "; it gives a number and its gradient at the"
                    + " output, of shape " + output.shape());
        }
        if (!both.dOutput().shape().equals(output.shape())) {
            throw new ShapeException(
                    "the loss " + Description.of(this) + " gave a gradient of shape "
                            + both.dOutput().shape() + " for an output of shape " + output.shape()
                            + "; both have the same shape",
                    output.shape().toString(),
                    both.dOutput().shape());
        }
        return both;
    }
}
