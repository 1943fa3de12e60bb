package nn.tensor.internal;

/**
 * The vector twin once C2 has compiled it, the scalar twin before, as {@link TieredKernels}. A first orthogonal matrix
 * of 512 x 512 took 300 milliseconds in place of 50 when it was the one to wait for C2.
 */
final class TieredDoubleMatmul implements DoubleMatmul {
    private static final DoubleMatmul SCALAR = new ScalarDoubleMatmul();
    private static final DoubleMatmul VECTOR = new VectorDoubleMatmul();

    private final VectorWarmUp warmUp;

    TieredDoubleMatmul(VectorWarmUp warmUp) {
        this.warmUp = warmUp;
    }

    /** For so many rows of a strip times so many inner steps. */
    private DoubleMatmul twin(int rows, int steps) {
        return warmUp.compiled(VectorWarmUp.DOUBLES, rows * steps) ? VECTOR : SCALAR;
    }

    @Override
    public void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        twin(m, k).add(m, k, a, ao, b, bo, c, co);
    }

    @Override
    public void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        twin(WIDTH, k).addLeftTransposed(k, a, ao, b, bo, c, co);
    }

    @Override
    public void addOuter(int m, double[] u, double[] w, double[] c, int co) {
        twin(m, 1).addOuter(m, u, w, c, co);
    }
}
