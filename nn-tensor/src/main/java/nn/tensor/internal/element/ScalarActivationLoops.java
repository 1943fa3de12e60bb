package nn.tensor.internal.element;

import nn.tensor.internal.math.ScalarActivations;
import nn.tensor.internal.math.ScalarMath;

/**
 * Loops of {@link ScalarActivations}: the implementation where jdk.incubator.vector is absent, and for the tails of
 * {@link VectorActivationLoops}.
 */
final class ScalarActivationLoops {
    private ScalarActivationLoops() {}

    static void elu(float above, float below, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.elu(above, below, x[xo + i]);
        }
    }

    static void silu(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.silu(x[xo + i]);
        }
    }

    static void softplus(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        int far = ScalarActivations.softplusFar(a);
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.softplus(a, b, far, x[xo + i]);
        }
    }

    static void celu(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.celu(a, b, x[xo + i]);
        }
    }

    static void mish(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.mish(x[xo + i]);
        }
    }

    static void gelu(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.gelu(x[xo + i]);
        }
    }

    static void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.geluTanh(x[xo + i]);
        }
    }

    static void erf(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.erf(x[xo + i]);
        }
    }

    static void sin(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarActivations.sin(x[xo + i]);
        }
    }

    static void eluGrad(float above, float below, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.eluSlope(above, below, y[yo + i]);
        }
    }

    static void sigmoidGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.sigmoidSlope(y[yo + i]);
        }
    }

    static void siluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.siluSlope(x[xo + i]);
        }
    }

    static void softplusGrad(float a, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarMath.sigmoid(a * x[xo + i]);
        }
    }

    static void celuGrad(float a, float b, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.celuSlope(a, b, y[yo + i]);
        }
    }

    static void mishGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.mishSlope(x[xo + i]);
        }
    }

    static void geluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.geluSlope(x[xo + i]);
        }
    }

    static void geluTanhGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.geluTanhSlope(x[xo + i]);
        }
    }

    static void erfGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.erfSlope(x[xo + i]);
        }
    }

    static void sinGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = dy[dyo + i] * ScalarActivations.cos(x[xo + i]);
        }
    }
}
