package nn.init.testing;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;
import org.jspecify.annotations.Nullable;

/**
 * The distribution that independent initial weights are promised to have.
 *
 * @param name its name in a report
 * @param mean the mean, finite
 * @param stddev the standard deviation, finite, 0 or more
 * @param kurtosis the fourth central moment over the squared variance, finite, at least 1: 3 for normal, 1.8 for
 *     uniform values
 * @param low the lowest value; may be infinite
 * @param high the highest value; may be infinite
 * @param cdf the cumulative distribution function; null if only the moments are promised, and then nothing about shape
 *     and tails is checked
 */
@SuppressWarnings("exports") // Nullable is for the compiler: a user needs no module for it
public record ExpectedDistribution(
        String name,
        double mean,
        double stddev,
        double kurtosis,
        double low,
        double high,
        @Nullable DoubleUnaryOperator cdf) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is NaN or out of its range
     */
    public ExpectedDistribution {
        Objects.requireNonNull(name, "name");
        boolean sensible = Double.isFinite(mean)
                && stddev >= 0
                && stddev < Double.POSITIVE_INFINITY
                && kurtosis >= 1
                && kurtosis < Double.POSITIVE_INFINITY
                && low <= mean
                && mean <= high;
        if (!sensible) {
            throw new IllegalArgumentException("expected distribution '" + name + "': mean " + mean + ", stddev "
                    + stddev + ", kurtosis " + kurtosis + ", bounds " + low + " to " + high
                    + "; the mean must be finite and between the bounds, the stddev finite and 0 or more, the kurtosis"
                    + " finite and at least 1");
        }
    }

    /**
     * A normal distribution.
     *
     * @param mean finite
     * @param stddev finite, 0 or more
     * @return {@code N(mean, stddev^2)}
     */
    public static ExpectedDistribution normal(double mean, double stddev) {
        return new ExpectedDistribution(
                "normal",
                mean,
                stddev,
                3,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                x -> normalCdf((x - mean) / stddev));
    }

    /**
     * A uniform distribution.
     *
     * @param low the lower bound, finite
     * @param high the upper bound, finite, not below {@code low}
     * @return {@code U(low, high)}, of standard deviation {@code (high - low) / sqrt(12)}
     */
    public static ExpectedDistribution uniform(double low, double high) {
        return new ExpectedDistribution(
                "uniform",
                (low + high) / 2,
                (high - low) / Math.sqrt(12),
                1.8,
                low,
                high,
                x -> Math.clamp((x - low) / (high - low), 0, 1));
    }

    /**
     * A normal distribution without its tails, of a given standard deviation after the cut.
     *
     * @param mean finite
     * @param stddev of the result, not of the parent, finite, 0 or more
     * @param cut the largest magnitude, in standard deviations of the parent, at least 0.1
     * @return the distribution of {@code mean + parent z}, given {@code |z| <= cut}
     */
    public static ExpectedDistribution truncatedNormal(double mean, double stddev, double cut) {
        if (!(cut >= 0.1 && cut < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "expected distribution: cut " + cut + " must be finite and at least 0.1 standard deviations");
        }
        double inside = Nonlinearity.ERF.value(cut / Math.sqrt(2));
        double edge = 2 * StrictMath.exp(-cut * cut / 2) / Math.sqrt(2 * Math.PI) / inside;
        double square = 1 - cut * edge; // E[z^2], E[z^4] by parts
        double fourth = edge == 0 ? 3 : 3 * square - cut * cut * cut * edge;
        double parent = stddev / Math.sqrt(square);
        return new ExpectedDistribution(
                "truncated normal",
                mean,
                stddev,
                fourth / (square * square),
                mean - cut * parent,
                mean + cut * parent,
                x -> Math.clamp(0.5 + (normalCdf((x - mean) / parent) - 0.5) / inside, 0, 1));
    }

    /**
     * The logarithm of a uniform variable, as the biases of {@code Init.chronoKeep(longest, ...)} have: {@code ln u}
     * with u of U(1, longest - 1).
     *
     * @param longest the longest time, finite, above 2
     * @return the distribution, from 0 to {@code ln(longest - 1)}
     * @throws IllegalArgumentException if the time is out of its range
     */
    public static ExpectedDistribution chrono(double longest) {
        double high = longest - 1;
        if (!(high > 1 && high < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "expected distribution: longest time " + longest + " must be finite and above 2");
        }
        double log = StrictMath.log(high);
        // E y^k e^y over (0, log), by parts, over the width of u
        double[] moments = new double[5];
        double integral = high - 1;
        double power = 1;
        for (int k = 1; k < 5; k++) {
            power *= log;
            integral = power * high - k * integral;
            moments[k] = integral / (high - 1);
        }
        double mean = moments[1];
        double square = moments[2] - mean * mean;
        double fourth =
                moments[4] - 4 * mean * moments[3] + 6 * mean * mean * moments[2] - 3 * mean * mean * mean * mean;
        return new ExpectedDistribution(
                "chrono",
                mean,
                Math.sqrt(square),
                Math.max(1, fourth / (square * square)),
                0,
                log,
                y -> Math.clamp((StrictMath.exp(y) - 1) / (high - 1), 0, 1));
    }

    /**
     * A distribution with known moments only.
     *
     * @param mean finite
     * @param stddev finite, 0 or more
     * @param kurtosis at least 1; too small a value causes false alarms, too large a one costs power
     * @return a distribution without a shape
     */
    public static ExpectedDistribution ofMoments(double mean, double stddev, double kurtosis) {
        return new ExpectedDistribution(
                "moments", mean, stddev, kurtosis, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, null);
    }

    private static double normalCdf(double z) {
        return (1 + Nonlinearity.ERF.value(z / Math.sqrt(2))) / 2;
    }
}
