package nn.tensor.internal.driver;

import nn.tensor.internal.Kernels;

/** Rows of a table by index. */
public final class IndexedRows {
    /** What is returned if every index is one of the table. */
    public static final int NONE = -1;

    private IndexedRows() {}

    private static boolean isRow(float index, int rows) {
        return index >= 0 && index < rows && index == (int) index;
    }

    /**
     * Row i of y = row {@code indices[i]} of the table, of {@code width} elements.
     *
     * @return the first i whose index is not a row of the table, at which it stops; {@link #NONE} if there is none
     */
    public static int gather(
            float[] table, int to, int rows, int width, float[] indices, int io, int n, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            float index = indices[io + i];
            if (!isRow(index, rows)) {
                return i;
            }
            int row = (int) index;
            System.arraycopy(table, to + row * width, y, yo + i * width, width);
        }
        return NONE;
    }

    /**
     * Row {@code indices[i]} of the table += row i of x, in the order of i; nothing is changed if an index is bad.
     *
     * @return the first i whose index is not a row of the table; {@link #NONE} if there is none
     */
    public static int scatterAdd(
            float[] table, int to, int rows, int width, float[] indices, int io, int n, float[] x, int xo) {
        for (int i = 0; i < n; i++) {
            if (!isRow(indices[io + i], rows)) {
                return i;
            }
        }
        Kernels kernels = Kernels.active();
        for (int i = 0; i < n; i++) {
            int row = (int) indices[io + i];
            int at = to + row * width;
            kernels.add(table, at, x, xo + i * width, table, at, width);
        }
        return NONE;
    }
}
