package nn.tensor.internal;

/**
 * The vector twin for what C2 has compiled, the scalar twin for what it has not. Until it is compiled each operation on
 * vectors makes an object, which takes a thousand times as long; the scalar twin needs no compiler to be bearable, and
 * a fraction of the time to be compiled. Both give the same bits. With vectors from the first call on a program had
 * made a network of 784-256-128-10 560 milliseconds after its start, in place of 150.
 */
final class TieredKernels implements Kernels {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    private final VectorWarmUp warmUp = new VectorWarmUp();
    private final DoubleMatmul doubles = new TieredDoubleMatmul(warmUp);

    /** For n elements. */
    private Kernels twin(int operation, int n) {
        return warmUp.compiled(operation, n) ? VECTOR : SCALAR;
    }

    /** Whether an operation has left the scalar twin. */
    boolean isCompiled(int operation) {
        return warmUp.compiled(operation, 0);
    }

    /** Which tiles products may take, 0 to {@link VectorMatmul#ALL}. */
    int tiles() {
        return warmUp.tiles();
    }

    @Override
    public int lanes() {
        return VECTOR.lanes();
    }

    @Override
    public void matmul(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int bps, int bjs,
            float[] c, int co, int ldc,
            float[] from, int fo, int fs) {
        int tiles = warmUp.tiles();
        if (tiles == 0) {
            SCALAR.matmul(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
            return;
        }
        boolean squares = VectorTranspose.fits(m, n, k, bjs) && warmUp.compiled(VectorWarmUp.SQUARES, n * k);
        boolean strips = VectorMatmul.isShort(m, n, k, bjs) && warmUp.compiled(VectorWarmUp.STEPS + k, m * n);
        VectorMatmul.multiply(
                tiles, squares, strips, m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
    }

    @Override
    public void transpose(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        twin(VectorWarmUp.TRANSPOSE, rows * columns).transpose(rows, columns, x, xo, xs, y, yo, ys);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        twin(VectorWarmUp.UNIFORM, n).uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        twin(VectorWarmUp.NORMAL, n).normal(hi, lo, first, out, off, n);
    }

    @Override
    public void exp(float[] x, int xo, float[] y, int yo, int n) {
        twin(VectorWarmUp.EXP, n).exp(x, xo, y, yo, n);
    }

    @Override
    public void log(float[] x, int xo, float[] y, int yo, int n) {
        twin(VectorWarmUp.LOG, n).log(x, xo, y, yo, n);
    }

    @Override
    public void tanh(float[] x, int xo, float[] y, int yo, int n) {
        twin(VectorWarmUp.TANH, n).tanh(x, xo, y, yo, n);
    }

    @Override
    public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        twin(VectorWarmUp.SIGMOID, n).sigmoid(x, xo, y, yo, n);
    }

    @Override
    public void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        twin(VectorWarmUp.RELU_GRAD, n).reluGrad(x, xo, dy, dyo, dx, dxo, n);
    }

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        twin(VectorWarmUp.ADD, n).add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        twin(VectorWarmUp.SUBTRACT, n).subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        twin(VectorWarmUp.MULTIPLY, n).multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        twin(VectorWarmUp.SCALE, n).scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        twin(VectorWarmUp.ADD_SCALED, n).addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void relu(float[] x, int xo, float[] z, int zo, int n) {
        twin(VectorWarmUp.RELU, n).relu(x, xo, z, zo, n);
    }

    @Override
    public void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        twin(VectorWarmUp.TANH_GRAD, n).tanhGrad(y, yo, dy, dyo, dx, dxo, n);
    }

    @Override
    public float maxAbs(float[] x, int xo, int n) {
        return twin(VectorWarmUp.MAX_ABS, n).maxAbs(x, xo, n);
    }

    @Override
    public DoubleMatmul doubles() {
        return doubles;
    }
}
