package nn.init.testing;

/** Limits that a statistic exceeds with at most a given probability: rigorous, or conservative. */
final class SamplingBounds {
    private SamplingBounds() {}

    /** Two-sided limit of a normal or strictly sub-Gaussian variable, in standard deviations: 2 exp(-z^2 / 2) = p. */
    static double normal(double p) {
        return Math.sqrt(2 * StrictMath.log(2 / p));
    }

    /**
     * The distance of Kolmogorov and Smirnov (Massart's constant in the inequality of Dvoretzky, Kiefer, Wolfowitz).
     */
    static double distance(double p, double n) {
        return Math.sqrt(StrictMath.log(2 / p) / (2 * n));
    }

    /**
     * z standard deviations along a gamma variable of mean 1 and the given shape, such as chi-square over its 2 * shape
     * degrees of freedom (Wilson and Hilferty 1931; in the tails it lies beyond the true quantile on both sides).
     */
    static double gamma(double shape, double z) {
        double root = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
        return root <= 0 ? 0 : root * root * root;
    }

    /** Whether a count of independent rare events is too far from its mean, by Chernoff's bound. */
    static boolean unlikely(double count, double mean, double p) {
        double ratio = count / mean;
        double exponent = count == 0 ? 1 : ratio * StrictMath.log(ratio) - ratio + 1;
        return mean * exponent > StrictMath.log(2 / p);
    }

    /** Whether a share of n independent draws is too far from one half, by Chernoff's bound for binomial counts. */
    static boolean unlikelyHalf(int count, int n, double p) {
        double share = (double) count / n;
        double exponent = StrictMath.log(2) + entropy(share) + entropy(1 - share);
        return n * exponent > StrictMath.log(2 / p);
    }

    private static double entropy(double share) {
        return share == 0 ? 0 : share * StrictMath.log(share);
    }
}
