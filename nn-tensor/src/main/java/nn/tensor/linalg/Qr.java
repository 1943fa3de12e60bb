package nn.tensor.linalg;

import static nn.tensor.linalg.Reflections.BLOCK;
import static nn.tensor.linalg.Reflections.each;
import static nn.tensor.linalg.Reflections.width;

import java.util.Arrays;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.thread.Memory;

/**
 * The thin QR factorization A = Q R of a matrix with at least as many rows as columns: Q has orthonormal columns, R is
 * upper triangular, and R's diagonal is not negative. That sign choice makes the factors unique for a matrix of full
 * rank, and makes Q uniform over the orthogonal matrices (Haar) when A is Gaussian; without it, it is not (Mezzadri,
 * <i>How to generate random matrices from the classical compact groups</i>, 2007). {@link
 * RandomOrthogonal} makes such a Q faster.
 *
 * <p>Householder reflections in double, 32 at a time in the compact form I - V T V' (Schreiber and Van Loan, 1989), all
 * sums in a fixed order: the same bits everywhere.
 */
public final class Qr {
    private final int rows;
    private final int columns;
    private final double[] q;
    private final double[][] r;
    private final double scale;

    /** Signs of the diagonal of r. */
    private final double[] signs;

    /**
     * Q row-major; R as strips, above and on the diagonal of r, times a scale, its rows still without their signs.
     */
    private Qr(int rows, int columns, double[] q, double[][] r, double scale) {
        this.rows = rows;
        this.columns = columns;
        this.q = q;
        this.r = r;
        this.scale = scale;
        signs = new double[columns];
        for (int j = 0; j < columns; j++) {
            signs[j] = scale * r[j / BLOCK][j * BLOCK + j % BLOCK] < 0 ? -1 : 1;
        }
    }

    /**
     * Factorizes a matrix.
     *
     * @param a of shape [rows x columns], rows at least columns; not changed
     * @return its factors
     * @throws ShapeException if the rank is not 2 or there are fewer rows than columns
     * @throws IllegalArgumentException if an element is NaN or infinite, or there are more than 67,108,863 rows
     * @throws OutOfMemoryError if the heap has no room for the work, which is done in double; the message says how many
     *     bytes it needs and how many are free
     */
    public static Qr of(Tensor a) {
        if (a.shape().rank() != 2 || a.dim(0) < a.dim(1)) {
            throw new ShapeException(
                    "QR: expected a matrix with at least as many rows as columns, got shape " + a.shape()
                            + "; factorize the transpose of a wide one",
                    "[rows x columns], rows >= columns",
                    a.shape());
        }
        return of(doubles("QR", a), a.dim(0), a.dim(1));
    }

    /** The elements of a matrix in double. */
    static double[] doubles(String operation, Tensor a) {
        double[] values = Memory.doubles(a.size(), operation + ": a matrix of shape " + a.shape() + " in double");
        for (int i = 0; i < values.length; i++) {
            values[i] = a.array()[a.offset() + i];
        }
        return values;
    }

    /**
     * Factorizes a matrix.
     *
     * @param a the elements in row-major order; not changed
     * @param rows number of rows, at least {@code columns}
     * @param columns number of columns
     * @return its factors
     * @throws IllegalArgumentException if the sizes do not fit, an element is NaN or infinite, or there are more than
     *     67,108,863 rows
     * @throws OutOfMemoryError as for {@link #of(Tensor)}
     */
    public static Qr of(double[] a, int rows, int columns) {
        if (columns < 0 || rows < columns || a.length != (long) rows * columns) {
            throw new IllegalArgumentException("QR: " + a.length + " elements as " + rows + " rows and " + columns
                    + " columns; there must be at least as many rows as columns");
        }
        return of(a, rows, columns, Kernels.active().doubles());
    }

