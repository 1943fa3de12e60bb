package nn.train.loss;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import nn.tensor.Losses;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.Distributions;
import nn.train.internal.ElementwiseChecks;
import nn.train.internal.Hyperparameters;
import nn.train.internal.Labels;

/**
 * The negative log-likelihood of the correct class under the softmax of the logits, as PyTorch's {@code
 * CrossEntropyLoss}. For a row x of logits and its class y, with m the largest logit,
 *
 * <pre>
 *   loss = log(sum_j exp(x_j - m)) - (x_y - m),    d loss / d x_j = exp(x_j - m) / sum_k exp(x_k - m) - [j = y].
 * </pre>
 *
 * <p>The output is [batch x classes], or [time x batch x classes] and so on; the target is [batch], or [time x batch]:
 * class numbers as whole floats from 0 to classes - 1. Subtracting m keeps every exponential at most 1, so no logit is
 * too large. Exponentials are float32; their sums, in the order of the row, and the loss are double.
 *
 * <p>In general the loss of a row is {@code sum_j c_j (log(sum_k exp(x_k - m)) - (x_j - m))} with gradient {@code
 * (sum_k c_k) softmax_j - c_j}. Plain labels have {@code c_j = [j = y]}; with
 *
 * <ul>
 *   <li>{@linkplain #withSmoothing smoothing} s of C classes and {@linkplain #withClassWeights weights} w, {@code c_j =
 *       (1 - s) w_y [j = y] + s / C w_j};
 *   <li>{@linkplain #ofProbabilities probabilities} q as targets, {@code c_j = w_j ((1 - s) q_j + s / C)}.
 * </ul>
 *
 * <p>A mean is over the rows that are not {@linkplain #ignoring ignored}. With labels and class weights it is a
 * weighted mean: it is divided by the sum of the rows' {@code w_y}.
 *
 * @param reduction mean or sum of the rows' losses
 * @param smoothing the share of the target that is spread evenly over the classes, in [0, 1)
 * @param classWeights the weight of each class, 0 or more; empty if all are 1
 * @param ignored the label of rows that are left out, if there is one
 * @param probabilities whether the target has a probability for each class instead of a label
 */
