package nn.train.internal;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Class labels: whole numbers in a float tensor, one for each row of logits. */
public final class Labels {
    /** The label of rows to be left out in much data made for other libraries. */
    private static final int USUAL_MARK = -100;

    /** From here on, two neighbouring whole numbers may be the same float. */
    public static final int LIMIT = 1 << 24;

    private Labels() {}

    /**
     * Refuses logits that are not [batch x classes], or [time x batch x classes] and so on, or are empty.
     *
     * @param user who asks, for messages
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
     * Refuses labels of another shape than the logits' without its last axis.
     *
     * @param user who asks, for messages
     * @param logits the logits
     * @param labels the labels
     */
    public static void requireFit(String user, Tensor logits, Tensor labels) {
        requireLogits(user, logits);
        if (!isOneEach(logits.shape(), labels.shape())) {
            requireOneEach(user, labels, withoutLast(logits.shape()));
        }
    }

    /**
     * Returns whether {@code labels} equals {@link #withoutLast} of the logits, which is not made for that: steps ask
     * often.
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

    /**
     * A shape without its last axis.
     *
     * @param shape of rank 1 or more
     * @return the leading axes
     */
    public static Shape withoutLast(Shape shape) {
        return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 1));
    }

    /**
     * The label of one row, counted through all leading axes; checked.
     *
     * @param user who asks, for messages
     * @param labels the labels
     * @param row of the labels, counted through all leading axes
     * @param classes how many there are
     * @return from 0 to classes - 1
     */
    public static int at(String user, Tensor labels, int row, int classes) {
        float value = labels.array()[labels.offset() + row];
        int label = (int) value;
        if (label >= LIMIT && label < classes) {
            throw new IllegalArgumentException(user + ": label " + value + " in "
                    + InputChecks.place(labels.shape(), row)
                    + ": a float tells neighbouring whole numbers apart only below 2^24, " + LIMIT
                    + ", so this may be another label; use fewer classes");
        }
        if (label != value || label < 0 || label >= classes) { // NaN becomes 0, which is not equal to it
            throw new IllegalArgumentException(user + ": label " + value + " in "
                    + InputChecks.place(labels.shape(), row)
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

    /**
     * Returns whether the label of one row, counted through all axes, is the one to be left out.
     *
     * @param labels the labels
     * @param row of the labels, counted through all leading axes
     * @param ignored the label to be left out, if there is one
     * @return true if it is left out
     */
    public static boolean isIgnored(Tensor labels, int row, OptionalInt ignored) {
        return ignored.isPresent() && labels.array()[labels.offset() + row] == ignored.getAsInt();
    }
}
