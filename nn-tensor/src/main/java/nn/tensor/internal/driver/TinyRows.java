package nn.tensor.internal.driver;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.element.Elementwise;
import nn.tensor.internal.thread.Parallel;

/**
 * Finds and clears tiny rows: not all zero, with every magnitude below 2^-100. Most often one of the first elements of
 * a row shows that it is not tiny, so a look at a row reads one cache line.
 */
public final class TinyRows {
    /** Bits of which numbers of 2^-95 and more, infinities and NaN have one, and smaller numbers none. */
    private static final int LARGE = 0x70000000;

    /** Elements of a row that are looked at one by one, and by one call each of a kernel after that. */
    private static final int FIRST = 8;

    private static final int NEXT = 512;

    /** Rows from this length on are looked at one by one. */
    private static final int LONG = 64;

    /** Below this number of elements a look at each row is fast. */
    private static final int MANY = 4096;

    private TinyRows() {}

    /**
     * Whether a row of x is tiny; there are {@code size} elements in rows of n. Each thread looks at the rows that it
     * most likely wrote, so that no cache line of them goes to another core and back.
     */
    public static boolean isAny(float[] x, int xo, int size, int n) {
        int parts = Parallel.threadsForElements(Parallel.SIMPLE * size);
        if (parts == 1) {
            return isAnyOf(x, xo, size, n);
        }
        int rows = size / n;
        AtomicBoolean found = new AtomicBoolean();
        Parallel.split(rows, Math.min(rows, parts), (from, to) -> {
            if (isAnyOf(x, xo + from * n, (to - from) * n, n)) {
                found.setPlain(true);
            }
        });
        return found.get();
    }

    private static boolean isAnyOf(float[] x, int xo, int size, int n) {
        // a row of a few cache lines is read as a whole, so a look at every element costs no more
        if (n < LONG && size >= MANY && !Kernels.active().hasTiny(x, xo, size)) {
            return false;
        }
        int end = xo + size;
        for (int row = xo; row < end; row += n) {
            // Together, as each of a ReLU's would be a branch that no processor predicts.
            int some = n < 4 ? bits(x, row) : bits(x, row) | bits(x, row + 1) | bits(x, row + 2) | bits(x, row + 3);
            if ((some & LARGE) == 0 && isTiny(x, row, n)) {
                return true;
            }
        }
        return false;
    }

    private static int bits(float[] x, int at) {
        return Float.floatToRawIntBits(x[at]);
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
        int largest = largestUpTo(Elementwise.TINY_BITS, x, row, n);
        return largest != 0 && largest < Elementwise.TINY_BITS;
    }

    /** Whether the magnitudes of n elements are all below a limit. */
    public static boolean areBelow(float limit, float[] x, int xo, int n) {
        int bits = Float.floatToRawIntBits(limit);
        return largestUpTo(bits, x, xo, n) < bits;
    }

    /**
     * The bits of the largest magnitude if that is below a limit; else those of the first magnitudes that reach it, at
     * which this method ends.
     */
    private static int largestUpTo(int limit, float[] x, int xo, int n) {
        int largest = 0;
        int first = Math.min(n, FIRST);
        for (int i = 0; i < first && largest < limit; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[xo + i]) & Elementwise.MAGNITUDE);
        }
        for (int i = first; i < n && largest < limit; i += NEXT) {
            float next = Kernels.active().maxAbs(x, xo + i, Math.min(NEXT, n - i));
            largest = Math.max(largest, Float.floatToRawIntBits(next));
        }
        return largest;
    }
}
