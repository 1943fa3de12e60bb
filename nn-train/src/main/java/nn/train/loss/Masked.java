package nn.train.loss;

import java.util.Objects;
import nn.layers.Context;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.internal.InputChecks;
import nn.train.internal.Labels;

/**
 * Another loss on some of the rows only, such as the time steps that a padded sequence really has. A target has one
 * more number at the end of each row, 1 for a row that counts and 0 for one that does not: for outputs [time x batch x
 * features] of a {@link MeanSquaredError} it is [time x batch x (features + 1)], for logits [time x batch x classes] of
 * a {@link SoftmaxCrossEntropy} with labels [time x batch x 2].
 *
 * <p>A row that does not count is as if it were not there: it is left out of a mean, its gradient is 0, and its output
 * and target may be anything (finite, in a target, as all data).
 *
 * @param loss of the rows that count; it gets them as [rows x features], in order
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
     * @throws IllegalArgumentException if a mask is neither 0 nor 1, or no row counts, or as the other loss says
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
        move(target, output, some, true);
        Tensor wanted = context.empty(Shape.of(rows, target.dim(-1) - 1)).rows(0, kept);
        Value value = loss.checked(some, ofInner(target, wanted, some.shape()), context);
        Tensor gradient = context.empty(output.shape());
        gradient.fill(0f);
        move(target, gradient, value.dOutput(), false);
        return new Value(value.value(), gradient);
    }

    /** The targets of the rows that count, in the shape that the inner loss asks for. */
    private Tensor ofInner(Tensor target, Tensor room, Shape output) {
        move(target, target, room, true);
        Shape shape = Targets.shape(loss, output);
        if (shape.size() != room.size()) {
            throw new ShapeException(
                    "masked loss: outputs of " + output.dim(1) + " features need targets of "
                            + shape.size() / output.dim(0) + " numbers and the mask in a row, got " + target.shape(),
                    "[... x " + (shape.size() / output.dim(0) + 1) + "]",
                    target.shape());
        }
        return room.reshape(shape);
    }

    @Override
    public Shape targetShape(Shape output) {
        return Targets.withOneMore(loss, output);
    }

    @Override
    public Reduction reduction() {
        return loss.reduction();
    }

    /** The terms of the rows that count. */
    @Override
    public double terms(Tensor target) {
        Targets.requireOneMore("masked loss", "mask", target);
        int kept = count(target);
        return kept == 0 ? 0 : loss.terms(ofInner(target, kept));
    }

    private Tensor ofInner(Tensor target, int kept) {
        Tensor room = Tensor.zeros(kept, target.dim(-1) - 1);
        move(target, target, room, true);
        // Which number of features the output has is not known here, nor does it matter to how many targets there are.
        return Targets.shape(loss, Shape.of(kept, 2)).rank() == 1 && room.dim(1) == 1 ? room.reshape(kept) : room;
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

    /** Moves the rows that count from a full tensor to the (maybe shorter) rows of a dense one, or back. */
    private static void move(Tensor target, Tensor full, Tensor dense, boolean toDense) {
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
