package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.InputChecks;

/**
 * The negative log-likelihood of binary targets under the sigmoids of the logits, for each element separately:
 * PyTorch's {@code BCEWithLogitsLoss}. For a logit x and its target y, the probability of class 1,
 *
 * <pre>
 *   loss = max(x, 0) - x y + log(1 + exp(-|x|)),    d loss / d x = sigmoid(x) - y.
 * </pre>
 *
 * <p>No exponential is above 1, so no logit is too large. The mean is over <em>all</em> elements, batch and features.
 * Output and target have exactly the same shape.
 *
 * @param reduction mean or sum of the elements' losses
 */
public record SigmoidCrossEntropy(Reduction reduction) implements DirectLoss {
    private static final String NAME = "sigmoid cross-entropy";

    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public SigmoidCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
    }

    /** Creates the mean over all elements. */
    public SigmoidCrossEntropy() {
        this(Reduction.MEAN);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits of any shape
     * @param target of the same shape, from 0 to 1
     * @throws nn.tensor.ShapeException if the shapes differ or have no elements
     * @throws IllegalArgumentException if a target is not from 0 to 1
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        ElementwiseChecks.requireSameShape(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        double weight = reduction.weight(output.size());
        double total = Losses.sigmoidCrossEntropy(output, target, weight, dOutput);
        if (Double.isNaN(total)) {
            requireProbabilities(target);
        }
        return weight * total;
    }

    private static void requireProbabilities(Tensor target) {
        for (int i = 0; i < target.size(); i++) {
            double y = target.array()[target.offset() + i];
            if (!(y >= 0 && y <= 1)) {
                throw new IllegalArgumentException(NAME + ": target " + y + " in "
                        + InputChecks.place(target.shape(), i)
                        + "; a probability is from 0 to 1");
            }
        }
    }
}
