package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Independent normal values of a fixed scale: {@code w ~ N(mean, stddev^2)}, whatever the fans are.
 *
 * <p>For embeddings, and for showing the effect of a wrong scale. In a plain deep network prefer {@link
 * VarianceScaling}: a fixed standard deviation is right at one width only, and the error is raised to the power of the
 * depth.
 *
 * @param mean the mean, finite
 * @param stddev the standard deviation, finite, 0 or more
 */
public record Normal(double mean, double stddev) implements Initializer {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32, the standard deviation is negative, or values of 7 standard deviations would be beyond that range
     */
    public Normal {
        Arguments.finite("normal", "mean", mean);
        Arguments.notNegative("normal", "stddev", stddev);
        Arguments.withinRange("normal", mean, stddev, Arguments.NORMAL_REACH);
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        key.normal(out, (float) mean, (float) stddev);
    }

    /** Such as {@code normal(0, 0.01)}. */
    @Override
    public String toString() {
        return "normal(" + Arguments.brief(mean) + ", " + Arguments.brief(stddev) + ")";
    }
}
