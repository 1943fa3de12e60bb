package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.thread.Scratch;

/** Sums of the rows of a matrix in parts, which are added over a binary tree. */
public final class RowSums {
    /** Columns that are summed at a time: the few sums that are held stay in a first-level cache. */
    private static final int COLUMNS = 1 << 10;

    private RowSums() {}

    /**
     * Sets sums to the sum over the tree of the parts from {@code first} to {@code last}, both included.
     *
     * @param n columns
     * @param begins the first row of each part, and the end of the last one
     */
    public static void sum(int n, float[] x, int xo, int[] begins, int first, int last, float[] sums, int so) {
        float[] held = Scratch.TREE.floats(Integer.SIZE * Math.min(n, COLUMNS));
        for (int j = 0; j < n; j += COLUMNS) {
            int width = Math.min(COLUMNS, n - j);
            sum(width, n, x, xo + j, begins, first, last, held);
            System.arraycopy(held, 0, sums, so + j, width);
        }
    }

    /** Some columns of rows that are a step apart; their sum is what is held at last. */
    private static void sum(int n, int step, float[] x, int xo, int[] begins, int first, int last, float[] held) {
        Kernels kernels = Kernels.active();
        int open = 0;
        int top = 0; // where the next sum is held
        for (int part = first; part <= last; part++) {
            Arrays.fill(held, top, top + n, 0f);
            int from = begins[part];
            Reductions.addSumOfRows(begins[part + 1] - from, n, x, xo + from * step, step, held, top);
            int width = part == last ? TreeSteps.WHOLE : TreeSteps.width(part, part + 1);
            for (int partner = TreeSteps.partners(open, width); partner > 0; partner--) {
                top -= n;
                kernels.add(held, top, held, top + n, held, top, n);
            }
            top += n;
            open = TreeSteps.open(open, width);
        }
    }
}
