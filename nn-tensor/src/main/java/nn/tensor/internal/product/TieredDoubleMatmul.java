package nn.tensor.internal.product;

import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;

/**
 * Vector kernels once C2 has compiled them, scalar kernels before, as {@code TieredKernels}.
 */
public final class TieredDoubleMatmul implements DoubleMatmul {
    private static final DoubleMatmul SCALAR = new ScalarDoubleMatmul();

    /** In a class of its own: the classes of the Vector API take long to load, and the warm-up does so meanwhile. */
    private static final class Vectors {
        static final DoubleMatmul KERNELS = new VectorDoubleMatmul();
    }

    private final Compiled compiled;

    /** Chooses by what is compiled. */
    public TieredDoubleMatmul(Compiled compiled) {
        this.compiled = compiled;
    }

    /** The implementation for a number of rows of a strip and inner steps. */
    private DoubleMatmul kernels(int rows, int steps) {
        return compiled.has(Operation.DOUBLES, rows * steps) ? Vectors.KERNELS : SCALAR;
    }

    @Override
    public void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        kernels(m, k).add(m, k, a, ao, b, bo, c, co);
    }

    @Override
    public void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        kernels(WIDTH, k).addLeftTransposed(k, a, ao, b, bo, c, co);
    }

    @Override
    public void addOuter(int m, double[] u, double[] w, double[] c, int co) {
        kernels(m, 1).addOuter(m, u, w, c, co);
    }
}
