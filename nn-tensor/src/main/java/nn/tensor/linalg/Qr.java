package nn.tensor.linalg;

import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.DoubleMatmul;

/**
 * The thin QR factorization A = Q R of a matrix with at least as many rows as columns: Q has orthonormal columns, R is
 * upper triangular, and R's diagonal is not negative. That sign choice makes the factors unique for a matrix of full
 * rank, and makes Q uniform over the orthogonal matrices (Haar) when A is Gaussian; without it, it is not (Mezzadri,
 * <i>How to generate random matrices from the classical compact groups</i>, 2007).
 *
 * <p>Householder reflections in double, 32 at a time in the compact form I - V T V' (Schreiber and Van Loan, 1989), all
 * sums in a fixed order: the same bits everywhere.
 */
public final class Qr {
    /** Reflections applied together. Part of the algorithm: another number gives other last bits. */
    private static final int BLOCK = 32;

    private final int rows;
    private final int columns;
    private final double[] q;
    private final double[] r;

    private Qr(int rows, int columns, double[] q, double[] r) {
        this.rows = rows;
        this.columns = columns;
        this.q = q;
        this.r = r;
    }

    /**
     * Factorizes a matrix.
     *
     * @param a of shape [rows x columns], rows at least columns; not changed
     * @return its factors
     * @throws ShapeException if the rank is not 2 or there are fewer rows than columns
     * @throws IllegalArgumentException if an element is NaN or infinite
     */
    public static Qr of(Tensor a) {
        if (a.shape().rank() != 2 || a.dim(0) < a.dim(1)) {
            throw new ShapeException(
                    "QR: expected a matrix with at least as many rows as columns, got shape " + a.shape()
                            + "; factorize the transpose of a wide one",
                    "[rows x columns], rows >= columns",
                    a.shape());
        }
        double[] values = new double[a.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = a.array()[a.offset() + i];
        }
        return of(values, a.dim(0), a.dim(1));
    }

