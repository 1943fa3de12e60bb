package nn.tensor.internal.product;

import java.util.Arrays;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.thread.PerThread;
import org.jspecify.annotations.Nullable;

/**
 * Products in plain Java, of which C2 makes vector code by itself. It does so only for a loop whose arrays are all read
 * and written at the same index, so a panel of B is copied into an array for each of its rows, and the sums of a row of
 * C are in an array of their own. A program uses these products until the tiles are compiled: the one small method that
 * they need is compiled in a hundredth of a second, and is a third to a half as fast as tiles.
 *
 * <p>Where C is narrow and high, its transpose is computed, C' = B' A', so that lanes are full.
 */
final class ScalarPanels {
    /** Columns of a panel. */
    private static final int WIDTH = 256;

    /** Rows of a panel, which together fill less than a first-level cache. */
    private static final int STEPS = 32;

    /** Fewer columns than this are worth a transpose: a loop of fewer turns is hardly run on vectors. */
    private static final int NARROW = 64;

    /** Fewer multiply-adds than this are not worth the copies. */
    private static final int WORTH_COPYING = 1 << 12;

    private static final PerThread<ScalarPanels> HELD = new PerThread<>(ScalarPanels::new);

    private final float[][] panel = new float[STEPS][WIDTH];
    private final float[] sums = new float[WIDTH];

    // where C and S are: their steps from sum to sum and from row of sums to row
    private int cs;
    private int cj;
    private int ss;
    private int sj;

    private ScalarPanels() {}

    /** Whether this pays. */
    static boolean pays(Product p) {
        return (long) p.m * p.n * p.k >= WORTH_COPYING && Math.max(p.m, p.n) >= NARROW / 2;
    }

    /** {@code Kernels.matmul}. */
    static void multiply(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        ScalarPanels own = HELD.get();
        if (p.n < NARROW && p.n < p.m) {
            own.places(1, p.cs, p.sj, p.ss);
            own.panels(p.part().transpose(), b, a, c, from);
        } else {
            own.places(p.cs, 1, p.ss, p.sj);
            own.panels(p, a, b, c, from);
        }
    }

    private void places(int cs, int cj, int ss, int sj) {
        this.cs = cs;
        this.cj = cj;
        this.ss = ss;
        this.sj = sj;
    }

    private void panels(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        for (int j = 0; j < p.n; j += WIDTH) {
            int columns = Math.min(WIDTH, p.n - j);
            for (int q = 0; q < p.k; q += STEPS) {
                int steps = Math.min(STEPS, p.k - q);
                copyPanel(p, q, j, steps, columns, b);
                boolean first = q == 0;
                for (int i = 0; i < p.m; i++) {
                    int to = p.co + i * cs + j * cj;
                    if (!first) {
                        load(columns, c, to, cj);
                    } else if (from != null) {
                        load(columns, from, p.so + i * ss + j * sj, sj);
                    } else {
                        Arrays.fill(sums, 0, columns, 0f);
                    }
                    addRow(columns, steps, a, p.ao + i * p.ars + q * p.aps, p.aps);
                    store(columns, c, to, cj);
                }
            }
        }
    }

    private void copyPanel(Product p, int q, int j, int steps, int columns, float[] b) {
        int from = p.bo + q * p.bps + j * p.bjs;
        for (int s = 0; s < steps; s++) {
            copy(columns, b, from + s * p.bps, p.bjs, panel[s]);
        }
    }

    private void load(int n, float[] x, int xo, int step) {
        copy(n, x, xo, step, sums);
    }

    private static void copy(int n, float[] x, int xo, int step, float[] y) {
        if (step == 1) {
            System.arraycopy(x, xo, y, 0, n);
        } else {
            for (int j = 0; j < n; j++) {
                y[j] = x[xo + j * step];
            }
        }
    }

    private void store(int n, float[] c, int co, int step) {
        if (step == 1) {
            System.arraycopy(sums, 0, c, co, n);
        } else {
            for (int j = 0; j < n; j++) {
                c[co + j * step] = sums[j];
            }
        }
    }

    /** Sums += one row of A times the panel. */
    private void addRow(int n, int steps, float[] a, int ao, int aps) {
        float[][] b = panel;
        int p = 0;
        for (; p + 4 <= steps; p += 4) {
            int ap = ao + p * aps;
            fourSteps(
                    n, a[ap], a[ap + aps], a[ap + 2 * aps], a[ap + 3 * aps], b[p], b[p + 1], b[p + 2], b[p + 3], sums);
        }
        for (; p < steps; p++) {
            oneStep(n, a[ao + p * aps], b[p], sums);
        }
    }

    private static void fourSteps(
            int n, float a0, float a1, float a2, float a3, float[] b0, float[] b1, float[] b2, float[] b3, float[] c) {
        for (int j = 0; j < n; j++) {
            float sum = Fused.fma(a0, b0[j], c[j]);
            sum = Fused.fma(a1, b1[j], sum);
            sum = Fused.fma(a2, b2[j], sum);
            c[j] = Fused.fma(a3, b3[j], sum);
        }
    }

    private static void oneStep(int n, float a, float[] b, float[] c) {
        for (int j = 0; j < n; j++) {
            c[j] = Fused.fma(a, b[j], c[j]);
        }
    }
}
