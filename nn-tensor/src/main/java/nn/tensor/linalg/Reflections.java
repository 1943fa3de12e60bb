package nn.tensor.linalg;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import nn.tensor.Fma;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.thread.Parallel;

/**
 * A block of Householder reflections, in the compact form I - V T V' (Schreiber and Van Loan, 1989): V [count x
 * width] below row {@code top}, T [width x width] upper triangular; both padded to strips. A strip is BLOCK columns of
 * a matrix, rows without gaps, padded with zeros on the right.
 *
 * <p>In double, all sums in a fixed order: the same bits everywhere.
 */
record Reflections(DoubleMatmul kernels, int top, int count, int width, double[] v, double[] t) {
    /** Reflections applied together. Part of the algorithm: another number gives other last bits. */
    static final int BLOCK = DoubleMatmul.WIDTH;

    /** Maximum number of rows of a strip in one array. */
    static final int MOST_ROWS = Integer.MAX_VALUE / BLOCK;

    /**
     * Number of strips to which the blocks are applied together: each block is fetched from beyond the second-level
     * cache half as often as for one strip. Four would be slightly faster, but split badly among threads.
     */
    private static final int TOGETHER = 2;

    /**
     * The product of the reflections I - tau[j] v_j v_j', the first on the left.
     *
     * @param v a strip of count rows, zero above its diagonal
     * @param tau one for each of the columns; 0 for none
     */
    static Reflections of(DoubleMatmul kernels, int top, int count, double[] v, double[] tau) {
        return new Reflections(kernels, top, count, tau.length, v, triangle(kernels, v, tau, count));
    }

    /**
     * Finds the reflections that clear a strip below its diagonal, which begins in row {@code top}, and applies
     * them to it. The values left below the diagonal are undefined: the updates run over whole rows, including finished
     * columns.
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
            negate(w, 0);
            kernels.addOuter(height, u, w, strip, row);
            strip[row + j] = beta;
            for (int i = 0; i < height; i++) {
                v[(j + i) * BLOCK + j] = u[i];
            }
        }
        return of(kernels, top, count, v, tau);
    }

    /** Turns a column x into u with u[0] = 1, so that (I - tau u u') x = (beta, 0, ...); returns beta. */
    private static double reflection(double[] strip, int corner, int height, double[] u) {
        double squares = 0;
        for (int i = 1; i < height; i++) {
            double x = strip[corner + i * BLOCK];
            u[i] = x;
            squares = Fma.fma(x, x, squares);
        }
        u[0] = 1;
        double alpha = strip[corner];
        double beta = beta(alpha, squares);
        if (squares == 0) {
            Arrays.fill(u, 1, height, 0);
            return beta;
        }
        double divisor = alpha - beta;
        for (int i = 1; i < height; i++) {
            u[i] /= divisor;
        }
        return beta;
    }

    /**
     * Returns the first element of a column after its reflection: its length, with the sign opposite to that of its
     * first element, so that nothing cancels in alpha - beta; or the first element itself if the others are 0.
     *
     * @param alpha the first element
     * @param squares the sum of squares of the others
     */
    static double beta(double alpha, double squares) {
        return squares == 0 ? alpha : -Math.copySign(Math.sqrt(Fma.fma(alpha, alpha, squares)), alpha);
    }

    private static double[] triangle(DoubleMatmul kernels, double[] v, double[] tau, int count) {
        double[] gram = new double[BLOCK * BLOCK];
        kernels.addLeftTransposed(count, v, 0, v, 0, gram, 0);
        double[] t = new double[BLOCK * BLOCK];
        for (int j = 0; j < tau.length; j++) {
            for (int i = 0; i < j; i++) {
                double sum = 0;
                for (int k = i; k < j; k++) {
                    sum = Fma.fma(t[i * BLOCK + k], gram[k * BLOCK + j], sum);
                }
                t[i * BLOCK + j] = -tau[j] * sum;
            }
            t[j * BLOCK + j] = tau[j];
        }
        return t;
    }

