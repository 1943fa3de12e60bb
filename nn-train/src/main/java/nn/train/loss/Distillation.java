package nn.train.loss;

import java.util.Objects;
import nn.tensor.Losses;
import nn.tensor.Tensor;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Hyperparameters;
import nn.train.internal.Labels;

/**
 * The loss by which a model learns from the logits of another one, its teacher (Hinton, Vinyals and Dean, <i>Distilling
 * the Knowledge in a Neural Network</i>, 2015): the Kullback-Leibler divergence at a temperature T. For a row x of
 * logits and the teacher's row t, with {@code p = softmax(x / T)} and {@code q = softmax(t / T)},
 *
 * <pre>
 *   loss = T^2 sum_j q_j log(q_j / p_j),    d loss / d x = T (p - q).
 * </pre>
 *
 * <p>The factor T^2 keeps the size of gradients whatever the temperature. A temperature of 1 gives the divergence of
 * plain softmax. Output and target have the same shape, [batch x classes] or with more leading axes. The teacher gets
 * no gradient. Labels can be learned beside it, by a {@link JointLoss}.
 *
 * @param temperature T, above 0; often 2 to 10
 * @param reduction mean or sum of the rows' losses
 */
public record Distillation(double temperature, Reduction reduction) implements DirectLoss {
    private static final String NAME = "distillation";

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the temperature is not above 0 and finite, or 1 / T or T^2 are not
     * @throws NullPointerException if the reduction is null
     */
    public Distillation {
        Hyperparameters.requirePositive("Distillation", "temperature", temperature);
        Hyperparameters.requirePositive("Distillation", "1 / temperature", 1 / temperature);
        Hyperparameters.requirePositive("Distillation", "temperature^2", temperature * temperature);
        Objects.requireNonNull(reduction, "reduction");
    }

    /**
     * Creates the mean over the rows.
     *
     * @param temperature T, above 0
     * @throws IllegalArgumentException if it is out of range
     */
    public Distillation(double temperature) {
        this(temperature, Reduction.MEAN);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits [batch x classes], or with more leading axes
     * @param target the teacher's logits, of the same shape
     * @throws nn.tensor.ShapeException if the shapes differ, have no elements, or have fewer than two axes
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        Labels.requireLogits(NAME, output);
        ElementwiseChecks.requireSameShape(NAME, output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        double weight = temperature * temperature * reduction.weight(terms(target));
        return weight * Losses.softmaxDivergence(output, target, temperature, weight, dOutput);
    }

    /** Returns the number of rows. */
    @Override
    public double terms(Tensor target) {
        return (double) target.size() / target.dim(-1);
    }

    /** Returns that outputs are logits of classes. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.SOFTMAX_LOGITS;
    }
}
