package nn.tensor.internal.row;

import nn.tensor.internal.thread.PerThread;

/**
 * Describes neighbouring rows and columns of matrices of one shape, for kernels that treat each column by itself. An
 * element (i, j) of this part is at {@code at + i * step + j} of each operand.
 *
 * <p>Each thread has one descriptor, which it overwrites.
 */
public final class Submatrix {
    private static final PerThread<Submatrix> HELD = new PerThread<>(Submatrix::new);

    /** Sizes of the part. */
    public int rows;

    public int columns;

    /** Elements from row to row. */
    public int step;

    /** The first element, counted from that of the whole matrix. */
    public int at;

    /** The first column, counted from that of the whole matrix: its place among numbers of all columns. */
    public int column;

    private Submatrix() {}

    /**
     * Describes a part of matrices.
     *
     * @param row its first row
     * @param column its first column
     * @param rows its rows
     * @param columns its columns
     * @param n the columns of the whole matrix
     * @return this thread's descriptor, which the next one overwrites
     */
    public static Submatrix of(int row, int column, int rows, int columns, int n) {
        Submatrix part = HELD.get();
        part.rows = rows;
        part.columns = columns;
        part.step = n;
        part.at = row * n + column;
        part.column = column;
        return part;
    }
}
