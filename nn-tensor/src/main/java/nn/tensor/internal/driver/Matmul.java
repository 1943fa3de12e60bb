package nn.tensor.internal.driver;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.product.NarrowProducts;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.TransposedStrips;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Products of any size and form on all threads: brings a right-transposed product to the one form the kernels know,
 * and splits rows or columns of the result, never the inner size, between threads. So every element of the result is
 * one chain of fused multiply-adds in the order of the inner index, whatever the split; where there are more than
 * {@link Product#CHAIN} steps, a sum of such chains, in order.
 */
public final class Matmul {
    /** Allowed load imbalance in exchange for less packing. */
    private static final double UNEVEN = 1.1;

    private static final Kernels SCALAR = new ScalarKernels();

    /**
     * Below this number of multiply-adds, choosing a tile costs more than scalar code.
     */
    private static final int WORTH_VECTORS = 1 << 8;

    /** Parts begin at a multiple of this many rows: tiles of 12 and 8 rows fill them up. */
    static final int ROWS = 8;

    /** Parts begin at a multiple of this many columns, the widest register tile. */
    static final int COLUMNS = 32;

    /** Fewer columns than this, in a tile of rows, waste fewer lanes than in a vector of columns. */
    private static final int FEW_LANES = 16;

    /**
     * From this many inner steps on, the lanes saved are worth the transpose of C. With 16 lanes the kernel itself
     * fills them with rows ({@code NarrowProducts}).
     */
    private static final int WORTH_TRANSPOSING = 64;

    private Matmul() {}

    /**
     * C (+)= A B; all contiguous.
     *
     * @param p the sizes and offsets of contiguous matrices
     */
    public static void plain(Product p, float[] a, float[] b, float[] c, boolean accumulate) {
        inChains(p.begin(accumulate), a, b, c, accumulate ? c : null);
    }

    /** C (+)= A' B, with A' [k x m], B and C contiguous. */
    public static void leftTransposed(Product p, float[] a, float[] b, float[] c, boolean accumulate) {
        p.leftTransposed();
        boolean narrow = p.n < FEW_LANES && p.m > COLUMNS && p.k >= WORTH_TRANSPOSING;
        boolean inStrips = p.n >= NarrowProducts.FEW_COLUMNS && Kernels.active().lanes() == FEW_LANES;
        if (narrow && !inStrips) {
            throughTranspose(p.transpose(), b, a, c, accumulate);
        } else {
            inChains(p.begin(accumulate), a, b, c, accumulate ? c : null);
        }
    }

    /**
     * C = S + A B, for operands that lie anywhere, such as overlapping rows of an image.
     *
     * @param from the array of S; null for zeros
     */
    static void product(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        inChains(p, a, b, c, from);
    }

    /**
     * C = A B + a row; all contiguous. Sums begin with the row's elements.
     *
     * @param ro offset of the row
     */
    public static void plusRow(Product p, float[] a, float[] b, float[] row, int ro, float[] c) {
        inChains(p.beginWithRow(ro), a, b, c, row);
    }

    /**
     * C (+)= A B', with A [m x k] and B [n x k] contiguous. Two algorithms give the same bits, because a product of two
     * floats does not depend on their order: transpose B, or compute C' = B A' with A and C transposed. The cheaper
     * one is used: the second for a small batch against a large weight, except where vectors of 16 lanes would not be
     * full.
     */
    public static void rightTransposed(Product p, float[] a, float[] b, float[] c, boolean accumulate) {
        p.rightTransposed();
        boolean few = p.m < 4 || Kernels.active().lanes() == FEW_LANES && TransposedStrips.suit(p.m);
        if (few || (long) p.n * p.k <= (long) p.m * (p.n + p.k)) {
            inChains(p.begin(accumulate), a, b, c, accumulate ? c : null);
        } else {
            throughTranspose(p.transpose(), b, a, c, accumulate);
        }
    }

    /**
     * C' (+)= A B, with the contiguous C [n x m] transposed back: piece by piece, each some rows of the product, or
     * some columns where a row is long, that fill a buffer.
     */
    private static void throughTranspose(Product p, float[] a, float[] b, float[] c, boolean accumulate) {
        int wide = Math.min(p.n, Scratch.MOST);
        int high = Math.clamp(Scratch.MOST / Math.max(wide, 1), 1, Math.max(p.m, 1));
        float[] result = Scratch.RESULT.floats(high * wide);
        Kernels kernels = Kernels.active();
        for (int j = 0; j < p.n; j += wide) {
            int columns = Math.min(wide, p.n - j);
            for (int i = 0; i < p.m; i += high) {
                int rows = Math.min(high, p.m - i);
                int at = p.co + j * p.m + i;
                if (accumulate) {
                    kernels.transpose(columns, rows, c, at, p.m, result, 0, columns);
                }
                Product piece =
                        p.part(i, j, 0, rows, columns, p.k).c(0, columns).begin(accumulate);
                inChains(piece, a, b, result, accumulate ? result : null);
                kernels.transpose(rows, columns, result, 0, columns, c, at, p.m);
            }
        }
    }

    /** y [columns x rows] = x' for x [rows x columns], both contiguous. */
    public static void transpose(int rows, int columns, float[] x, int xo, float[] y, int yo) {
        if (rows > 0 && columns > 0) {
            Kernels.active().transpose(rows, columns, x, xo, columns, y, yo, rows);
        }
    }

    /**
     * A product whose sums are cut into chains of {@link Product#CHAIN} steps of the inner index: the first begins with
     * the initial values of the sums, each other one with 0, and is then added.
     */
    private static void inChains(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (p.m == 0 || p.n == 0) {
            return;
        }
        if (FlightEvents.ofProducts()) {
            recordChains(p, a, b, c, from);
        } else {
            chains(p, a, b, c, from);
        }
    }

    private static void recordChains(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        FlightEvents.ProductEvent event = new FlightEvents.ProductEvent();
        event.rows = p.m;
        event.columns = p.n;
        event.inner = p.k;
        event.begin();
        chains(p, a, b, c, from);
        event.commit();
    }

    private static void chains(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (p.k <= Product.CHAIN) {
            split(p, a, b, c, from);
        } else {
            split(p.part(0, 0, 0, p.m, p.n, Product.CHAIN), a, b, c, from);
            addChains(p, a, b, c);
        }
    }

    /**
     * All chains but the first. Pieces of C are done one after the other, so that a chain's sums need no more than a
     * buffer.
     */
    private static void addChains(Product p, float[] a, float[] b, float[] c) {
        int wide = Math.min(p.n, Scratch.MOST);
        int high = Math.min(p.m, Scratch.MOST / wide);
        float[] sums = Scratch.CHAIN.floats(high * wide);
        Kernels kernels = Kernels.active();
        for (int j = 0; j < p.n; j += wide) {
            int columns = Math.min(wide, p.n - j);
            for (int i = 0; i < p.m; i += high) {
                int rows = Math.min(high, p.m - i);
                for (int q = Product.CHAIN; q < p.k; q += Product.CHAIN) {
                    Product chain = p.part(i, j, q, rows, columns, Math.min(Product.CHAIN, p.k - q));
                    split(chain.c(0, columns).beginWithZeros(), a, b, sums, null);
                    int at = p.co + i * p.cs + j;
                    if (columns == p.cs) {
                        kernels.add(c, at, sums, 0, c, at, rows * columns);
                        continue;
                    }
                    for (int r = 0; r < rows; r++) {
                        kernels.add(c, at + r * p.cs, sums, r * columns, c, at + r * p.cs, columns);
                    }
                }
            }
        }
    }

    private static void split(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        double work = (double) p.m * p.n * p.k;
        Kernels active = Kernels.active(); // also where unused: an invalid property fails at once
        Kernels kernels = work < WORTH_VECTORS ? SCALAR : active;
        int threads = Parallel.threads(work);
        boolean byColumns = splitsColumns(p.m, p.n, threads);
        int parts = Math.min(threads, Math.max(1, byColumns ? p.n / COLUMNS : p.m / ROWS));
        if (parts == 1) {
            kernels.matmul(p, a, b, c, from);
        } else if (byColumns) {
            Parallel.run(parts, part -> {
                int begin = edge(p.n, COLUMNS, part, parts);
                int end = edge(p.n, COLUMNS, part + 1, parts);
                kernels.matmul(p.shareOfColumns(begin, end - begin), a, b, c, from);
            });
        } else {
            Parallel.run(parts, part -> {
                int begin = edge(p.m, ROWS, part, parts);
                int end = edge(p.m, ROWS, part + 1, parts);
                kernels.matmul(p.shareOfRows(begin, end - begin), a, b, c, from);
            });
        }
    }

    /**
     * Whether to split columns or rows, into as many parts as threads; more parts would pack more. Parts of columns
     * each copy all of A, parts of rows all of B, so the larger one is split, unless its tiles make so uneven parts
     * that the other is better: 100 columns are 32 + 68, 100 rows 48 + 52. A square is split by rows: its parts are
     * then those of a loop over all elements, such as an update, and stay in the cache of the same core.
     */
    static boolean splitsColumns(int m, int n, int parts) {
        double columns = (n - edge(n, COLUMNS, parts - 1, parts)) / (double) n; // the last part is the longest
        double rows = (m - edge(m, ROWS, parts - 1, parts)) / (double) m;
        return n > m ? columns <= UNEVEN * rows : UNEVEN * columns < rows;
    }

    /** Where part number {@code part} of {@code count} begins: a multiple of the step, or the end. */
    static int edge(int size, int step, int part, int count) {
        return part == count ? size : (int) ((long) (size / step) * part / count) * step;
    }
}
