package nn.tensor.internal.row;

/** Operations down the columns of a matrix, one column a lane; {@link VectorColumns} is the vector implementation. */
public final class Columns {
    private Columns() {}

    /** {@code sums += x[0] + x[1] + ...}: a chain of float additions for each column, rows in order. */
    public static void addRows(int rows, int columns, float[] x, int xo, int step, float[] sums, int so) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                sums[so + j] += x[xo + i * step + j];
            }
        }
    }

    /** Where x is larger than {@code most}, or the first NaN: {@code most = x} and {@code at = row}. */
    public static void takeLarger(int row, float[] x, int xo, float[] most, int mo, int[] at, int ao, int n) {
        for (int i = 0; i < n; i++) {
            float value = x[xo + i];
            float before = most[mo + i];
            if (!(value <= before) && !Float.isNaN(before)) {
                most[mo + i] = value;
                at[ao + i] = row;
            }
        }
    }

    /** {@code dx = dy} where {@code at} is the row, else 0. */
    public static void takeLargerGrad(int row, int[] at, int ao, float[] dy, int dyo, float[] dx, int dxo, int n) {
        for (int i = 0; i < n; i++) {
            dx[dxo + i] = at[ao + i] == row ? dy[dyo + i] : 0f;
        }
    }
}
