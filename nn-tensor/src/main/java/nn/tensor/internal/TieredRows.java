package nn.tensor.internal;

/** Vector kernels for operations that C2 has compiled, scalar kernels for the others, as {@link TieredKernels}. */
final class TieredRows implements RowKernels {
    private static final RowKernels SCALAR = new ScalarRows();
    private static final RowKernels VECTOR = new VectorRows();

    private final Compiled compiled;

    TieredRows(Compiled compiled) {
        this.compiled = compiled;
    }

    /** The implementation for an operation on n elements. */
    private RowKernels kernels(Operation operation, int n) {
        return compiled.has(operation, n) ? VECTOR : SCALAR;
    }

    @Override
    public float largest(float[] x, int xo, int n) {
        return kernels(Operation.ROW_LARGEST, n).largest(x, xo, n);
    }

    @Override
    public void shift(float c, float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.ROW_SHIFT, n).shift(c, x, xo, y, yo, n);
    }

    @Override
    public void expLess(float c, float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.EXP_LESS, n).expLess(c, x, xo, y, yo, n);
    }

    @Override
    public void sum(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_SUM, n).sum(x, xo, n, sums);
    }

    @Override
    public void sumOfGroups(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_GROUPS, n).sumOfGroups(x, xo, n, sums);
    }

    @Override
    public void sumOfSquares(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_SQUARES, n).sumOfSquares(x, xo, n, sums);
    }

    @Override
    public void dot(float[] x, int xo, float[] y, int yo, int n, double[] sums) {
        kernels(Operation.ROW_DOT, n).dot(x, xo, y, yo, n, sums);
    }

    @Override
    public void sumOfMagnitudes(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_MAGNITUDES, n).sumOfMagnitudes(x, xo, n, sums);
    }

    @Override
    public void sumOfHuber(double delta, float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_HUBER, n).sumOfHuber(delta, x, xo, n, sums);
    }

    @Override
    public void signs(float c, float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.SIGNS, n).signs(c, x, xo, y, yo, n);
    }

    @Override
    public void softmaxGrad(float dot, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        kernels(Operation.SOFTMAX_GRAD, n).softmaxGrad(dot, y, yo, dy, dyo, dx, dxo, n);
    }

    @Override
    public void crossEntropy(float m, float[] x, int xo, float[] c, int co, int n, double[] sums) {
        kernels(Operation.CROSS_ENTROPY, n).crossEntropy(m, x, xo, c, co, n, sums);
    }

    @Override
    public void minusMagnitude(float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.MINUS_MAGNITUDE, n).minusMagnitude(x, xo, y, yo, n);
    }

    @Override
    public boolean sigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] e, int eo, float[] g, int go, int n) {
        return kernels(Operation.SIGMOID_LOSS, n).sigmoidLoss(factor, x, xo, t, to, e, eo, g, go, n);
    }

    @Override
    public void moments(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_MOMENTS, n).moments(x, xo, n, sums);
    }

    @Override
    public void normalize(
            float shrink,
            float high,
            float low,
            float factor,
            float[] x,
            int xo,
            float[] scale,
            int so,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            int n) {
        kernels(Operation.NORMALIZE_ROW, n).normalize(shrink, high, low, factor, x, xo, scale, so, bias, bo, y, yo, n);
    }

    @Override
    public void normalizeSums(
            float shrink,
            float high,
            float low,
            float factor,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            int n,
            double[] sums) {
        kernels(Operation.NORMALIZE_ROW_SUMS, n)
                .normalizeSums(shrink, high, low, factor, x, xo, dy, dyo, scale, so, n, sums);
    }

    @Override
    public void normalizeGrad(
            float shrink,
            float high,
            float low,
            float factor,
            float a,
            float b,
            float outer,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            float[] scale,
            int so,
            float[] ds,
            int dso,
            float[] db,
            int dbo,
            float[] dx,
            int dxo,
            int n) {
        kernels(Operation.NORMALIZE_ROW_GRAD, n)
                .normalizeGrad(
                        shrink, high, low, factor, a, b, outer, x, xo, dy, dyo, scale, so, ds, dso, db, dbo, dx, dxo,
                        n);
    }

    @Override
    public void columnMoments(
            int rows,
            int columns,
            float[] x,
            int xo,
            int step,
            double[] shift,
            int so,
            double[] sums,
            double[] squares,
            int at) {
        kernels(Operation.COLUMN_MOMENTS, rows * columns)
                .columnMoments(rows, columns, x, xo, step, shift, so, sums, squares, at);
    }

    @Override
    public void columnDots(
            int rows,
            int columns,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            double[] sums,
            double[] dots,
            int at) {
        kernels(Operation.COLUMN_DOTS, rows * columns)
                .columnDots(rows, columns, shrink, x, xo, dy, dyo, step, c, width, sums, dots, at);
    }

    @Override
    public void normalizeColumns(
            int rows, int columns, float shrink, float[] x, int xo, int step, float[] c, int width, float[] y, int yo) {
        kernels(Operation.NORMALIZE_COLUMNS, rows * columns)
                .normalizeColumns(rows, columns, shrink, x, xo, step, c, width, y, yo);
    }

    @Override
    public void normalizeColumnsGrad(
            int rows,
            int columns,
            float shrink,
            float[] x,
            int xo,
            float[] dy,
            int dyo,
            int step,
            float[] c,
            int width,
            float[] dx,
            int dxo) {
        kernels(Operation.NORMALIZE_COLUMNS_GRAD, rows * columns)
                .normalizeColumnsGrad(rows, columns, shrink, x, xo, dy, dyo, step, c, width, dx, dxo);
    }
}
