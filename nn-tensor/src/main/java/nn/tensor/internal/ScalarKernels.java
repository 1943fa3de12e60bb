package nn.tensor.internal;

import org.jspecify.annotations.Nullable;

/**
 * The implementation in plain Java, for JVMs without jdk.incubator.vector and as the reference for the vector kernels.
 * No class of that module may be named here or in the classes it calls.
 */
public final class ScalarKernels implements Kernels {
    private static final RowKernels ROWS = new ScalarRows();
    private static final WindowKernels WINDOWS = new ScalarWindows();

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public void matmul(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        ScalarMatmul.multiply(p, a, b, c, from);
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        ScalarTranspose.transpose(rows, columns, x, xo, xs, y, yo, ys);
    }

    @Override
    public void function(Unary f, float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        ScalarUnary.function(f, a, b, x, xo, y, yo, n);
    }

    @Override
    public void gradient(
            Unary f, float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n) {
        ScalarUnary.gradient(f, a, b, s, so, dy, dyo, dx, dxo, n);
    }

    @Override
    public void prelu(int rows, int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        PreluLoops.apply(rows, n, slopes, so, x, xo, y, yo);
    }

    @Override
    public void preluGrad(
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
        PreluLoops.gradient(rows, n, step, slopes, so, x, xo, dy, dyo, dx, dxo, sums, sumo);
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
    public void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        Elementwise.divide(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void addRows(int rows, int n, float[] x, int xo, int step, float[] sums, int so) {
        Elementwise.addRows(rows, n, x, xo, step, sums, so);
    }

    @Override
    public boolean hasTiny(float[] x, int xo, int n) {
        return Elementwise.hasTiny(x, xo, n);
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
    public void lstmCell(int rows, int n, float[] v, int vo, float[] before, int bo, float[] c, int co) {
        Cells.lstmCell(0, rows, n, v, vo, before, bo, c, co);
    }

    @Override
    public void lstmOutput(int rows, int n, float[] v, int vo, float[] tanh, int to, float[] h, int ho) {
        Cells.lstmOutput(0, rows, n, v, vo, tanh, to, h, ho);
    }

    @Override
    public void lstmGrad(
            int rows,
            int n,
            float[] v,
            int vo,
            float[] before,
            int bo,
            float[] tanh,
            int to,
            float[] dy,
            int dyo,
            float[] dh,
            int dho,
            float[] dc,
            int dco) {
        Cells.lstmGrad(0, rows, n, v, vo, before, bo, tanh, to, dy, dyo, dh, dho, dc, dco);
    }

    @Override
    public void gruCandidate(int rows, int n, float[] v, int vo, float[] q, int qo, float[] z, int zo) {
        Cells.gruCandidate(0, rows, n, v, vo, q, qo, z, zo);
    }

    @Override
    public void gruOutput(
            int rows, int n, float[] v, int vo, float[] candidate, int co, float[] before, int bo, float[] h, int ho) {
        Cells.gruOutput(0, rows, n, v, vo, candidate, co, before, bo, h, ho);
    }

    @Override
    public void gruGrad(
            int rows,
            int n,
            float[] v,
            int vo,
            float[] candidate,
            int co,
            float[] q,
            int qo,
            float[] before,
            int bo,
            float[] dy,
            int dyo,
            float[] dh,
            int dho) {
        Cells.gruGrad(0, rows, n, v, vo, candidate, co, q, qo, before, bo, dy, dyo, dh, dho);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return Elementwise.maxAbs(x, xo, n);
    }

    @Override
    public RowKernels rows() {
        return ROWS;
    }

    @Override
    public WindowKernels windows() {
        return WINDOWS;
    }

    @Override
    public DoubleMatmul doubles() {
        return new ScalarDoubleMatmul();
    }
}
