package nn.train.loss;

import java.util.Objects;
import nn.layers.Context;
import nn.layers.Layer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.internal.Labels;

/**
 * Another loss on some of the rows only, such as the real time steps of a padded sequence. Each row of the target ends
 * with one more number, the mask: 1 for a row that counts, 0 for one that does not. For outputs [time x batch x
 * features] of a {@link MeanSquaredError} the target is [time x batch x (features + 1)], for logits [time x batch x
 * classes] of a {@link SoftmaxCrossEntropy} with labels it is [time x batch x 2].
 *
 * <p>A row that does not count has no effect: it is left out of a mean, its gradient is 0, and its output and target
 * may be anything (a target must be finite, as all data).
 *
 * @param loss the loss of the rows that count; receives them as [rows x features], in order
 */
public record Masked(Loss loss) implements Loss {
    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public Masked {
        Objects.requireNonNull(loss, "loss");
    }

    /**
     * {@inheritDoc}
     *
     * @param output [... x features]
     * @param target [... x (numbers of a row's target + 1)], as many rows
     * @throws ShapeException if the shapes do not fit
     * @throws IllegalArgumentException if a mask is neither 0 nor 1, no row counts, or the other loss refuses the rows
     *     that count
     */
    @Override
    public Value of(Tensor output, Tensor target, Context context) {
        int rows = requireRows(output, target);
        int features = output.dim(-1);
        int kept = count(target);
        if (kept == 0) {
            throw new IllegalArgumentException(
                    "masked loss: the mask leaves none of " + rows + " rows, so there is nothing to learn from");
        }
        Tensor some = context.empty(Shape.of(rows, features)).rows(0, kept);
        copyRows(target, output, some, true);
        Tensor someTargets = context.empty(Shape.of(rows, target.dim(-1) - 1)).rows(0, kept);
        Value value = loss.checked(some, innerTarget(target, someTargets, some.shape()), context);
        Tensor gradient = context.empty(output.shape());
        gradient.fill(0f);
        copyRows(target, gradient, value.dOutput(), false);
        return new Value(value.value(), gradient);
    }

    /** Copies the targets of the rows that count, and returns them in the shape that the other loss needs. */
    private Tensor innerTarget(Tensor target, Tensor copy, Shape output) {
        copyRows(target, target, copy, true);
        Shape shape = Targets.shape(loss, output);
        if (shape.size() != copy.size()) {
            throw new ShapeException(
                    "masked loss: outputs of " + output.dim(1) + " features need targets of "
                            + shape.size() / output.dim(0) + " numbers and the mask in a row, got " + target.shape(),
                    "[... x " + (shape.size() / output.dim(0) + 1) + "]",
                    target.shape());
        }
        return copy.reshape(shape);
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

    /** Returns the terms of the rows that count. */
    @Override
    public double terms(Tensor target) {
        Targets.requireOneMore("masked loss", "mask", target);
        int kept = count(target);
        return kept == 0 ? 0 : loss.terms(innerTarget(target, kept));
    }

    private Tensor innerTarget(Tensor target, int kept) {
        Tensor copy = Tensor.zeros(kept, target.dim(-1) - 1);
        copyRows(target, target, copy, true);
        // The number of features is not known here. The shape of the targets does not depend on it.
        return Targets.shape(loss, Shape.of(kept, 2)).rank() == 1 && copy.dim(1) == 1 ? copy.reshape(kept) : copy;
    }

    private static int requireRows(Tensor output, Tensor target) {
        Shape shape = output.shape();
        if (shape.rank() < 2
                || target.shape().rank() != shape.rank()
                || target.dim(-1) < 2
                || !Labels.withoutLast(shape).equals(Labels.withoutLast(target.shape()))) {
            throw new ShapeException(
                    "masked loss: an output of shape " + shape + " needs a target of as many rows, with the mask (0 or"
                            + " 1) at the end of each; got " + target.shape(),
                    shape.rank() < 2 ? "[... x features]" : Labels.withoutLast(shape) + " and 2 or more",
                    target.shape());
        }
        return Labels.withoutLast(shape).size();
    }

    private static boolean counts(Tensor target, int row) {
        int numbers = target.dim(-1);
        float mask = target.array()[target.offset() + row * numbers + numbers - 1];
        if (mask != 0 && mask != 1) {
            throw new IllegalArgumentException("masked loss: mask " + mask + " in "
                    + InputChecks.place(Labels.withoutLast(target.shape()), row)
                    + "; it is 1 for a row that counts and 0 for one that does not");
        }
        return mask == 1;
    }

    private static int count(Tensor target) {
        int count = 0;
        for (int row = 0; row < target.size() / target.dim(-1); row++) {
            count += counts(target, row) ? 1 : 0;
        }
        return count;
    }

    /** Copies the rows that count from a full tensor to a dense one, whose rows may be shorter, or back. */
    private static void copyRows(Tensor target, Tensor full, Tensor dense, boolean toDense) {
        int n = dense.dim(-1);
        int at = dense.offset();
        for (int row = 0; row < target.size() / target.dim(-1); row++) {
            if (counts(target, row)) {
                int there = full.offset() + row * full.dim(-1);
                if (toDense) {
                    System.arraycopy(full.array(), there, dense.array(), at, n);
                } else {
                    System.arraycopy(dense.array(), at, full.array(), there, n);
                }
                at += n;
            }
        }
    }
}
