package nn.train;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** Class labels: whole numbers in a float tensor, one for each row of logits. */
final class Labels {
    private Labels() {}

    /** Refuses anything but logits [batch x classes] with labels [batch], both with at least one element. */
    static void requireFit(String user, Tensor logits, Tensor labels) {
        Shape shape = logits.shape();
        if (shape.rank() != 2) {
            throw new ShapeException(
                    user + ": expected logits of shape [batch x classes], got " + shape, "[batch x classes]", shape);
        }
        if (logits.size() == 0) {
            throw new ShapeException(
                    user + ": logits of shape " + shape + " are empty; give at least one row and one class",
                    "[batch x classes]",
                    shape);
        }
        requireOneEach(user, labels, logits.dim(0));
    }

    /** Refuses labels of another shape than [rows]. */
    static void requireOneEach(String user, Tensor labels, int rows) {
        if (!labels.shape().equals(Shape.of(rows))) {
            throw new ShapeException(
                    user + ": " + rows + " rows need labels of shape [" + rows + "], one class number each; got "
                            + labels.shape()
                            + (labels.size() == rows ? "; reshape(" + rows + ") makes them so" : ""),
                    "[" + rows + "]",
                    labels.shape());
        }
    }

    /** The label of one row, checked. */
    static int at(String user, Tensor labels, int row, int classes) {
        float value = labels.array()[labels.offset() + row];
        int label = (int) value;
        if (label != value || label < 0 || label >= classes) { // NaN becomes 0, which is not equal to it
            throw new IllegalArgumentException(user + ": label " + value + " in row " + row
                    + ": allowed are the whole numbers 0 to " + (classes - 1) + ", for the model gives " + classes
                    + (classes == 1 ? " class" : " classes"));
        }
        return label;
    }
}
