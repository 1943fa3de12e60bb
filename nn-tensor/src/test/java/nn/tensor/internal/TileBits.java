package nn.tensor.internal;

import java.util.Arrays;

/** Checks that the register tiles of this JVM give the scalar bits: products use tiles only once they are compiled. */
final class TileBits {
    private static final Kernels SCALAR = new ScalarKernels();

    private TileBits() {}

    static void require(int scale) {
        for (int what = VectorMatmul.ROW_BY_ROW; what <= VectorMatmul.ALL; what++) {
            VectorMatmul.trial(what, true);
            VectorMatmul.trial(what, false); // as the warm-up does first of all: within its arrays at any width
        }
        for (int k = 1; k <= VectorMatmul.MOST_STEPS; k++) {
            VectorMatmul.trialOfStrips(k, true);
            VectorMatmul.trialOfStrips(k, false);
        }
        for (int form = 0; form < 3; form++) {
            for (int n : new int[] {10, 37 * scale}) {
                requireSame(form, 45 * scale, n, 61 * scale);
            }
            for (int k = 1; k <= VectorMatmul.MOST_STEPS; k++) {
                requireSame(form, 15 * scale, 37 * scale, k);
            }
        }
    }

    private static void requireSame(int form, int m, int n, int k) {
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] expected = values(3, m * n);
        float[] actual = expected.clone();
        int ars = form == 1 ? 1 : k;
        int aps = form == 1 ? m : 1;
        int bps = form == 2 ? 1 : n;
        int bjs = form == 2 ? k : 1;
        SCALAR.matmul(m, n, k, a, 0, ars, aps, b, 0, bps, bjs, expected, 0, n, expected, 0, n);
        VectorMatmul.multiply(m, n, k, a, 0, ars, aps, b, 0, bps, bjs, actual, 0, n, actual, 0, n);
        if (!Arrays.equals(expected, actual)) {
            throw new IllegalStateException("tiles give other bits in form " + form + ", " + m + " x " + n + " x " + k);
        }
    }

    private static float[] values(long seed, int n) {
        float[] x = new float[n];
        ScalarRandom.uniform(0, seed, 0, x, 0, n);
        return x;
    }
}
