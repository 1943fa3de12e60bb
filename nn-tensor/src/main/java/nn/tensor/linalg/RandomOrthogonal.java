package nn.tensor.linalg;

import static nn.tensor.linalg.Reflections.BLOCK;

import nn.tensor.Fma;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.thread.Memory;

/**
 * Random matrices with orthonormal columns (or rows, whichever are fewer), uniformly distributed (Haar).
 *
 * <p>The orthonormal factor of a Gaussian matrix is uniform when the signs are right ({@link Qr}). The factorization
 * itself is not needed: after the first reflection, the matrix below and right of the diagonal is again Gaussian and
 * independent of that reflection, so the next reflection can be made from fresh numbers. Reflection c is made from
 * column c of the Gaussian matrix as drawn, from the diagonal down, and only the product of the reflections is
 * computed: half of the work. From G. W. Stewart, <i>The efficient generation of random orthogonal matrices with an
 * application to condition estimators</i> (SIAM Journal on Numerical Analysis 17, 1980).
 *
 * <p>In double, rounded once at the end; the same bits everywhere.
 */
public final class RandomOrthogonal {
    private RandomOrthogonal() {}

    /**
     * Fills a matrix: Q with orthonormal columns, or rows where it is wide, times a gain.
     *
     * @param out of shape [rows x columns], any sizes
     * @param gain every singular value, in the range of float32
     * @param key the key of the Gaussian matrix
     * @throws ShapeException if the rank is not 2
     * @throws IllegalArgumentException if the gain is NaN, or infinite in float32, or other than 0 but 0 in float32; or
     *     if a size is above 67,108,863
     * @throws OutOfMemoryError if the heap has no room for the work, which is done in double; the message says how many
     *     bytes it needs and how many are free
     */
    public static void fill(Tensor out, double gain, Key key) {
        if (out.shape().rank() != 2) {
            throw new ShapeException(
                    "random orthogonal: expected a matrix, got shape " + out.shape() + "; give it as [rows x columns]",
                    "[rows x columns]",
                    out.shape());
        }
        if (!Double.isFinite(gain)) {
            throw new IllegalArgumentException("random orthogonal: gain " + gain + " must be finite");
        }
        if (!Float.isFinite((float) gain) || (float) gain == 0 && gain != 0) {
            throw new IllegalArgumentException(
                    "random orthogonal: gain " + gain + " is " + (float) gain + " in float32; take another");
        }
        int longer = Math.max(out.dim(0), out.dim(1));
        if (longer > Reflections.MOST_ROWS) {
            throw new IllegalArgumentException("random orthogonal: a matrix of shape " + out.shape() + "; at most "
                    + Reflections.MOST_ROWS + " rows and columns");
        }
        key.normal(out, 0, 1);
        try {
            ofGaussian(out, gain, Kernels.active().doubles());
        } catch (OutOfMemoryError e) {
            long strips = Reflections.strips(Math.min(out.dim(0), out.dim(1)));
            long bytes = (strips + 1) * BLOCK * Double.BYTES * longer;
            throw Memory.error("random orthogonal: a matrix of shape " + out.shape(), bytes, e);
        }
    }

    /** Replaces a matrix of numbers by the product of the reflections made from them. */
    static void ofGaussian(Tensor matrix, double gain, DoubleMatmul kernels) {
        Tall tall = Tall.of(matrix);
        int strips = Reflections.strips(tall.columns);
        Reflections[] blocks = new Reflections[strips];
        double[] signs = new double[tall.columns];
        Reflections.each(0, strips, (double) BLOCK * tall.rows * BLOCK, () -> b -> {
            blocks[b] = reflections(tall, b, signs, kernels);
        });
        // All numbers have been read; the product overwrites them.
        Reflections.product(blocks, tall.rows, signs, (strip, s) -> tall.write(s, strip, gain));
    }

    /**
     * The reflections of a strip. That of a column x = (alpha, ...), from the diagonal down, takes x to (beta, 0, ...)
     * along u = x - (beta, 0, ...), with tau = 2 / u'u = 1 / (beta (beta - alpha)): below its first element, u is x. A
     * factorization would have beta on the diagonal of R, so the column of Q gets the sign of beta; also the last one
     * of a square matrix, where there is nothing to clear and beta is the number itself.
     *
     * <p>The numbers are floats, whose squares neither overflow nor vanish in double.
     */
    private static Reflections reflections(Tall tall, int strip, double[] signs, DoubleMatmul kernels) {
        int top = strip * BLOCK;
        double[] v = tall.read(strip);
        double[] tau = new double[tall.width(strip)];
        double[] alpha = new double[tau.length];
        for (int j = 0; j < tau.length; j++) {
            alpha[j] = v[j * BLOCK + j];
            for (int i = 0; i <= j; i++) {
                v[i * BLOCK + j] = 0;
            }
        }
        double[] squares = new double[BLOCK];
        for (int row = 0; row < v.length; row += BLOCK) {
            for (int j = 0; j < BLOCK; j++) {
                squares[j] = Fma.fma(v[row + j], v[row + j], squares[j]);
            }
        }
        for (int j = 0; j < tau.length; j++) {
            double beta = Reflections.beta(alpha[j], squares[j]);
            tau[j] = squares[j] == 0 ? 0 : 1 / (beta * (beta - alpha[j]));
            v[j * BLOCK + j] = alpha[j] - beta;
            signs[top + j] = beta < 0 ? -1 : 1;
        }
        return Reflections.of(kernels, top, tall.rows - top, v, tau);
    }

    /** A matrix or, where it is wide, its transpose: element (i, j) is at offset + i * down + j * right. */
    private record Tall(int rows, int columns, float[] x, int offset, int down, int right) {
        static Tall of(Tensor matrix) {
            int rows = matrix.dim(0);
            int columns = matrix.dim(1);
            return rows < columns
                    ? new Tall(columns, rows, matrix.array(), matrix.offset(), 1, columns)
                    : new Tall(rows, columns, matrix.array(), matrix.offset(), columns, 1);
        }

        int width(int strip) {
            return Reflections.width(columns, strip);
        }

        /** A strip, from its diagonal down. */
        double[] read(int strip) {
            int width = width(strip);
            int top = strip * BLOCK;
            double[] values = new double[(rows - top) * BLOCK];
            for (int i = top; i < rows; i++) {
                int from = offset + i * down + top * right;
                int to = (i - top) * BLOCK;
                for (int j = 0; j < width; j++) {
                    values[to + j] = x[from + j * right];
                }
            }
            return values;
        }

        void write(int strip, double[] values, double gain) {
            int width = width(strip);
            for (int i = 0; i < rows; i++) {
                int to = offset + i * down + strip * BLOCK * right;
                for (int j = 0; j < width; j++) {
                    x[to + j * right] = (float) (gain * values[i * BLOCK + j]);
                }
            }
        }
    }
}
