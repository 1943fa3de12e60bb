package nn.tensor.internal;

import java.util.Arrays;

/**
 * The implementation in plain Java, for JVMs without jdk.incubator.vector and as the reference for the vector kernels.
 * No class of that module may be named here or in the classes it calls.
 */
public final class ScalarKernels implements Kernels {
    /** Columns of a strip of a transpose. */
    private static final int STRIP = 64;

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public void matmul(
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
            float[] from,
            int fo,
            int fs) {
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            begin(n, from, fo + i * fs, c, ci);
            if (bjs == 1) {
                addRow(n, k, a, ai, aps, b, bo, bps, c, ci);
            } else {
                dots(n, k, a, ai, aps, b, bo, bjs, c, ci);
            }
        }
    }

    /**
     * Eight rows of x are read side by side, so that eight neighbours of y are written at once: faster than square
     * blocks. Strips of columns keep the lines of y that are half written in the cache.
     */
    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
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

    /**
     * Sets the initial values of a row of sums: a row of {@code from}, which may be C itself, or zeros if it is null.
     */
    static void begin(int n, float[] from, int fo, float[] c, int co) {
        if (from == null) {
            Arrays.fill(c, co, co + n, 0f);
        } else if (from != c || fo != co) {
            System.arraycopy(from, fo, c, co, n);
        }
    }

    /**
     * One row of C += one row of A times B. Four inner steps per pass: the row of C is loaded and stored once for
     * four products, while the chain of each element still runs in order.
     */
    static void addRow(int n, int k, float[] a, int ao, int aps, float[] b, int bo, int ldb, float[] c, int co) {
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int ap = ao + p * aps;
            fourSteps(n, a[ap], a[ap + aps], a[ap + 2 * aps], a[ap + 3 * aps], b, bo + p * ldb, ldb, c, co);
        }
        for (; p < k; p++) {
            oneStep(n, a[ao + p * aps], b, bo + p * ldb, c, co);
        }
    }

    private static void fourSteps(
            int n, float a0, float a1, float a2, float a3, float[] b, int b0, int ldb, float[] c, int co) {
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        for (int j = 0; j < n; j++) {
            float sum = Math.fma(a0, b[b0 + j], c[co + j]);
            sum = Math.fma(a1, b[b1 + j], sum);
            sum = Math.fma(a2, b[b2 + j], sum);
            c[co + j] = Math.fma(a3, b[b3 + j], sum);
        }
    }

    private static void oneStep(int n, float a, float[] b, int bo, float[] c, int co) {
        for (int j = 0; j < n; j++) {
            c[co + j] = Math.fma(a, b[bo + j], c[co + j]);
        }
    }

    /**
     * One row of C += one row of A times B', the rows of B at the step {@code bjs}: eight independent sums at
     * a time, which hide the latency.
     */
    static void dots(int n, int k, float[] a, int ao, int aps, float[] b, int bo, int bjs, float[] c, int co) {
        int j = 0;
        for (; j + 8 <= n; j += 8) {
            eightDots(k, a, ao, aps, b, bo + j * bjs, bjs, c, co + j);
        }
        for (; j < n; j++) {
            int bp = bo + j * bjs;
            float sum = c[co + j];
            for (int p = 0; p < k; p++) {
                sum = Math.fma(a[ao + p * aps], b[bp + p], sum);
            }
            c[co + j] = sum;
        }
    }

    private static void eightDots(int k, float[] a, int ao, int aps, float[] b, int b0, int bjs, float[] c, int co) {
        float c0 = c[co];
        float c1 = c[co + 1];
        float c2 = c[co + 2];
        float c3 = c[co + 3];
        float c4 = c[co + 4];
        float c5 = c[co + 5];
        float c6 = c[co + 6];
        float c7 = c[co + 7];
        int b1 = b0 + bjs;
        int b2 = b1 + bjs;
        int b3 = b2 + bjs;
        int b4 = b3 + bjs;
        int b5 = b4 + bjs;
        int b6 = b5 + bjs;
        int b7 = b6 + bjs;
        for (int p = 0; p < k; p++) {
            float x = a[ao + p * aps];
            c0 = Math.fma(x, b[b0 + p], c0);
            c1 = Math.fma(x, b[b1 + p], c1);
            c2 = Math.fma(x, b[b2 + p], c2);
            c3 = Math.fma(x, b[b3 + p], c3);
            c4 = Math.fma(x, b[b4 + p], c4);
            c5 = Math.fma(x, b[b5 + p], c5);
            c6 = Math.fma(x, b[b6 + p], c6);
            c7 = Math.fma(x, b[b7 + p], c7);
        }
        c[co] = c0;
        c[co + 1] = c1;
        c[co + 2] = c2;
        c[co + 3] = c3;
        c[co + 4] = c4;
        c[co + 5] = c5;
        c[co + 6] = c6;
        c[co + 7] = c7;
    }

    @Override
    public void exp(float[] x, int xo, float[] y, int yo, int n) {
        ScalarFunctions.exp(x, xo, y, yo, n);
    }

    @Override
    public void log(float[] x, int xo, float[] y, int yo, int n) {
        ScalarFunctions.log(x, xo, y, yo, n);
    }

    @Override
    public void tanh(float[] x, int xo, float[] y, int yo, int n) {
        ScalarFunctions.tanh(x, xo, y, yo, n);
    }

    @Override
    public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        ScalarFunctions.sigmoid(x, xo, y, yo, n);
    }

    @Override
    public void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        ScalarFunctions.reluGrad(x, xo, dy, dyo, dx, dxo, n);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        ScalarRandom.uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        ScalarRandom.normal(hi, lo, first, out, off, n);
    }

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        Elementwise.add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        Elementwise.subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        Elementwise.multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        Elementwise.scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        Elementwise.addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void relu(float[] x, int xo, float[] z, int zo, int n) {
        Elementwise.relu(x, xo, z, zo, n);
    }

    @Override
    public void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        Elementwise.tanhGrad(y, yo, dy, dyo, dx, dxo, n);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return Elementwise.maxAbs(x, xo, n);
    }

    @Override
    public DoubleMatmul doubles() {
        return new ScalarDoubleMatmul();
    }
}
