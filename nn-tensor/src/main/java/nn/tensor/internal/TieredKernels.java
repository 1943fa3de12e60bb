package nn.tensor.internal;

import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.TieredDoubleMatmul;
import nn.tensor.internal.product.TilePlan;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.product.VectorMatmul;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.row.TieredRows;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.window.TieredWindows;
import nn.tensor.internal.window.WindowKernels;
import org.jspecify.annotations.Nullable;

/**
 * Vector kernels for operations that C2 has compiled, scalar kernels for the others. Until it is compiled, each vector
 * operation allocates an object, which is a thousand times slower; scalar code is acceptable even uncompiled, and takes
 * a fraction of the time to compile. Both give the same bits.
 */
final class TieredKernels implements Kernels {
    private static final Kernels SCALAR = new ScalarKernels();

    /** In a class of its own: the classes of the Vector API take long to load, and the warm-up does so meanwhile. */
    private static final class Vectors {
        static final Kernels KERNELS = new VectorKernels();
    }

    private final Compiled compiled;
    private final DoubleMatmul doubles;
    private final RowKernels rows;
    private final WindowKernels windows;

    /** Chooses by what is compiled. */
    TieredKernels(Compiled compiled) {
        this.compiled = compiled;
        doubles = new TieredDoubleMatmul(compiled);
        rows = new TieredRows(compiled);
        windows = new TieredWindows(compiled);
    }

    /** Loads the classes of the vector kernels. */
    static void loadVectors() {
        Vectors.KERNELS.lanes();
    }

    /** The implementation for an operation on n elements. */
    private Kernels kernels(Operation operation, int n) {
        return compiled.has(operation, n) ? Vectors.KERNELS : SCALAR;
    }

    @Override
    public int lanes() {
        return TilePlan.LANES;
    }

    @Override
    public void matmul(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        VectorMatmul.multiply(compiled, p, a, b, c, from);
    }

    @Override
    public void sumProducts(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co) {
        int elements = part.rows * part.columns;
        boolean tiles = compiled.has(Operation.PRODUCT_SUMS, elements);
        boolean packs = compiled.has(Operation.COLUMNS, elements) & compiled.has(Operation.EDGES, elements);
        (packs && tiles ? Vectors.KERNELS : SCALAR).sumProducts(products, steps, part, c, co);
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
    public void prelu(Submatrix part, Operand slopes, Operand x, Operand y) {
        kernels(Operation.PRELU, part.rows * part.columns).prelu(part, slopes, x, y);
    }

    @Override
    public void preluGrad(Submatrix part, Operand slopes, Operand x, Operand dy, Operand dx, float[] sums, int so) {
        kernels(Operation.PRELU_GRAD, part.rows * part.columns).preluGrad(part, slopes, x, dy, dx, sums, so);
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
    public void lstmCell(CellStep step, float[] gates, float[] before, float[] cells, float[] tanh, float[] after) {
        kernels(Operation.LSTM_CELL, step.rows * step.n).lstmCell(step, gates, before, cells, tanh, after);
    }

    @Override
    public void lstmGrad(
            CellStep step, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        kernels(Operation.LSTM_GRAD, step.rows * step.n).lstmGrad(step, gates, before, tanh, dy, dh, dc);
    }

    @Override
    public void gruCandidate(CellStep step, float[] gates, float[] recurrent, float[] candidate) {
        kernels(Operation.GRU_CANDIDATE, step.rows * step.n).gruCandidate(step, gates, recurrent, candidate);
    }

    @Override
    public void gruOutput(CellStep step, float[] gates, float[] candidate, float[] before, float[] after) {
        kernels(Operation.GRU_OUTPUT, step.rows * step.n).gruOutput(step, gates, candidate, before, after);
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
        kernels(Operation.GRU_GRAD, step.rows * step.n).gruGrad(step, gates, candidate, recurrent, before, dy, dh);
    }

    @Override
    public void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        kernels(Operation.ADD_ROWS, rows * columns).addRows(rows, columns, x, xo, step, sums, so);
    }

    @Override
    public void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n) {
        kernels(Operation.TAKE_LARGER, n).takeLarger(row, x, xo, most, mo, at, ao, n);
    }

    @Override
    public void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n) {
        kernels(Operation.TAKE_LARGER_GRAD, n).takeLargerGrad(row, at, ao, dy, dyo, dx, dxo, n);
    }

    @Override
    public void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
        kernels(Operation.LINEAR_CELL, rows * n).linearCell(rows, n, lambda, lo, before, bo, h, ho);
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
