package nn.tensor.internal;

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

    /** The implementation for an operation on n elements. */
    private Kernels kernels(int operation, int n) {
        return warmUp.compiled(operation, n) ? VECTOR : SCALAR;
    }

    /** Whether an operation runs on vectors. */
    boolean isCompiled(int operation) {
        return warmUp.compiled(operation, 0);
    }

    /** The tiles that products may use, 0 to {@link VectorMatmul#ALL}. */
    int tiles() {
        return warmUp.tiles();
    }

    @Override
    public int lanes() {
        return VECTOR.lanes();
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
        int tiles = warmUp.tiles();
        if (tiles == 0) {
            SCALAR.matmul(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
            return;
        }
        boolean squares =
                VectorTranspose.fits(m, n, k, bjs) && warmUp.compiled(VectorWarmUp.TRANSPOSED_PRODUCTS, n * k);
        boolean strips =
                VectorMatmul.isShort(m, n, k, bjs) && warmUp.compiled(VectorWarmUp.PRODUCTS_BY_STEPS + k, m * n);
        VectorMatmul.multiply(
                tiles, squares, strips, m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        kernels(VectorWarmUp.TRANSPOSE, rows * columns).transpose(rows, columns, x, xo, xs, y, yo, ys);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        kernels(VectorWarmUp.UNIFORM, n).uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        kernels(VectorWarmUp.NORMAL, n).normal(hi, lo, first, out, off, n);
    }

    @Override
    public void exp(float[] x, int xo, float[] y, int yo, int n) {
        kernels(VectorWarmUp.EXP, n).exp(x, xo, y, yo, n);
    }

    @Override
    public void log(float[] x, int xo, float[] y, int yo, int n) {
        kernels(VectorWarmUp.LOG, n).log(x, xo, y, yo, n);
    }

    @Override
    public void tanh(float[] x, int xo, float[] y, int yo, int n) {
        kernels(VectorWarmUp.TANH, n).tanh(x, xo, y, yo, n);
    }

    @Override
    public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        kernels(VectorWarmUp.SIGMOID, n).sigmoid(x, xo, y, yo, n);
    }

    @Override
    public void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        kernels(VectorWarmUp.RELU_GRAD, n).reluGrad(x, xo, dy, dyo, dx, dxo, n);
    }

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(VectorWarmUp.ADD, n).add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(VectorWarmUp.SUBTRACT, n).subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        kernels(VectorWarmUp.MULTIPLY, n).multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        kernels(VectorWarmUp.SCALE, n).scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        kernels(VectorWarmUp.ADD_SCALED, n).addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void relu(float[] x, int xo, float[] z, int zo, int n) {
        kernels(VectorWarmUp.RELU, n).relu(x, xo, z, zo, n);
    }

    @Override
    public void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        kernels(VectorWarmUp.TANH_GRAD, n).tanhGrad(y, yo, dy, dyo, dx, dxo, n);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return kernels(VectorWarmUp.MAX_ABS, n).maxAbs(x, xo, n);
    }

    @Override
    public DoubleMatmul doubles() {
        return doubles;
    }
}
