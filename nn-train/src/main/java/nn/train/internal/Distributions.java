package nn.train.internal;

import nn.tensor.Tensor;

/** Probability distributions in the rows of a target. */
public final class Distributions {
    /** The rounding error allowed in the sum of a row of probabilities. */
    private static final double SLACK = 1e-3;

    private Distributions() {}

    /**
     * Refuses rows that are not distributions.
     *
     * @param loss name of the loss, for messages
     * @param target [... x classes]
     */
    public static void require(String loss, Tensor target) {
        int classes = target.dim(-1);
        for (int row = 0; row < target.size() / classes; row++) {
            require(loss, target, row, classes);
        }
    }

    private static void require(String loss, Tensor target, int row, int classes) {
        float[] q = target.array();
        int from = target.offset() + row * classes;
        double even = 0; // two chains: the processor adds them at the same time
        double odd = 0;
        for (int j = 0; j < classes; j++) {
            float one = q[from + j];
            if (!(one >= 0 && one <= 1 + SLACK)) {
                throw new IllegalArgumentException(loss + ": target " + (double) one + " in "
                        + InputChecks.place(target.shape(), row * classes + j)
                        + "; a probability is from 0 to 1");
            }
            double sum = odd;
            odd = even + one;
            even = sum;
        }
        requireSum(loss, target, row, even + odd);
    }

    /**
     * Refuses rows that are not multiples of distributions, such as the gradients of a loss that computed the
     * probabilities from their logarithms.
     *
     * @param loss name of the loss, for messages
     * @param multiples probabilities times a factor [... x classes]
     * @param factor what they were multiplied by, not 0
     */
    public static void requireMultiples(String loss, Tensor multiples, double factor) {
        int classes = multiples.dim(-1);
        for (int row = 0; row < multiples.size() / classes; row++) {
            int from = multiples.offset() + row * classes;
            double sum = 0;
            for (int j = 0; j < classes; j++) {
                sum += multiples.array()[from + j];
            }
            requireSum(loss, multiples, row, sum / factor);
        }
    }

    private static void requireSum(String loss, Tensor target, int row, double sum) {
        if (!(Math.abs(sum - 1) <= SLACK)) {
            throw new IllegalArgumentException(loss + ": the target probabilities in "
                    + InputChecks.place(Labels.withoutLast(target.shape()), row) + " add up to " + sum
                    + "; they must add up to 1");
        }
    }
}
