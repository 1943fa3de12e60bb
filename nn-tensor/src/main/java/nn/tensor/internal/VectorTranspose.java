package nn.tensor.internal;

/**
 * A transpose by squares in registers ({@link VectorSquares}). With vectors of 256 bits, of which AVX2 cannot shuffle
 * two at once, plain Java is faster, so it is used there.
 *
 * <p>Products of one to three rows with a transposed right side use the squares as they are, in registers.
 */
final class VectorTranspose {
    private static final int LANES = VectorTiles.LANES;
    private static final int SIZE = VectorSquares.SIZE;
    private static final Kernels SCALAR = new ScalarKernels();

    private VectorTranspose() {}

    /** {@link Kernels#transpose}. */
    static void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        int below = LANES == SIZE ? rows / SIZE * SIZE : 0;
        int right = below == 0 ? 0 : columns / SIZE * SIZE;
        for (int j = 0; j < right; j += SIZE) {
            VectorSquares.transpose(below, x, xo + j, xs, y, yo + j * ys, ys);
        }
        if (right > 0 && below < rows) {
            SCALAR.transpose(rows - below, right, x, xo + below * xs, xs, y, yo + below, ys);
        }
        if (right < columns) {
            SCALAR.transpose(rows, columns - right, x, xo + right, xs, y, yo + right * ys, ys);
        }
    }

    /** Whether {@link #multiply} is faster: for few rows of A, and vectors as long as a square. */
    static boolean fits(int m, int n, int k, int bjs) {
        return LANES == SIZE && m < VectorMatmul.FEW_ROWS && n >= SIZE && k >= SIZE && bjs != 1;
    }

    /**
     * {@link Kernels#matmul} where B is stored column by column and A has few rows.
     */
    static void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        for (int i = 0; i < m; i++) {
            ScalarKernels.begin(n, from, fo + i * fs, c, co + i * ldc);
        }
        int steps = k / SIZE * SIZE;
        int columns = n / SIZE * SIZE;
        for (int i = 0; i < m; i += 2) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            for (int j = 0; j < columns; j += SIZE) {
                int bj = bo + j * bjs;
                if (i + 1 < m) {
                    VectorSquares.dots2(steps, a, ai, ars, aps, b, bj, bjs, c, ci + j, ldc);
                } else {
                    VectorSquares.dots1(steps, a, ai, ars, aps, b, bj, bjs, c, ci + j, ldc);
                }
            }
        }
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            ScalarKernels.dots(columns, k - steps, a, ai + steps * aps, aps, b, bo + steps, bjs, c, ci);
            ScalarKernels.dots(n - columns, k, a, ai, aps, b, bo + columns * bjs, bjs, c, ci + columns);
        }
    }

    /** For {@link VectorWarmUp}: a number of elements, 0 or a multiple of 256, of 16 columns. */
    static void trial(int n, float[] x, float[] y) {
        if (LANES == SIZE) {
            VectorSquares.transpose(n / SIZE, x, 0, SIZE, y, 0, n / SIZE);
        }
    }

    /** The same for products, with a number of elements of B. */
    static void trialOfProducts(int n, float[] x, float[] y) {
        if (LANES == SIZE) {
            int k = n / SIZE;
            VectorSquares.dots1(k, x, 0, k, 1, x, 0, k, y, 0, SIZE);
            VectorSquares.dots2(k, x, 0, k, 1, x, 0, k, y, 0, SIZE);
        }
    }
}
