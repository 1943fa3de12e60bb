package nn.tensor.internal.product;

import java.util.Arrays;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Scratch;

/** Sums of products over a tree in plain Java, row by row. */
public final class ScalarProductSums {
    /** Columns that are computed at a time: a few rows of sums stay in a first-level cache. */
    private static final int COLUMNS = 1 << 10;

    private ScalarProductSums() {}

    /** {@code Kernels.sumProducts}. */
    public static void sum(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co) {
        int row = (part.at - part.column) / part.step;
        int rows = part.rows;
        int end = part.column + part.columns;
        for (int j = part.column; j < end; j += COLUMNS) {
            for (int i = row; i < row + rows; i++) {
                sumRow(products, steps, i, j, Math.min(COLUMNS, end - j), c, co + i * products.n + j);
            }
        }
    }

    /** A piece of n elements of a row of C, from column j on. */
    private static void sumRow(ProductSums products, TreeSteps steps, int i, int j, int n, float[] c, int co) {
        float[] sums = Scratch.TREE.floats((steps.most + 1) * n);
        int top = 0; // where the next sum is held
        for (int s = 0; s < steps.count; s++) {
            if (steps.continues[s]) {
                top -= n;
            } else {
                Arrays.fill(sums, top, top + n, 0f);
            }
            int leaf = steps.leaf[s];
            int row = steps.row[s];
            float[] a = products.a(leaf);
            float[] b = products.b(leaf);
            int ai = products.a(leaf, row) + i;
            int bj = products.b(leaf, row) + j;
            ScalarMatmul.addRow(n, steps.rows[s], a, ai, products.m, b, bj, products.n, sums, top);
            for (int partner = 0; partner < steps.added[s]; partner++) {
                top -= n;
                addNext(n, sums, top);
            }
            top += n;
        }
        System.arraycopy(sums, 0, c, co, n);
    }

    /** Adds n elements to those before them. */
    private static void addNext(int n, float[] sums, int at) {
        for (int j = 0; j < n; j++) {
            sums[at + j] = sums[at + j] + sums[at + n + j];
        }
    }
}
