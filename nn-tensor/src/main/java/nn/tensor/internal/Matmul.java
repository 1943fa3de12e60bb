package nn.tensor.internal;

/**
 * Products of any size and form on all threads: brings a right-transposed product to the one form the kernels know,
 * and splits rows or columns of the result, never the inner size, between threads. So every element of the result is
 * one chain of fused multiply-adds in the order of the inner index, whatever the split; where there are more than
 * {@link #CHAIN} steps, a sum of such chains, in order.
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
    private static final int ROWS = 8;

    /** Parts begin at a multiple of this many columns, the widest register tile. */
    private static final int COLUMNS = 32;

    /** Fewer columns than this, in a tile of rows, waste fewer lanes than in a vector of columns. */
    private static final int FEW_LANES = 16;

    /**
     * Inner steps that one chain of float additions takes. Of equal products, which err in one direction, its relative
     * error is at most CHAIN / 2 roundings of 2^-24, 2.4e-4, and the sum of k / CHAIN chains adds half a rounding for
     * each: 3e-4 in all for ten million steps, where a single chain would be wrong by an eighth.
     */
    static final int CHAIN = 8192;

    /** From this many inner steps on, the lanes saved are worth the transpose of C. */
    private static final int WORTH_TRANSPOSING = 64;

    private Matmul() {}

    /** C (+)= A B or A' B; A's element (i, p) is at {@code ao + i * ars + p * aps}. B and C are contiguous. */
    public static void plain(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            float[] c,
            int co,
            boolean accumulate) {
        if (ars == 1 && n < FEW_LANES && m > COLUMNS && k >= WORTH_TRANSPOSING) {
            throughTranspose(n, m, k, b, bo, 1, n, a, ao, aps, 1, c, co, accumulate);
        } else {
            inChains(m, n, k, a, ao, ars, aps, b, bo, n, 1, c, co, accumulate ? c : null, co, n);
        }
    }

    /** C = A B + a row; all contiguous. Sums begin with the row's elements. */
    public static void plusRow(
            int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] row, int ro, float[] c, int co) {
        inChains(m, n, k, a, ao, k, 1, b, bo, n, 1, c, co, row, ro, 0);
    }

    /**
     * C (+)= A B', with A [m x k] and B [n x k] contiguous. Two algorithms give the same bits, because a product of two
     * floats does not depend on their order: transpose B, or compute C' = B A' with A and C transposed. The cheaper
     * one is used: the second for a small batch against a large weight.
     */
    public static void rightTransposed(
            int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean accumulate) {
        if (m < 4 || (long) n * k <= (long) m * (n + k)) {
            inChains(m, n, k, a, ao, k, 1, b, bo, 1, k, c, co, accumulate ? c : null, co, n);
        } else {
            throughTranspose(n, m, k, b, bo, k, 1, a, ao, 1, k, c, co, accumulate);
        }
    }

    /**
     * C' (+)= A B, with the contiguous C [n x m] transposed back: piece by piece, each some rows of the product, or
     * some columns where a row is long, that fill a buffer.
     */
    private static void throughTranspose(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            boolean accumulate) {
        int wide = Math.min(n, Scratch.MOST);
        int high = Math.clamp(Scratch.MOST / Math.max(wide, 1), 1, Math.max(m, 1));
        float[] piece = Scratch.RESULT.floats(high * wide);
        Kernels kernels = Kernels.active();
        for (int j = 0; j < n; j += wide) {
            int columns = Math.min(wide, n - j);
            for (int i = 0; i < m; i += high) {
                int rows = Math.min(high, m - i);
                int at = co + j * m + i;
                if (accumulate) {
                    kernels.transpose(columns, rows, c, at, m, piece, 0, columns);
                }
                inChains(
                        rows,
                        columns,
                        k,
                        a,
                        ao + i * ars,
                        ars,
                        aps,
                        b,
                        bo + j * bjs,
                        bps,
                        bjs,
                        piece,
                        0,
                        accumulate ? piece : null,
                        0,
                        columns);
                kernels.transpose(rows, columns, piece, 0, columns, c, at, m);
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
     * A product whose sums are cut into chains of {@link #CHAIN} steps of the inner index: the first begins with the
     * initial values of the sums, each other one with 0, and is then added. Pieces of C are done one after the other,
     * so that a chain's sums need no more than a buffer.
     */
    private static void inChains(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            float[] start,
            int so,
            int ss) {
        if (m == 0 || n == 0) {
            return;
        }
        split(m, n, Math.min(k, CHAIN), a, ao, ars, aps, b, bo, bps, bjs, c, co, n, start, so, ss);
        if (k > CHAIN) {
            addChains(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co);
        }
    }

    /** All chains but the first. */
    private static void addChains(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co) {
        int wide = Math.min(n, Scratch.MOST);
        int high = Math.min(m, Scratch.MOST / wide);
        float[] sums = Scratch.CHAIN.floats(high * wide);
        Kernels kernels = Kernels.active();
        for (int j = 0; j < n; j += wide) {
            int columns = Math.min(wide, n - j);
            for (int i = 0; i < m; i += high) {
                int rows = Math.min(high, m - i);
                for (int p = CHAIN; p < k; p += CHAIN) {
                    split(
                            rows,
                            columns,
                            Math.min(CHAIN, k - p),
                            a,
                            ao + i * ars + p * aps,
                            ars,
                            aps,
                            b,
                            bo + p * bps + j * bjs,
                            bps,
                            bjs,
                            sums,
                            0,
                            columns,
                            null,
                            0,
                            0);
                    if (columns == n) {
                        kernels.add(c, co + i * n, sums, 0, c, co + i * n, rows * n);
                    } else {
                        for (int r = 0; r < rows; r++) {
                            int at = co + (i + r) * n + j;
                            kernels.add(c, at, sums, r * columns, c, at, columns);
                        }
                    }
                }
            }
        }
    }

    private static void split(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] start,
            int so,
            int ss) {
        double work = (double) m * n * k;
        Kernels active = Kernels.active(); // also where unused: an invalid property fails at once
        Kernels kernels = work < WORTH_VECTORS ? SCALAR : active;
        int threads = Parallel.threads(work);
        boolean byColumns = splitsColumns(m, n, threads);
        int parts = Math.min(threads, Math.max(1, byColumns ? n / COLUMNS : m / ROWS));
        if (parts == 1) {
            kernels.matmul(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, start, so, ss);
        } else if (byColumns) {
            Parallel.run(parts, part -> {
                int from = edge(n, COLUMNS, part, parts);
                int to = edge(n, COLUMNS, part + 1, parts);
                kernels.matmul(
                        m,
                        to - from,
                        k,
                        a,
                        ao,
                        ars,
                        aps,
                        b,
                        bo + from * bjs,
                        bps,
                        bjs,
                        c,
                        co + from,
                        ldc,
                        start,
                        so + from,
                        ss);
            });
        } else {
            Parallel.run(parts, part -> {
                int from = edge(m, ROWS, part, parts);
                int to = edge(m, ROWS, part + 1, parts);
                kernels.matmul(
                        to - from,
                        n,
                        k,
                        a,
                        ao + from * ars,
                        ars,
                        aps,
                        b,
                        bo,
                        bps,
                        bjs,
                        c,
                        co + from * ldc,
                        ldc,
                        start,
                        so + from * ss,
                        ss);
            });
        }
    }

    /**
     * Whether to split columns or rows, into as many parts as threads; more parts would pack more. Parts of columns
     * each copy all of A, parts of rows all of B, so the larger one is split, unless its tiles make so uneven parts
     * that the other is better: 100 columns are 32 + 68, 100 rows 48 + 52.
     */
    static boolean splitsColumns(int m, int n, int parts) {
        double columns = (n - edge(n, COLUMNS, parts - 1, parts)) / (double) n; // the last part is the longest
        double rows = (m - edge(m, ROWS, parts - 1, parts)) / (double) m;
        return n >= m ? columns <= UNEVEN * rows : UNEVEN * columns < rows;
    }

    /** Where part number {@code part} of {@code count} begins: a multiple of the step, or the end. */
    static int edge(int size, int step, int part, int count) {
        return part == count ? size : (int) ((long) (size / step) * part / count) * step;
    }
}
