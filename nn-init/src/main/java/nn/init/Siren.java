package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * For all layers but the first of a network of sines, {@code sin(omega (x W + b))}: {@code U(-b, b)} with {@code b =
 * sqrt(6 / in) / omega}, so that the phases {@code omega x W} of a wide network have a variance near 1 in every layer.
 * From Sitzmann, Martel, Bergman, Lindell and Wetzstein, <i>Implicit neural representations with periodic activation
 * functions</i> (NeurIPS 2020). The first layer takes {@link SirenFirst}.
 *
 * <p>The paper gives N(0, 1) for the phases. More exactly, their variance tends to the solution q of {@code q = 1 -
 * exp(-2 q)}, 0.797; the mean square of the gradient grows by {@code 1 + exp(-2 q)}, 1.203, in each layer.
 *
 * @param omega the factor inside the sine, finite, above 0: 30 in the paper
 */
public record Siren(double omega) implements Initializer {
    /**
     * Checks the factor.
     *
     * @throws IllegalArgumentException if the factor is NaN, 0 in float32, negative, or beyond the range of
     *     float32
     */
    public Siren {
        if (Arguments.finite("siren", "omega", omega) <= 0) {
            throw new IllegalArgumentException("siren: omega " + omega + " must be above 0");
        }
    }

    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        float bound = (float) Arguments.finite("siren", "bound", Math.sqrt(6.0 / fans.in()) / omega);
        key.uniform(out, -bound, bound);
    }

    /** Such as {@code siren(30)}. */
    @Override
    public String toString() {
        return "siren(" + Arguments.brief(omega) + ")";
    }
}
