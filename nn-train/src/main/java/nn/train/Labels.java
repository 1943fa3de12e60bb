package nn.train;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import nn.tensor.Description;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Class labels: whole numbers in a float tensor, one for each row of logits. */
final class Labels {
    /** What marks a label to be left out in much data made for other libraries. */
    private static final int USUAL_MARK = -100;

    /** From here on, two neighbouring whole numbers may be the same float. */
    static final int LIMIT = 1 << 24;

    private Labels() {}

    /** Refuses logits that are not [batch x classes], or [time x batch x classes] and so on, or are empty. */
    static void requireLogits(String user, Tensor logits) {
        Shape shape = logits.shape();
        if (shape.rank() < 2) {
            throw new ShapeException(
                    user + ": expected logits of shape [batch x classes] or [time x batch x classes], got " + shape,
                    "[batch x classes]",
                    shape);
        }
        if (logits.size() == 0) {
            throw new ShapeException(
                    user + ": logits of shape " + shape + " are empty; give at least one row and one class",
                    "[batch x classes]",
                    shape);
        }
    }

    /** Refuses labels of another shape than the logits' without its last axis. */
    static void requireFit(String user, Tensor logits, Tensor labels) {
        requireLogits(user, logits);
        if (!isOneEach(logits.shape(), labels.shape())) {
            requireOneEach(user, labels, withoutLast(logits.shape()));
        }
    }

    /**
     * Whether {@code labels} equals {@link #withoutLast} of the logits, which is not made for that: steps ask often.
     */
    private static boolean isOneEach(Shape logits, Shape labels) {
        boolean same = labels.rank() == logits.rank() - 1;
        for (int axis = 0; same && axis < labels.rank(); axis++) {
            same = labels.dim(axis) == logits.dim(axis);
        }
        return same;
    }

    private static void requireOneEach(String user, Tensor labels, Shape wanted) {
        if (!labels.shape().equals(wanted)) {
            int[] dims = wanted.dims();
            String sizes = Arrays.toString(dims).replaceAll("[\\[\\] ]", "");
            throw new ShapeException(
                    user + ": " + wanted.size() + " rows need labels of shape " + wanted
                            + ", one class number each; got " + labels.shape()
                            + (labels.size() == wanted.size() ? "; reshape(" + sizes + ") makes them so" : "")
                            + (wanted.rank() > 1 && labels.shape().rank() == 1
                                    ? "; for one label an example the model has to give [" + labels.size()
                                            + " x classes]: put a Flatten before its dense layers or, for sequences, a"
                                            + " LastStep or MeanOverTime"
                                    : ""),
                    wanted.toString(),
                    labels.shape());
        }
    }

    static Shape withoutLast(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 1));
    }

    /** The shape of a loss's target with one more number at the end of each row. */
    static Shape withOneMore(Loss loss, Shape output) {
        int rows = withoutLast(output).size();
        return output.withLast(1 + targetShape(loss, output).size() / Math.max(rows, 1));
    }

    /** Refuses a target that has no rows of numbers with one more at the end. */
    static void requireOneMore(String user, String more, Tensor target) {
        if (target.shape().rank() < 2 || target.dim(-1) < 2 || target.size() == 0) {
            throw new ShapeException(
                    user + ": a target has rows of two numbers or more, the " + more + " at the end of each; got "
                            + target.shape(),
                    "[... x numbers of a row's target and the " + more + "]",
                    target.shape());
        }
    }

    /** The label of one row, counted through all leading axes; checked. */
    static int at(String user, Tensor labels, int row, int classes) {
        float value = labels.array()[labels.offset() + row];
        int label = (int) value;
        if (label >= LIMIT && label < classes) {
            throw new IllegalArgumentException(user + ": label " + value + " in " + Data.place(labels.shape(), row)
                    + ": a float tells neighbouring whole numbers apart only below 2^24, " + LIMIT
                    + ", so this may be another label; use fewer classes");
        }
        if (label != value || label < 0 || label >= classes) { // NaN becomes 0, which is not equal to it
            throw new IllegalArgumentException(user + ": label " + value + " in " + Data.place(labels.shape(), row)
                    + ": allowed are the whole numbers 0 to " + (classes - 1) + ", for the model gives " + classes
                    + (classes == 1 ? " class" : " classes")
                    + (value == USUAL_MARK
                            ? ". If it marks rows to be left out, say so: new SoftmaxCrossEntropy().ignoring(-100)"
                            : "")
                    + (classes == 1
                            ? ". For targets 0 and 1 of one output use SigmoidCrossEntropy, and measure it by"
                                    + " Metrics::binaryAccuracy"
                            : ""));
        }
        return label;
    }

    /** Whether the label of one row, counted through all axes, is the one to be left out. */
    static boolean isIgnored(Tensor labels, int row, OptionalInt ignored) {
        return ignored.isPresent() && labels.array()[labels.offset() + row] == ignored.getAsInt();
    }

    /** The shape of the targets that a loss within another one asks for; null is refused by naming that loss. */
    static Shape targetShape(Loss loss, Shape output) {
        return Objects.requireNonNull(
                loss.targetShape(output),
                () -> "the loss " + Description.of(loss) + ": its targetShape returned null for an output of shape "
                        + output + "; return the shape of the targets");
    }
}
