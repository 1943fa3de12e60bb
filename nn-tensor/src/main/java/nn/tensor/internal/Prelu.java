package nn.tensor.internal;

import java.util.Arrays;

/** A leaky ReLU with a slope for each column, on all threads: forward by rows, backward by columns. */
public final class Prelu {
    /** Rows whose products are one chain of float additions; the sums of the chains are added in double. */
    private static final int CHAIN = Reductions.CHAIN;

    /** Columns of a part are a multiple of this, a vector of the widest kind. */
    private static final int COLUMNS = 16;

    private Prelu() {}

    /** {@code y = x} where x is above 0, {@code slope * x} elsewhere. */
    public static void apply(int rows, int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        int parts = Math.min(rows, Parallel.threadsForElements(Parallel.SIMPLE * rows * n));
        if (parts <= 1) {
            Kernels.active().prelu(rows, n, slopes, so, x, xo, y, yo);
        } else {
            Parallel.split(
                    rows,
                    parts,
                    (from, to) -> Kernels.active().prelu(to - from, n, slopes, so, x, xo + from * n, y, yo + from * n));
        }
    }

    /**
     * {@code dx = dy} where x is above 0, {@code slope * dy} elsewhere; adds the sum over rows of {@code x * dy}, where
     * x is not above 0, to dSlopes, as {@link Reductions#addSumOfRows} adds.
     */
    public static void gradient(
            int rows,
            int n,
            float[] slopes,
            int so,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] dSlopes,
            int dso) {
        int blocks = (n + COLUMNS - 1) / COLUMNS;
        int parts = Math.min(blocks, Parallel.threadsForElements(2 * Parallel.SIMPLE * rows * n));
        if (parts <= 1) {
            columns(0, n, rows, n, slopes, so, x, xo, dy, dyo, dx, dxo, dSlopes, dso);
        } else {
            Parallel.split(
                    blocks,
                    parts,
                    (from, to) -> columns(
                            from * COLUMNS,
                            Math.min(n, to * COLUMNS),
                            rows,
                            n,
                            slopes,
                            so,
                            x,
                            xo,
                            dy,
                            dyo,
                            dx,
                            dxo,
                            dSlopes,
                            dso));
        }
    }

    private static void columns(
            int from,
            int to,
            int rows,
            int n,
            float[] slopes,
            int so,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] dSlopes,
            int dso) {
        Kernels kernels = Kernels.active();
        if (rows <= CHAIN) {
            int s = so + from;
            int sum = dso + from;
            kernels.preluGrad(
                    rows, to - from, n, slopes, s, x, xo + from, dy, dyo + from, dx, dxo + from, dSlopes, sum);
            return;
        }
        float[] chain = Scratch.CHAIN.floats(Reductions.STRIP);
        double[] totals = Reductions.TOTALS.get();
        for (int j = from; j < to; j += Reductions.STRIP) {
            int width = Math.min(Reductions.STRIP, to - j);
            for (int l = 0; l < width; l++) {
                totals[l] = dSlopes[dso + j + l];
            }
            for (int i = 0; i < rows; i += CHAIN) {
                Arrays.fill(chain, 0, width, 0f);
                int at = i * n + j;
                int count = Math.min(CHAIN, rows - i);
                kernels.preluGrad(count, width, n, slopes, so + j, x, xo + at, dy, dyo + at, dx, dxo + at, chain, 0);
                for (int l = 0; l < width; l++) {
                    totals[l] += chain[l];
                }
            }
            for (int l = 0; l < width; l++) {
                dSlopes[dso + j + l] = (float) totals[l];
            }
        }
    }
}
