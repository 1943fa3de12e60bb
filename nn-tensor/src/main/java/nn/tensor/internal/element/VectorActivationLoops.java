package nn.tensor.internal.element;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.ScalarActivations;
import nn.tensor.internal.math.ScalarMath;
import nn.tensor.internal.math.VectorActivations;
import nn.tensor.internal.math.VectorMath;

/** {@link ScalarActivationLoops} in full vectors, with the same bits; the tails are left to it. */
final class VectorActivationLoops {
    private VectorActivationLoops() {}

    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
    private static final int LANES = SPECIES.length();

    static void elu(float above, float below, float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        FloatVector from0 = FloatVector.broadcast(SPECIES, above);
        FloatVector elsewhere = FloatVector.broadcast(SPECIES, below);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.elu(from0, elsewhere, FloatVector.fromArray(SPECIES, x, xo + i))
                    .intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.elu(above, below, x, xo + full, y, yo + full, n - full);
        }
    }

    static void silu(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.silu(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.silu(x, xo + full, y, yo + full, n - full);
        }
    }

    static void softplus(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        int far = ScalarActivations.softplusFar(a);
        FloatVector as = FloatVector.broadcast(SPECIES, a);
        FloatVector steep = FloatVector.broadcast(SPECIES, Math.abs(a));
        FloatVector binary = FloatVector.broadcast(SPECIES, Math.abs(a) * ScalarMath.LOG2_E);
        FloatVector bs = FloatVector.broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.softplus(as, steep, binary, bs, far, FloatVector.fromArray(SPECIES, x, xo + i))
                    .intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.softplus(a, b, x, xo + full, y, yo + full, n - full);
        }
    }

    static void celu(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        FloatVector as = FloatVector.broadcast(SPECIES, a);
        FloatVector bs = FloatVector.broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.celu(as, bs, FloatVector.fromArray(SPECIES, x, xo + i))
                    .intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.celu(a, b, x, xo + full, y, yo + full, n - full);
        }
    }

    static void mish(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.mish(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.mish(x, xo + full, y, yo + full, n - full);
        }
    }

    static void gelu(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.gelu(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.gelu(x, xo + full, y, yo + full, n - full);
        }
    }

    static void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.geluTanh(FloatVector.fromArray(SPECIES, x, xo + i))
                    .intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluTanh(x, xo + full, y, yo + full, n - full);
        }
    }

    static void erf(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            VectorActivations.erf(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.erf(x, xo + full, y, yo + full, n - full);
        }
    }

    static void sin(float[] x, int xo, float[] y, int yo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
            if (VectorActivations.isNear(v)) {
                VectorActivations.sin(v).intoArray(y, yo + i);
            } else {
                ScalarActivationLoops.sin(x, xo + i, y, yo + i, LANES);
            }
        }
        if (full < n) {
            ScalarActivationLoops.sin(x, xo + full, y, yo + full, n - full);
        }
    }

    static void eluGrad(float above, float below, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        FloatVector over0 = FloatVector.broadcast(SPECIES, above);
        FloatVector elsewhere = FloatVector.broadcast(SPECIES, below);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.eluSlope(over0, elsewhere, FloatVector.fromArray(SPECIES, y, yo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.eluGrad(above, below, y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void sigmoidGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.sigmoidSlope(FloatVector.fromArray(SPECIES, y, yo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.sigmoidGrad(y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void siluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.siluSlope(FloatVector.fromArray(SPECIES, x, xo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.siluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void softplusGrad(float a, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope =
                    VectorMath.sigmoid(FloatVector.fromArray(SPECIES, x, xo + i).mul(a));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.softplusGrad(a, x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void celuGrad(float a, float b, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        FloatVector as = FloatVector.broadcast(SPECIES, a);
        FloatVector bs = FloatVector.broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.celuSlope(as, bs, FloatVector.fromArray(SPECIES, y, yo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.celuGrad(a, b, y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void mishGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.mishSlope(FloatVector.fromArray(SPECIES, x, xo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.mishGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void geluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.geluSlope(FloatVector.fromArray(SPECIES, x, xo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void geluTanhGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.geluTanhSlope(FloatVector.fromArray(SPECIES, x, xo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluTanhGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void erfGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector slope = VectorActivations.erfSlope(FloatVector.fromArray(SPECIES, x, xo + i));
            FloatVector.fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.erfGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    static void sinGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
            if (VectorActivations.isNear(v)) {
                FloatVector d = FloatVector.fromArray(SPECIES, dy, dyo + i);
                d.mul(VectorActivations.cos(v)).intoArray(dx, dxo + i);
            } else {
                ScalarActivationLoops.sinGrad(x, xo + i, dy, dyo + i, dx, dxo + i, LANES);
            }
        }
        if (full < n) {
            ScalarActivationLoops.sinGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }
}
