package nn.init;

import java.util.Objects;
import nn.init.internal.Arguments;
import nn.tensor.Description;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * Another scheme's values times a factor, for layers that should start smaller or larger than their fans imply. The
 * common factors have names: {@link Init#residual}, {@link Init#fixup}, {@link Init#afterDropout}.
 *
 * @param base gives the values
 * @param factor multiplies them, finite
 */
public record Scaled(Initializer base, double factor) implements Initializer {
    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the factor is NaN, beyond the range of float32, or other than 0 but 0
     *     in float32
     * @throws NullPointerException if the base is null
     */
    public Scaled {
        Objects.requireNonNull(base, "base");
        Arguments.finite("scaled", "factor", factor);
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        base.fill(out, fans, key);
        Arguments.scale("scaled", out, factor, base);
    }

    /** Such as {@code scaled(he normal, 0.25)}. */
    @Override
    public String toString() {
        return "scaled(" + Description.of(base) + ", " + Arguments.brief(factor) + ")";
    }
}
