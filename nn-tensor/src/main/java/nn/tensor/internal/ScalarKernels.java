package nn.tensor.internal;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Cells;
import nn.tensor.internal.element.Elementwise;
import nn.tensor.internal.element.ScalarUnary;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.ScalarDoubleMatmul;
import nn.tensor.internal.product.ScalarMatmul;
import nn.tensor.internal.product.ScalarProductSums;
import nn.tensor.internal.product.ScalarTranspose;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.row.Columns;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.PreluLoops;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.ScalarRows;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.window.ScalarWindows;
import nn.tensor.internal.window.WindowKernels;
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
    public void sumProducts(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co) {
        ScalarProductSums.sum(products, steps, part, c, co);
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
    public void prelu(Submatrix part, Operand slopes, Operand x, Operand y) {
        PreluLoops.apply(part, 0, slopes, x, y);
    }

    @Override
    public void preluGrad(Submatrix part, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so) {
        PreluLoops.gradient(part, 0, slopes, x, dy, dx, sums, so);
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
    public void lstmCell(CellStep step, float[] gates, float[] before, float[] cells, float[] tanh, float[] after) {
        Cells.lstmCell(0, step, gates, before, cells, tanh, after);
    }

    @Override
    public void lstmGrad(
            CellStep step, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        Cells.lstmGrad(0, step, gates, before, tanh, dy, dh, dc);
    }

    @Override
    public void gruCandidate(CellStep step, float[] gates, float[] recurrent, float[] candidate) {
        Cells.gruCandidate(0, step, gates, recurrent, candidate);
    }

    @Override
    public void gruOutput(CellStep step, float[] gates, float[] candidate, float[] before, float[] after) {
        Cells.gruOutput(0, step, gates, candidate, before, after);
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
        Cells.gruGrad(0, step, gates, candidate, recurrent, before, dy, dh);
    }

    @Override
    public void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        Columns.addRows(rows, columns, x, xo, step, sums, so);
    }

    @Override
    public void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n) {
        Columns.takeLarger(row, x, xo, most, mo, at, ao, n);
    }

    @Override
    public void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n) {
        Columns.takeLargerGrad(row, at, ao, dy, dyo, dx, dxo, n);
    }

    @Override
    public void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
        Cells.linearCell(0, rows, n, lambda, lo, before, bo, h, ho);
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
