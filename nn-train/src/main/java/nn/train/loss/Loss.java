package nn.train.loss;

import java.util.List;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A loss, which training minimizes: a number for a batch of outputs and targets, with its gradient with respect to the
 * outputs. A loss has no state, and may be a lambda. A {@link DirectLoss} allocates no object at a step.
 *
 * <p>{@code toString} must give all hyperparameters, as a record's does: it is saved in a training state and compared
 * when a training is resumed. A loss of a class that does not define it is compared by the name of its class alone, and
 * all lambdas are alike, so a training would go on with other numbers in silence.
 */
@FunctionalInterface
public interface Loss {
    /**
     * Computes the loss of a batch and its gradient.
     *
     * @param output the model's output [batch x ...]; not changed
     * @param target the target, of the shape {@link #targetShape} returns; not changed
     * @param context gives the tensor for the gradient
     * @return the loss, and its gradient in a tensor of the output's shape
     * @throws IllegalArgumentException if the shapes do not fit together, the batch is empty, or a target is not
     *     allowed
     */
    Value of(Tensor output, Tensor target, Context context);

    /**
     * Returns the shape of the target that belongs to an output; by default the shape of the output.
     *
     * @param output [batch x ...]
     * @return [batch x ...]
     */
    default Shape targetShape(Shape output) {
        return output;
    }

    /**
     * Returns how the losses of the terms are combined into one loss, for a batch, for its micro-batches together, for
     * validation data and for an epoch. A mean by default.
     *
     * @return the mean or the sum
     */
    default Reduction reduction() {
        return Reduction.MEAN;
    }

    /**
     * Returns the number of terms in the mean of a batch, or the sum of their weights. The loss of several batches
     * together is the mean of their losses weighted by their terms or, for a {@linkplain Reduction#SUM sum}, the sum of
     * their losses. By default the size of the target, which is right where all examples count the same.
     *
     * @param target the target of some examples [n x ...]
     * @return 0 or more; 0 if none of them counts
     */
    default double terms(Tensor target) {
        return target.size();
    }

    /**
     * Returns what this loss takes the model's outputs for; numbers by default. Diagnoses use it to find a last layer
     * that does not fit.
     *
     * @return the kind
     */
    default OutputKind outputKind() {
        return OutputKind.VALUES;
    }

    /**
     * Refuses a model that this loss does not fit. A trainer calls this method once, before its first step. By default
     * a model with {@linkplain Layer#outputNames several outputs} is refused: they lie side by side in one tensor, and
     * a loss would take them for one output. {@link JointLoss} has a loss for each of them. A loss that treats the
     * packed outputs as a whole overrides this method.
     *
     * @param model to be trained
     * @throws IllegalArgumentException if the model does not fit
     */
    default void requireFits(Layer model) {
        List<String> names = model.outputNames();
        if (!names.isEmpty()) {
            throw new IllegalArgumentException("the model has the outputs " + names + ", and the loss "
                    + Description.of(this) + " is for one output: give each its loss, as in"
                    + " JointLoss.of(model.outputs().get()).with(\"" + names.getFirst()
                    + "\", 1, loss), with weight 0 for an output that is not to be trained");
        }
    }

    /**
     * A loss and its gradient.
     *
     * @param value the loss of the batch; not finite if an output was not
     * @param dOutput the gradient of {@code value} with respect to the output, of the output's shape
     */
    record Value(double value, Tensor dOutput) {}

    /**
     * Computes the loss by {@link #of} and checks the result, which matters most for lambdas.
     *
     * @param output the model's output [batch x ...]
     * @param target the target, of the shape {@link #targetShape} returns
     * @param context gives scratch tensors
     * @return the value, with a gradient of the output's shape
     * @throws NullPointerException if the loss gave null or a null gradient, naming it
     * @throws ShapeException if the gradient has another shape, naming the loss
     */
    default Value checked(Tensor output, Tensor target, Context context) {
        Value both = of(output, target, context);
        if (both == null || both.dOutput() == null) {
            throw new NullPointerException("the loss " + Description.of(this) + " gave "
                    + (both == null ? "null" : "a null gradient") + "; return a number and a gradient of shape "
                    + output.shape());
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
