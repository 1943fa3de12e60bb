package nn.train.loss;

import java.util.List;
import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Hyperparameters;
import nn.train.internal.InputChecks;

/**
 * The focal loss of binary targets (Lin et al., <i>Focal Loss for Dense Object Detection</i>, ICCV 2017): the {@link
 * SigmoidCrossEntropy} of each element times a power of how wrong it is, so that the many easy elements do not drown
 * the few hard ones; torchvision's {@code sigmoid_focal_loss}. For a logit x, its target y and the probability of that
 * target, p = sigmoid(x) for 1 and sigmoid(-x) for 0,
 *
 * <pre>
 *   loss = -w_y (1 - p)^gamma log(p),    d loss / d x = (2 y - 1) w_y (1 - p)^gamma (gamma p log(p) - (1 - p)).
 * </pre>
 *
 * <p>The mean is over <em>all</em> elements, whatever their weights. Output and target have exactly the same shape.
 * Training on rare targets 1 begins best with the bias of the last layer at {@code log(share / (1 - share))}, as the
 * paper says in section 3.3.
 *
 * @param reduction mean or sum of the elements' losses
 * @param gamma the power, 0 or more: 0 gives the cross-entropy, 2 is the paper's
 * @param classWeights the weights of targets 0 and of targets 1, 0 or more; empty if both are 1
 */
public record SigmoidFocalCrossEntropy(Reduction reduction, double gamma, List<Double> classWeights)
        implements DirectLoss {
    private static final String NAME = "sigmoid focal cross-entropy";
    private static final double[] ONES = {1, 1};

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if gamma or a weight is negative, NaN or infinite, or there is another number of
     *     weights than none or two
     */
    public SigmoidFocalCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
        Hyperparameters.requireNonNegative("SigmoidFocalCrossEntropy", "gamma", gamma);
        classWeights = ClassWeights.of("SigmoidFocalCrossEntropy", "classWeights", classWeights);
        if (!classWeights.isEmpty() && classWeights.size() != 2) {
            throw new IllegalArgumentException("SigmoidFocalCrossEntropy: " + classWeights.size()
                    + " class weights; give two, for targets 0 and for targets 1, or none");
        }
    }

    /**
     * Creates the mean over all elements, with weights of 1.
     *
     * @param gamma the power, 0 or more
     * @throws IllegalArgumentException if it is out of range
     */
    public SigmoidFocalCrossEntropy(double gamma) {
        this(Reduction.MEAN, gamma, List.of());
    }

    /**
     * Returns a copy with the weights alpha for targets 1 and 1 - alpha for targets 0; the paper has 0.25 with a gamma
     * of 2.
     *
     * @param alpha from 0 to 1
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SigmoidFocalCrossEntropy withAlpha(double alpha) {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException(
                    "SigmoidFocalCrossEntropy: alpha is " + alpha + "; it must be from 0 to 1");
        }
        return new SigmoidFocalCrossEntropy(reduction, gamma, List.of(1 - alpha, alpha));
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits of any shape
     * @param target of the same shape, 0 or 1
     * @throws nn.tensor.ShapeException if the shapes differ or have no elements
     * @throws IllegalArgumentException if a target is neither 0 nor 1
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        ElementwiseChecks.requireSameShape(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        double weight = reduction.weight(output.size());
        double[] weights = classWeights.isEmpty() ? ONES : ClassWeights.array(NAME, classWeights, 2);
        double total = Losses.sigmoidFocalCrossEntropy(output, target, gamma, weights, weight, dOutput);
        if (Double.isNaN(total)) {
            requireBits(target);
        }
        return weight * total;
    }

    private static void requireBits(Tensor target) {
        for (int i = 0; i < target.size(); i++) {
            float y = target.array()[target.offset() + i];
            if (y != 0 && y != 1) {
                throw new IllegalArgumentException(NAME + ": target " + y + " in "
                        + InputChecks.place(target.shape(), i)
                        + "; a target is 0 or 1. For probabilities take SigmoidCrossEntropy");
            }
        }
    }

    /** Returns that outputs are logits of separate events. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.SIGMOID_LOGITS;
    }
}
