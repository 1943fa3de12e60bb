package nn.tensor.internal;

/**
 * Element-wise operations that C2 turns into vector code from a plain loop: one multiply, add, divide, maximum or
 * square root per element has one result by IEEE 754, so these need no twin. Places may coincide, but not overlap in
 * part.
 */
public final class Elementwise {
    private Elementwise() {}

    /** {@code z = x + y}. */
    public static void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = x[xo + i] + y[yo + i];
        }
    }

    /** {@code z = x - y}. */
    public static void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = x[xo + i] - y[yo + i];
        }
    }

    /** {@code z = x * y}. */
    public static void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = x[xo + i] * y[yo + i];
        }
    }

    /** {@code z = alpha * x}. */
    public static void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = alpha * x[xo + i];
        }
    }

    /** {@code y = fma(alpha, x, y)}. */
    public static void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.fma(alpha, x[xo + i], y[yo + i]);
        }
    }

    /** {@code z = max(x, 0)}: keeps NaN, and gives +0 for -0, as {@code x > 0 ? x : 0} would not. */
    public static void relu(float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = Math.max(x[xo + i], 0f);
        }
    }

    /** {@code dx = dy * (1 - y * y)}, the gradient of tanh from its output y. */
    public static void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            float t = y[yo + i];
            dx[dxo + i] = dy[dyo + i] * Math.fma(-t, t, 1f);
        }
    }
}
