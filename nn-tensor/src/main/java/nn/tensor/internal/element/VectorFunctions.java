package nn.tensor.internal.element;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.VectorMath;

/**
 * {@link ScalarFunctions} in full vectors, with the same bits. Each method passes its tail to scalar code in one
 * call: a scalar loop inside a vector method makes C2 compile slower code once an odd length has been seen.
 */
final class VectorFunctions {
    private VectorFunctions() {}

    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = SPECIES.length();

    static void exp(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorMath.exp(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.exp(x, xo + full, y, yo + full, n - full);
        }
    }

    static void log(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorMath.log(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.log(x, xo + full, y, yo + full, n - full);
        }
    }

    static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.tanh(x, xo + full, y, yo + full, n - full);
        }
    }

    static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorMath.sigmoid(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.sigmoid(x, xo + full, y, yo + full, n - full);
        }
    }

    static void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector shut = FloatVector.fromArray(SPECIES, dy, dyo + i);
            var closed = FloatVector.fromArray(SPECIES, x, xo + i).compare(VectorOperators.LE, 0f);
            shut.blend(0f, closed).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarFunctions.reluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }
}
