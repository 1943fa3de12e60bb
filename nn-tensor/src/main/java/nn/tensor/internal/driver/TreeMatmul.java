package nn.tensor.internal.driver;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Parallel;

/** Sums of products over a tree on all threads: rows or columns of the result are split as those of a product. */
public final class TreeMatmul {
    private TreeMatmul() {}

    /**
     * C [m x n], contiguous, = the sum over the tree of the leaves from {@code first} to {@code last}, both included
     * and present.
     */
    public static void sum(ProductSums products, int first, int last, float[] c, int co) {
        int m = products.m;
        int n = products.n;
        if (m == 0 || n == 0) {
            return;
        }
        TreeSteps steps = TreeSteps.of(products, first, last);
        if (FlightEvents.ofProducts()) {
            FlightEvents.ProductEvent event = new FlightEvents.ProductEvent();
            event.rows = m;
            event.columns = n;
            event.inner = (int) Math.min(steps.inner, Integer.MAX_VALUE);
            event.begin();
            split(products, steps, c, co);
            event.commit();
        } else {
            split(products, steps, c, co);
        }
    }

    private static void split(ProductSums products, TreeSteps steps, float[] c, int co) {
        int m = products.m;
        int n = products.n;
        int threads = Parallel.threads((double) m * n * steps.inner);
        Kernels kernels = Kernels.active();
        boolean byColumns = Matmul.splitsColumns(m, n, threads);
        int parts = Math.min(threads, Math.max(1, byColumns ? n / Matmul.COLUMNS : m / Matmul.ROWS));
        if (parts == 1) {
            kernels.sumProducts(products, steps, Submatrix.of(0, 0, m, n, n), c, co);
        } else {
            inParts(kernels, products, steps, byColumns, parts, c, co);
        }
    }

    private static void inParts(
            Kernels kernels, ProductSums products, TreeSteps steps, boolean byColumns, int parts, float[] c, int co) {
        int m = products.m;
        int n = products.n;
        Parallel.run(parts, part -> {
            int size = byColumns ? n : m;
            int step = byColumns ? Matmul.COLUMNS : Matmul.ROWS;
            int begin = Matmul.edge(size, step, part, parts);
            int length = Matmul.edge(size, step, part + 1, parts) - begin;
            Submatrix share = byColumns ? Submatrix.of(0, begin, m, length, n) : Submatrix.of(begin, 0, length, n, n);
            kernels.sumProducts(products, steps, share, c, co);
        });
    }
}
