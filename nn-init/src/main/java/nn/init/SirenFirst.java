package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * For the first layer of a network of sines: {@code U(-1 / in, 1 / in)}, so that coordinates in [-1, 1] give phases
 * {@code omega x W} of at most omega, several periods. Unlike {@link Siren}, the bound is not divided by omega, because
 * the first layer sets the frequencies. Sitzmann and others, NeurIPS 2020.
 */
public record SirenFirst() implements Initializer {
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        float bound = (float) Arguments.finite("siren first", "bound", 1 / fans.in());
        key.uniform(out, -bound, bound);
    }

    /** {@code siren first}. */
    @Override
    public String toString() {
        return "siren first";
    }
}
