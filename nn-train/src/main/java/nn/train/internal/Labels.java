package nn.train.internal;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Class labels: whole numbers in a float tensor, one for each row of logits. */
public final class Labels {
    /** The label of ignored rows that other libraries use. */
    private static final int USUAL_IGNORED = -100;

    /** From here on, two neighbouring whole numbers may be the same float. */
    public static final int LIMIT = 1 << 24;

    private Labels() {}

    /**
     * Refuses logits that are not [batch x classes], or [time x batch x classes] and so on, or are empty.
     *
     * @param user the loss or metric, for messages
     * @param logits the logits
     */
    public static void requireLogits(String user, Tensor logits) {
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

    /**
     * Refuses labels whose shape is not that of the logits without the last axis.
     *
     * @param user the loss or metric, for messages
     * @param logits the logits [... x classes]
     * @param labels the labels [...]
     */
    public static void requireOnePerRow(String user, Tensor logits, Tensor labels) {
        requireLogits(user, logits);
        if (!isOnePerRow(logits.shape(), labels.shape())) {
            throw notOnePerRow(user, labels, withoutLast(logits.shape()));
        }
    }

    /** Returns whether {@code labels} equals {@link #withoutLast} of the logits, without making that shape. */
    private static boolean isOnePerRow(Shape logits, Shape labels) {
        boolean same = labels.rank() == logits.rank() - 1;
        for (int axis = 0; same && axis < labels.rank(); axis++) {
            same = labels.dim(axis) == logits.dim(axis);
        }
        return same;
    }

    private static ShapeException notOnePerRow(String user, Tensor labels, Shape wanted) {
        String sizes = Arrays.toString(wanted.dims()).replaceAll("[\\[\\] ]", "");
        return new ShapeException(
                user + ": " + wanted.size() + " rows need labels of shape " + wanted
                        + ", one class number each; got " + labels.shape()
                        + (labels.size() == wanted.size() ? "; use reshape(" + sizes + ")" : "")
                        + (wanted.rank() > 1 && labels.shape().rank() == 1
                                ? "; for one label per example the model must return [" + labels.size()
                                        + " x classes]: put a Flatten before its dense layers or, for sequences, a"
                                        + " LastStep or MeanOverTime"
                                : ""),
                wanted.toString(),
                labels.shape());
    }

    /**
     * Returns a shape without its last axis.
     *
     * @param shape a shape of rank 1 or more
     * @return the leading axes
     */
    public static Shape withoutLast(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 1));
    }

    /**
     * Returns the label of one row, after a check.
     *
     * @param user the loss or metric, for messages
     * @param labels the labels
     * @param row index of the row, counted through all axes of the labels
     * @param classes the number of classes
     * @return from 0 to classes - 1
     */
    public static int at(String user, Tensor labels, int row, int classes) {
        float value = labels.array()[labels.offset() + row];
        int label = (int) value;
        if (label >= LIMIT && label < classes) {
            throw new IllegalArgumentException(user + ": label " + value + " in "
                    + InputChecks.place(labels.shape(), row)
                    + ": floats distinguish neighbouring whole numbers only below 2^24, " + LIMIT
                    + ", so this may be another label; use fewer classes");
        }
        if (label != value || label < 0 || label >= classes) { // NaN becomes 0, which does not equal it
            throw new IllegalArgumentException(user + ": label " + value + " in "
                    + InputChecks.place(labels.shape(), row)
                    + ": labels must be whole numbers from 0 to " + (classes - 1) + ", as the model returns " + classes
                    + (classes == 1 ? " class" : " classes")
                    + (value == USUAL_IGNORED
                            ? ". If it marks rows to be ignored, use new SoftmaxCrossEntropy().ignoring(-100)"
                            : "")
                    + (classes == 1
                            ? ". For targets 0 and 1 of one output use SigmoidCrossEntropy and"
                                    + " Metrics::binaryAccuracy"
                            : ""));
        }
        return label;
    }

    /**
     * Returns whether the label of one row is the ignored one.
     *
     * @param labels the labels
     * @param row index of the row, counted through all axes of the labels
     * @param ignored the ignored label, if there is one
     * @return whether it is ignored
     */
    public static boolean isIgnored(Tensor labels, int row, OptionalInt ignored) {
        return ignored.isPresent() && labels.array()[labels.offset() + row] == ignored.getAsInt();
    }
}
