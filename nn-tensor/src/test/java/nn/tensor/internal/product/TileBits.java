package nn.tensor.internal.product;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.Trial;

/** Checks that the register tiles of this JVM give the scalar bits: products use tiles only once they are compiled. */
public final class TileBits {
    private static final Kernels SCALAR = new ScalarKernels();

    private TileBits() {}

    /** Tiles and strips, with sizes times a number. */
    public static void require(int scale) {
        for (Operation operation : Operation.values()) {
            if (operation.kind.isOfTiles()) {
                requireTrial(ProductTrials.ofTiles(operation));
            }
        }
        for (int k = 1; k <= ShortProducts.MOST_STEPS; k++) {
            requireTrial(ProductTrials.ofSteps(k));
        }
        for (int form = 0; form < 3; form++) {
            for (int n : new int[] {10, 37 * scale}) {
                requireSame(form, 45 * scale, n, 61 * scale);
            }
            for (int k = 1; k <= ShortProducts.MOST_STEPS; k++) {
                requireSame(form, 15 * scale, 37 * scale, k);
            }
        }
    }

    /** They stay within their arrays at any width. */
    public static void requireTrial(Trial trial) {
        trial.empty(2);
        trial.withData();
        trial.timed();
    }

    private static void requireSame(int form, int m, int n, int k) {
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] expected = values(3, m * n);
        float[] actual = expected.clone();
        SCALAR.matmul(product(form, m, n, k), a, b, expected, expected);
        VectorMatmul.multiply(Compiled.ALL, product(form, m, n, k), a, b, actual, actual);
        if (!Arrays.equals(expected, actual)) {
            throw new IllegalStateException("tiles give other bits in form " + form + ", " + m + " x " + n + " x " + k);
        }
    }

    private static Product product(int form, int m, int n, int k) {
        Product p = Product.of(m, n, k).beginWithC();
        return form == 1 ? p.leftTransposed() : form == 2 ? p.rightTransposed() : p;
    }

    private static float[] values(long seed, int n) {
        float[] x = new float[n];
        ScalarRandom.uniform(0, seed, 0, x, 0, n);
        return x;
    }
}
