package nn.train.loss;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Hyperparameters;
import nn.train.internal.Labels;

/**
 * The focal loss of classes (Lin et al., <i>Focal Loss for Dense Object Detection</i>, ICCV 2017): the {@link
 * SoftmaxCrossEntropy} of each row times a power of how wrong it is, so that the many easy rows do not drown the few
 * hard ones. For a row x of logits, its class y and the probability p of y in softmax(x),
 *
 * <pre>
 *   loss = -w_y (1 - p)^gamma log(p),
 *   d loss / d x_j = w_y ((1 - p)^gamma - gamma p (1 - p)^(gamma - 1) log(p)) (softmax_j - [j = y]).
 * </pre>
 *
 * <p>The output is [batch x classes], or with more leading axes; the target is [batch], or has the same leading axes:
 * class numbers as whole floats from 0 to classes - 1. The mean is over the rows, whatever their weights, unlike that
 * of {@link SoftmaxCrossEntropy}. {@link Masked} leaves rows out.
 *
 * @param reduction mean or sum of the rows' losses
 * @param gamma the power, 0 or more: 0 gives the cross-entropy, 2 is the paper's
 * @param classWeights the weight w of each class, 0 or more; empty if all are 1
 */
public record SoftmaxFocalCrossEntropy(Reduction reduction, double gamma, List<Double> classWeights)
        implements DirectLoss {
    private static final String NAME = "softmax focal cross-entropy";

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if gamma or a weight is negative, NaN or infinite
     */
    public SoftmaxFocalCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
        Hyperparameters.requireNonNegative("SoftmaxFocalCrossEntropy", "gamma", gamma);
        classWeights = ClassWeights.of("SoftmaxFocalCrossEntropy", "classWeights", classWeights);
    }

    /**
     * Creates the mean over the rows, with class weights of 1.
     *
     * @param gamma the power, 0 or more
     * @throws IllegalArgumentException if it is out of range
     */
    public SoftmaxFocalCrossEntropy(double gamma) {
        this(Reduction.MEAN, gamma, List.of());
    }

    /**
     * Returns a copy with class weights, the paper's alpha.
     *
     * @param weights one for each class, 0 or more
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public SoftmaxFocalCrossEntropy withClassWeights(double... weights) {
        List<Double> list = Arrays.stream(weights).boxed().toList();
        return new SoftmaxFocalCrossEntropy(reduction, gamma, list);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits [batch x classes], or with more leading axes
     * @param target labels [batch], or with the same leading axes
     * @throws nn.tensor.ShapeException if the shapes do not fit, or the batch is empty
     * @throws IllegalArgumentException if a label is not a whole number from 0 to classes - 1, or there are not as many
     *     class weights as classes
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        Labels.requireOnePerRow(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        int classes = output.dim(-1);
        double[] weights = ClassWeights.array(NAME, classWeights, classes);
        for (int i = 0; i < target.size(); i++) {
            Labels.at(NAME, target, i, classes);
        }
        double weight = reduction.weight(target.size());
        return weight * Losses.softmaxFocalCrossEntropy(output, target, gamma, weights, weight, dOutput);
    }

    @Override
    public Shape targetShape(Shape output) {
        return Labels.withoutLast(output);
    }

    /** Returns that outputs are logits of classes. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.SOFTMAX_LOGITS;
    }
}
