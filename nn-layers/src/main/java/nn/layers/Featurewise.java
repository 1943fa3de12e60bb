package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/** What layers share whose parameters are a row, a number for each feature. */
final class Featurewise {
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
        if (in.rank() == 0 || in.dim(-1) != features) {
            String expected = "[... x " + features + "]";
            throw new ShapeException(layer + ": expected " + expected + ", got " + in, expected, in);
        }
        return in;
    }

    /** y = normal * scale + bias for every row, each element by one fused multiply-add. */
    static void scaleAndShift(Tensor normal, Tensor scale, Tensor bias, Tensor y) {
        int n = scale.size();
        float[] from = normal.array();
        float[] factors = scale.array();
        float[] shifts = bias.array();
        float[] to = y.array();
        for (int i = 0; i < y.size(); i += n) {
            for (int j = 0; j < n; j++) {
                to[y.offset() + i + j] = Math.fma(
                        from[normal.offset() + i + j], factors[scale.offset() + j], shifts[bias.offset() + j]);
            }
        }
    }
}
