package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * A multiple of the identity: {@code w[i][j] = gain} where {@code i = j}, 0 elsewhere; in a rectangular matrix the
 * diagonal ends with the shorter side. The layer starts by passing its input on, so that a recurrence starts by
 * remembering.
 *
 * <p>For the recurrent weight of a ReLU network (IRNN: Le, Jaitly and Hinton, <i>A simple way to initialize recurrent
 * networks of rectified linear units</i>, 2015) with small random input weights. In a plain layer the units of a
 * rectangular matrix beyond the diagonal start equal, and stay so. The fans and the key do not count.
 *
 * @param gain the value on the diagonal, finite
 */
public record Identity(double gain) implements Initializer {
    /**
     * Checks the gain.
     *
     * @throws IllegalArgumentException if the gain is NaN, beyond the range of float32, or other than 0 but 0 in
     *     float32
     */
    public Identity {
        Arguments.finite("identity", "gain", gain);
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if the rank is not 2
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        if (out.shape().rank() != 2) {
            throw new ShapeException(
                    "identity: expected a matrix, got shape " + out.shape() + "; other tensors have no one diagonal",
                    "[rows x columns]",
                    out.shape());
        }
        out.fill(0);
        for (int i = 0; i < Math.min(out.dim(0), out.dim(1)); i++) {
            out.set((float) gain, i, i);
        }
    }

    /** {@code identity} or {@code identity(gain 0.5)}. */
    @Override
    public String toString() {
        return gain == 1 ? "identity" : "identity(gain " + Arguments.brief(gain) + ")";
    }
}
