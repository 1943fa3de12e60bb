package nn.layers.activation;

import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.internal.Featurewise;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Turns each row of numbers into probabilities: {@code y_j = exp(x_j - m) / sum_k exp(x_k - m)}, where m is the row's
 * largest value, so that nothing overflows. The sum is computed in double.
 *
 * <p>Shapes: x and y [... x n], n at least 1.
 *
 * <p>Train a classifier on logits, without this layer: a softmax cross-entropy includes it and is more accurate.
 */
public record Softmax() implements Layer {
    @Override
    public Pass newPass() {
        return new Probabilities();
    }

    /** Works on a copy of each row. */
    private final class Probabilities extends Pass {
        private Tensor row = Tensor.zeros(0);
        private Tensor yRow = row;
        private Tensor y;

        Probabilities() {
            super(Softmax.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            y = save(context.empty(outputShape()));
            int n = x.dim(-1);
            if (row.size() != n) {
                row = Tensor.zeros(n);
                yRow = Tensor.zeros(n);
            }
            int rows = x.size() / n;
            for (int i = 0; i < rows; i++) {
                Featurewise.take(x, i, row);
                Featurewise.standardize(row, largest(row.array()), 1);
                Featurewise.put(row, y, i);
            }
            y.expInto(y);
            for (int i = 0; i < rows; i++) {
                Featurewise.take(y, i, row);
                row.scaleInPlace((float) (1 / row.sum()));
                Featurewise.put(row, y, i);
            }
            return y;
        }

        /** Returns the largest value; NaN if one is NaN. */
        private static float largest(float[] values) {
            float largest = Float.NEGATIVE_INFINITY;
            for (float value : values) {
                largest = Math.max(largest, value);
            }
            return largest;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            // dx = y (dy - dy . y), row by row
            Tensor dx = context().empty(dy.shape());
            for (int i = 0; i < dy.size() / row.size(); i++) {
                Featurewise.take(dy, i, row);
                Featurewise.take(y, i, yRow);
                Featurewise.standardize(row, row.dot(yRow), 1);
                Featurewise.put(row, dx, i);
            }
            dx.multiplyInto(y, dx);
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0 || in.dim(-1) == 0) {
            throw new ShapeException(this + ": expected [... x n], n at least 1, got " + in, "[... x n]", in);
        }
        return in;
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "Softmax";
    }
}
