package nn.tensor.linalg;

import java.util.Arrays;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.thread.Memory;

/**
 * Singular values in double by one-sided Jacobi rotations (Hestenes, 1958), after a QR factorization where there are
 * more rows than columns. Small singular values keep their relative accuracy, which a condition number of 1e16 needs,
 * down to 1e-150 of the largest; the square of a smaller one is 0 in double, and it may come out as 0. For matrices up
 * to about a thousand columns.
 */
public final class SingularValues {
    private static final int MOST_SWEEPS = 60;
    private static final double EPSILON = 0x1p-52;

    private SingularValues() {}

    /**
     * The singular values of a matrix.
     *
     * @param a of shape [rows x columns]; not changed
     * @return min(rows, columns) values, 0 or more, largest first
     * @throws ShapeException if the rank is not 2
     * @throws IllegalArgumentException if an element is NaN or infinite, or a size is above 67,108,863
     * @throws OutOfMemoryError as for {@link Qr#of(Tensor)}
     */
    public static double[] of(Tensor a) {
        if (a.shape().rank() != 2) {
            throw new ShapeException(
                    "singular values: expected a matrix, got shape " + a.shape(), "[rows x columns]", a.shape());
        }
        return of(Qr.doubles("singular values", a), a.dim(0), a.dim(1));
    }

    /**
     * The singular values of a matrix.
     *
     * @param a the elements in row-major order; not changed
     * @param rows number of rows
     * @param columns number of columns
     * @return min(rows, columns) values, 0 or more, largest first
     * @throws IllegalArgumentException if the sizes do not fit, or one is above 67,108,863; an element is NaN or
     *     infinite; or the largest value would be beyond the range of double
     */
    public static double[] of(double[] a, int rows, int columns) {
        if (rows < 0 || columns < 0 || a.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "singular values: " + a.length + " elements as " + rows + " rows and " + columns + " columns");
        }
        if (Math.max(rows, columns) > Reflections.MOST_ROWS) {
            throw new IllegalArgumentException("singular values: " + rows + " rows and " + columns
                    + " columns; at most " + Reflections.MOST_ROWS + " of each");
        }
        requireFinite(a, "the matrix has an element ", "");
        boolean wide = rows < columns;
        // The rows of w are the columns of A (or of its transpose, whose singular values are the same) after QR.
        Qr qr = wide ? Qr.of(transposed(a, rows, columns), columns, rows) : Qr.of(a, rows, columns);
        int n = Math.min(rows, columns);
        double[] w = transposed(qr.rValues(), n, n);
        requireFinite(w, "the largest is beyond the range of double, ", ": divide the matrix by a power of 2 first");
        int exponent = Qr.exponent(w);
        Qr.scale(w, -exponent);
        double[] squares = new double[n];
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int i = 0; i < n; i++) {
                squares[i] = dot(w, i, i, n);
            }
            for (int i = 0; i < n - 1; i++) {
                for (int j = i + 1; j < n; j++) {
                    rotated |= rotate(w, i, j, n, squares);
                }
            }
        }
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[n - 1 - i] = Math.sqrt(dot(w, i, i, n));
        }
        Qr.scale(values, exponent);
        Arrays.sort(values);
        for (int i = 0; i < n / 2; i++) {
            double held = values[i];
            values[i] = values[n - 1 - i];
            values[n - 1 - i] = held;
        }
        return values;
    }

    private static void requireFinite(double[] values, String problem, String fix) {
        for (double x : values) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("singular values: " + problem + x + fix);
            }
        }
    }

    /** Makes rows i and j orthogonal; false if they were. */
    private static boolean rotate(double[] w, int i, int j, int n, double[] squares) {
        double inner = dot(w, i, j, n);
        if (inner == 0 || Math.abs(inner) <= EPSILON * Math.sqrt(squares[i]) * Math.sqrt(squares[j]) * 4) {
            return false;
        }
        double zeta = (squares[j] - squares[i]) / (2 * inner);
        double t = Math.copySign(1 / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta)), zeta);
        double cosine = 1 / Math.sqrt(1 + t * t);
        double sine = cosine * t;
        for (int k = 0; k < n; k++) {
            double x = w[i * n + k];
            double y = w[j * n + k];
            w[i * n + k] = cosine * x - sine * y;
            w[j * n + k] = sine * x + cosine * y;
        }
        squares[i] = dot(w, i, i, n);
        squares[j] = dot(w, j, j, n);
        return true;
    }

    /** Eight chains, so that the adds overlap, joined in a fixed order. */
    private static double dot(double[] w, int i, int j, int n) {
        double[] lanes = new double[8];
        int full = n - n % 8;
        for (int k = 0; k < full; k += 8) {
            for (int l = 0; l < 8; l++) {
                lanes[l] += w[i * n + k + l] * w[j * n + k + l];
            }
        }
        for (int k = full; k < n; k++) {
            lanes[k - full] += w[i * n + k] * w[j * n + k];
        }
        return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    }

    private static double[] transposed(double[] a, int rows, int columns) {
        double[] t = Memory.doubles(a.length, "singular values: the transpose of a matrix");
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                t[j * rows + i] = a[i * columns + j];
            }
        }
        return t;
    }
}
