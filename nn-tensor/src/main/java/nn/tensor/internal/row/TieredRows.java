package nn.tensor.internal.row;

import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;

/** Vector kernels for operations that C2 has compiled, scalar kernels for the others, as {@code TieredKernels}. */
public final class TieredRows implements RowKernels {
    private static final RowKernels SCALAR = new ScalarRows();

    /** In a class of its own: the classes of the Vector API take long to load, and the warm-up does so meanwhile. */
    private static final class Vectors {
        static final RowKernels KERNELS = new VectorRows();
    }

    private final Compiled compiled;

    /** Chooses by what is compiled. */
    public TieredRows(Compiled compiled) {
        this.compiled = compiled;
    }

    /** The implementation for an operation on n elements. */
    private RowKernels kernels(Operation operation, int n) {
        return compiled.has(operation, n) ? Vectors.KERNELS : SCALAR;
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
    public boolean weightedSigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] work, float[] g, int go, int n) {
        return kernels(Operation.WEIGHTED_SIGMOID_LOSS, n).weightedSigmoidLoss(factor, x, xo, t, to, work, g, go, n);
    }

    @Override
    public boolean turnToTarget0(float[] x, int xo, float[] t, int to, float[] s, int so, int n) {
        return kernels(Operation.TURN_TO_TARGET_0, n).turnToTarget0(x, xo, t, to, s, so, n);
    }

    @Override
    public void focalExponents(float gamma, float[] s, int so, float[] work, int n) {
        kernels(Operation.FOCAL_EXPONENTS, n).focalExponents(gamma, s, so, work, n);
    }

    @Override
    public void focalLoss(
            float gamma, float weight0, float weight1, float[] t, int to, float[] work, float[] s, int so, int n) {
        kernels(Operation.FOCAL_LOSS, n).focalLoss(gamma, weight0, weight1, t, to, work, s, so, n);
    }

    @Override
    public void divergence(float[] p, int po, float[] l, int lo, float[] x, int xo, float[] y, int yo, int n) {
        kernels(Operation.DIVERGENCE, n).divergence(p, po, l, lo, x, xo, y, yo, n);
    }

    @Override
    public void moments(float[] x, int xo, int n, double[] sums) {
        kernels(Operation.ROW_MOMENTS, n).moments(x, xo, n, sums);
    }

    @Override
    public void normalize(RowStatistics row, int at, Operand x, Operand scale, Operand bias, Operand y) {
        kernels(Operation.NORMALIZE_ROW, x.n()).normalize(row, at, x, scale, bias, y);
    }

    @Override
    public void normalizeSums(RowStatistics row, int at, Operand x, Operand dy, Operand scale, double[] sums) {
        kernels(Operation.NORMALIZE_ROW_SUMS, x.n()).normalizeSums(row, at, x, dy, scale, sums);
    }

    @Override
    public void normalizeGrad(
            RowStatistics row, int at, Operand x, Operand dy, Operand scale, float[] gradients, int to, Operand dx) {
        kernels(Operation.NORMALIZE_ROW_GRAD, x.n()).normalizeGrad(row, at, x, dy, scale, gradients, to, dx);
    }

    /** The implementation for an operation on a part of a matrix. */
    private RowKernels kernels(Operation operation, Submatrix part) {
        return kernels(operation, part.rows * part.columns);
    }

    @Override
    public void columnMoments(Submatrix part, ColumnStatistics c, Operand x, double[] sums, double[] squares) {
        kernels(Operation.COLUMN_MOMENTS, part).columnMoments(part, c, x, sums, squares);
    }

    @Override
    public void columnDots(Submatrix part, ColumnStatistics c, Operand x, Operand dy, double[] sums, double[] dots) {
        kernels(Operation.COLUMN_DOTS, part).columnDots(part, c, x, dy, sums, dots);
    }

    @Override
    public void normalizeColumns(Submatrix part, ColumnStatistics c, Operand x, Operand y) {
        kernels(Operation.NORMALIZE_COLUMNS, part).normalizeColumns(part, c, x, y);
    }

    @Override
    public void normalizeColumnsGrad(Submatrix part, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        kernels(Operation.NORMALIZE_COLUMNS_GRAD, part).normalizeColumnsGrad(part, c, x, dy, dx);
    }
}