    /** Buffers for {@link #apply}. */
    static double[] scratch() {
        return new double[2 * BLOCK * BLOCK];
    }

    /**
     * A strip x becomes (I - V T V') x, or with T' when {@code transposed}. Only rows {@code from} to {@code to - 1} of
     * x are not all +0. Skipping the others changes no bit: a chain that begins with +0 keeps its value when it adds a
     * zero.
     */
    void apply(boolean transposed, double[] x, int from, int to, double[] scratch) {
        int w = 0;
        int tw = BLOCK * BLOCK;
        Arrays.fill(scratch, 0);
        kernels.addLeftTransposed(to - from, v, from * BLOCK, x, (top + from) * BLOCK, scratch, w);
        if (transposed) {
            kernels.addLeftTransposed(width, t, 0, scratch, w, scratch, tw);
        } else {
            kernels.add(width, width, t, 0, scratch, w, scratch, tw);
        }
        negate(scratch, tw);
        kernels.add(count, width, v, 0, scratch, tw, x, top * BLOCK);
    }

    private static void negate(double[] x, int from) {
        for (int i = from; i < x.length; i++) {
            x[i] = -x[i];
        }
    }

    /**
     * The first columns of the product of all blocks, the first on the left, times a diagonal matrix.
     *
     * @param blocks the reflections that begin at the diagonal of strip 0, 1, ...
     * @param rows rows of the product
     * @param diagonal as many elements as there are columns
     * @param taker called with each strip and its number, by several threads; the array is reused afterwards
     */
    static void product(Reflections[] blocks, int rows, double[] diagonal, ObjIntConsumer<double[]> taker) {
        int strips = blocks.length;
        int groups = (strips + TOGETHER - 1) / TOGETHER;
        each(0, groups, (double) TOGETHER * BLOCK * rows * diagonal.length, () -> {
            double[] scratch = scratch();
            double[][] x = new double[Math.min(TOGETHER, strips)][rows * BLOCK];
            return group -> {
                int first = group * TOGETHER;
                int end = Math.min(strips, first + TOGETHER);
                for (int s = first; s < end; s++) {
                    Arrays.fill(x[s - first], 0);
                    for (int c = s * BLOCK; c < s * BLOCK + blocks[s].width; c++) {
                        x[s - first][c * BLOCK + c % BLOCK] = diagonal[c];
                    }
                }
                for (int b = end - 1; b >= 0; b--) {
                    // a block that begins below a strip's diagonal does not change the strip
                    for (int s = Math.max(b, first); s < end; s++) {
                        // it finds zeros in the rows that it is the first to fill, unless they hold the diagonal
                        boolean diagonalRows = b == s;
                        int from = diagonalRows ? 0 : BLOCK;
                        int to = diagonalRows ? blocks[b].width : blocks[b].count;
                        blocks[b].apply(false, x[s - first], from, to, scratch);
                    }
                }
                for (int s = first; s < end; s++) {
                    taker.accept(x[s - first], s);
                }
            };
        });
    }

    /** Columns of a strip that are not padding. */
    static int width(int columns, int strip) {
        return Math.min(BLOCK, columns - strip * BLOCK);
    }

    /** Number of strips for a number of columns. */
    static int strips(int columns) {
        return (columns + BLOCK - 1) / BLOCK;
    }

    /**
     * Calls a body with {@code from} to {@code to - 1}, on as many threads as pay off for {@code work} multiply-adds
     * per call.
     *
     * @param bodies creates a body for each thread, with separate buffers
     */
    static void each(int from, int to, double work, Supplier<IntConsumer> bodies) {
        int count = to - from;
        int parts = Math.clamp(count, 1, Parallel.threads(2 * count * work)); // one in double counts as two
        Parallel.run(parts, part -> {
            IntConsumer body = bodies.get();
            for (int i = from + part; i < to; i += parts) { // interleaved: strips on the right take longer
                body.accept(i);
            }
        });
    }
}
