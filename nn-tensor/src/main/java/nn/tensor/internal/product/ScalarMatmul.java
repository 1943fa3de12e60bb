package nn.tensor.internal.product;

import java.util.Arrays;
import nn.tensor.internal.math.Fused;
import org.jspecify.annotations.Nullable;

/** Products in plain Java, row by row, and the parts of them that the vector kernels use for their tails. */
public final class ScalarMatmul {
    /** Sizes of the products of the warm-up, and their number: C2 compiles a loop after some thousand calls. */
    private static final int ROWS = 32;

    private static final int STEPS = 32;
    private static final int COLUMNS = 256;
    private static final int PRODUCTS = 24;

    private ScalarMatmul() {}

    /** Computes products until C2 compiles their loop. */
    public static void warmUp() {
        float[] a = new float[ROWS * STEPS];
        float[] b = new float[STEPS * COLUMNS];
        float[] c = new float[ROWS * COLUMNS];
        for (int i = 0; i < PRODUCTS; i++) {
            multiply(Product.of(ROWS, COLUMNS, STEPS), a, b, c, null);
        }
    }

    /** {@code Kernels.matmul}. */
    public static void multiply(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (ScalarPanels.pays(p)) {
            ScalarPanels.multiply(p, a, b, c, from);
            return;
        }
        for (int i = 0; i < p.m; i++) {
            int ai = p.ao + i * p.ars;
            int ci = p.co + i * p.cs;
            begin(p.n, from, p.so + i * p.ss, c, ci);
            if (p.bjs == 1) {
                addRow(p.n, p.k, a, ai, p.aps, b, p.bo, p.bps, c, ci);
            } else {
                dots(p.n, p.k, a, ai, p.aps, b, p.bo, p.bjs, c, ci);
            }
        }
    }

    /**
     * Sets the initial values of a row of sums: a row of {@code from}, which may be C itself, or zeros if it is null.
     */
    public static void begin(int n, float @Nullable [] from, int fo, float[] c, int co) {
        if (from == null) {
            Arrays.fill(c, co, co + n, 0f);
        } else if (from != c || fo != co) {
            System.arraycopy(from, fo, c, co, n);
        }
    }

    /**
     * One row of C += one row of A times B. Four inner steps per pass: the row of C is loaded and stored once for
     * four products, while the chain of each element still runs in order.
     */
    public static void addRow(int n, int k, float[] a, int ao, int aps, float[] b, int bo, int ldb, float[] c, int co) {
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int ap = ao + p * aps;
            fourSteps(n, a[ap], a[ap + aps], a[ap + 2 * aps], a[ap + 3 * aps], b, bo + p * ldb, ldb, c, co);
        }
        for (; p < k; p++) {
            oneStep(n, a[ao + p * aps], b, bo + p * ldb, c, co);
        }
    }

    private static void fourSteps(
            int n, float a0, float a1, float a2, float a3, float[] b, int b0, int ldb, float[] c, int co) {
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        for (int j = 0; j < n; j++) {
            float sum = Fused.fma(a0, b[b0 + j], c[co + j]);
            sum = Fused.fma(a1, b[b1 + j], sum);
            sum = Fused.fma(a2, b[b2 + j], sum);
            c[co + j] = Fused.fma(a3, b[b3 + j], sum);
        }
    }

    private static void oneStep(int n, float a, float[] b, int bo, float[] c, int co) {
        for (int j = 0; j < n; j++) {
            c[co + j] = Fused.fma(a, b[bo + j], c[co + j]);
        }
    }

    /**
     * One row of C += one row of A times B', the rows of B at the step {@code bjs}: eight independent sums at
     * a time, which hide the latency.
     */
    static void dots(int n, int k, float[] a, int ao, int aps, float[] b, int bo, int bjs, float[] c, int co) {
        int j = 0;
        for (; j + 8 <= n; j += 8) {
            eightDots(k, a, ao, aps, b, bo + j * bjs, bjs, c, co + j);
        }
        for (; j < n; j++) {
            int bp = bo + j * bjs;
            float sum = c[co + j];
            for (int p = 0; p < k; p++) {
                sum = Fused.fma(a[ao + p * aps], b[bp + p], sum);
            }
            c[co + j] = sum;
        }
    }

    private static void eightDots(int k, float[] a, int ao, int aps, float[] b, int b0, int bjs, float[] c, int co) {
        float c0 = c[co];
        float c1 = c[co + 1];
        float c2 = c[co + 2];
        float c3 = c[co + 3];
        float c4 = c[co + 4];
        float c5 = c[co + 5];
        float c6 = c[co + 6];
        float c7 = c[co + 7];
        int b1 = b0 + bjs;
        int b2 = b1 + bjs;
        int b3 = b2 + bjs;
        int b4 = b3 + bjs;
        int b5 = b4 + bjs;
        int b6 = b5 + bjs;
        int b7 = b6 + bjs;
        for (int p = 0; p < k; p++) {
            float x = a[ao + p * aps];
            c0 = Fused.fma(x, b[b0 + p], c0);
            c1 = Fused.fma(x, b[b1 + p], c1);
            c2 = Fused.fma(x, b[b2 + p], c2);
            c3 = Fused.fma(x, b[b3 + p], c3);
            c4 = Fused.fma(x, b[b4 + p], c4);
            c5 = Fused.fma(x, b[b5 + p], c5);
            c6 = Fused.fma(x, b[b6 + p], c6);
            c7 = Fused.fma(x, b[b7 + p], c7);
        }
        c[co] = c0;
        c[co + 1] = c1;
        c[co + 2] = c2;
        c[co + 3] = c3;
        c[co + 4] = c4;
        c[co + 5] = c5;
        c[co + 6] = c6;
        c[co + 7] = c7;
    }
}
