package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Turns each row of numbers into probabilities: {@code y_j = exp(x_j - m) / sum_k exp(x_k - m)}, with m the largest of
 * the row, so that nothing overflows. The sum is in double.
 *
 * <p>Shapes: x and y [... x n], n at least 1.
 *
 * <p>A classifier is trained on logits, without this layer: a softmax cross-entropy has it built in, more exactly.
 */
public record Softmax() implements Layer {
    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(outputShape(x.shape()));
        int n = x.dim(-1);
        int rows = x.size() / n;
        Tensor in = x.reshape(rows, n);
        Tensor out = y.reshape(rows, n);
        for (int i = 0; i < rows; i++) {
            belowLargest(in, out, i);
        }
        out.expInto(out);
        for (int i = 0; i < rows; i++) {
            Tensor row = out.row(i);
            row.scaleInPlace((float) (1 / row.sum()));
        }
        return new Pass(y, (dy, gradients) -> {
            // dx = y (dy - dy . y), row by row
            Tensor dx = context.empty(x.shape());
            Tensor dOut = dy.reshape(rows, n);
            Tensor dIn = dx.reshape(rows, n);
            for (int i = 0; i < rows; i++) {
                Tensor p = out.row(i);
                Tensor d = dOut.row(i);
                Featurewise.standardize(d, d.dot(p), 1, dIn.row(i));
            }
            dx.multiplyInto(y, dx);
            return dx;
        });
    }

    /** x - m for one row, m its largest element; NaN all over if one is NaN. */
    private static void belowLargest(Tensor x, Tensor dst, int row) {
        Tensor from = x.row(row);
        float largest = Float.NEGATIVE_INFINITY;
        for (int j = from.offset(); j < from.offset() + from.size(); j++) {
            largest = Math.max(largest, from.array()[j]);
        }
        Featurewise.standardize(from, largest, 1, dst.row(row));
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0 || in.dim(-1) == 0) {
            throw new ShapeException(this + ": expected [... x n], n at least 1, got " + in, "[... x n]", in);
        }
        return in;
    }

    /** The layer's name. */
    @Override
    public String toString() {
        return "Softmax";
    }
}
