package nn.tensor.internal;

import java.util.Arrays;

/**
 * Sums of products A' B over a binary tree: the operands of all leaves. One product of all their inner steps would pack
 * the same operands and compute the same tiles; here a tile is added to its partner wherever a node of the tree ends
 * ({@link TreeSteps}).
 */
public final class ProductSums {
    private static final float[] NOTHING = {};

    /** Rows and columns of the result. */
    final int m;

    final int n;

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

    /**
     * C [m x n], contiguous, = the sum over the tree of the leaves from {@code first} to {@code last}, both included
     * and present.
     */
    public void sum(int first, int last, float[] c, int co) {
        if (m == 0 || n == 0) {
            return;
        }
        TreeSteps steps = TreeSteps.of(this, first, last);
        if (FlightEvents.ofProducts()) {
            FlightEvents.ProductEvent event = new FlightEvents.ProductEvent();
            event.rows = m;
            event.columns = n;
            event.inner = (int) Math.min(steps.inner, Integer.MAX_VALUE);
            event.begin();
            split(steps, c, co);
            event.commit();
        } else {
            split(steps, c, co);
        }
    }

    private void split(TreeSteps steps, float[] c, int co) {
        int threads = Parallel.threads((double) m * n * steps.inner);
        Kernels kernels = Kernels.active();
        boolean byColumns = Matmul.splitsColumns(m, n, threads);
        int parts = Math.min(threads, Math.max(1, byColumns ? n / Matmul.COLUMNS : m / Matmul.ROWS));
        if (parts == 1) {
            kernels.sumProducts(this, steps, Submatrix.of(0, 0, m, n, n), c, co);
        } else {
            inParts(kernels, steps, byColumns, parts, c, co);
        }
    }

    private void inParts(Kernels kernels, TreeSteps steps, boolean byColumns, int parts, float[] c, int co) {
        Parallel.run(parts, part -> {
            int size = byColumns ? n : m;
            int step = byColumns ? Matmul.COLUMNS : Matmul.ROWS;
            int begin = Matmul.edge(size, step, part, parts);
            int length = Matmul.edge(size, step, part + 1, parts) - begin;
            Submatrix share = byColumns ? Submatrix.of(0, begin, m, length, n) : Submatrix.of(begin, 0, length, n, n);
            kernels.sumProducts(this, steps, share, c, co);
        });
    }
}
