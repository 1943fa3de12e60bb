package nn.tensor.internal;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.element.VectorCells;
import nn.tensor.internal.element.VectorElementwise;
import nn.tensor.internal.element.VectorUnary;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.TilePlan;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.product.VectorDoubleMatmul;
import nn.tensor.internal.product.VectorMatmul;
import nn.tensor.internal.product.VectorProductSums;
import nn.tensor.internal.product.VectorTranspose;
import nn.tensor.internal.random.VectorRandom;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.row.VectorColumns;
import nn.tensor.internal.row.VectorPreluLoops;
import nn.tensor.internal.row.VectorRows;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.window.VectorWindows;
import nn.tensor.internal.window.WindowKernels;
import org.jspecify.annotations.Nullable;

/**
 * The implementation on the Vector API: delegates each primitive to its class. {@link TieredKernels} calls it only for
 * compiled operations; before that, each vector is an object.
 */
public final class VectorKernels implements Kernels {
    private static final RowKernels ROWS = new VectorRows();
    private static final WindowKernels WINDOWS = new VectorWindows();

    @Override
    public int lanes() {
        return TilePlan.LANES;
    }

    @Override
    public void matmul(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        VectorMatmul.multiply(Compiled.ALL, p, a, b, c, from);
    }

    @Override
    public void sumProducts(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co) {
        VectorProductSums.sum(products, steps, part, c, co);
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        VectorTranspose.transpose(rows, columns, x, xo, xs, y, yo, ys);
    }

    @Override
    public void function(Unary f, float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        VectorUnary.functionOf(f).run(a, b, x, xo, y, yo, n);
    }

    @Override
    public void gradient(
            Unary f, float a, float b, float[] s, int so, float[] dy, int dyo, float[] dx, int dxo, int n) {
        VectorUnary.gradientOf(f).run(a, b, s, so, dy, dyo, dx, dxo, n);
    }

    @Override
    public void prelu(Submatrix part, Operand slopes, Operand x, Operand y) {
        VectorPreluLoops.apply(part, slopes, x, y);
    }

    @Override
    public void preluGrad(Submatrix part, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so) {
        VectorPreluLoops.gradient(part, slopes, x, dy, dx, sums, so);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        VectorRandom.uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        VectorRandom.normal(hi, lo, first, out, off, n);
    }

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.divide(x, xo, y, yo, z, zo, n);
    }

    @Override
    public boolean hasTiny(float[] x, int xo, int n) {
        return VectorElementwise.hasTiny(x, xo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        VectorElementwise.scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        VectorElementwise.addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void lstmCell(CellStep step, float[] gates, float[] before, float[] cells, float[] tanh, float[] after) {
        VectorCells.lstmCell(step, gates, before, cells, tanh, after);
    }

    @Override
    public void lstmGrad(
            CellStep step, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        VectorCells.lstmGrad(step, gates, before, tanh, dy, dh, dc);
    }

    @Override
    public void gruCandidate(CellStep step, float[] gates, float[] recurrent, float[] candidate) {
        VectorCells.gruCandidate(step, gates, recurrent, candidate);
    }

    @Override
    public void gruOutput(CellStep step, float[] gates, float[] candidate, float[] before, float[] after) {
        VectorCells.gruOutput(step, gates, candidate, before, after);
    }

    @Override
    public void gruGrad(
            CellStep step,
            float[] gates,
            float[] candidate,
            float[] recurrent,
            float[] before,
            float[] dy,
            float[] dh) {
        VectorCells.gruGrad(step, gates, candidate, recurrent, before, dy, dh);
    }

    @Override
    public void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        VectorColumns.addRows(rows, columns, x, xo, step, sums, so);
    }

    @Override
    public void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n) {
        VectorColumns.takeLarger(row, x, xo, most, mo, at, ao, n);
    }

    @Override
    public void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n) {
        VectorColumns.takeLargerGrad(row, at, ao, dy, dyo, dx, dxo, n);
    }

    @Override
    public void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
        VectorCells.linearCell(rows, n, lambda, lo, before, bo, h, ho);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return VectorElementwise.maxAbs(x, xo, n);
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
        return new VectorDoubleMatmul();
    }
}
