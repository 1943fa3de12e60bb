package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * A convolution kernel that passes its input on: the identity at the centre of the taps, 0 elsewhere (PyTorch's {@code
 * dirac_}; Zagoruyko and Komodakis, <i>DiracNets: training very deep neural networks without skip-connections</i>,
 * 2017). With more outputs than inputs the others are 0, and with fewer the last inputs are dropped.
 *
 * <p>Fills kernels [taps ... x inputs x outputs]; the centre of an axis of k taps is {@code k / 2}, rounded down, as in
 * PyTorch. A kernel of several groups: {@code Init.gates(groups, Init.dirac())}. The fans and the key do not count.
 */
public record Dirac() implements Initializer {
    /**
     * {@inheritDoc}
     *
     * @throws nn.tensor.ShapeException if the rank is below 2
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        Arguments.matrix("dirac", out.shape(), "a bias has no centre, give it zeros");
        out.fill(0);
        if (out.size() > 0) {
            new Identity(1).fill(DeltaOrthogonal.centre(out, true), fans, key);
        }
    }

    /** {@code dirac}. */
    @Override
    public String toString() {
        return "dirac";
    }
}