public record SoftmaxCrossEntropy(
        Reduction reduction, double smoothing, List<Double> classWeights, OptionalInt ignored, boolean probabilities)
        implements DirectLoss {
    private static final String NAME = "softmax cross-entropy";

    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     * @throws IllegalArgumentException if the smoothing is not in [0, 1), a class weight is negative, NaN or infinite,
     *     there is a label to be ignored where targets are probabilities, or that label is of magnitude 2^24 or more
     */
    public SoftmaxCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
        Hyperparameters.requireFractionDouble("SoftmaxCrossEntropy", "smoothing", smoothing);
        classWeights = ClassWeights.of("SoftmaxCrossEntropy", "classWeights", classWeights);
        Objects.requireNonNull(ignored, "ignored");
        if (Math.abs((long) ignored.orElse(0)) >= Labels.LIMIT) {
            throw new IllegalArgumentException("SoftmaxCrossEntropy: label " + ignored.getAsInt() + " is to be ignored,"
                    + " but a float tells neighbouring whole numbers apart only below 2^24, " + Labels.LIMIT
                    + "; -100 is a usual one");
        }
        if (probabilities && ignored.isPresent()) {
            throw new IllegalArgumentException("SoftmaxCrossEntropy: label " + ignored.getAsInt()
                    + " is to be ignored, but targets are probabilities; use Masked to leave rows out");
        }
    }

    /**
     * Creates a loss for labels, with class weights of 1.
     *
     * @param reduction mean or sum of the rows' losses
     * @throws NullPointerException if it is null
     */
    public SoftmaxCrossEntropy(Reduction reduction) {
        this(reduction, 0, List.of(), OptionalInt.empty(), false);
    }

    /** Creates the mean over the rows for labels, with class weights of 1. */
    public SoftmaxCrossEntropy() {
        this(Reduction.MEAN);
    }

    /**
     * Returns a copy with label smoothing (Szegedy et al., <i>Rethinking the Inception architecture</i>, CVPR 2016).
     *
     * @param smoothing the share of the target that is spread evenly over the classes, in [0, 1)
     * @return the copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SoftmaxCrossEntropy withSmoothing(double smoothing) {
        return new SoftmaxCrossEntropy(reduction, smoothing, classWeights, ignored, probabilities);
    }

    /**
     * Returns a copy with class weights.
     *
     * @param weights one for each class, 0 or more
     * @return the copy
     * @throws IllegalArgumentException if one is out of range
     */
    public SoftmaxCrossEntropy withClassWeights(double... weights) {
        List<Double> list = Arrays.stream(weights).boxed().toList();
        return new SoftmaxCrossEntropy(reduction, smoothing, list, ignored, probabilities);
    }

    /**
     * Returns a copy that leaves out rows of a certain label, which need not be a class: -100 is a usual one.
     *
     * @param label the label
     * @return the copy
     * @throws IllegalArgumentException if targets are probabilities, or the label's magnitude is 2^24 or more, where
     *     one float stands for several whole numbers
     */
    public SoftmaxCrossEntropy ignoring(int label) {
        return new SoftmaxCrossEntropy(reduction, smoothing, classWeights, OptionalInt.of(label), probabilities);
    }

    /**
     * Returns a copy with targets of the output's shape: a probability for each class, adding up to 1 in each row.
     *
     * @return the copy
     * @throws IllegalArgumentException if there is a label to be ignored
     */
    public SoftmaxCrossEntropy ofProbabilities() {
        return new SoftmaxCrossEntropy(reduction, smoothing, classWeights, ignored, true);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits [batch x classes], or with more leading axes
     * @param target labels [batch], or with the same leading axes; {@linkplain #ofProbabilities probabilities} in the
     *     output's shape
     * @throws ShapeException if the shapes do not fit, or the batch is empty
     * @throws IllegalArgumentException if a label is not a whole number from 0 to classes - 1, probabilities are not
     *     from 0 to 1 or do not add up to 1, all rows are ignored or of weight 0, or there are not as many class
     *     weights as classes
     */
    @Override
    public double of(Tensor output, Tensor target, Tensor dOutput) {
        requireFit(output, target);
        ElementwiseChecks.requireDestination(NAME, output, target, dOutput);
        int classes = output.dim(-1);
        int rows = output.size() / classes;
        double[] weights = weights(classes);
        double terms = terms(target, rows, weights);
        if (!(terms > 0)) {
            throw new IllegalArgumentException(NAME + ": all " + rows + " rows are ignored or have weight 0, so there"
                    + " is nothing to learn from");
        }
        double weight = reduction.weight(terms);
        if (!probabilities && smoothing == 0) {
            for (int i = 0; i < rows; i++) {
                if (!isIgnored(target, i)) {
                    Labels.at(NAME, target, i, classes);
                }
            }
            float left = ignored.isPresent() ? ignored.getAsInt() : Float.NaN;
            return weight * Losses.softmaxCrossEntropy(output, target, weights, left, weight, dOutput);
        }
        if (probabilities && smoothing == 0 && weights.length == 0) {
            Distributions.require(NAME, target);
            return weight * Losses.softmaxCrossEntropy(output, target, weight, dOutput);
        }
        coefficients(target, rows, weights, dOutput);
        return weight * Losses.softmaxCrossEntropy(output, dOutput, weight, dOutput);
    }

    /** Fills c with the coefficients c_j of each row, 0 for an ignored one. */
    private void coefficients(Tensor target, int rows, double[] weights, Tensor c) {
        int classes = c.dim(-1);
        double even = smoothing / classes;
        if (probabilities) {
            Distributions.require(NAME, target);
        }
        float[] values = c.array();
        for (int i = 0; i < rows; i++) {
            int at = c.offset() + i * classes;
            if (isIgnored(target, i)) {
                Arrays.fill(values, at, at + classes, 0f);
                continue;
            }
            int from = target.offset() + i * classes;
            for (int j = 0; j < classes; j++) {
                double weight = weights.length == 0 ? 1 : weights[j];
                double share = probabilities ? (1 - smoothing) * target.array()[from + j] : 0;
                values[at + j] = (float) (weight * (share + even));
            }
            if (!probabilities) {
                int label = Labels.at(NAME, target, i, classes);
                values[at + label] = (float) ((weights.length == 0 ? 1 : weights[label]) * (1 - smoothing + even));
            }
        }
    }

    /**
     * Returns the loss of each row separately, whatever the reduction; 0 for an ignored row.
     *
     * @param logits [batch x classes], or with more leading axes
     * @param target as for {@link #of}
     * @return one number for each row
     * @throws IllegalArgumentException as for {@link #of}
     */
    public double[] perExample(Tensor logits, Tensor target) {
        requireFit(logits, target);
        int classes = logits.dim(-1);
        Tensor x = logits.reshape(logits.size() / classes, classes);
        Tensor c = Tensor.zeros(x.shape());
        coefficients(target, x.dim(0), weights(classes), c);
        double[] losses = new double[x.dim(0)];
        for (int i = 0; i < losses.length; i++) {
            Tensor row = c.rows(i, i + 1);
            losses[i] = Losses.softmaxCrossEntropy(x.rows(i, i + 1), row, 1, row);
        }
        return losses;
    }

    @Override
    public Shape targetShape(Shape output) {
        return probabilities ? output : Labels.withoutLast(output);
    }

    /** Returns the number of rows that are not ignored; with labels and class weights, the sum of their weights. */
    @Override
    public double terms(Tensor target) {
        if (probabilities) {
            return (double) target.size() / target.dim(-1);
        }
        return terms(target, target.size(), weights(classWeights.size()));
    }

    private void requireFit(Tensor output, Tensor target) {
        if (!probabilities) {
            if (output.shape().rank() > 0
                    && output.dim(-1) > 1
                    && output.shape().equals(target.shape())) {
                Labels.requireLogits(NAME, output);
                throw new ShapeException(
                        NAME + ": labels are one class number for each row, got " + target.shape()
                                + ", the shape of the logits; for probabilities or one-hot rows use ofProbabilities()",
                        Labels.withoutLast(output.shape()).toString(),
                        target.shape());
            }
            Labels.requireOnePerRow(NAME, output, target);
            return;
        }
        Labels.requireLogits(NAME, output);
        ElementwiseChecks.requireSameShape(NAME + " of probabilities", output, target);
    }

    /** Returns the class weights; none if all are 1. */
    private double[] weights(int classes) {
        return ClassWeights.array(NAME, classWeights, classes);
    }

    /** Returns the divisor of a mean. */
    private double terms(Tensor target, int rows, double[] weights) {
        if (probabilities || weights.length == 0 && ignored.isEmpty()) {
            return rows;
        }
        double terms = 0;
        for (int i = 0; i < rows; i++) {
            if (!isIgnored(target, i)) {
                terms += weights.length == 0 ? 1 : weights[Labels.at(NAME, target, i, weights.length)];
            }
        }
        return terms;
    }

    private boolean isIgnored(Tensor target, int row) {
        return Labels.isIgnored(target, row, ignored);
    }

    /** Returns that outputs are logits of classes. */
    @Override
    public OutputKind outputKind() {
        return OutputKind.SOFTMAX_LOGITS;
    }
}
