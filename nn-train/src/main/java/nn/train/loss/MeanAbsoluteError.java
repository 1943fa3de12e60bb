package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;

/**
 * Absolute differences {@code |output - target|}, with gradient {@code sign(output - target)}, which is 0 where they
 * are equal: PyTorch's {@code L1Loss}. The mean is over <em>all</em> elements, batch and features. Output and target
 * have exactly the same shape.
 *
 * @param reduction mean or sum of the elements' losses
 */
public record MeanAbsoluteError(Reduction reduction) implements DirectLoss {
    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public MeanAbsoluteError {
        Objects.requireNonNull(reduction, "reduction");
    }

    /** Creates the mean over all elements. */
    public MeanAbsoluteError() {
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
        ElementwiseChecks.requireSameShape("mean absolute error", output, target);
        ElementwiseChecks.requireDestination("mean absolute error", output, target, dOutput);
        double weight = reduction.weight(output.size());
        return weight * Losses.absoluteError(output, target, weight, dOutput);
    }
}
