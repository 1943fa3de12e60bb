package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Independent uniform values between fixed bounds: {@code w ~ U(low, high)}, of mean {@code (low + high) / 2} and
 * variance {@code (high - low)^2 / 12}, whatever the fans are.
 *
 * <p>Where the bound is to follow the width, use {@link VarianceScaling} with {@link Distribution#UNIFORM}.
 *
 * @param low the lower bound, finite
 * @param high the upper bound, finite, not below {@code low}
 */
public record Uniform(double low, double high) implements Initializer {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if one is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32, or they are in the wrong order
     */
    public Uniform {
        Arguments.finite("uniform", "low", low);
        Arguments.finite("uniform", "high", high);
        if (low > high) {
            throw new IllegalArgumentException("uniform: low " + low + " is above high " + high + "; swap them");
        }
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        key.uniform(out, (float) low, (float) high);
    }

    /** Such as {@code uniform(-0.1, 0.1)}. */
    @Override
    public String toString() {
        return "uniform(" + Arguments.brief(low) + ", " + Arguments.brief(high) + ")";
    }
}
