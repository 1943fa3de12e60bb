package nn.train.loss;

import java.util.Objects;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.internal.Labels;

/**
 * Another loss with a weight for each row, such as a weight for each example or for each time step. Each row of the
 * target ends with one more number, its weight, 0 or more. For outputs [batch x features] of a {@link MeanSquaredError}
 * the target is [batch x (features + 1)], for logits [time x batch x classes] of a {@link SoftmaxCrossEntropy} with
 * labels it is [time x batch x 2].
 *
 * <p>With the weight s_i of row i, its loss l_i and its {@linkplain Loss#terms terms} t_i in the other loss, such as
 * the weight of its class,
 *
 * <pre>
 *   mean: sum_i s_i t_i l_i / sum_i s_i t_i        sum: sum_i s_i l_i
 * </pre>
 *
 * So a weight of 2 has the effect of the same row twice, a mean depends only on the ratios of the weights, and
 * micro-batches do not change it. A row of weight 0 has no effect: its gradient is 0, and its output and target may be
 * anything (a target must be finite, as all data). {@link Masked} has only the weights 0 and 1, and is faster: this
 * class calls the other loss once for each row.
 *
 * @param loss the loss of a row; must be a mean or a sum over rows, as all built-in losses are
 */
public record Weighted(Loss loss) implements Loss {
    private static final String NAME = "weighted loss";

    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public Weighted {
        Objects.requireNonNull(loss, "loss");
    }

    /**
     * {@inheritDoc}
     *
     * @param output [... x features]
     * @param target [... x (numbers of a row's target + 1)], as many rows
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a weight is negative, all are 0, or the other loss refuses a row
     */
    @Override
    public Value of(Tensor output, Tensor target, Context context) {
        requireRows(output, target);
        int features = output.dim(-1);
        int rows = output.size() / features;
        double all = terms(target);
        if (!(all >= 0)) {
            throw new IllegalArgumentException(NAME + ": the loss " + Description.of(loss) + " counts " + all
                    + " terms in the target; its terms() must return 0 or more");
        }
        if (all == 0) {
            throw new IllegalArgumentException(
                    NAME + ": all " + rows + " rows have weight 0 or do not count, so there is nothing to learn from");
        }
        Tensor gradient = context.empty(output.shape());
        gradient.fill(0f);
        Shape outputShape = Shape.of(1, features);
        Shape targetShape = rowShape(target, features);
        double total = 0;
        for (int row = 0; row < rows; row++) {
            double weight = weight(target, row);
            if (weight == 0) {
                continue;
            }
            Tensor rowTarget = row(target, row, targetShape);
            double terms = loss.terms(rowTarget);
            if (terms == 0) {
                continue;
            }
            Value value = loss.checked(row(output, row, outputShape), rowTarget, context);
            double factor = reduction() == Reduction.MEAN ? weight * terms / all : weight;
            total += factor * value.value();
            Tensor one = row(gradient, row, outputShape);
            one.copyFrom(value.dOutput());
            one.scaleInPlace((float) factor);
        }
        return new Value(total, gradient);
    }

    @Override
    public Shape targetShape(Shape output) {
        return Targets.withOneMore(loss, output);
    }

    @Override
    public Reduction reduction() {
        return loss.reduction();
    }

    @Override
    public void requireFits(Layer model) {
        loss.requireFits(model);
    }

    @Override
    public OutputKind outputKind() {
        return loss.outputKind();
    }

    /** Returns the sum of the rows' terms, each times the row's weight. */
    @Override
    public double terms(Tensor target) {
        Targets.requireOneMore(NAME, "weight", target);
        // The number of features is not known here. The shape of a row's target does not depend on it.
        Shape shape = rowShape(target, 2);
        double terms = 0;
        for (int row = 0; row < target.size() / target.dim(-1); row++) {
            double weight = weight(target, row);
            terms += weight > 0 ? weight * loss.terms(row(target, row, shape)) : 0;
        }
        return terms;
    }

    /** Returns the shape that the other loss needs for the target of one example. */
    private Shape rowShape(Tensor target, int features) {
        int numbers = target.dim(-1) - 1;
        boolean isLabel = Targets.shape(loss, Shape.of(1, features)).rank() == 1;
        return isLabel && numbers == 1 ? Shape.of(1) : Shape.of(1, numbers);
    }

    /**
     * Returns the first numbers of a row. A view: copies were as large as the batch, and a step then ran through memory
     * that the process had not used yet, with a page fault for every 4 kilobytes.
     */
    private static Tensor row(Tensor rows, int row, Shape shape) {
        return Tensor.wrap(rows.array(), rows.offset() + row * rows.dim(-1), shape);
    }

    private static double weight(Tensor target, int row) {
        int numbers = target.dim(-1);
        float weight = target.array()[target.offset() + row * numbers + numbers - 1];
        if (!(weight >= 0 && Float.isFinite(weight))) {
            throw new IllegalArgumentException(NAME + ": weight " + weight + " in "
                    + InputChecks.place(Labels.withoutLast(target.shape()), row)
                    + "; it must be finite, and 0 or more");
        }
        return weight;
    }

    private void requireRows(Tensor output, Tensor target) {
        Shape shape = output.shape();
        boolean fits = shape.rank() >= 2 && output.size() > 0 && target.shape().equals(targetShape(shape));
        if (!fits) {
            String wanted =
                    shape.rank() >= 2 && output.size() > 0 ? targetShape(shape).toString() : "[... x features]";
            throw new ShapeException(
                    NAME + ": an output of shape " + shape + " needs a target of shape " + wanted + ", the weight at"
                            + " the end of each row; got " + target.shape(),
                    wanted,
                    target.shape());
        }
    }
}
