package nn.init;

import java.util.Locale;
import java.util.Objects;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Independent values around zero, of the variance {@code gain^2 / fan}: the family of which Xavier, He and LeCun
 * initialization are members (see {@link Init}). A unit adds up {@code in} products, so its pre-activation has the
 * second moment {@code in * Var(w) * E[x^2]}; dividing by the number of inputs cancels the width, and the gain makes
 * up for what the nonlinearity takes away.
 *
 * @param gain what the nonlinearity needs, finite, 0 or more; see {@link Gain}
 * @param fan which fan the variance is divided by
 * @param distribution the shape
 */
public record VarianceScaling(double gain, Fan fan, Distribution distribution) implements Initializer {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the gain is NaN, negative or beyond the range of float32
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
     * The common name where there is one, such as {@code he normal} or {@code xavier uniform}; else such as {@code variance
     * scaling(gain 2, fan average, uniform)}.
     */
    @Override
    public String toString() {
        if (fan == Fan.IN && gain == Gain.he(0)) {
            return "he " + distribution;
        }
        if (fan == Fan.IN && gain == 1) {
            return "lecun " + distribution;
        }
        if (fan == Fan.AVERAGE && gain == 1) {
            return "xavier " + distribution;
        }
        String name = fan.name().toLowerCase(Locale.ROOT);
        return "variance scaling(gain " + Arguments.brief(gain) + ", fan " + name + ", " + distribution + ")";
    }
}
