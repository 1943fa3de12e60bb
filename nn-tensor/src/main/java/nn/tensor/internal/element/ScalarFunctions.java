package nn.tensor.internal.element;

import nn.tensor.internal.math.ScalarMath;

/**
 * Element-wise functions over arrays, one element at a time: the implementation where jdk.incubator.vector is absent,
 * and for the tails of {@link VectorFunctions}. Result and argument may be the same slice, but must not partially
 * overlap.
 */
final class ScalarFunctions {
    private ScalarFunctions() {}

    static void exp(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarMath.exp(x[xo + i]);
        }
    }

    static void log(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarMath.log(x[xo + i]);
        }
    }

    static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarMath.tanh(x[xo + i]);
        }
    }

    static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = ScalarMath.sigmoid(x[xo + i]);
        }
    }

    /**
     * The gradient passes wherever not x &lt;= 0, so a NaN in x lets it through, as PyTorch's threshold_backward does.
     */
    static void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = x[xo + i] <= 0f ? 0f : dy[dyo + i];
        }
    }
}
