package nn.tensor.internal;

/** Rows of a table by index. */
public final class IndexedRows {
    private IndexedRows() {}

    /** Called for an index that is not one of the table. */
    @FunctionalInterface
    public interface BadIndex {
        RuntimeException at(int element, float value);
    }

    private static int index(float value, int rows, int element, BadIndex bad) {
        if (!(value >= 0 && value < rows) || value != (int) value) {
            throw bad.at(element, value);
        }
        return (int) value;
    }

    /** Row i of y = row {@code indices[i]} of the table, of {@code width} elements. */
    public static void gather(
            float[] table,
            int to,
            int rows,
            int width,
            float[] indices,
            int io,
            int n,
            float[] y,
            int yo,
            BadIndex bad) {
        for (int i = 0; i < n; i++) {
            int row = index(indices[io + i], rows, i, bad);
            System.arraycopy(table, to + row * width, y, yo + i * width, width);
        }
    }

    /** Row {@code indices[i]} of the table += row i of x, in the order of i; nothing is changed if an index is bad. */
    public static void scatterAdd(
            float[] table,
            int to,
            int rows,
            int width,
            float[] indices,
            int io,
            int n,
            float[] x,
            int xo,
            BadIndex bad) {
        for (int i = 0; i < n; i++) {
            index(indices[io + i], rows, i, bad);
        }
        Kernels kernels = Kernels.active();
        for (int i = 0; i < n; i++) {
            int row = (int) indices[io + i];
            int at = to + row * width;
            kernels.add(table, at, x, xo + i * width, table, at, width);
        }
    }
}
