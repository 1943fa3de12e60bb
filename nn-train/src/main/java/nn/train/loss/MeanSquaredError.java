package nn.train.loss;

import java.util.Objects;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;

/**
 * Squared differences {@code (output - target)^2}, with gradient {@code 2 (output - target)}; their mean is over
 * <em>all</em> elements, batch and features. (A loss of half of that, or a mean over the batch alone, is a constant
 * factor away: put it into the rate.)
 *
 * <p>Output and target have the same shape exactly. Shapes [4] and [4 x 1] do not fit: broadcasting them to [4 x 4], as
 * some libraries do, trains the model to give the mean of the targets.
 *
 * @param reduction of the elements' losses
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

    /** The mean over all elements. */
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
        ElementwiseChecks.requireFit("mean squared error", output, target);
        ElementwiseChecks.requireRoom("mean squared error", output, target, dOutput);
        double weight = reduction.weight(output.size());
        output.subtractInto(target, dOutput);
        double value = weight * dOutput.dot(dOutput);
        dOutput.scaleInPlace((float) (2 * weight));
        return value;
    }
}
