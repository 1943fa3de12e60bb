package nn.train.loss;

import java.util.Arrays;
import java.util.List;
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
 * <p>With {@linkplain #withPositiveWeights weights} w of positive targets, one for each feature, PyTorch's {@code
 * pos_weight},
 *
 * <pre>
 *   loss = -(w y log(sigmoid(x)) + (1 - y) log(1 - sigmoid(x))).
 * </pre>
 *
 * A weight of 3 has the effect of each positive target three times, but the mean is still over the elements. A usual
 * weight is the number of negative targets of a feature over that of its positive ones.
 *
 * @param reduction mean or sum of the elements' losses
 * @param positiveWeights the weight of positive targets for each feature, 0 or more; empty if all are 1
 */
public record SigmoidCrossEntropy(Reduction reduction, List<Double> positiveWeights) implements DirectLoss {
    private static final String NAME = "sigmoid cross-entropy";

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if a weight is negative, NaN or infinite
     */
    public SigmoidCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
        positiveWeights = ClassWeights.of("SigmoidCrossEntropy", "positiveWeights", positiveWeights);
    }

    /**
     * Creates a loss with weights of 1.
     *
     * @param reduction mean or sum of the elements' losses
     * @throws NullPointerException if it is null
     */
    public SigmoidCrossEntropy(Reduction reduction) {
        this(reduction, List.of());
    }

    /** Creates the mean over all elements, with weights of 1. */
    public SigmoidCrossEntropy() {
        this(Reduction.MEAN);
    }

    /**
     * Returns a copy with weights of positive targets.
     *
     * @param weights one for each feature, 0 or more
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public SigmoidCrossEntropy withPositiveWeights(double... weights) {
        return new SigmoidCrossEntropy(reduction, Arrays.stream(weights).boxed().toList());
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits of any shape; the last axis has the features
     * @param target of the same shape, from 0 to 1
     * @throws nn.tensor.ShapeException if the shapes differ or have no elements
     * @throws IllegalArgumentException if a target is not from 0 to 1, or there are not as many weights as features
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        ElementwiseChecks.requireSameShape(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        int features = output.shape().rank() == 0 ? 1 : output.dim(-1);
        double[] weights = ClassWeights.array(NAME, positiveWeights, features);
        double weight = reduction.weight(output.size());
        double total = Losses.sigmoidCrossEntropy(output, target, weights, weight, dOutput);
        if (Double.isNaN(total)) {
            requireProbabilities(target);
        }
        return weight * total;
    }

    /** Returns that outputs are logits of separate events. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.SIGMOID_LOGITS;
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
