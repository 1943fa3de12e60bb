package nn.tensor.internal.row;

/** Buffers of loops over rows and columns, one of each for every thread: a loop that has run allocates nothing. */
public final class Rows {
    private static final ThreadLocal<double[]> SUMS = ThreadLocal.withInitial(() -> new double[RowKernels.SUMS]);

    /** Columns that are processed together: their sums stay in a first-level cache. */
    public static final int STRIP = 512;

    /** Elements of rows that are processed together, so that they stay in a first-level cache. */
    public static final int BLOCK = 4096;

    private Rows() {}

    /** The sums of one row. */
    public static double[] sums() {
        return SUMS.get();
    }

    /** The rows of a block: at least 1. */
    public static int perBlock(int n) {
        return Math.max(1, BLOCK / Math.max(1, n));
    }
}
