package nn.tensor.internal.product;

/**
 * Products in double for the factorizations, by the same rule as for floats: each element is one chain of fused
 * multiply-adds with the inner index in order, added to the values in C. Both implementations give the same bits.
 *
 * <p>B and C are strips: matrices of {@link #WIDTH} columns, without gaps between rows. Their owner pads
 * them to that width, so no kernel has a tail of columns; and with a constant step from row to row, C2 moves the
 * range checks out of the inner loops.
 * C must not overlap A or B.
 */
public sealed interface DoubleMatmul permits ScalarDoubleMatmul, VectorDoubleMatmul, TieredDoubleMatmul {
    /** Columns of a strip, and the step from row to row. */
    int WIDTH = 32;

    /**
     * {@code C += A B}.
     *
     * @param m rows of A and C
     * @param k columns of A and rows of B; at most {@link #WIDTH} unless m is 1
     * @param a element (i, p) is at {@code ao + i * WIDTH + p}
     * @param ao offset of A
     * @param b a strip of k rows
     * @param bo offset of B
     * @param c a strip of m rows
     * @param co offset of C
     */
    void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co);

    /**
     * {@code C += A' B}, with C of {@link #WIDTH} rows.
     *
     * @param k rows of A and B
     * @param a a strip of k rows
     * @param ao offset of A
     * @param b a strip of k rows
     * @param bo offset of B
     * @param c a strip of WIDTH rows
     * @param co offset of C
     */
    void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co);

    /**
     * {@code C += u w'}.
     *
     * @param m rows of C
     * @param u m elements, from offset 0
     * @param w {@link #WIDTH} elements, from offset 0
     * @param c a strip of m rows
     * @param co offset of C
     */
    void addOuter(int m, double[] u, double[] w, double[] c, int co);
}