    /**
     * Factorizes a matrix.
     *
     * @param a the elements in row-major order; not changed
     * @param rows number of rows, at least {@code columns}
     * @param columns number of columns
     * @return its factors
     * @throws IllegalArgumentException if the sizes do not fit, or an element is NaN or infinite
     */
    public static Qr of(double[] a, int rows, int columns) {
        if (columns < 0 || rows < columns || a.length != (long) rows * columns) {
            throw new IllegalArgumentException("QR: " + a.length + " elements as " + rows + " rows and " + columns
                    + " columns; there must be at least as many rows as columns");
        }
        for (double x : a) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("QR: the matrix has an element " + x);
            }
        }
        int exponent = exponent(a);
        double[] work = a.clone();
        scale(work, -exponent);
        int blocks = (columns + BLOCK - 1) / BLOCK;
        Reflections[] reflections = new Reflections[blocks];
        for (int b = 0; b < blocks; b++) {
            int j0 = b * BLOCK;
            int width = Math.min(BLOCK, columns - j0);
            reflections[b] = Reflections.eliminate(work, rows, columns, j0, width);
            reflections[b].apply(true, work, columns, j0 + width, columns);
        }
        double[] r = new double[columns * columns];
        for (int i = 0; i < columns; i++) {
            System.arraycopy(work, i * columns + i, r, i * columns + i, columns - i);
        }
        scale(r, exponent);
        double[] q = new double[rows * columns];
        for (int i = 0; i < columns; i++) {
            q[i * columns + i] = 1;
        }
        for (int b = blocks - 1; b >= 0; b--) {
            reflections[b].apply(false, q, columns, b * BLOCK, columns);
        }
        for (int j = 0; j < columns; j++) {
            if (r[j * columns + j] < 0) {
                for (int k = j; k < columns; k++) {
                    r[j * columns + k] = -r[j * columns + k];
                }
                for (int i = 0; i < rows; i++) {
                    q[i * columns + j] = -q[i * columns + j];
                }
            }
        }
        return new Qr(rows, columns, q, r);
    }

    /** Of the largest magnitude. Scaling by a power of two is exact; squares then neither overflow nor vanish. */
    static int exponent(double[] x) {
        double largest = 0;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest == 0 ? 0 : Math.getExponent(largest);
    }

    static void scale(double[] x, int exponent) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.scalb(x[i], exponent);
        }
    }

    /**
     * Some reflections together: I - V T V', V [count x width] below row {@code top}, T [width x width] upper
     * triangular.
     */
    private record Reflections(int top, int count, int width, double[] v, double[] t) {

        /** Finds the reflections that clear columns j0 to j0 + width - 1 below the diagonal, and applies them there. */
        static Reflections eliminate(double[] a, int rows, int columns, int j0, int width) {
            int count = rows - j0;
            double[] panel = new double[count * width];
            for (int i = 0; i < count; i++) {
                System.arraycopy(a, (j0 + i) * columns + j0, panel, i * width, width);
            }
            double[] v = new double[count * width];
            double[] tau = new double[width];
            double[] w = new double[width];
            for (int j = 0; j < width; j++) {
                tau[j] = reflection(panel, count, width, j, v);
                // panel -= v (tau v' panel), the columns after j
                int rest = width - j - 1;
                Arrays.fill(w, 0);
                DoubleMatmul.add(tau[j], 1, rest, count - j, v, j * width + j, 0, width, panel, j * width + j + 1, width, w, 0, 0);
                DoubleMatmul.add(-1, count - j, rest, 1, v, j * width + j, width, 0, w, 0, 0, panel, j * width + j + 1, width);
            }
            for (int i = 0; i < count; i++) {
                System.arraycopy(panel, i * width, a, (j0 + i) * columns + j0, width);
            }
            return new Reflections(j0, count, width, v, triangle(v, tau, count, width));
        }

        /** Makes v of column j, with v[j] = 1, so that (I - tau v v') x = (beta, 0, ...); gives tau. */
        private static double reflection(double[] panel, int count, int width, int j, double[] v) {
            double squares = 0;
            for (int i = j + 1; i < count; i++) {
                double x = panel[i * width + j];
                squares = Math.fma(x, x, squares);
            }
            v[j * width + j] = 1;
            double alpha = panel[j * width + j];
            if (squares == 0) {
                return 0; // nothing to clear
            }
            double beta = -Math.copySign(Math.sqrt(Math.fma(alpha, alpha, squares)), alpha);
            double divisor = alpha - beta; // no cancellation: beta has the other sign
            for (int i = j + 1; i < count; i++) {
                v[i * width + j] = panel[i * width + j] / divisor;
                panel[i * width + j] = 0;
            }
            panel[j * width + j] = beta;
            return (beta - alpha) / beta;
        }

        private static double[] triangle(double[] v, double[] tau, int count, int width) {
            double[] gram = new double[width * width];
            DoubleMatmul.add(1, width, width, count, v, 0, 1, width, v, 0, width, gram, 0, width);
            double[] t = new double[width * width];
            for (int j = 0; j < width; j++) {
                for (int i = 0; i < j; i++) {
                    double sum = 0;
                    for (int k = i; k < j; k++) {
                        sum = Math.fma(t[i * width + k], gram[k * width + j], sum);
                    }
                    t[i * width + j] = -tau[j] * sum;
                }
                t[j * width + j] = tau[j];
            }
            return t;
        }

        /** Columns from to to - 1 of x become (I - V T V') x, or with T' when {@code transposed}. */
        void apply(boolean transposed, double[] x, int columns, int from, int to) {
            int n = to - from;
            if (n == 0) {
                return;
            }
            double[] w = new double[width * n];
            DoubleMatmul.add(1, width, n, count, v, 0, 1, width, x, top * columns + from, columns, w, 0, n);
            double[] tw = new double[width * n];
            DoubleMatmul.add(1, width, n, width, t, 0, transposed ? 1 : width, transposed ? width : 1, w, 0, n, tw, 0, n);
            DoubleMatmul.add(-1, count, n, width, v, 0, width, 1, tw, 0, n, x, top * columns + from, columns);
        }
    }

    /**
     * The orthonormal factor.
     *
     * @return a new tensor of shape [rows x columns], rounded to float
     */
    public Tensor q() {
        return rounded(q, rows);
    }

    /**
     * The triangular factor.
     *
     * @return a new tensor of shape [columns x columns], rounded to float; zero below the diagonal
     */
    public Tensor r() {
        return rounded(r, columns);
    }

    /**
     * The orthonormal factor in double.
     *
     * @return a copy, row-major
     */
    public double[] qValues() {
        return q.clone();
    }

    /**
     * The triangular factor in double.
     *
     * @return a copy, row-major
     */
    public double[] rValues() {
        return r.clone();
    }

    private Tensor rounded(double[] values, int height) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.wrap(floats, 0, Shape.of(height, columns));
    }
}
