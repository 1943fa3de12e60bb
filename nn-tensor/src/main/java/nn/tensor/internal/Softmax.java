package nn.tensor.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Softmax of rows, its gradient, and its cross-entropy. Rows are processed in blocks that stay in a first-level cache,
 * so that exponentials of short rows are computed in whole vectors too. Threads take rows; the sum of their losses is
 * over blocks of rows in order, whatever the threads.
 */
public final class Softmax {
    /** Relative cost of an element ({@link Parallel#threadsForElements}). */
    private static final double COST = 3;

    private static final double GRAD_COST = 0.5;

    /**
     * From here on, the exponentials of a row are computed by themselves, as the tail of the last vector weighs little.
     */
    private static final int LONG = 64;

    private Softmax() {}

    /** y = softmax(x) for rows of n. */
    public static void forward(int rows, int n, float[] x, int xo, float[] y, int yo) {
        int parts = Parallel.threadsForElements(COST * rows * n);
        if (parts == 1) {
            forward(0, rows, n, x, xo, y, yo);
        } else {
            Parallel.split(rows, Math.min(rows, parts), (from, to) -> forward(from, to, n, x, xo, y, yo));
        }
    }

    private static void forward(int from, int to, int n, float[] x, int xo, float[] y, int yo) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        int block = Rows.perBlock(n);
        for (int first = from; first < to; first += block) {
            int end = Math.min(to, first + block);
            exponentials(first, end, n, x, xo, y, yo, null);
            for (int i = first; i < end; i++) {
                kernels.sumOfGroups(y, yo + i * n, n, sums);
                Kernels.active().scale((float) (1 / sums[0]), y, yo + i * n, y, yo + i * n, n);
            }
        }
    }

    /** y = exp(x - m) for the rows of a block, where m is the largest element of a row; keeps m, if asked to. */
    private static void exponentials(
            int from, int to, int n, float[] x, int xo, float[] y, int yo, float @Nullable [] largest) {
        RowKernels kernels = Kernels.active().rows();
        for (int i = from; i < to; i++) {
            float m = kernels.largest(x, xo + i * n, n);
            if (n < LONG) {
                kernels.shift(m, x, xo + i * n, y, yo + i * n, n);
            } else {
                kernels.expLess(m, x, xo + i * n, y, yo + i * n, n);
            }
            if (largest != null) {
                largest[i - from] = m;
            }
        }
        if (n < LONG) {
            Kernels.active().function(Unary.EXP, 0, 0, y, yo + from * n, y, yo + from * n, (to - from) * n);
        }
    }

    /** dx = y (dy - dy . y) for rows of n. */
    public static void backward(int rows, int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
        int parts = Parallel.threadsForElements(GRAD_COST * rows * n);
        if (parts == 1) {
            backward(0, rows, n, y, yo, dy, dyo, dx, dxo);
        } else {
            Parallel.split(rows, Math.min(rows, parts), (from, to) -> backward(from, to, n, y, yo, dy, dyo, dx, dxo));
        }
    }

    private static void backward(int from, int to, int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        for (int i = from * n; i < to * n; i += n) {
            kernels.dot(y, yo + i, dy, dyo + i, n, sums);
            kernels.softmaxGrad((float) sums[0], y, yo + i, dy, dyo + i, dx, dxo + i, n);
        }
    }

    /**
     * The cross-entropy of rows with labels, and its gradient times a factor.
     *
     * @param labels the label of row i is at {@code lo + i}
     * @param weights the weight of each class; empty if all are 1
     * @param ignored the label of rows without effect; NaN if there is none
     * @return the sum of the rows' losses
     */
    public static double ofLabels(
            int rows,
            int n,
            float[] x,
            int xo,
            float[] labels,
            int lo,
            double[] weights,
            float ignored,
            double factor,
            float[] dx,
            int dxo) {
        int block = Rows.perBlock(n);
        int blocks = (rows + block - 1) / block;
        int parts = Math.min(blocks, Parallel.threadsForElements(COST * rows * n));
        if (parts <= 1) {
            double total = 0;
            for (int b = 0; b < blocks; b++) {
                int end = Math.min(rows, (b + 1) * block);
                total += ofLabels(b * block, end, n, x, xo, labels, lo, weights, ignored, factor, dx, dxo);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, to) -> {
            for (int b = from; b < to; b++) {
                int end = Math.min(rows, (b + 1) * block);
                losses[b] = ofLabels(b * block, end, n, x, xo, labels, lo, weights, ignored, factor, dx, dxo);
            }
        });
        return sum(losses);
    }

    private static double sum(double[] losses) {
        double total = 0;
        for (double loss : losses) {
            total += loss;
        }
        return total;
    }

    private static double ofLabels(
            int from,
            int to,
            int n,
            float[] x,
            int xo,
            float[] labels,
            int lo,
            double[] weights,
            float ignored,
            double factor,
            float[] dx,
            int dxo) {
        float[] largest = Scratch.START.floats(to - from);
        double[] sums = Rows.sums();
        exponentials(from, to, n, x, xo, dx, dxo, largest);
        double total = 0;
        for (int i = from; i < to; i++) {
            int at = dxo + i * n;
            if (labels[lo + i] == ignored) {
                Arrays.fill(dx, at, at + n, 0f);
                continue;
            }
            int label = (int) labels[lo + i];
            double c = weights.length == 0 ? 1 : weights[label];
            Kernels.active().rows().sum(dx, at, n, sums);
            double sum = sums[0];
            double probability = dx[at + label] / sum;
            Kernels.active().scale((float) (factor * c / sum), dx, at, dx, at, n);
            dx[at + label] =
                    (float) (factor * (c * probability - c)); // in double, as a probability of almost 1 is usual
            double logit = x[xo + i * n + label];
            total += c == 0 ? 0 : c * (StrictMath.log(sum) - (logit - largest[i - from]));
        }
        return total;
    }

    /**
     * The cross-entropy of rows with coefficients c: {@code sum_j c_j (log(sum_k exp(x_k - m)) - (x_j - m))}, and its
     * gradient times a factor, {@code factor (sum_k c_k softmax_j - c_j)}.
     *
     * @param c the coefficients, in rows of n; may be the place of dx
     * @return the sum of the rows' losses
     */
    public static double ofCoefficients(
            int rows, int n, float[] x, int xo, float[] c, int co, double factor, float[] dx, int dxo) {
        int block = Rows.perBlock(n);
        int blocks = (rows + block - 1) / block;
        int parts = Math.min(blocks, Parallel.threadsForElements(COST * rows * n));
        if (parts <= 1) {
            double total = 0;
            for (int b = 0; b < blocks; b++) {
                total += ofCoefficients(b * block, Math.min(rows, (b + 1) * block), n, x, xo, c, co, factor, dx, dxo);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, to) -> {
            for (int b = from; b < to; b++) {
                int end = Math.min(rows, (b + 1) * block);
                losses[b] = ofCoefficients(b * block, end, n, x, xo, c, co, factor, dx, dxo);
            }
        });
        return sum(losses);
    }

    private static double ofCoefficients(
            int from, int to, int n, float[] x, int xo, float[] c, int co, double factor, float[] dx, int dxo) {
        Kernels kernels = Kernels.active();
        float[] e = Scratch.CHAIN.floats(Rows.BLOCK);
        float[] largest = Scratch.START.floats(to - from);
        double[] sums = Rows.sums();
        boolean fits = (to - from) * n <= Rows.BLOCK;
        if (fits) {
            exponentials(from, to, n, x, xo, e, -from * n, largest);
        }
        double total = 0;
        for (int i = from; i < to; i++) {
            int at = xo + i * n;
            float m = fits ? largest[i - from] : kernels.rows().largest(x, at, n);
            double sum = fits ? sumOf(e, (i - from) * n, n) : longSum(m, x, at, n, e);
            kernels.rows().crossEntropy(m, x, at, c, co + i * n, n, sums);
            double all = sums[0];
            total += all == 0 ? 0 : Fused.fma(all, StrictMath.log(sum), sums[RowKernels.LANES]);
            float outer = (float) (factor * all / sum);
            int to0 = dxo + i * n;
            kernels.scale((float) -factor, c, co + i * n, dx, to0, n);
            if (fits) {
                kernels.addScaled(outer, e, (i - from) * n, dx, to0, n);
            } else {
                for (int j = 0; j < n; j += Rows.BLOCK) {
                    int some = Math.min(Rows.BLOCK, n - j);
                    Kernels.active().rows().expLess(m, x, at + j, e, 0, some);
                    kernels.addScaled(outer, e, 0, dx, to0 + j, some);
                }
            }
        }
        return total;
    }

    private static double sumOf(float[] e, int at, int n) {
        double[] sums = Rows.sums();
        Kernels.active().rows().sum(e, at, n, sums);
        return sums[0];
    }

    /** The sum of the exponentials of a row that is longer than a block: over blocks, in order. */
    private static double longSum(float m, float[] x, int at, int n, float[] e) {
        double sum = 0;
        for (int j = 0; j < n; j += Rows.BLOCK) {
            int some = Math.min(Rows.BLOCK, n - j);
            Kernels.active().rows().expLess(m, x, at + j, e, 0, some);
            sum += sumOf(e, 0, some);
        }
        return sum;
    }
}
