package nn.tensor.internal.product;

import java.util.Arrays;

/**
 * Sums of products A' B over a binary tree: the operands of all leaves. One product of all their inner steps would pack
 * the same operands and compute the same tiles; here a tile is added to its partner wherever a node of the tree ends
 * ({@link TreeSteps}).
 */
public final class ProductSums {
    private static final float[] NOTHING = {};

    /** Rows and columns of the result. */
    public final int m;

    public final int n;

    private final float[][] a; // by leaf, has [k x m]
    private final int[] ao; // by leaf, where it begins
    private final float[][] b; // by leaf, has [k x n]
    private final int[] bo; // by leaf, where it begins
    private final int[] k; // by leaf; below 0 where there is none

    /**
     * Describes products, none at first.
     *
     * @param leaves their number
     * @param m rows of each product
     * @param n columns of each product
     */
    public ProductSums(int leaves, int m, int n) {
        this.m = m;
        this.n = n;
        this.a = new float[leaves][];
        this.ao = new int[leaves];
        this.b = new float[leaves][];
        this.bo = new int[leaves];
        this.k = new int[leaves];
        clear();
    }

    /** Takes all products away. */
    public void clear() {
        Arrays.fill(a, NOTHING);
        Arrays.fill(b, NOTHING);
        Arrays.fill(k, -1);
    }

    /** Sets the operands of a leaf, A [inner x m] and B [inner x n], both contiguous. */
    public void set(int leaf, float[] left, int leftOffset, float[] right, int rightOffset, int inner) {
        a[leaf] = left;
        ao[leaf] = leftOffset;
        b[leaf] = right;
        bo[leaf] = rightOffset;
        k[leaf] = inner;
    }

    /** Returns whether a leaf has a product. */
    public boolean has(int leaf) {
        return k[leaf] >= 0;
    }

    /** Returns whether an operand of a leaf has elements of this array, from {@code from} to {@code to - 1}. */
    public boolean uses(int leaf, float[] array, int from, int to) {
        return meet(array, from, to, a[leaf], ao[leaf], k[leaf] * m)
                || meet(array, from, to, b[leaf], bo[leaf], k[leaf] * n);
    }

    private static boolean meet(float[] array, int from, int to, float[] operand, int offset, int size) {
        return array == operand && from < to && size > 0 && from < offset + size && offset < to;
    }

    /** Inner steps of a leaf; below 0 where there is none. */
    int inner(int leaf) {
        return k[leaf];
    }

    float[] a(int leaf) {
        return a[leaf];
    }

    /** Where a row of A begins. */
    int a(int leaf, int row) {
        return ao[leaf] + row * m;
    }

    float[] b(int leaf) {
        return b[leaf];
    }

    /** Where a row of B begins. */
    int b(int leaf, int row) {
        return bo[leaf] + row * n;
    }
}
