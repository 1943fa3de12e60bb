package nn.init;

import java.util.Locale;
import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A shape for random weights around zero, to be scaled. Each gives the standard deviation it is asked for, so they can
 * stand in for each other: theory of wide networks knows the variance only.
 */
public enum Distribution {
    /** Normal, N(0, stddev^2). Weights beyond 4 standard deviations occur, as they should, about once in 16,000. */
    NORMAL,
    /** Uniform over {@code (-b, b)} with {@code b = sqrt(3) * stddev}, because the variance of that is b^2 / 3. */
    UNIFORM,
    /**
     * Normal without the values beyond 2 standard deviations of the parent. Cutting makes it narrower by 0.8796, so the
     * parent's standard deviation is {@code stddev / 0.87962566103423978}, as in Keras and JAX; no magnitude exceeds
     * 2.27 standard deviations.
     */
    TRUNCATED_NORMAL;

    /** Where {@link #TRUNCATED_NORMAL} is cut, in standard deviations of the parent. */
    static final double CUT = 2;

    private static final double SQRT_3 = Math.sqrt(3);

    /**
     * Fills a tensor.
     *
     * @param out any shape
     * @param stddev the standard deviation of the result, finite, 0 or more
     * @param key names the randomness
     * @throws IllegalArgumentException if the standard deviation is out of its range, other than 0 but 0 in float32, or
     *     so large that values would be beyond the range of float32
     */
    public void fill(Tensor out, double stddev, Key key) {
        Arguments.notNegative(toString(), "stddev", stddev);
        Arguments.withinRange(
                toString(),
                0,
                stddev,
                switch (this) {
                    case NORMAL -> Arguments.NORMAL_REACH;
                    case UNIFORM -> SQRT_3;
                    case TRUNCATED_NORMAL -> TruncatedNormal.reach(CUT);
                });
        switch (this) {
            case NORMAL -> key.normal(out, 0, (float) stddev);
            case UNIFORM -> {
                float bound = (float) (SQRT_3 * stddev);
                key.uniform(out, -bound, bound);
            }
            case TRUNCATED_NORMAL -> TruncatedNormal.fill(out, 0, stddev, CUT, key);
        }
    }

    /** The name as a summary prints it, such as {@code truncated normal}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
