package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;

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

    private static final double[] NONE = {};

    private Softmax() {}

    /** y = softmax(x), row by row. */
    public static void forward(Operand x, Operand y) {
        int parts = threads(COST, x);
        if (parts <= 1) {
            forward(0, x.rows(), x, y);
        } else {
            Parallel.split(x.rows(), parts, (from, to) -> forward(from, to, x, y));
        }
    }

    /** At most one thread for each row. */
    private static int threads(double cost, Operand x) {
        return Math.min(x.rows(), Parallel.threadsForElements(cost * x.size()));
    }

    /**
     * Each step goes over all rows of a block: the sums of several rows, each a chain of additions, are then computed
     * at once.
     */
    private static void forward(int from, int to, Operand x, Operand y) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        int n = x.n();
        int block = Rows.perBlock(n);
        float[] factors = Scratch.START.floats(Math.min(block, to - from));
        for (int first = from; first < to; first += block) {
            int end = Math.min(to, first + block);
            exponentials(first, end, x, y.array(), y.offset(), factors);
            for (int i = first; i < end; i++) {
                kernels.rows().sumOfGroups(y.array(), y.offset() + i * n, n, sums);
                factors[i - first] = (float) (1 / sums[0]);
            }
            for (int i = first; i < end; i++) {
                int at = y.offset() + i * n;
                kernels.scale(factors[i - first], y.array(), at, y.array(), at, n);
            }
        }
    }

    /**
     * y = exp(x - m) for the rows of a block, where m is the largest element of a row, which is kept. Row 0 of y is at
     * yo. All rows' m come first: the last steps of each, from a vector to a number, then run beside the next row.
     */
    private static void exponentials(int from, int to, Operand x, float[] y, int yo, float[] largest) {
        RowKernels kernels = Kernels.active().rows();
        float[] xs = x.array();
        int n = x.n();
        for (int i = from; i < to; i++) {
            largest[i - from] = kernels.largest(xs, x.offset() + i * n, n);
        }
        for (int i = from; i < to; i++) {
            int at = x.offset() + i * n;
            if (n < LONG) {
                kernels.shift(largest[i - from], xs, at, y, yo + i * n, n);
            } else {
                kernels.expLess(largest[i - from], xs, at, y, yo + i * n, n);
            }
        }
        if (n < LONG) {
            Kernels.active().function(Unary.EXP, 0, 0, y, yo + from * n, y, yo + from * n, (to - from) * n);
        }
    }

    /** dx = y (dy - dy . y), row by row. */
    public static void backward(Operand y, Operand dy, Operand dx) {
        int parts = threads(GRAD_COST, y);
        if (parts <= 1) {
            backward(0, y.rows(), y, dy, dx);
        } else {
            Parallel.split(y.rows(), parts, (from, to) -> backward(from, to, y, dy, dx));
        }
    }

    /** In blocks, as {@link #forward}. */
    private static void backward(int from, int to, Operand y, Operand dy, Operand dx) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        int n = y.n();
        int block = Rows.perBlock(n);
        float[] dots = Scratch.START.floats(Math.min(block, to - from));
        for (int first = from; first < to; first += block) {
            int end = Math.min(to, first + block);
            for (int i = first; i < end; i++) {
                kernels.dot(y.array(), y.offset() + i * n, dy.array(), dy.offset() + i * n, n, sums);
                dots[i - first] = (float) sums[0];
            }
            for (int i = first; i < end; i++) {
                int at = i * n;
                kernels.softmaxGrad(
                        dots[i - first],
                        y.array(),
                        y.offset() + at,
                        dy.array(),
                        dy.offset() + at,
                        dx.array(),
                        dx.offset() + at,
                        n);
            }
        }
    }

    /** The losses of rows, by what a row of the target is. */
    private enum Target {
        LABEL,
        COEFFICIENTS,
        LOGITS
    }

    /**
     * The cross-entropy of rows with labels, and its gradient times a factor.
     *
     * @param labels the label of each row
     * @param weights the weight of each class; empty if all are 1
     * @param ignored the label of rows without effect; NaN if there is none
     * @return the sum of the rows' losses
     */
    public static double ofLabels(
            Operand x, Operand labels, double[] weights, float ignored, double factor, Operand dx) {
        return total(Target.LABEL, x, labels, 0, weights, ignored, factor, dx);
    }

    /**
     * The focal cross-entropy of rows with labels, and its gradient times a factor.
     *
     * @param labels the label of each row
     * @param weights the weight of each class; empty if all are 1
     * @return the sum of the rows' losses
     */
    public static double ofFocus(Operand x, Operand labels, double gamma, double[] weights, double factor, Operand dx) {
        return total(Target.LABEL, x, labels, gamma, weights, Float.NaN, factor, dx);
    }

    /**
     * The cross-entropy of rows with coefficients c: {@code sum_j c_j (log(sum_k exp(x_k - m)) - (x_j - m))}, and its
     * gradient times a factor, {@code factor (sum_k c_k softmax_j - c_j)}.
     *
     * @param c the coefficients, in rows as x; may be dx
     * @return the sum of the rows' losses
     */
    public static double ofCoefficients(Operand x, Operand c, double factor, Operand dx) {
        return total(Target.COEFFICIENTS, x, c, 0, NONE, Float.NaN, factor, dx);
    }

    /**
     * The divergence of softmax(x / T) from softmax(t / T), row by row, and its gradient times a factor, {@code factor
     * / T (softmax(x / T) - softmax(t / T))}.
     *
     * @param t logits, in rows as x
     * @return the sum of the rows' losses
     */
    public static double divergence(Operand x, Operand t, double temperature, double factor, Operand dx) {
        return total(Target.LOGITS, x, t, temperature, NONE, Float.NaN, factor, dx);
    }

    /**
     * Runs all blocks of rows, and adds their losses in order.
     *
     * @param shape the number that a loss has: gamma or the temperature
     */
    private static double total(
            Target kind,
            Operand x,
            Operand target,
            double shape,
            double[] weights,
            float ignored,
            double factor,
            Operand dx) {
        int block = Rows.perBlock(x.n());
        int blocks = (x.rows() + block - 1) / block;
        double cost = kind == Target.LOGITS ? 2 * COST : COST;
        int parts = Math.min(blocks, Parallel.threadsForElements(cost * x.size()));
        double total = 0;
        if (parts <= 1) {
            for (int b = 0; b < blocks; b++) {
                total += ofBlock(kind, b * block, x, target, shape, weights, ignored, factor, dx);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, to) -> {
            for (int b = from; b < to; b++) {
                losses[b] = ofBlock(kind, b * block, x, target, shape, weights, ignored, factor, dx);
            }
        });
        for (double loss : losses) {
            total += loss;
        }
        return total;
    }

    /** The loss of the block of rows that begins with row {@code from}. */
    private static double ofBlock(
            Target kind,
            int from,
            Operand x,
            Operand target,
            double shape,
            double[] weights,
            float ignored,
            double factor,
            Operand dx) {
        int to = Math.min(x.rows(), from + Rows.perBlock(x.n()));
        return switch (kind) {
            case LABEL -> ofLabels(from, to, x, target, shape, weights, ignored, factor, dx);
            case COEFFICIENTS -> ofCoefficients(from, to, x, target, factor, dx);
            case LOGITS -> divergence(from, to, x, target, shape, factor, dx);
        };
    }

    private static double ofLabels(
            int from,
            int to,
            Operand x,
            Operand labels,
            double gamma,
            double[] weights,
            float ignored,
            double factor,
            Operand dx) {
        int n = x.n();
        float[] g = dx.array();
        float[] largest = Scratch.START.floats(to - from);
        double[] sums = Rows.sums();
        exponentials(from, to, x, g, dx.offset(), largest);
        double total = 0;
        for (int i = from; i < to; i++) {
            int at = dx.offset() + i * n;
            float given = labels.array()[labels.offset() + i];
            if (given == ignored) {
                Arrays.fill(g, at, at + n, 0f);
                continue;
            }
            int label = (int) given;
            double c = weights.length == 0 ? 1 : weights[label];
            Kernels.active().rows().sum(g, at, n, sums);
            double sum = sums[0];
            double probability = g[at + label] / sum;
            double logit = x.array()[x.offset() + i * n + label];
            double loss = StrictMath.log(sum) - (logit - largest[i - from]);
            double steep = c;
            if (gamma != 0) {
                double rest = (sum - g[at + label]) / sum; // 1 less the probability, without cancellation
                c *= StrictMath.pow(rest, gamma);
                steep = c * (1 + gamma * probability * (rest == 0 ? 1 : loss / rest));
            }
            Kernels.active().scale((float) (factor * steep / sum), g, at, g, at, n);
            // in double, as a probability of almost 1 is usual
            g[at + label] = (float) (factor * (steep * probability - steep));
            total += c == 0 ? 0 : c * loss;
        }
        return total;
    }

    private static double ofCoefficients(int from, int to, Operand x, Operand c, double factor, Operand dx) {
        Kernels kernels = Kernels.active();
        int n = x.n();
        float[] e = Scratch.CHAIN.floats(Rows.BLOCK);
        float[] largest = Scratch.START.floats(to - from);
        double[] sums = Rows.sums();
        boolean fits = (to - from) * n <= Rows.BLOCK;
        if (fits) {
            exponentials(from, to, x, e, -from * n, largest);
        }
        float[] xs = x.array();
        double total = 0;
        for (int i = from; i < to; i++) {
            int at = x.offset() + i * n;
            int place = dx.offset() + i * n;
            int co = c.offset() + i * n;
            float m = fits ? largest[i - from] : kernels.rows().largest(xs, at, n);
            double sum = fits ? sumOf(e, (i - from) * n, n) : longSum(m, xs, at, n, e);
            kernels.rows().crossEntropy(m, xs, at, c.array(), co, n, sums);
            double all = sums[0];
            total += all == 0 ? 0 : Fused.fma(all, StrictMath.log(sum), sums[RowKernels.LANES]);
            float outer = (float) (factor * all / sum);
            kernels.scale((float) -factor, c.array(), co, dx.array(), place, n);
            if (fits) {
                kernels.addScaled(outer, e, (i - from) * n, dx.array(), place, n);
            } else {
                for (int j = 0; j < n; j += Rows.BLOCK) {
                    int some = Math.min(Rows.BLOCK, n - j);
                    kernels.rows().expLess(m, xs, at + j, e, 0, some);
                    kernels.addScaled(outer, e, 0, dx.array(), place + j, some);
                }
            }
        }
        return total;
    }

    private static double divergence(
            int from, int to, Operand x, Operand t, double temperature, double factor, Operand dx) {
        Kernels kernels = Kernels.active();
        int n = x.n();
        float cold = (float) (1 / temperature);
        float[] e = Scratch.CHAIN.floats(Rows.BLOCK);
        float[] g = dx.array();
        float[] largest = Scratch.START.floats(2 * (to - from)); // of the rows of x, then of t
        double[] sums = Rows.sums();
        boolean fits = (to - from) * n <= Rows.BLOCK;
        powers(from, to, x, cold, g, dx.offset(), largest, 0);
        if (fits) {
            powers(from, to, t, cold, e, -from * n, largest, to - from);
        }
        double total = 0;
        for (int i = from; i < to; i++) {
            int xAt = x.offset() + i * n;
            int tAt = t.offset() + i * n;
            int at = dx.offset() + i * n;
            float most = largest[i - from];
            float mostOfTarget =
                    fits ? largest[to - from + i - from] : kernels.rows().largest(t.array(), tAt, n);
            kernels.rows().sum(g, at, n, sums);
            double sum = sums[0];
            double sumOfTarget = 0;
            double less = 0; // by how much x is below the target, each less its largest, times the target's powers
            for (int j = 0; j < n; j += Rows.BLOCK) {
                int some = Math.min(Rows.BLOCK, n - j);
                int place = fits ? (i - from) * n : 0;
                if (!fits) {
                    powers(mostOfTarget, cold, t.array(), tAt + j, e, 0, some);
                }
                kernels.rows().crossEntropy(most, x.array(), xAt + j, e, place, some, sums);
                less += sums[RowKernels.LANES];
                kernels.rows().crossEntropy(mostOfTarget, t.array(), tAt + j, e, place, some, sums);
                less -= sums[RowKernels.LANES];
                sumOfTarget += sums[0];
            }
            total += StrictMath.log(sum) - StrictMath.log(sumOfTarget) + cold * less / sumOfTarget;
            float outer = (float) (-factor * cold / sumOfTarget);
            kernels.scale((float) (factor * cold / sum), g, at, g, at, n);
            if (fits) {
                kernels.addScaled(outer, e, (i - from) * n, g, at, n);
            } else {
                for (int j = 0; j < n; j += Rows.BLOCK) {
                    int some = Math.min(Rows.BLOCK, n - j);
                    powers(mostOfTarget, cold, t.array(), tAt + j, e, 0, some);
                    kernels.addScaled(outer, e, 0, g, at + j, some);
                }
            }
        }
        return total;
    }

    /**
     * y = exp((x - m) / T) for the rows of a block, where m is the largest element of a row, which is kept. Row 0 of y
     * is at yo.
     */
    private static void powers(
            int from, int to, Operand x, float factor, float[] y, int yo, float[] largest, int largestAt) {
        RowKernels kernels = Kernels.active().rows();
        int n = x.n();
        for (int i = from; i < to; i++) {
            float m = kernels.largest(x.array(), x.offset() + i * n, n);
            kernels.shift(m, x.array(), x.offset() + i * n, y, yo + i * n, n);
            largest[largestAt + i - from] = m;
        }
        coldPowers(factor, y, yo + from * n, (to - from) * n);
    }

    /** y = exp((x - m) / T) for a factor 1 / T. */
    private static void powers(float m, float factor, float[] x, int xo, float[] y, int yo, int n) {
        Kernels.active().rows().shift(m, x, xo, y, yo, n);
        coldPowers(factor, y, yo, n);
    }

    /** y = exp(y / T) for a factor 1 / T. */
    private static void coldPowers(float factor, float[] y, int yo, int n) {
        Kernels kernels = Kernels.active();
        kernels.scale(factor, y, yo, y, yo, n);
        kernels.function(Unary.EXP, 0, 0, y, yo, y, yo, n);
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
