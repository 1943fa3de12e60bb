package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;

/**
 * Sums of products A' B over a binary tree. They are computed piece by piece of the result, so that the sums of the
 * tree stay in a cache and only the result goes to memory.
 */
public final class ProductSums {
    /** Floats of a piece of the result: a few of them fit into a second-level cache. */
    private static final int PIECE = 1 << 15;

    /** Pieces have at most this many columns. */
    private static final int COLUMNS = 512;

    /** Pieces begin at a multiple of this many rows: tiles of 12 and 8 rows fill them up. */
    private static final int ROWS = 24;

    private final int m;
    private final int n;
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

    /**
     * C [m x n], contiguous, = the sum over the tree of the leaves from {@code first} to {@code last}, both included
     * and present.
     */
    public void sum(int first, int last, float[] c, int co) {
        if (m == 0 || n == 0) {
            return;
        }
        double work = 0;
        for (int leaf = first; leaf <= last; leaf++) {
            work += (double) m * n * Math.max(0, k[leaf]);
        }
        int rows = Math.max(ROWS, PIECE / Math.min(n, COLUMNS) / ROWS * ROWS);
        int bands = (m + rows - 1) / rows;
        int threads = Math.min(bands, Parallel.threads(work));
        if (threads == 1) {
            bands(0, m, rows, first, last, c, co);
        } else {
            Parallel.split(
                    bands, threads, (from, to) -> bands(from * rows, Math.min(m, to * rows), rows, first, last, c, co));
        }
    }

    /** Rows of the result from one to another one, in bands. */
    private void bands(int from, int to, int band, int first, int last, float[] c, int co) {
        int width = first == last ? 1 : 2 * Integer.highestOneBit(first ^ last); // of the subtree that has both
        int columns = Math.min(n, COLUMNS);
        float[] sums = Scratch.TREE.floats(Integer.numberOfTrailingZeros(width) * band * columns);
        for (int i = from; i < to; i += band) {
            for (int j = 0; j < n; j += columns) {
                Submatrix piece = Submatrix.of(i, j, Math.min(band, to - i), Math.min(columns, n - j), n);
                sum(piece, first & -width, width, c, co + piece.at, n, sums, 0);
            }
        }
    }

    /**
     * Writes a piece of the sum of a subtree.
     *
     * @param leaf the first leaf of the subtree
     * @param width the number of leaves that it has room for
     * @param c gets the piece
     * @param at where it begins
     * @param step from row to row
     * @param sums a buffer
     * @param free from where on it may be overwritten
     * @return whether there is a leaf; otherwise nothing is written
     */
    private boolean sum(Submatrix piece, int leaf, int width, float[] c, int at, int step, float[] sums, int free) {
        if (leaf >= k.length) {
            return false;
        }
        if (width == 1) {
            return product(piece, leaf, c, at, step);
        }
        int half = width / 2;
        if (!sum(piece, leaf, half, c, at, step, sums, free)) {
            return sum(piece, leaf + half, half, c, at, step, sums, free);
        }
        int size = piece.rows * piece.columns;
        if (sum(piece, leaf + half, half, sums, free, piece.columns, sums, free + size)) {
            Kernels kernels = Kernels.active();
            int rows = step == piece.columns ? 1 : piece.rows; // that are added one by one
            int length = size / rows;
            for (int r = 0; r < rows; r++) {
                kernels.add(c, at + r * step, sums, free + r * length, c, at + r * step, length);
            }
        }
        return true;
    }

    private boolean product(Submatrix piece, int leaf, float[] c, int at, int step) {
        if (k[leaf] < 0) {
            return false;
        }
        Product product = Product.of(piece.rows, piece.columns, k[leaf])
                .a(ao[leaf] + piece.at / n, 1, m)
                .b(bo[leaf] + piece.column, n, 1)
                .c(at, step)
                .beginWithZeros();
        Matmul.product(product, a[leaf], b[leaf], c, null);
        return true;
    }
}
