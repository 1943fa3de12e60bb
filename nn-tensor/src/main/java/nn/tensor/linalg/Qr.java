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
    private static final int BLOCK = 32;

    /** Fewer multiply-adds than this do not pay for waking a second thread. */
    private static final double WORTH_A_THREAD = 1 << 20;

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
        double[][] x = strips(rows, columns);
        for (int s = 0; s < x.length; s++) {
            pack(a, rows, columns, s, x[s], Math.scalb(1.0, -exponent));
        }
        Reflections[] reflections = new Reflections[x.length];
        for (int b = 0; b < x.length; b++) {
            Reflections found = Reflections.eliminate(x[b], rows, b * BLOCK, width(columns, b));
            reflections[b] = found;
            double work = 4.0 * BLOCK * BLOCK * found.count;
            eachStrip(b + 1, x.length, work, s -> found.apply(true, x[s], 0, found.count));
        }
        double[] r = new double[columns * columns];
        double scale = Math.scalb(1.0, exponent);
        double[] signs = new double[columns];
        for (int i = 0; i < columns; i++) {
            int own = i / BLOCK;
            signs[i] = x[own][i * step(columns, own) + i % BLOCK] < 0 ? -1 : 1;
            for (int s = own; s < x.length; s++) {
                int row = i * step(columns, s);
                for (int j = s == own ? i % BLOCK : 0; j < width(columns, s); j++) {
                    r[i * columns + s * BLOCK + j] = signs[i] * (scale * x[s][row + j]);
                }
            }
        }
        double[] q = new double[rows * columns];
        eachStrip(0, x.length, 2.0 * BLOCK * rows * columns, s -> {
            double[] strip = new double[x[s].length];
            int step = step(columns, s);
            int width = width(columns, s);
            for (int j = 0; j < width; j++) {
                strip[(s * BLOCK + j) * step + j] = 1;
            }
            // Above row s * BLOCK the strip is zero until the reflections of that row come.
            reflections[s].apply(false, strip, 0, width);
            for (int b = s - 1; b >= 0; b--) {
                reflections[b].apply(false, strip, BLOCK, reflections[b].count);
            }
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < width; j++) {
                    q[i * columns + s * BLOCK + j] = signs[s * BLOCK + j] * strip[i * step + j];
                }
            }
        });
        return new Qr(rows, columns, q, r);
    }

    /** A matrix in pieces of BLOCK columns, each of them contiguous and padded on the right. */
    private static double[][] strips(int rows, int columns) {
        double[][] strips = new double[(columns + BLOCK - 1) / BLOCK][];
        for (int s = 0; s < strips.length; s++) {
            strips[s] = new double[Math.multiplyExact(rows, step(columns, s))];
        }
        return strips;
    }

    private static int width(int columns, int strip) {
        return Math.min(BLOCK, columns - strip * BLOCK);
    }

    /** From row to row of a strip: its width, padded to what the kernels take. */
    private static int step(int columns, int strip) {
        return (width(columns, strip) + DoubleMatmul.COLUMNS - 1) / DoubleMatmul.COLUMNS * DoubleMatmul.COLUMNS;
    }

    private static void pack(double[] a, int rows, int columns, int s, double[] strip, double scale) {
        int width = width(columns, s);
        int step = step(columns, s);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                strip[i * step + j] = scale * a[i * columns + s * BLOCK + j];
            }
        }
    }

    /** Calls body with from to to - 1, on several threads if that many multiply-adds for each pay for waking them. */
    private static void eachStrip(int from, int to, double work, IntConsumer body) {
        int parts = (int) Math.clamp((to - from) * work / WORTH_A_THREAD, 1, Math.min(Parallel.THREADS, Math.max(1, to - from)));
        Parallel.run(parts, part -> {
            for (int s = from + part; s < to; s += parts) {
                body.accept(s);
            }
        });
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
     * triangular; both with {@code step} from row to row.
     */
    private record Reflections(int top, int count, int width, int step, double[] v, double[] t) {

        /** Finds the reflections that clear the strip from row {@code top} on below its diagonal, and applies them. */
        static Reflections eliminate(double[] strip, int rows, int top, int width) {
            int step = strip.length / rows;
            int count = rows - top;
            double[] v = new double[count * step];
            double[] tau = new double[width];
            double[] u = new double[count];
            double[] scaled = new double[count];
            double[] w = new double[step];
            for (int j = 0; j < width; j++) {
                int height = count - j;
                int corner = (top + j) * step + j;
                double alpha = strip[corner];
                double beta = reflection(strip, corner, step, height, u);
                tau[j] = beta == alpha ? 0 : (beta - alpha) / beta;
                // strip -= u (tau u' strip), the columns after j
                for (int i = 0; i < height; i++) {
                    scaled[i] = tau[j] * u[i];
                }
                Arrays.fill(w, 0);
                int first = corner - j;
                DoubleMatmul.add(1, step, height, scaled, 0, 0, 1, strip, first, step, w, 0, step);
                negate(w);
                DoubleMatmul.add(height, step, 1, u, 0, 1, 0, w, 0, step, strip, first, step);
                strip[corner] = beta;
                for (int i = 0; i < height; i++) {
                    v[(j + i) * step + j] = u[i];
                }
            }
            return new Reflections(top, count, width, step, v, triangle(v, tau, count, width, step));
        }

        /** Makes u of a column x, with u[0] = 1, so that (I - tau u u') x = (beta, 0, ...); gives beta. */
        private static double reflection(double[] strip, int corner, int step, int height, double[] u) {
            double squares = 0;
            for (int i = 1; i < height; i++) {
                double x = strip[corner + i * step];
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

        private static double[] triangle(double[] v, double[] tau, int count, int width, int step) {
            double[] gram = new double[width * step];
            DoubleMatmul.add(width, step, count, v, 0, 1, step, v, 0, step, gram, 0, step);
            double[] t = new double[width * step];
            for (int j = 0; j < width; j++) {
                for (int i = 0; i < j; i++) {
                    double sum = 0;
                    for (int k = i; k < j; k++) {
                        sum = Math.fma(t[i * step + k], gram[k * step + j], sum);
                    }
                    t[i * step + j] = -tau[j] * sum;
                }
                t[j * step + j] = tau[j];
            }
            return t;
        }

        /**
         * A strip x becomes (I - V T V') x, or with T' when {@code transposed}. From row {@code top} on, only rows
         * {@code from} to {@code to - 1} of x are not +0.
         */
        void apply(boolean transposed, double[] x, int from, int to) {
            int n = x.length / (top + count);
            double[] w = new double[width * n];
            DoubleMatmul.add(width, n, to - from, v, from * step, 1, step, x, (top + from) * n, n, w, 0, n);
            double[] tw = new double[width * n];
            DoubleMatmul.add(width, n, width, t, 0, transposed ? 1 : step, transposed ? step : 1, w, 0, n, tw, 0, n);
            negate(tw);
            DoubleMatmul.add(count, n, width, v, 0, step, 1, tw, 0, n, x, top * n, n);
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
