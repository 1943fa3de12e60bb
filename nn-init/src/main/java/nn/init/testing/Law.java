package nn.init.testing;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;

/**
 * The distribution that independent initial weights are promised to have.
 *
 * @param name what to call it in a report
 * @param mean the mean, finite
 * @param deviation the standard deviation, finite, 0 or more
 * @param kurtosis the fourth central moment over the squared variance, at least 1: 3 for normal, 1.8 for uniform values
 * @param low no value is below; may be infinite
 * @param high no value is above; may be infinite
 * @param distribution the distribution function; null if only the moments are promised, and then nothing about shape
 *     and tails is checked
 */
public record Law(
        String name,
        double mean,
        double deviation,
        double kurtosis,
        double low,
        double high,
        DoubleUnaryOperator distribution) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is NaN or out of its range
     */
    public Law {
        Objects.requireNonNull(name, "name");
        boolean sensible = Double.isFinite(mean)
                && deviation >= 0
                && deviation < Double.POSITIVE_INFINITY
                && kurtosis >= 1
                && low <= mean
                && mean <= high;
        if (!sensible) {
            throw new IllegalArgumentException("law '" + name + "': mean " + mean + ", deviation " + deviation
                    + ", kurtosis " + kurtosis + ", bounds " + low + " to " + high
                    + "; the mean must be finite and between the bounds, the deviation finite and 0 or more, the"
                    + " kurtosis at least 1");
        }
    }

    /**
     * A normal distribution.
     *
     * @param mean finite
     * @param deviation finite, 0 or more
     * @return {@code N(mean, deviation^2)}
     */
    public static Law normal(double mean, double deviation) {
        return new Law(
                "normal", mean, deviation, 3, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY,
                x -> cdf((x - mean) / deviation));
    }

    /**
     * A uniform distribution.
     *
     * @param low the lower bound, finite
     * @param high the upper bound, finite, not below {@code low}
     * @return {@code U(low, high)}, of deviation {@code (high - low) / sqrt(12)}
     */
    public static Law uniform(double low, double high) {
        return new Law(
                "uniform", (low + high) / 2, (high - low) / Math.sqrt(12), 1.8, low, high,
                x -> Math.clamp((x - low) / (high - low), 0, 1));
    }

    /**
     * A normal distribution without its tails, of a given deviation after the cut.
     *
     * @param mean finite
     * @param deviation of the result, not of the parent, finite, 0 or more
     * @param cut the largest magnitude, in deviations of the parent, at least 0.1
     * @return the distribution of {@code mean + parent z}, given {@code |z| <= cut}
     */
    public static Law truncatedNormal(double mean, double deviation, double cut) {
        if (!(cut >= 0.1 && cut < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("law: cut " + cut + " must be finite and at least 0.1 deviations");
        }
        double inside = Nonlinearity.ERF.value(cut / Math.sqrt(2));
        double edge = 2 * StrictMath.exp(-cut * cut / 2) / Math.sqrt(2 * Math.PI) / inside;
        double square = 1 - cut * edge; // E[z^2], E[z^4] by parts
        double fourth = 3 * square - cut * cut * cut * edge;
        double parent = deviation / Math.sqrt(square);
        return new Law(
                "truncated normal",
                mean,
                deviation,
                fourth / (square * square),
                mean - cut * parent,
                mean + cut * parent,
                x -> Math.clamp(0.5 + (cdf((x - mean) / parent) - 0.5) / inside, 0, 1));
    }

    /**
     * A distribution of which only moments are known.
     *
     * @param mean finite
     * @param deviation finite, 0 or more
     * @param kurtosis at least 1; too small a value makes false alarms, too large a one costs power
     * @return a law without a shape
     */
    public static Law ofMoments(double mean, double deviation, double kurtosis) {
        return new Law(
                "moments", mean, deviation, kurtosis, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, null);
    }

    private static double cdf(double z) {
        return (1 + Nonlinearity.ERF.value(z / Math.sqrt(2))) / 2;
    }
}
