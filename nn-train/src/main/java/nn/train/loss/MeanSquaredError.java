package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;

/**
 * Squared differences {@code (output - target)^2}, with gradient {@code 2 (output - target)}. The mean is over
 * <em>all</em> elements, batch and features. (Half of that, or a mean over the batch only, differs by a constant
 * factor, which can go into the learning rate.)
 *
 * <p>Output and target have exactly the same shape. Shapes [4] and [4 x 1] do not fit: a model trained with both
 * broadcast to [4 x 4], as some libraries do, learns the mean of the targets.
 *
 * @param reduction mean or sum of the elements' losses
 */
public record MeanSquaredError(Reduction reduction) implements DirectLoss {
    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public MeanSquaredError {
        Objects.requireNonNull(reduction, "reduction");
    }

    /** Creates the mean over all elements. */
    public MeanSquaredError() {
        this(Reduction.MEAN);
    }

    /**
     * {@inheritDoc}
     *
     * @param output any shape
     * @param target of the same shape
     * @throws nn.tensor.ShapeException if the shapes differ or have no elements
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        ElementwiseChecks.requireSameShape("mean squared error", output, target);
        ElementwiseChecks.requireDestination("mean squared error", output, target, dOutput);
        double weight = reduction.weight(output.size());
        return weight * Losses.squaredError(output, target, 2 * weight, dOutput);
    }
}
