package nn.init.theory;

/**
 * The scatter of single networks of finite width around the average. With independent Gaussian weights and
 * zero biases, every (leaky) ReLU layer of n units multiplies the squared length of its input by a random factor of
 * mean 1 and variance {@code (k - 1) / n}, where k is the kurtosis {@code E[f(z)^4] / E[f(z)^2]^2 = 6 (1 + a^4) / (1 +
 * a^2)^2} for slope a: 6 for ReLU, 3 for a linear layer. The factors are independent, so this is exact at every width
 * and depth (Hanin and Rolnick, <i>How to start training: the effect of initialization and architecture</i>, NeurIPS
 * 2018, bound it by the sum of reciprocal widths).
 */
public final class FiniteWidth {
    private FiniteWidth() {}

    /**
     * Returns the variance of {@code M = |h_L|^2 / E[|h_L|^2]}, the squared length of the last layer's output for one
     * input.
     *
     * @param negativeSlope a of the leaky ReLU: 0 for ReLU, 1 for linear layers; finite
     * @param widths units of each layer, at least 1 each
     * @return {@code prod(1 + (k - 1) / n) - 1}: for ReLU {@code prod(1 + 5 / n) - 1}
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static double lengthVariance(double negativeSlope, int... widths) {
        if (!Double.isFinite(negativeSlope)) {
            throw new IllegalArgumentException("finite width: negative slope " + negativeSlope + " must be finite");
        }
        double square = negativeSlope * negativeSlope;
        double kurtosis = square < 1e100 ? 6 * (1 + square * square) / ((1 + square) * (1 + square)) : 6; // its limit
        double product = 1;
        for (int width : widths) {
            product *= 1 + (kurtosis - 1) / Check.atLeast(1, "finite width", "width", width);
        }
        return product - 1;
    }
}
