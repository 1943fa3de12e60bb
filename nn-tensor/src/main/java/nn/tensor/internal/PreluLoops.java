package nn.tensor.internal;

/** The loops of {@link Prelu}, one element at a time. */
final class PreluLoops {
    private PreluLoops() {}

    static void apply(int rows, int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < rows; i++) {
            applyRow(n, slopes, so, x, xo + i * n, y, yo + i * n);
        }
    }

    static void applyRow(int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        for (int j = 0; j < n; j++) {
            // a product on both sides: a branch would be mispredicted for every other of random signs
            y[yo + j] = (x[xo + j] > 0f ? 1f : slopes[so + j]) * x[xo + j];
        }
    }

    static void gradient(
            int rows,
            int n,
            int step,
            float[] slopes,
            int so,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] sums,
            int sumo) {
        for (int i = 0; i < rows; i++) {
            int at = i * step;
            gradientRow(n, slopes, so, x, xo + at, dy, dyo + at, dx, dxo + at, sums, sumo);
        }
    }

    static void gradientRow(
            int n,
            float[] slopes,
            int so,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] dx,
            int dxo,
            float[] sums,
            int sumo) {
        for (int j = 0; j < n; j++) {
            float v = x[xo + j];
            float d = dy[dyo + j];
            dx[dxo + j] = (v > 0f ? 1f : slopes[so + j]) * d;
            sums[sumo + j] += v > 0f ? 0f : d * v;
        }
    }
}
