package nn.tensor.internal.driver;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.Rows;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;

/**
 * Losses that are sums over elements, with their gradients. Elements are processed in blocks that stay in a first-level
 * cache. A loss is a sum in double over a block, as in {@link RowKernels}, and over blocks in order, so it does not
 * depend on the threads that compute them.
 */
public final class LossLoops {
    private static final int BLOCK = RowKernels.LOSS_BLOCK;

    private enum Loss {
        SQUARED(0.5),
        ABSOLUTE(0.5),
        HUBER(0.5),
        SIGMOID(3),
        WEIGHTED_SIGMOID(3),
        FOCAL(6),
        DIVERGENCE(2),
        LOG_DIVERGENCE(2);

        /** Relative cost of an element ({@link Parallel#threadsForElements}). */
        final double cost;

        Loss(double cost) {
            this.cost = cost;
        }
    }

    private static final double[] NONE = {};

    private LossLoops() {}

    /** Sum of (x - t)^2, and g = factor (x - t). */
    public static double squares(double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.SQUARED, factor, 0, NONE, x, t, g);
    }

    /** Sum of |x - t|, and g = factor sign(x - t). */
    public static double magnitudes(double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.ABSOLUTE, factor, 0, NONE, x, t, g);
    }

    /** Sum of Huber's function of x - t, and g = factor times its derivative. */
    public static double huber(double delta, double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.HUBER, factor, delta, NONE, x, t, g);
    }

    /**
     * Sum of the sigmoid's cross-entropy of logits x with targets t, and g = factor times its derivative.
     *
     * @param weights what the part of target 1 is multiplied by, one number for each column of x; empty if all are 1
     * @return NaN too if a target is not from 0 to 1
     */
    public static double sigmoid(double[] weights, double factor, Operand x, Operand t, Operand g) {
        return sum(weights.length == 0 ? Loss.SIGMOID : Loss.WEIGHTED_SIGMOID, factor, 0, weights, x, t, g);
    }

    /**
     * Sum of the sigmoid's focal cross-entropy of logits x with targets t, and g = factor times its derivative.
     *
     * @param weights what terms of target 0 are multiplied by, and those of target 1
     * @return NaN too if a target is neither 0 nor 1
     */
    public static double focal(double gamma, double[] weights, double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.FOCAL, factor, gamma, weights, x, t, g);
    }

    /** Sum of t (log t - x), 0 where t is 0, and g = -factor t. */
    public static double divergence(double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.DIVERGENCE, factor, 0, NONE, x, t, g);
    }

    /** Sum of e^t (t - x), 0 where e^t is 0, and g = -factor e^t. */
    public static double logDivergence(double factor, Operand x, Operand t, Operand g) {
        return sum(Loss.LOG_DIVERGENCE, factor, 0, NONE, x, t, g);
    }

    /**
     * Runs all blocks, and adds their losses in order.
     *
     * @param shape the number that a loss has: delta or gamma
     */
    private static double sum(
            Loss loss, double factor, double shape, double[] weights, Operand x, Operand t, Operand g) {
        int n = x.size();
        int blocks = (int) (((long) n + BLOCK - 1) / BLOCK);
        int parts = Math.min(blocks, Parallel.threadsForElements(loss.cost * n));
        double total = 0;
        if (parts <= 1) {
            for (int b = 0; b < blocks; b++) {
                total += block(loss, factor, shape, weights, b * BLOCK, x, t, g);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, end) -> {
            for (int b = from; b < end; b++) {
                losses[b] = block(loss, factor, shape, weights, b * BLOCK, x, t, g);
            }
        });
        for (double one : losses) {
            total += one;
        }
        return total;
    }

    /** Writes the gradients of the block that begins at {@code first} to g, and returns its loss. */
    private static double block(
            Loss loss, double factor, double shape, double[] weights, int first, Operand x, Operand t, Operand g) {
        int n = Math.min(BLOCK, x.size() - first);
        return switch (loss) {
            case SQUARED, ABSOLUTE, HUBER -> ofDifferences(loss, factor, shape, first, n, x, t, g);
            case SIGMOID, WEIGHTED_SIGMOID -> ofSigmoids((float) factor, weights, first, n, x, t, g);
            case FOCAL -> ofFocus((float) factor, (float) shape, weights, first, n, x, t, g);
            case DIVERGENCE -> ofProbabilities((float) factor, first, n, x, t, g);
            case LOG_DIVERGENCE -> ofLogProbabilities((float) factor, first, n, x, t, g);
        };
    }

    private static double ofDifferences(
            Loss loss, double factor, double delta, int first, int n, Operand x, Operand t, Operand g) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        float[] d = g.array();
        int at = g.offset() + first;
        kernels.subtract(x.array(), x.offset() + first, t.array(), t.offset() + first, d, at, n);
        switch (loss) {
            case SQUARED -> {
                kernels.rows().sumOfSquares(d, at, n, sums);
                kernels.scale((float) factor, d, at, d, at, n);
            }
            case ABSOLUTE -> {
                kernels.rows().sumOfMagnitudes(d, at, n, sums);
                kernels.rows().signs((float) factor, d, at, d, at, n);
            }
            default -> {
                kernels.rows().sumOfHuber(delta, d, at, n, sums);
                kernels.function(Unary.CLAMP, (float) -delta, (float) delta, d, at, d, at, n);
                kernels.scale((float) factor, d, at, d, at, n);
            }
        }
        return sums[0];
    }

    private static double ofSigmoids(
            float factor, double[] weights, int first, int n, Operand x, Operand t, Operand g) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        float[] work = Scratch.CHAIN.floats(2 * BLOCK);
        float[] xs = x.array();
        int xo = x.offset() + first;
        int to = t.offset() + first;
        int go = g.offset() + first;
        kernels.minusMagnitude(xs, xo, work, 0, n);
        Kernels.active().function(Unary.EXP, 0, 0, work, 0, work, 0, n);
        boolean inside;
        if (weights.length == 0) {
            inside = kernels.sigmoidLoss(factor, xs, xo, t.array(), to, work, 0, g.array(), go, n);
        } else {
            repeat(weights, first, work, BLOCK, n);
            inside = kernels.weightedSigmoidLoss(factor, xs, xo, t.array(), to, work, g.array(), go, n);
        }
        kernels.sum(work, 0, n, sums);
        return inside ? sums[0] : Double.NaN;
    }

    /** Writes n numbers of the endless repetition of a row, from its element {@code first} on. */
    private static void repeat(double[] row, int first, float[] y, int yo, int n) {
        int columns = row.length;
        int some = Math.min(columns, n);
        for (int i = 0; i < some; i++) {
            y[yo + i] = (float) row[(first + i) % columns];
        }
        for (int done = some; done < n; done *= 2) { // a multiple of the columns, so what follows is the beginning
            System.arraycopy(y, yo, y, yo + done, Math.min(done, n - done));
        }
    }

    private static double ofFocus(
            float factor, float gamma, double[] weights, int first, int n, Operand x, Operand t, Operand g) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        float[] work = Scratch.CHAIN.floats(3 * BLOCK);
        float[] d = g.array();
        int to = t.offset() + first;
        int go = g.offset() + first;
        boolean inside = kernels.rows().turnToTarget0(x.array(), x.offset() + first, t.array(), to, d, go, n);
        kernels.rows().minusMagnitude(d, go, work, 0, n);
        kernels.function(Unary.EXP, 0, 0, work, 0, work, 0, n);
        kernels.rows().focalExponents(gamma, d, go, work, n);
        kernels.function(Unary.EXP, 0, 0, work, BLOCK, work, BLOCK, n);
        kernels.rows().focalLoss(gamma, (float) weights[0], (float) weights[1], t.array(), to, work, d, go, n);
        kernels.scale(factor, d, go, d, go, n);
        kernels.rows().sum(work, 0, n, sums);
        return inside ? sums[0] : Double.NaN;
    }

    private static double ofProbabilities(float factor, int first, int n, Operand x, Operand t, Operand g) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        float[] work = Scratch.CHAIN.floats(BLOCK);
        float[] ts = t.array();
        int to = t.offset() + first;
        kernels.function(Unary.LOG, 0, 0, ts, to, work, 0, n);
        kernels.rows().divergence(ts, to, work, 0, x.array(), x.offset() + first, work, 0, n);
        kernels.rows().sum(work, 0, n, sums);
        kernels.scale(-factor, ts, to, g.array(), g.offset() + first, n);
        return sums[0];
    }

    private static double ofLogProbabilities(float factor, int first, int n, Operand x, Operand t, Operand g) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        float[] work = Scratch.CHAIN.floats(BLOCK);
        float[] ts = t.array();
        float[] d = g.array();
        int to = t.offset() + first;
        int go = g.offset() + first;
        kernels.function(Unary.EXP, 0, 0, ts, to, d, go, n);
        kernels.rows().divergence(d, go, ts, to, x.array(), x.offset() + first, work, 0, n);
        kernels.rows().sum(work, 0, n, sums);
        kernels.scale(-factor, d, go, d, go, n);
        return sums[0];
    }
}
