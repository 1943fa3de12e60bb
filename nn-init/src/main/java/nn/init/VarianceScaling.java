package nn.init;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Independent values around zero, of the variance {@code gain^2 / fan}: the family of which Xavier, He and LeCun
 * initialization are members (see {@link Init}). A unit adds up {@code in} products, so its pre-activation has the
 * second moment {@code in * Var(w) * E[x^2]}; dividing by the number of inputs cancels the width, and the gain
 * compensates for the nonlinearity.
 *
 * @param gain the gain for the nonlinearity that follows, finite, 0 or more; see {@link Gain}
 * @param fan the fan that divides the variance
 * @param distribution the shape
 */
public record VarianceScaling(double gain, Fan fan, Distribution distribution) implements Initializer {
    /** The bound sqrt(3) gain / sqrt(fan) is then 1 / sqrt(fan). */
    static final double TORCH_GAIN = Math.sqrt(1.0 / 3);

    private static final MathContext SIX_DIGITS = new MathContext(6);

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the gain is NaN, negative, beyond the range of float32, or other than 0
     *     but 0 in float32
     * @throws NullPointerException if another argument is null
     */
    public VarianceScaling {
        Arguments.notNegative("variance scaling", "gain", gain);
        Objects.requireNonNull(fan, "fan");
        Objects.requireNonNull(distribution, "distribution");
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        distribution.fill(out, gain / Math.sqrt(fan.of(fans)), key);
    }

    /**
     * The common name where there is one, such as {@code he normal}, {@code he uniform(slope 0.1)}, {@code xavier
     * uniform} or {@code torch default}; else such as {@code variance scaling(gain 2, fan average, uniform)}.
     */
    @Override
    public String toString() {
        if (fan == Fan.AVERAGE && gain == 1) {
            return "xavier " + distribution;
        }
        if (fan == Fan.IN && gain == 1) {
            return "lecun " + distribution;
        }
        if (gain == TORCH_GAIN && distribution == Distribution.UNIFORM && (fan == Fan.IN || fan == Fan.OUT)) {
            return fan == Fan.IN ? "torch default" : "torch recurrent";
        }
        if (fan == Fan.IN && gain == Gain.he(0)) {
            return "he " + distribution;
        }
        double slope = briefSlope();
        if (fan == Fan.IN && gain == Gain.he(slope)) {
            return "he " + distribution + "(slope " + Arguments.brief(slope) + ")";
        }
        String name = fan.name().toLowerCase(Locale.ROOT);
        return "variance scaling(gain " + Arguments.brief(gain) + ", fan " + name + ", " + distribution + ")";
    }

    /** The negative slope that has this gain, to six digits; 0 if none has that float32 can hold. */
    private double briefSlope() {
        double square = 2 / (gain * gain) - 1;
        return square > 0 && Float.isFinite((float) Math.sqrt(square))
                ? new BigDecimal(Math.sqrt(square)).round(SIX_DIGITS).doubleValue()
                : 0;
    }
}
