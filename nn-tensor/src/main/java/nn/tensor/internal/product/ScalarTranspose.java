package nn.tensor.internal.product;

/** A transpose in plain Java. */
public final class ScalarTranspose {
    /** Columns of a strip. */
    private static final int STRIP = 64;

    private ScalarTranspose() {}

    /**
     * {@code Kernels.transpose}. Eight rows of x are read side by side, so that eight neighbours of y are written at
     * once: faster than square blocks. Strips of columns keep the lines of y that are half written in the cache.
     */
    public static void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        for (int j0 = 0; j0 < columns; j0 += STRIP) {
            int j1 = Math.min(columns, j0 + STRIP);
            int i = 0;
            for (; i + 8 <= rows; i += 8) {
                eightRows(j0, j1, ys, x, xo + i * xs, xs, y, yo + i);
            }
            for (; i < rows; i++) {
                int from = xo + i * xs;
                for (int j = j0; j < j1; j++) {
                    y[yo + j * ys + i] = x[from + j];
                }
            }
        }
    }

    private static void eightRows(int j0, int j1, int ys, float[] x, int x0, int xs, float[] y, int yo) {
        int x1 = x0 + xs;
        int x2 = x1 + xs;
        int x3 = x2 + xs;
        int x4 = x3 + xs;
        int x5 = x4 + xs;
        int x6 = x5 + xs;
        int x7 = x6 + xs;
        for (int j = j0; j < j1; j++) {
            int to = yo + j * ys;
            y[to] = x[x0 + j];
            y[to + 1] = x[x1 + j];
            y[to + 2] = x[x2 + j];
            y[to + 3] = x[x3 + j];
            y[to + 4] = x[x4 + j];
            y[to + 5] = x[x5 + j];
            y[to + 6] = x[x6 + j];
            y[to + 7] = x[x7 + j];
        }
    }
}
