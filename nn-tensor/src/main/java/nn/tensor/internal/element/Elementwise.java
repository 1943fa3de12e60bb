package nn.tensor.internal.element;

import nn.tensor.internal.math.Fused;

/**
 * Element-wise operations, one at a time. C2 makes vector code of such a loop only if all arrays are indexed alike, and
 * here each has its own offset; {@link VectorElementwise} is the vector implementation.
 */
public final class Elementwise {
    /** Magnitudes below this one are tiny. */
    public static final float TINY = 0x1p-100f;

    /** Its bits; magnitudes are in the order of their bits, NaN above all. */
    public static final int TINY_BITS = Float.floatToRawIntBits(TINY);

    /** Everything but the sign. */
    public static final int MAGNITUDE = 0x7fffffff;

    static final float SIXTH = 1f / 6;
    static final float THIRD = 1f / 3;

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

    /** {@code z = x / y}. */
    public static void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = x[xo + i] / y[yo + i];
        }
    }

    /** {@code z = sqrt(x)}, correctly rounded. */
    static void sqrt(float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = (float) Math.sqrt(x[xo + i]);
        }
    }

    /** Whether an element is not zero and below {@link #TINY} in magnitude. */
    public static boolean hasTiny(float[] x, int xo, int n) {
        int some = 0;
        for (int i = 0; i < n; i++) {
            int less = (Float.floatToRawIntBits(x[xo + i]) & MAGNITUDE) - 1; // negative for 0
            some |= ~less & less - TINY_BITS + 1;
        }
        return some < 0;
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
            y[yo + i] = Fused.fma(alpha, x[xo + i], y[yo + i]);
        }
    }

    /** {@code z = max(x, 0)}: keeps NaN, and gives +0 for -0, as {@code x > 0 ? x : 0} would not. */
    static void relu(float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            z[zo + i] = Math.max(x[xo + i], 0f);
        }
    }

    /** {@code dx = x > 0 ? dy : slope * dy}, so a NaN in x scales by the slope. */
    static void leakyReluGrad(float slope, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            // a product on both sides: a branch would be mispredicted for every other of random signs
            dx[dxo + i] = (x[xo + i] > 0f ? 1f : slope) * dy[dyo + i];
        }
    }

    /** {@code z = x} from low to high, the nearer of the two beyond; keeps NaN. */
    static void clamp(float low, float high, float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            v = v < low ? low : v;
            z[zo + i] = v > high ? high : v;
        }
    }

    /** {@code dx = dy} times 1 where {@code low < x <= high}, times 0 beyond, times NaN where x is NaN. */
    static void clampGrad(float low, float high, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float slope = v <= low ? 0f : v > high ? 0f : 1f;
            dx[dxo + i] = (Float.isNaN(v) ? Float.NaN : slope) * dy[dyo + i];
        }
    }

    /** {@code z = min(max(x + 3, 0), 6) / 6}; one NaN for all. */
    static void hardSigmoid(float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float share = sixth(v);
            z[zo + i] = Float.isNaN(v) ? Float.NaN : share;
        }
    }

    /** {@code min(max(x + 3, 0), 6) / 6}: near -3, where it vanishes, the sum is exact. */
    private static float sixth(float x) {
        float v = x + 3f;
        v = v < 0f ? 0f : v;
        return (v > 6f ? 6f : v) * SIXTH;
    }

    /** {@code dx = dy / 6} where x is between -3 and 3, {@code dy} times 0 elsewhere, times NaN where x is NaN. */
    static void hardSigmoidGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float slope = Math.abs(v) < 3f ? SIXTH : 0f;
            dx[dxo + i] = (Float.isNaN(v) ? Float.NaN : slope) * dy[dyo + i];
        }
    }

    /** {@code z = x min(max(x + 3, 0), 6) / 6}, -0 up to -3; one NaN for all. */
    static void hardSwish(float[] x, int xo, float[] z, int zo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float product = v * sixth(v);
            product = v <= -3f ? -0f : product; // also where x is minus infinity
            z[zo + i] = Float.isNaN(v) ? Float.NaN : product;
        }
    }

    /** {@code dx = dy} times 0 up to -3, 1 from 3 on, {@code (2 x + 3) / 6} between, times NaN where x is NaN. */
    static void hardSwishGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i];
            float slope = Fused.fma(v, THIRD, 0.5f);
            slope = v <= -3f ? 0f : slope;
            dx[dxo + i] = (v >= 3f ? 1f : slope) * dy[dyo + i];
        }
    }

    /** {@code dx = dy * (1 - y * y)}, the gradient of tanh from its output y. */
    static void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            float t = y[yo + i];
            dx[dxo + i] = dy[dyo + i] * Fused.fma(0f - t, t, 1f);
        }
    }

    /**
     * The largest absolute value; NaN if there is one; 0 for no elements. Compares bits: without their sign, those of
     * floats are in the order of the floats, infinity above all numbers and NaN above infinity.
     */
    public static float maxAbs(float[] x, int xo, int n) {
        int most = 0;
        for (int i = 0; i < n; i++) {
            most = Math.max(most, Float.floatToRawIntBits(x[xo + i]) & MAGNITUDE);
        }
        return fromMagnitude(most);
    }

    /** A magnitude as a float; one NaN for all. */
    static float fromMagnitude(int bits) {
        float value = Float.intBitsToFloat(bits);
        return Float.isNaN(value) ? Float.NaN : value;
    }
}
