package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.Distributions;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Labels;

/**
 * The Kullback-Leibler divergence of the model's distribution from a target distribution (Kullback and Leibler, <i>On
 * information and sufficiency</i>, 1951), as PyTorch's {@code KLDivLoss}. For a row x of logarithms of probabilities,
 * as {@link nn.layers.graph.Node#logSoftmax} gives them, and its row q of probabilities,
 *
 * <pre>
 *   loss = sum_j q_j (log(q_j) - x_j),    d loss / d x_j = -q_j.
 * </pre>
 *
 * <p>A class of probability 0 counts 0, also where x is minus infinity. Output and target have the same shape, [batch x
 * classes] or with more leading axes. The mean is over the rows: PyTorch's reduction {@code batchmean} for [batch x
 * classes]; its {@code mean} also divides by the number of classes.
 *
 * <p>The outputs of a model that ends with a dense layer are logits. For those take {@link SoftmaxCrossEntropy} {@link
 * SoftmaxCrossEntropy#ofProbabilities() of probabilities}, which has the same gradient, as it differs by the entropy of
 * the targets alone, or {@link Distillation} if the targets are logits too. On logits this loss would fall without
 * limit.
 *
 * @param reduction mean or sum of the rows' losses
 * @param logTargets whether targets are logarithms of probabilities, too
 */
public record KullbackLeibler(Reduction reduction, boolean logTargets) implements DirectLoss {
    private static final String NAME = "Kullback-Leibler divergence";

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if the reduction is null
     */
    public KullbackLeibler {
        Objects.requireNonNull(reduction, "reduction");
    }

    /** Creates the mean over the rows, for targets that are probabilities. */
    public KullbackLeibler() {
        this(Reduction.MEAN, false);
    }

    /**
     * Returns a copy for targets that are logarithms of probabilities: {@code loss = sum_j exp(t_j) (t_j - x_j)}.
     *
     * @return the copy
     */
    public KullbackLeibler ofLogTargets() {
        return new KullbackLeibler(reduction, true);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logarithms of probabilities [batch x classes], or with more leading axes
     * @param target probabilities or {@linkplain #ofLogTargets their logarithms}, of the same shape
     * @throws nn.tensor.ShapeException if the shapes differ, have no elements, or have fewer than two axes
     * @throws IllegalArgumentException if the target probabilities of a row are not from 0 to 1, or do not add up to 1
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        Labels.requireLogits(NAME, output);
        ElementwiseChecks.requireSameShape(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        double weight = reduction.weight(terms(target));
        if (!logTargets) {
            Distributions.require(NAME, target);
            return weight * Losses.divergence(output, target, weight, dOutput);
        }
        double total = Losses.logDivergence(output, target, weight, dOutput);
        Distributions.requireMultiples(NAME, dOutput, -weight);
        return weight * total;
    }

    /** Returns the number of rows. */
    @Override
    public double terms(Tensor target) {
        return (double) target.size() / target.dim(-1);
    }

    /** Returns that outputs are logarithms of probabilities. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.LOG_PROBABILITIES;
    }
}
