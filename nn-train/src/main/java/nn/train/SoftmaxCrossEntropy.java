package nn.train;

import java.util.Objects;
import nn.layers.Context;
import nn.tensor.Tensor;

/**
 * The negative log-likelihood of the right class under the softmax of the logits. For a row x of logits and its class
 * y, with m the largest logit,
 *
 * <pre>
 *   loss = log(sum_j exp(x_j - m)) - (x_y - m),    d loss / d x_j = exp(x_j - m) / sum_k exp(x_k - m) - [j = y].
 * </pre>
 *
 * <p>The output is [batch x classes]; the target is [batch], class numbers as whole floats from 0 to classes - 1.
 * Subtracting m keeps every exponential at most 1, so logits of any size are right. Exponentials are float32, their
 * sums and the loss double, in the order of the row.
 *
 * @param reduction of the rows' losses
 */
public record SoftmaxCrossEntropy(Reduction reduction) implements Loss {
    private static final String NAME = "softmax cross-entropy";

    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public SoftmaxCrossEntropy {
        Objects.requireNonNull(reduction, "reduction");
    }

    /** The mean over the batch. */
    public SoftmaxCrossEntropy() {
        this(Reduction.MEAN);
    }

    /**
     * {@inheritDoc}
     *
     * @param output logits [batch x classes]
     * @param target labels [batch]
     * @throws nn.tensor.ShapeException if the shapes are others, or the batch is empty
     * @throws IllegalArgumentException if a label is not a whole number from 0 to classes - 1
     */
    @Override
    public Value of(Tensor output, Tensor target, Context context) {
        Labels.requireFit(NAME, output, target);
        int rows = output.dim(0);
        int classes = output.dim(1);
        double weight = reduction.weight(rows);
        Tensor gradient = context.empty(output.shape());
        exponentials(output, gradient);
        float[] g = gradient.array();
        double total = 0;
        for (int i = 0; i < rows; i++) {
            int label = Labels.at(NAME, target, i, classes);
            double sum = rowSum(gradient, i);
            total += rowLoss(output, i, label, sum);
            int at = gradient.offset() + i * classes;
            for (int j = 0; j < classes; j++) {
                double probability = g[at + j] / sum;
                g[at + j] = (float) (weight * (j == label ? probability - 1 : probability));
            }
        }
        return new Value(weight * total, gradient);
    }

    /**
     * The loss of each row by itself, whatever the reduction.
     *
     * @param logits [batch x classes]
     * @param labels [batch]
     * @return one number for each row
     * @throws IllegalArgumentException as for {@link #of}
     */
    public double[] perExample(Tensor logits, Tensor labels) {
        Labels.requireFit(NAME, logits, labels);
        Tensor exponentials = Tensor.zeros(logits.shape());
        exponentials(logits, exponentials);
        double[] losses = new double[logits.dim(0)];
        for (int i = 0; i < losses.length; i++) {
            int label = Labels.at(NAME, labels, i, logits.dim(1));
            losses[i] = rowLoss(logits, i, label, rowSum(exponentials, i));
        }
        return losses;
    }

    /** {@code exp(x - m)}, m the largest of x's row. */
    private static void exponentials(Tensor x, Tensor dst) {
        int classes = x.dim(1);
        for (int i = 0; i < x.dim(0); i++) {
            float max = rowMax(x, i);
            int from = x.offset() + i * classes;
            int to = dst.offset() + i * classes;
            for (int j = 0; j < classes; j++) {
                dst.array()[to + j] = x.array()[from + j] - max;
            }
        }
        dst.expInto(dst);
    }

    /** NaN if an element is NaN. */
    private static float rowMax(Tensor x, int row) {
        int classes = x.dim(1);
        int at = x.offset() + row * classes;
        float max = x.array()[at];
        for (int j = 1; j < classes; j++) {
            max = Math.max(max, x.array()[at + j]);
        }
        return max;
    }

    private static double rowSum(Tensor x, int row) {
        int classes = x.dim(1);
        int at = x.offset() + row * classes;
        double sum = 0;
        for (int j = 0; j < classes; j++) {
            sum += x.array()[at + j];
        }
        return sum;
    }

    private static double rowLoss(Tensor logits, int row, int label, double sum) {
        double right = logits.array()[logits.offset() + row * logits.dim(1) + label];
        return StrictMath.log(sum) - (right - rowMax(logits, row));
    }
}
