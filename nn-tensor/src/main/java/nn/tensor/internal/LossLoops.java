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
        /** Writes the gradients of n elements from {@code at} on to g, and returns their loss. */
        double run(double factor, double delta, int at, int n, Operand x, Operand t, Operand g);
    }

    /** Sum of (x - t)^2, and g = factor (x - t). */
    public static double squares(double factor, Operand x, Operand t, Operand g) {
        return sum(COST, LossLoops::squaresOfBlock, factor, 0, x, t, g);
    }

    private static double squaresOfBlock(double factor, double delta, int at, int n, Operand x, Operand t, Operand g) {
        int to = g.offset() + at;
        double[] sums = Rows.sums();
        difference(at, n, x, t, g);
        Kernels.active().rows().sumOfSquares(g.array(), to, n, sums);
        Kernels.active().scale((float) factor, g.array(), to, g.array(), to, n);
        return sums[0];
    }

    /** g = x - t. */
    private static void difference(int at, int n, Operand x, Operand t, Operand g) {
        Kernels.active()
                .subtract(x.array(), x.offset() + at, t.array(), t.offset() + at, g.array(), g.offset() + at, n);
    }

    /** Sum of |x - t|, and g = factor sign(x - t). */
    public static double magnitudes(double factor, Operand x, Operand t, Operand g) {
        return sum(COST, LossLoops::magnitudesOfBlock, factor, 0, x, t, g);
    }

    private static double magnitudesOfBlock(
            double factor, double delta, int at, int n, Operand x, Operand t, Operand g) {
        int to = g.offset() + at;
        double[] sums = Rows.sums();
        difference(at, n, x, t, g);
        Kernels.active().rows().sumOfMagnitudes(g.array(), to, n, sums);
        Kernels.active().rows().signs((float) factor, g.array(), to, g.array(), to, n);
        return sums[0];
    }

    /** Sum of Huber's function of x - t, and g = factor times its derivative. */
    public static double huber(double delta, double factor, Operand x, Operand t, Operand g) {
        return sum(COST, LossLoops::huberOfBlock, factor, delta, x, t, g);
    }

    private static double huberOfBlock(double factor, double delta, int at, int n, Operand x, Operand t, Operand g) {
        Kernels kernels = Kernels.active();
        int to = g.offset() + at;
        double[] sums = Rows.sums();
        difference(at, n, x, t, g);
        kernels.rows().sumOfHuber(delta, g.array(), to, n, sums);
        kernels.function(Unary.CLAMP, (float) -delta, (float) delta, g.array(), to, g.array(), to, n);
        kernels.scale((float) factor, g.array(), to, g.array(), to, n);
        return sums[0];
    }

    /**
     * Sum of the sigmoid's cross-entropy of logits x with targets t, and g = factor (sigmoid(x) - t).
     *
     * @return NaN too if a target is not from 0 to 1
     */
    public static double sigmoid(double factor, Operand x, Operand t, Operand g) {
        return sum(FUNCTION, LossLoops::sigmoidOfBlock, factor, 0, x, t, g);
    }

    private static double sigmoidOfBlock(double factor, double delta, int at, int n, Operand x, Operand t, Operand g) {
        RowKernels kernels = Kernels.active().rows();
        double[] sums = Rows.sums();
        float[] losses = Scratch.CHAIN.floats(BLOCK);
        kernels.minusMagnitude(x.array(), x.offset() + at, losses, 0, n);
        Kernels.active().function(Unary.EXP, 0, 0, losses, 0, losses, 0, n);
        boolean inside = kernels.sigmoidLoss((float) factor, at, n, x, t, losses, g);
        kernels.sum(losses, 0, n, sums);
        return inside ? sums[0] : Double.NaN;
    }

    /** Runs all blocks, and adds their losses in order. */
    private static double sum(double cost, OfBlock loss, double factor, double delta, Operand x, Operand t, Operand g) {
        int n = x.size();
        int blocks = (int) (((long) n + BLOCK - 1) / BLOCK);
        int parts = Math.min(blocks, Parallel.threadsForElements(cost * n));
        double total = 0;
        if (parts <= 1) {
            for (int i = 0; i < n; i += BLOCK) {
                total += loss.run(factor, delta, i, Math.min(BLOCK, n - i), x, t, g);
            }
            return total;
        }
        double[] losses = new double[blocks];
        Parallel.split(blocks, parts, (from, end) -> {
            for (int b = from; b < end; b++) {
                int i = b * BLOCK;
                losses[b] = loss.run(factor, delta, i, Math.min(BLOCK, n - i), x, t, g);
            }
        });
        for (double one : losses) {
            total += one;
        }
        return total;
    }
}
