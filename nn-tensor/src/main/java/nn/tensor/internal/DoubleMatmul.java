package nn.tensor.internal;

/**
 * Products in double for the factorizations, by the same rule as for floats: each element is one chain of fused
 * multiply-adds with the inner index in order. The twins give the same bits.
 */
public final class DoubleMatmul {
    /** The number of columns of a product is a multiple of this: its owner pads, and no kernel has a tail there. */
    public static final int COLUMNS = 16;

    private DoubleMatmul() {}

    /**
     * {@code C += A B}, on one thread. C must not overlap A or B.
     *
     * @param m rows of A and C
     * @param n columns of B and C, a multiple of {@link #COLUMNS}
     * @param k columns of A and rows of B
     * @param a element (i, p) of A is at {@code ao + i * ars + p * aps}
     * @param ao offset of A
     * @param ars step of A from row to row
     * @param aps step of A from column to column
     * @param b element (p, j) of B is at {@code bo + p * ldb + j}
     * @param bo offset of B
     * @param ldb step of B from row to row
     * @param c element (i, j) of C is at {@code co + i * ldc + j}
     * @param co offset of C
     * @param ldc step of C from row to row
     */
    public static void add(
            int m, int n, int k,
            double[] a, int ao, int ars, int aps,
            double[] b, int bo, int ldb,
            double[] c, int co, int ldc) {
        if (Kernels.active() instanceof ScalarKernels) {
            ScalarDoubleMatmul.add(m, n, k, a, ao, ars, aps, b, bo, ldb, c, co, ldc);
        } else {
            VectorDoubleMatmul.add(m, n, k, a, ao, ars, aps, b, bo, ldb, c, co, ldc);
        }
    }
}
