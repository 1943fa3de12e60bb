package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.linalg.RandomOrthogonal;

/**
 * A random matrix with orthonormal columns (or rows, whichever are fewer), times a gain: {@code W' W = gain^2 I}
 * where W is tall or square, {@code W W' = gain^2 I} where it is wide. All singular values are the gain, so a deep
 * linear network or a recurrence over many steps passes signal and gradient on unchanged in every direction, and not
 * only on average as independent weights do. From Saxe, McClelland and Ganguli, <i>Exact solutions to the nonlinear
 * dynamics of learning in deep linear neural networks</i> (ICLR 2014).
 *
 * <p>For recurrent weights, and for deep tanh or linear networks. Only a square matrix preserves both passes: {@code y
 * = x W} with W [in x out] keeps the length of x exactly if out is at least in (the variance of one unit is then
 * {@code in / out} times that of an input), otherwise on average up to the factor {@code out / in}.
 *
 * <p>Uniform over all such matrices (Haar), as {@link RandomOrthogonal} makes them: the signs are those of a QR
 * factorization with a positive diagonal of R. A tensor of rank above 2 is filled as the matrix [all dimensions but the
 * last x last]. The fans do not count.
 *
 * @param gain every singular value, finite, 0 or more
 */
public record Orthogonal(double gain) implements Initializer {
    /**
     * Checks the gain.
     *
     * @throws IllegalArgumentException if the gain is NaN, negative, beyond the range of float32, or other than 0
     *     but 0 in float32
     */
    public Orthogonal {
        Arguments.notNegative("orthogonal", "gain", gain);
    }

    /**
     * {@inheritDoc}
     *
     * @throws ShapeException if the rank is below 2
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        if (out.shape().rank() < 2) {
            throw new ShapeException(
                    "orthogonal: expected a tensor of rank 2 or more, got shape " + out.shape()
                            + "; a bias has no directions to keep apart, give it zeros",
                    "[... x columns]",
                    out.shape());
        }
        int columns = out.dim(-1);
        int rows = columns == 0 ? 0 : out.size() / columns;
        RandomOrthogonal.fill(out.reshape(rows, columns), gain, key);
    }

    /** {@code orthogonal} or {@code orthogonal(gain 1.5)}. */
    @Override
    public String toString() {
        return gain == 1 ? "orthogonal" : "orthogonal(gain " + Arguments.brief(gain) + ")";
    }
}
