package nn.tensor.internal;

/**
 * Losses that are sums over elements, with their gradients. Elements are processed in blocks that stay in a first-level
 * cache. A loss is a sum in double over a block, as in {@link RowKernels}, and over blocks in order, so it does not
 * depend on the threads that compute them.
 */
public final class LossLoops {
    private static final int BLOCK = 2048;

    private enum Loss {
        SQUARED(0.5),
        ABSOLUTE(0.5),
        HUBER(0.5),
        SIGMOID(3);

        /** Relative cost of an element ({@link Parallel#threadsForElements}). */
        final double cost;

        Loss(double cost) {
            this.cost = cost;
        }
    }

    private LossLoops() {}

    /** Sum of (x - t)^2, and g = factor (x - t). */
    public static double squares(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(Loss.SQUARED, factor, 0, n, x, xo, t, to, g, go);
    }

    /** Sum of |x - t|, and g = factor sign(x - t). */
    public static double magnitudes(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(Loss.ABSOLUTE, factor, 0, n, x, xo, t, to, g, go);
    }

    /** Sum of Huber's function of x - t, and g = factor times its derivative. */
    public static double huber(
            double delta, double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(Loss.HUBER, factor, delta, n, x, xo, t, to, g, go);
    }

    /**
     * Sum of the sigmoid's cross-entropy of logits x with targets t, and g = factor (sigmoid(x) - t).
     *
     * @return NaN too if a target is not from 0 to 1
     */
    public static double sigmoid(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(Loss.SIGMOID, factor, 0, n, x, xo, t, to, g, go);
    }

    /** Runs all blocks, and adds their losses in order. */
    private static double sum(
            Loss loss, double factor, double delta, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        int blocks = (int) (((long) n + BLOCK - 1) / BLOCK);
        int parts = Math.min(blocks, Parallel.threadsForElements(loss.cost * n));
        double total = 0;
        if (parts <= 1) {
            for (int i = 0; i < n; i += BLOCK) {
                total += block(loss, factor, delta, Math.min(BLOCK, n - i), x, xo + i, t, to + i, g, go + i);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, end) -> {
            for (int b = from; b < end; b++) {
                int i = b * BLOCK;
                losses[b] = block(loss, factor, delta, Math.min(BLOCK, n - i), x, xo + i, t, to + i, g, go + i);
            }
        });
        for (double one : losses) {
            total += one;
        }
        return total;
    }

    /** Writes the gradients of a block to g, and returns its loss. */
    private static double block(
            Loss loss, double factor, double delta, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        if (loss == Loss.SIGMOID) {
            return sigmoidOfBlock((float) factor, n, x, xo, t, to, g, go);
        }
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        kernels.subtract(x, xo, t, to, g, go, n);
        switch (loss) {
            case SQUARED -> {
                kernels.rows().sumOfSquares(g, go, n, sums);
                kernels.scale((float) factor, g, go, g, go, n);
            }
            case ABSOLUTE -> {
                kernels.rows().sumOfMagnitudes(g, go, n, sums);
                kernels.rows().signs((float) factor, g, go, g, go, n);
            }
            default -> {
                kernels.rows().sumOfHuber(delta, g, go, n, sums);
                kernels.function(Unary.CLAMP, (float) -delta, (float) delta, g, go, g, go, n);
                kernels.scale((float) factor, g, go, g, go, n);
            }
        }
        return sums[0];
    }

    private static double sigmoidOfBlock(float factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        float[] losses = Scratch.CHAIN.floats(BLOCK);
        kernels.minusMagnitude(x, xo, losses, 0, n);
        Kernels.active().function(Unary.EXP, 0, 0, losses, 0, losses, 0, n);
        boolean inside = kernels.sigmoidLoss(factor, x, xo, t, to, losses, 0, g, go, n);
        kernels.sum(losses, 0, n, sums);
        return inside ? sums[0] : Double.NaN;
    }
}
