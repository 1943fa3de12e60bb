package nn.layers.internal;

import nn.tensor.Shape;
import nn.tensor.ShapeException;

/** Helpers for layers with one parameter per feature. */
public final class Featurewise {
    private Featurewise() {}

    public static void requireEpsilon(String layer, double epsilon) {
        float rounded = (float) epsilon; // one that rounds to 0 does not prevent a division by 0
        if (!(rounded > 0 && rounded < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(layer + ": epsilon " + epsilon + " must be above 0 and finite, in"
                    + " float32 too: it keeps a variance of 0 from a division by 0; 1e-5 is usual");
        }
    }

    /** Returns the last dimension, which must be known. */
    public static int features(String layer, Shape in) {
        if (in.rank() == 0 || in.dim(-1) == Shape.ANY) {
            throw new ShapeException(
                    layer + ": expected [... x features] with a known number of features, got " + in,
                    "[... x features]",
                    in);
        }
        return in.dim(-1);
    }

    /** Returns the output's shape, which is the input's. */
    public static Shape require(Object layer, int features, Shape in) {
        boolean fits = in.rank() > 0 && in.dim(-1) == features;
        return fits ? in : in.requireFeatures(layer.toString(), features); // the name is formatted for the message only
    }
}