    static Qr of(double[] a, int rows, int columns, DoubleMatmul kernels) {
        if (rows > Reflections.MOST_ROWS) {
            throw new IllegalArgumentException("QR: " + rows + " rows; at most " + Reflections.MOST_ROWS);
        }
        for (double x : a) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("QR: the matrix has an element " + x);
            }
        }
        try {
            return factorize(a, rows, columns, kernels);
        } catch (OutOfMemoryError e) {
            long strips = Reflections.strips(columns);
            long bytes = Double.BYTES * (2 * strips * BLOCK + columns) * rows;
            throw Memory.error("QR: a matrix of " + rows + " rows and " + columns + " columns", bytes, e);
        }
    }

    private static Qr factorize(double[] a, int rows, int columns, DoubleMatmul kernels) {
        int exponent = exponent(a);
        int strips = Reflections.strips(columns);
        double[][] r = new double[strips][];
        Reflections[] reflections = new Reflections[strips];
        for (int s = 0; s < strips; s++) {
            r[s] = strip(a, rows, columns, s, Math.scalb(1.0, -exponent));
        }
        for (int b = 0; b < strips; b++) {
            Reflections found = Reflections.eliminate(kernels, r[b], rows, b * BLOCK, width(columns, b));
            reflections[b] = found;
            each(b + 1, strips, 2.0 * BLOCK * BLOCK * found.count(), () -> {
                double[] scratch = Reflections.scratch();
                return s -> found.apply(true, r[s], 0, found.count(), scratch);
            });
        }
        Qr qr = new Qr(rows, columns, new double[rows * columns], r, Math.scalb(1.0, exponent));
        double[] ones = new double[columns];
        Arrays.fill(ones, 1);
        Reflections.product(reflections, rows, ones, qr::take);
        return qr;
    }

    /** Takes a strip of Q, before the signs are applied. */
    private void take(double[] strip, int s) {
        int width = width(columns, s);
        for (int i = 0; i < rows; i++) {
            int to = i * columns + s * BLOCK;
            for (int j = 0; j < width; j++) {
                q[to + j] = signs[s * BLOCK + j] * strip[i * BLOCK + j];
            }
        }
    }

    private static double[] strip(double[] a, int rows, int columns, int s, double scale) {
        double[] strip = new double[rows * BLOCK];
        int width = width(columns, s);
        for (int i = 0; i < rows; i++) {
            int from = i * columns + s * BLOCK;
            for (int j = 0; j < width; j++) {
                strip[i * BLOCK + j] = scale * a[from + j];
            }
        }
        return strip;
    }

    /** The exponent of the largest magnitude. Scaling by a power of two is exact and keeps squares in range. */
    static int exponent(double[] x) {
        double largest = 0;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest == 0 ? 0 : Math.getExponent(largest);
    }

    static void scale(double[] x, int exponent) {
        double factor = Math.scalb(1.0, exponent);
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }

    /**
     * Returns the orthonormal factor.
     *
     * @return a new tensor of shape [rows x columns], rounded to float
     */
    public Tensor q() {
        return rounded(q, rows);
    }

    /**
     * Returns the triangular factor. An element beyond the range of float32, which the length of a column may be, is
     * infinite.
     *
     * @return a new tensor of shape [columns x columns], rounded to float; zero below the diagonal
     */
    public Tensor r() {
        return rounded(rValues(), columns);
    }

    /**
     * Returns the orthonormal factor in double.
     *
     * @return a new array, row-major
     */
    public double[] qValues() {
        double[] values = Memory.doubles(q.length, "QR: the orthonormal factor");
        System.arraycopy(q, 0, values, 0, q.length);
        return values;
    }

    /**
     * Returns the triangular factor in double. An element beyond its range, which the length of a column may be, is
     * infinite.
     *
     * @return a new array, row-major
     */
    public double[] rValues() {
        double[] values = Memory.doubles(columns * columns, "QR: the triangular factor");
        for (int i = 0; i < columns; i++) {
            for (int j = i; j < columns; j++) {
                values[i * columns + j] = signs[i] * (scale * r[j / BLOCK][i * BLOCK + j % BLOCK]);
            }
        }
        return values;
    }

    private Tensor rounded(double[] values, int height) {
        Tensor rounded = Tensor.zeros(height, columns);
        for (int i = 0; i < values.length; i++) {
            rounded.array()[i] = (float) values[i];
        }
        return rounded;
    }
}
