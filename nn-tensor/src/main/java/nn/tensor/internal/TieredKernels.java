package nn.tensor.internal;

import org.jspecify.annotations.Nullable;

/**
 * Vector kernels for operations that C2 has compiled, scalar kernels for the others. Until it is compiled, each vector
 * operation allocates an object, which is a thousand times slower; scalar code is acceptable even uncompiled, and takes
 * a fraction of the time to compile. Both give the same bits.
 */
final class TieredKernels implements Kernels {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    private final VectorWarmUp warmUp = new VectorWarmUp();
    private final DoubleMatmul doubles = new TieredDoubleMatmul(warmUp);
    private final RowKernels rows = new TieredRows(warmUp);
    private final WindowKernels windows = new TieredWindows(warmUp);

    /** The implementation for an operation on n elements. */
    private Kernels kernels(Operation operation, int n) {
        return warmUp.has(operation, n) ? VECTOR : SCALAR;
    }

    /** Whether an operation runs on vectors. */
    boolean isCompiled(Operation operation) {
        return warmUp.has(operation, 0);
    }

    /** The tiles that products may use. */
    TileStage tiles() {
        return warmUp.tiles();
    }

    @Override
    public int lanes() {
        return VECTOR.lanes();
    }

    @Override
    public void matmul(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (warmUp.tiles() == TileStage.NONE) {
            SCALAR.matmul(p, a, b, c, from);
        } else {
            VectorMatmul.multiply(warmUp, p, a, b, c, from);
        }
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        kernels(Operation.TRANSPOSE, rows * columns).transpose(rows, columns, x, xo, xs, y, yo, ys);
    }

    @Override
    public void function(Unary f, float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        kernels(f.operation, n).function(f, a, b, x, xo, y, yo, n);
    }

    @Override
    public void gradient(
            Unary f, float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n) {
        kernels(f.gradient(), n).gradient(f, a, b, s, so, dy, dyo, dx, dxo, n);
    }

    @Override
    public void prelu(int rows, int n, float[] slopes, int so, float[] x, int xo, float[] y, int yo) {
        kernels(Operation.PRELU, rows * n).prelu(rows, n, slopes, so, x, xo, y, yo);
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
        kernels(Operation.PRELU_GRAD, rows * n)
                .preluGrad(rows, n, step, slopes, so, x, xo, dy, dyo, dx, dxo, sums, sumo);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        kernels(Operation.UNIFORM, n).uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        kernels(Operation.NORMAL, n).normal(hi, lo, first, out, off, n);
    }

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(Operation.ADD, n).add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(Operation.SUBTRACT, n).subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(Operation.MULTIPLY, n).multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(Operation.DIVIDE, n).divide(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void addRows(int rows, int n, float[] x, int xo, int step, float[] sums, int so) {
        kernels(Operation.ADD_ROWS, rows * n).addRows(rows, n, x, xo, step, sums, so);
    }

    @Override
    public boolean hasTiny(float[] x, int xo, int n) {
        return kernels(Operation.HAS_TINY, n).hasTiny(x, xo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        kernels(Operation.SCALE, n).scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.ADD_SCALED, n).addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void lstmCell(int rows, int n, float[] v, int vo, float[] before, int bo, float[] c, int co) {
        kernels(Operation.LSTM_CELL, rows * n).lstmCell(rows, n, v, vo, before, bo, c, co);
    }

    @Override
    public void lstmOutput(int rows, int n, float[] v, int vo, float[] tanh, int to, float[] h, int ho) {
        kernels(Operation.LSTM_OUTPUT, rows * n).lstmOutput(rows, n, v, vo, tanh, to, h, ho);
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
        kernels(Operation.LSTM_GRAD, rows * n)
                .lstmGrad(rows, n, v, vo, before, bo, tanh, to, dy, dyo, dh, dho, dc, dco);
    }

    @Override
    public void gruCandidate(int rows, int n, float[] v, int vo, float[] q, int qo, float[] z, int zo) {
        kernels(Operation.GRU_CANDIDATE, rows * n).gruCandidate(rows, n, v, vo, q, qo, z, zo);
    }

    @Override
    public void gruOutput(
            int rows, int n, float[] v, int vo, float[] candidate, int co, float[] before, int bo, float[] h, int ho) {
        kernels(Operation.GRU_OUTPUT, rows * n).gruOutput(rows, n, v, vo, candidate, co, before, bo, h, ho);
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
        kernels(Operation.GRU_GRAD, rows * n)
                .gruGrad(rows, n, v, vo, candidate, co, q, qo, before, bo, dy, dyo, dh, dho);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return kernels(Operation.MAX_ABS, n).maxAbs(x, xo, n);
    }

    @Override
    public RowKernels rows() {
        return rows;
    }

    @Override
    public WindowKernels windows() {
        return windows;
    }

    @Override
    public DoubleMatmul doubles() {
        return doubles;
    }
}
