package nn.tensor.linalg;

import java.util.Arrays;
import java.util.function.IntConsumer;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.DoubleMatmul;
import nn.tensor.internal.Parallel;

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
    private static final int BLOCK = DoubleMatmul.WIDTH;

    private final int rows;
    private final int columns;
    private final double[][] q;
    private final double[][] r;
    private final double scale;

    /** Of the diagonal of r. */
    private final double[] signs;

    /**
     * The factors as strips of BLOCK columns, each row right behind the one before, padded with zeros on the right. R
     * is above and on the diagonal of r, times a scale; its rows and the columns of q still need their signs.
     */
    private Qr(int rows, int columns, double[][] q, double[][] r, double scale) {
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
        return of(a, rows, columns, DoubleMatmul.forWork((double) rows * columns * columns));
    }

    static Qr of(double[] a, int rows, int columns, DoubleMatmul kernels) {
        if (rows > Integer.MAX_VALUE / BLOCK) {
            throw new IllegalArgumentException("QR: " + rows + " rows; at most " + Integer.MAX_VALUE / BLOCK);
        }
        for (double x : a) {
            if (!Double.isFinite(x)) {
                throw new IllegalArgumentException("QR: the matrix has an element " + x);
            }
        }
        int exponent = exponent(a);
        int strips = (columns + BLOCK - 1) / BLOCK;
        double[][] r = new double[strips][];
        double[][] q = new double[strips][];
        Reflections[] reflections = new Reflections[strips];
        for (int s = 0; s < strips; s++) {
            r[s] = strip(a, rows, columns, s, Math.scalb(1.0, -exponent));
        }
        for (int b = 0; b < strips; b++) {
            Reflections found = Reflections.eliminate(kernels, r[b], rows, b * BLOCK, width(columns, b));
            reflections[b] = found;
            eachStrip(b + 1, strips, 2.0 * BLOCK * BLOCK * found.count, s -> found.apply(true, r[s], 0, found.count));
        }
        eachStrip(0, strips, (double) BLOCK * rows * columns, s -> {
            int width = width(columns, s);
            q[s] = new double[rows * BLOCK];
            for (int j = 0; j < width; j++) {
                q[s][(s * BLOCK + j) * BLOCK + j] = 1;
            }
            // The other rows are zero; each block of reflections finds zeros in the rows that it is the first to fill.
            reflections[s].apply(false, q[s], 0, width);
            for (int b = s - 1; b >= 0; b--) {
                reflections[b].apply(false, q[s], BLOCK, reflections[b].count);
            }
        });
        return new Qr(rows, columns, q, r, Math.scalb(1.0, exponent));
    }

    private static int width(int columns, int strip) {
        return Math.min(BLOCK, columns - strip * BLOCK);
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

    /** Calls body with from to to - 1, on several threads where so many multiply-adds for each pay for them. */
    private static void eachStrip(int from, int to, double work, IntConsumer body) {
        int strips = to - from;
        if (Parallel.threads(2 * strips * work) == 1) {
            for (int s = from; s < to; s++) {
                body.accept(s);
            }
        } else {
            Parallel.run(strips, i -> body.accept(to - 1 - i)); // those that take longest, on the right, begin first
        }
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
        double factor = Math.scalb(1.0, exponent);
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }

    /**
     * Some reflections together: I - V T V', V [count x width] below row {@code top}, T [width x width] upper
     * triangular; both padded to strips.
     */
    private record Reflections(DoubleMatmul kernels, int top, int count, int width, double[] v, double[] t) {

        /**
         * Finds the reflections that clear a strip below its diagonal, which begins in row {@code top}, and applies
         * them to it. What is left below the diagonal means nothing: the updates run over whole rows, also over the
         * columns that are done.
         */
        static Reflections eliminate(DoubleMatmul kernels, double[] strip, int rows, int top, int width) {
            int count = rows - top;
            double[] v = new double[count * BLOCK];
            double[] tau = new double[width];
            double[] u = new double[count];
            double[] scaled = new double[count];
            double[] w = new double[BLOCK];
            for (int j = 0; j < width; j++) {
                int height = count - j;
                int row = (top + j) * BLOCK;
                double alpha = strip[row + j];
                double beta = reflection(strip, row + j, height, u);
                tau[j] = beta == alpha ? 0 : (beta - alpha) / beta;
                // strip -= u (tau u' strip), the columns after j
                for (int i = 0; i < height; i++) {
                    scaled[i] = tau[j] * u[i];
                }
                Arrays.fill(w, 0);
                kernels.add(1, height, scaled, 0, strip, row, w, 0);
                negate(w);
                kernels.addOuter(height, u, w, strip, row);
                strip[row + j] = beta;
                for (int i = 0; i < height; i++) {
                    v[(j + i) * BLOCK + j] = u[i];
                }
            }
            return new Reflections(kernels, top, count, width, v, triangle(kernels, v, tau, count, width));
        }

        /** Makes u of a column x, with u[0] = 1, so that (I - tau u u') x = (beta, 0, ...); gives beta. */
        private static double reflection(double[] strip, int corner, int height, double[] u) {
            double squares = 0;
            for (int i = 1; i < height; i++) {
                double x = strip[corner + i * BLOCK];
                u[i] = x;
                squares = Math.fma(x, x, squares);
            }
            u[0] = 1;
            double alpha = strip[corner];
            if (squares == 0) {
                Arrays.fill(u, 1, height, 0);
                return alpha; // nothing to clear
            }
            double beta = -Math.copySign(Math.sqrt(Math.fma(alpha, alpha, squares)), alpha);
            double divisor = alpha - beta; // no cancellation: beta has the other sign
            for (int i = 1; i < height; i++) {
                u[i] /= divisor;
            }
            return beta;
        }

        private static double[] triangle(DoubleMatmul kernels, double[] v, double[] tau, int count, int width) {
            double[] gram = new double[BLOCK * BLOCK];
            kernels.addLeftTransposed(count, v, 0, v, 0, gram, 0);
            double[] t = new double[BLOCK * BLOCK];
            for (int j = 0; j < width; j++) {
                for (int i = 0; i < j; i++) {
                    double sum = 0;
                    for (int k = i; k < j; k++) {
                        sum = Math.fma(t[i * BLOCK + k], gram[k * BLOCK + j], sum);
                    }
                    t[i * BLOCK + j] = -tau[j] * sum;
                }
                t[j * BLOCK + j] = tau[j];
            }
            return t;
        }

        /**
         * A strip x becomes (I - V T V') x, or with T' when {@code transposed}. Of the rows of V, only {@code from} to
         * {@code to - 1} meet something else than +0 in x. To leave the others out changes no bit: a chain that begins
         * with +0 keeps its value when it adds a zero.
         */
        void apply(boolean transposed, double[] x, int from, int to) {
            double[] w = new double[BLOCK * BLOCK];
            kernels.addLeftTransposed(to - from, v, from * BLOCK, x, (top + from) * BLOCK, w, 0);
            double[] tw = new double[BLOCK * BLOCK];
            if (transposed) {
                kernels.addLeftTransposed(width, t, 0, w, 0, tw, 0);
            } else {
                kernels.add(width, width, t, 0, w, 0, tw, 0);
            }
            negate(tw);
            kernels.add(count, width, v, 0, tw, 0, x, top * BLOCK);
        }

        private static void negate(double[] x) {
            for (int i = 0; i < x.length; i++) {
                x[i] = -x[i];
            }
        }
    }

    /**
     * The orthonormal factor.
     *
     * @return a new tensor of shape [rows x columns], rounded to float
     */
    public Tensor q() {
        return rounded(qValues(), rows);
    }

    /**
     * The triangular factor.
     *
     * @return a new tensor of shape [columns x columns], rounded to float; zero below the diagonal
     */
    public Tensor r() {
        return rounded(rValues(), columns);
    }

    /**
     * The orthonormal factor in double.
     *
     * @return a new array, row-major
     */
    public double[] qValues() {
        double[] values = new double[rows * columns];
        for (int s = 0; s < q.length; s++) {
            int width = width(columns, s);
            for (int i = 0; i < rows; i++) {
                int to = i * columns + s * BLOCK;
                for (int j = 0; j < width; j++) {
                    values[to + j] = signs[s * BLOCK + j] * q[s][i * BLOCK + j];
                }
            }
        }
        return values;
    }

    /**
     * The triangular factor in double.
     *
     * @return a new array, row-major
     */
    public double[] rValues() {
        double[] values = new double[columns * columns];
        for (int i = 0; i < columns; i++) {
            for (int j = i; j < columns; j++) {
                values[i * columns + j] = signs[i] * (scale * r[j / BLOCK][i * BLOCK + j % BLOCK]);
            }
        }
        return values;
    }

    private Tensor rounded(double[] values, int height) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.wrap(floats, 0, Shape.of(height, columns));
    }
}
