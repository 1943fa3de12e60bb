package nn.tensor.internal;

import java.util.Arrays;

/**
 * Finds and clears tiny rows: not all zero, with every magnitude below 2^-100. A row that is not tiny shows it by one
 * of its first elements, most often, so a look at a row reads one cache line.
 */
public final class TinyRows {
    private static final float LIMIT = 0x1p-100f;

    /** The bits of 2^-100; magnitudes are in the order of their bits, NaN above all. */
    private static final int LIMIT_BITS = Float.floatToRawIntBits(LIMIT);

    /** Elements of a row that are looked at one by one, and by one call each of a kernel after that. */
    private static final int FIRST = 8;

    private static final int NEXT = 512;

    private TinyRows() {}

    /** Whether a row of x is tiny; there are {@code size} elements in rows of n. */
    public static boolean isAny(float[] x, int xo, int size, int n) {
        int end = xo + size;
        for (int row = xo; row < end; row += n) {
            if (!(Math.abs(x[row]) >= LIMIT) && isTiny(x, row, n)) {
                return true;
            }
        }
        return false;
    }

    /** Sets the tiny rows of x to +0; there are {@code size} elements in rows of n. */
    public static void clear(float[] x, int xo, int size, int n) {
        int end = xo + size;
        for (int row = xo; row < end; row += n) {
            if (isTiny(x, row, n)) {
                Arrays.fill(x, row, row + n, 0f);
            }
        }
    }

    private static boolean isTiny(float[] x, int row, int n) {
        int most = 0;
        int first = Math.min(n, FIRST);
        for (int i = 0; i < first; i++) {
            most = Math.max(most, Float.floatToRawIntBits(x[row + i]) & Elementwise.MAGNITUDE);
            if (most >= LIMIT_BITS) {
                return false;
            }
        }
        return n == first ? most != 0 : isTiny(most, x, row + first, n - first);
    }

    /** Goes on with the next n elements; {@code most} is 0 if those before are all zero. */
    private static boolean isTiny(int most, float[] x, int next, int n) {
        int found = most;
        for (int i = 0; i < n; i += NEXT) {
            float largest = Kernels.active().maxAbs(x, next + i, Math.min(NEXT, n - i));
            found = Math.max(found, Float.floatToRawIntBits(largest));
            if (found >= LIMIT_BITS) {
                return false;
            }
        }
        return found != 0;
    }
}
