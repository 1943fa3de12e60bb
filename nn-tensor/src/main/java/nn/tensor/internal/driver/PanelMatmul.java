package nn.tensor.internal.driver;

import java.util.function.Consumer;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.thread.Parallel;
import org.jspecify.annotations.Nullable;

/**
 * Products with a right side whose columns lie in panels, one after the other, each contiguous: [k x WIDTH], the last
 * one narrower if it has fewer columns.
 */
public final class PanelMatmul {
    /**
     * Columns of a panel. One row takes 8 vectors of 16 lanes, a tile whose sums are as many as its multiply-adds need
     * to run without a pause. On an AMD EPYC (Zen 5) tiles of this width read panels at 43 bytes a cycle from the
     * second-level cache; tiles twice as wide, which walk a matrix row by row, at 31.
     */
    public static final int WIDTH = 128;

    /**
     * The time of a multiply-add of one row, for which a number comes from a second-level cache, in multiply-adds of a
     * tile. With two threads a prediction of 784-256-128-10 for one row takes 3.7 microseconds instead of 5.8.
     */
    private static final double COST = 3;

    private PanelMatmul() {}

    /**
     * C = S + A B, panel by panel.
     *
     * @param p of contiguous matrices; its B lies in panels
     * @param from the array of S; null for zeros
     * @param fromTheRight whether to begin with the last panel
     */
    public static void multiply(
            Product p, float[] a, float[] b, float[] c, float @Nullable [] from, boolean fromTheRight) {
        p.panelsOfB();
        // A kernel computes one chain of sums; several are left to Matmul, panel by panel.
        int threads = p.k > Product.CHAIN ? 1 : Parallel.threads(COST * p.m * p.n * p.k);
        int parts = Math.min(threads, p.n / WIDTH);
        if (parts <= 1) {
            panels(p, fromTheRight, panel -> Matmul.product(panel, a, b, c, from));
            return;
        }
        // By the kernels: Matmul would split a panel again if another caller left the threads free meanwhile, and
        // overwrite this thread's share.
        Kernels kernels = Kernels.active();
        Parallel.run(parts, part -> {
            int begin = Matmul.edge(p.n, WIDTH, part, parts);
            int end = Matmul.edge(p.n, WIDTH, part + 1, parts);
            Product share = p.shareOfColumns(begin, end - begin);
            panels(share, fromTheRight, panel -> kernels.matmul(panel, a, b, c, from));
        });
    }

    private static void panels(Product p, boolean fromTheRight, Consumer<Product> multiply) {
        int count = (p.n + WIDTH - 1) / WIDTH;
        for (int i = 0; i < count; i++) {
            int j = (fromTheRight ? count - 1 - i : i) * WIDTH;
            multiply.accept(p.panel(j, Math.min(WIDTH, p.n - j)));
        }
    }

    /** Copies a contiguous matrix [k x n] into panels. */
    public static void toPanels(int k, int n, float[] x, int xo, float[] panels, int po) {
        for (int j = 0; j < n; j += WIDTH) {
            int width = Math.min(WIDTH, n - j);
            for (int i = 0; i < k; i++) {
                System.arraycopy(x, xo + i * n + j, panels, po + k * j + i * width, width);
            }
        }
    }

    /** Copies panels back into a contiguous matrix [k x n]. */
    public static void fromPanels(int k, int n, float[] panels, int po, float[] x, int xo) {
        for (int j = 0; j < n; j += WIDTH) {
            int width = Math.min(WIDTH, n - j);
            for (int i = 0; i < k; i++) {
                System.arraycopy(panels, po + k * j + i * width, x, xo + i * n + j, width);
            }
        }
    }
}
