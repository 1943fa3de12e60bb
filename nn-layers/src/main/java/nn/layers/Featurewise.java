package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What layers share whose parameters are a row, a number for each feature. */
final class Featurewise {
    private static final int PIECE = 512;

    private Featurewise() {}

    static void requireEpsilon(String layer, double epsilon) {
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(layer + ": epsilon " + epsilon
                    + " must be finite and above 0: it keeps a variance of 0 from a division by 0; 1e-5 is usual");
        }
    }

    /** The last dimension, which has to be known. */
    static int features(String layer, Shape in) {
        if (in.rank() == 0 || in.dim(-1) == Shape.ANY) {
            throw new ShapeException(
                    layer + ": expected [... x features] with a known number of features, got " + in,
                    "[... x features]",
                    in);
        }
        return in.dim(-1);
    }

    /** The output's shape, which is the input's. */
    static Shape require(Layer layer, int features, Shape in) {
        return in.requireLast(layer.toString(), features);
    }

    /** y = normal * scale + bias for every row. */
    static void scaleAndShift(Tensor normal, Tensor scale, Tensor bias, Tensor y) {
        y.fillRows(scale);
        y.multiplyInto(normal, y);
        y.addRowInPlace(bias);
    }

    /**
     * dst = (x - shift) * factor, in double and rounded once; dst may be x. By way of an array that begins at 0, whose
     * loop becomes vector code.
     */
    static void standardize(Tensor x, double shift, double factor, Tensor dst) {
        float[] piece = new float[Math.min(x.size(), PIECE)];
        for (int from = 0; from < x.size(); from += PIECE) {
            int n = Math.min(PIECE, x.size() - from);
            System.arraycopy(x.array(), x.offset() + from, piece, 0, n);
            for (int i = 0; i < n; i++) {
                piece[i] = (float) ((piece[i] - shift) * factor);
            }
            System.arraycopy(piece, 0, dst.array(), dst.offset() + from, n);
        }
    }
}
