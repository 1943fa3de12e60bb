package nn.tensor.internal.product;

import org.jspecify.annotations.Nullable;

/**
 * A transpose by squares in registers ({@link VectorSquares}). With vectors of 256 bits, of which AVX2 cannot shuffle
 * two at once, plain Java is faster, so it is used there.
 *
 * <p>Products of one or two rows with a transposed right side use the squares as they are, in registers.
 */
public final class VectorTranspose {
    private static final int LANES = VectorTiles.LANES;
    private static final int SIZE = VectorSquares.SIZE;

    /** Fewer rows than this are computed from squares in registers. */
    static final int FEW_ROWS = 3;

    private VectorTranspose() {}

    /** {@code Kernels.transpose}. */
    public static void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        int below = LANES == SIZE ? rows / SIZE * SIZE : 0;
        int right = below == 0 ? 0 : columns / SIZE * SIZE;
        for (int j = 0; j < right; j += SIZE) {
            VectorSquares.transpose(below, x, xo + j, xs, y, yo + j * ys, ys);
        }
        if (right > 0 && below < rows) {
            ScalarTranspose.transpose(rows - below, right, x, xo + below * xs, xs, y, yo + below, ys);
        }
        if (right < columns) {
            ScalarTranspose.transpose(rows, columns - right, x, xo + right, xs, y, yo + right * ys, ys);
        }
    }

    /**
     * Copies up to two vectors of columns, [width x k] as they lie at {@code xo + j * xs + p}, into a panel two vectors
     * wide. Only with vectors as long as a square.
     */
    static void panel(int width, int k, float[] x, int xo, int xs, float[] panel, int to) {
        int step = 2 * SIZE;
        int steps = k / SIZE * SIZE;
        int columns = width / SIZE * SIZE;
        for (int j = 0; j < columns; j += SIZE) {
            VectorSquares.panel(steps, x, xo + j * xs, xs, panel, to + j);
        }
        if (steps < k) {
            ScalarTranspose.transpose(columns, k - steps, x, xo + steps, xs, panel, to + steps * step, step);
        }
        if (columns < width) {
            ScalarTranspose.transpose(width - columns, k, x, xo + columns * xs, xs, panel, to + columns, step);
        }
    }

    /** Whether {@link #multiply} is faster: for few rows of A, and vectors as long as a square. */
    static boolean fits(Product p) {
        return LANES == SIZE && p.m < FEW_ROWS && p.n >= SIZE && p.k >= SIZE && p.bjs != 1;
    }

    /** {@code Kernels.matmul} where B is stored column by column and A has few rows. */
    static void multiply(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        for (int i = 0; i < p.m; i++) {
            ScalarMatmul.begin(p.n, from, p.so + i * p.ss, c, p.co + i * p.cs);
        }
        int steps = p.k / SIZE * SIZE;
        int columns = p.n / SIZE * SIZE;
        for (int i = 0; i < p.m; i += 2) {
            int ai = p.ao + i * p.ars;
            int ci = p.co + i * p.cs;
            for (int j = 0; j < columns; j += SIZE) {
                int bj = p.bo + j * p.bjs;
                if (i + 1 < p.m) {
                    VectorSquares.dots2(steps, a, ai, p.ars, p.aps, b, bj, p.bjs, c, ci + j, p.cs);
                } else {
                    VectorSquares.dots1(steps, a, ai, p.ars, p.aps, b, bj, p.bjs, c, ci + j, p.cs);
                }
            }
        }
        for (int i = 0; i < p.m; i++) {
            int ai = p.ao + i * p.ars;
            int ci = p.co + i * p.cs;
            int ak = ai + steps * p.aps;
            int bn = p.bo + columns * p.bjs;
            ScalarMatmul.dots(columns, p.k - steps, a, ak, p.aps, b, p.bo + steps, p.bjs, c, ci);
            ScalarMatmul.dots(p.n - columns, p.k, a, ai, p.aps, b, bn, p.bjs, c, ci + columns);
        }
    }
}
