package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Hyperparameters;

/**
 * The Huber loss, quadratic for small differences and linear for large ones (Huber, <i>Robust estimation of a location
 * parameter</i>, 1964), as PyTorch's {@code HuberLoss}. For d = output - target,
 *
 * <pre>
 *   loss = d^2 / 2                      if |d| &lt;= delta,    gradient d
 *          delta (|d| - delta / 2)      else,               gradient delta sign(d)
 * </pre>
 *
 * The mean is over <em>all</em> elements, batch and features. Output and target have exactly the same shape. PyTorch's
 * {@code SmoothL1Loss} is this loss with delta = beta, divided by beta.
 *
 * @param delta the difference from which on the loss is linear, above 0
 * @param reduction mean or sum of the elements' losses
 */
public record Huber(double delta, Reduction reduction) implements DirectLoss {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if delta is not above 0 and finite
     * @throws NullPointerException if the reduction is null
     */
    public Huber {
        Hyperparameters.requirePositive("Huber", "delta", delta);
        Objects.requireNonNull(reduction, "reduction");
    }

    /**
     * Creates the mean over all elements.
     *
     * @param delta the difference from which on the loss is linear, above 0
     * @throws IllegalArgumentException if delta is not above 0 and finite
     */
    public Huber(double delta) {
        this(delta, Reduction.MEAN);
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
        ElementwiseChecks.requireSameShape("Huber loss", output, target);
        ElementwiseChecks.requireDestination("Huber loss", output, target, dOutput);
        double weight = reduction.weight(output.size());
        return weight * Losses.huberError(output, target, delta, weight, dOutput);
    }
}
