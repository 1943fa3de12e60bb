package nn.tensor.internal;

/**
 * Losses that are sums over elements, with their gradients. Elements are processed in blocks that stay in a first-level
 * cache. A loss is a sum in double over a block, as in {@link RowKernels}, and over blocks in order, so it does not
 * depend on the threads that compute them.
 */
public final class LossLoops {
    private static final double COST = 0.5;

    /** Relative cost of an element of the sigmoid's loss. */
    private static final double FUNCTION = 3;

    private static final int BLOCK = 2048;

    private LossLoops() {}

    /** What is computed of x and t in one block. */
    @FunctionalInterface
    private interface OfBlock {
        /** Writes the gradient to g, and returns the loss. */
        double run(double factor, double number, float[] x, int xo, float[] t, int to, float[] g, int go, int n);
    }

    /** Sum of (x - t)^2, and g = factor (x - t). */
    public static double squares(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(COST, LossLoops::squaresOfBlock, factor, 0, n, x, xo, t, to, g, go);
    }

    private static double squaresOfBlock(
            double factor, double none, float[] x, int xo, float[] t, int to, float[] g, int go, int n) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        kernels.subtract(x, xo, t, to, g, go, n);
        kernels.rows().sumOfSquares(g, go, n, sums);
        kernels.scale((float) factor, g, go, g, go, n);
        return sums[0];
    }

    /** Sum of |x - t|, and g = factor sign(x - t). */
    public static double magnitudes(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(COST, LossLoops::magnitudesOfBlock, factor, 0, n, x, xo, t, to, g, go);
    }

    private static double magnitudesOfBlock(
            double factor, double none, float[] x, int xo, float[] t, int to, float[] g, int go, int n) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        kernels.subtract(x, xo, t, to, g, go, n);
        kernels.rows().sumOfMagnitudes(g, go, n, sums);
        kernels.rows().signs((float) factor, g, go, g, go, n);
        return sums[0];
    }

    /** Sum of Huber's function of x - t, and g = factor times its derivative. */
    public static double huber(
            double delta, double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(COST, LossLoops::huberOfBlock, factor, delta, n, x, xo, t, to, g, go);
    }

    private static double huberOfBlock(
            double factor, double delta, float[] x, int xo, float[] t, int to, float[] g, int go, int n) {
        Kernels kernels = Kernels.active();
        double[] sums = Rows.sums();
        kernels.subtract(x, xo, t, to, g, go, n);
        kernels.rows().sumOfHuber(delta, g, go, n, sums);
        kernels.function(Unary.CLAMP, (float) -delta, (float) delta, g, go, g, go, n);
        kernels.scale((float) factor, g, go, g, go, n);
        return sums[0];
    }

    /**
     * Sum of the sigmoid's cross-entropy of logits x with targets t, and g = factor (sigmoid(x) - t).
     *
     * @return NaN too if a target is not from 0 to 1
     */
    public static double sigmoid(double factor, int n, float[] x, int xo, float[] t, int to, float[] g, int go) {
        return sum(FUNCTION, LossLoops::sigmoidOfBlock, factor, 0, n, x, xo, t, to, g, go);
    }

    private static double sigmoidOfBlock(
            double factor, double none, float[] x, int xo, float[] t, int to, float[] g, int go, int n) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        float[] losses = Scratch.CHAIN.floats(BLOCK);
        kernels.minusMagnitude(x, xo, losses, 0, n);
        Kernels.active().function(Unary.EXP, 0, 0, losses, 0, losses, 0, n);
        boolean inside = kernels.sigmoidLoss((float) factor, x, xo, t, to, losses, 0, g, go, n);
        kernels.sum(losses, 0, n, sums);
        return inside ? sums[0] : Double.NaN;
    }

    private static double sum(
            double cost,
            OfBlock loss,
            double factor,
            double number,
            int n,
            float[] x,
            int xo,
            float[] t,
            int to,
            float[] g,
            int go) {
        int blocks = (int) (((long) n + BLOCK - 1) / BLOCK);
        int parts = Math.min(blocks, Parallel.threadsForElements(cost * n));
        double total = 0;
        if (parts <= 1) {
            for (int i = 0; i < n; i += BLOCK) {
                total += loss.run(factor, number, x, xo + i, t, to + i, g, go + i, Math.min(BLOCK, n - i));
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, end) -> {
            for (int b = from; b < end; b++) {
                int i = b * BLOCK;
                losses[b] = loss.run(factor, number, x, xo + i, t, to + i, g, go + i, Math.min(BLOCK, n - i));
            }
        });
        for (double one : losses) {
            total += one;
        }
        return total;
    }
}
