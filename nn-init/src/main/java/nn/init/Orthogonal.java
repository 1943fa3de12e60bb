package nn.init;

import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.linalg.Qr;

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
 * <p>The matrix is Q of the QR factorization of a Gaussian matrix (of its transpose, where wide), with the signs that
 * make the diagonal of R positive. Without that correction, Q is orthogonal but not uniformly distributed (Haar): its
 * first element would never be positive (Mezzadri, <i>How to generate random matrices from the classical compact
 * groups</i>, 2007). A tensor of rank above 2 is filled as the matrix [all dimensions but the last x last]. The fans
 * do not count.
 *
 * @param gain every singular value, finite, 0 or more
 */
public record Orthogonal(double gain) implements Initializer {
    /**
     * Checks the gain.
     *
     * @throws IllegalArgumentException if the gain is NaN, negative or beyond the range of float32
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
        key.normal(out, 0, 1);
        int columns = out.dim(-1);
        int rows = columns == 0 ? 0 : out.size() / columns;
        double[] weights = new double[out.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = out.array()[out.offset() + i];
        }
        orthogonalize(weights, rows, columns);
        for (int i = 0; i < weights.length; i++) {
            out.array()[out.offset() + i] = (float) (gain * weights[i]);
        }
    }

    /** Replaces a matrix by the orthonormal factor of its QR factorization, or of its transpose's where it is wide. */
    static void orthogonalize(double[] a, int rows, int columns) {
        boolean wide = rows < columns;
        double[] q = wide ? Qr.of(transposed(a, rows, columns), columns, rows).qValues() : Qr.of(a, rows, columns).qValues();
        System.arraycopy(wide ? transposed(q, columns, rows) : q, 0, a, 0, a.length);
    }

    private static double[] transposed(double[] a, int rows, int columns) {
        double[] t = new double[a.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                t[j * rows + i] = a[i * columns + j];
            }
        }
        return t;
    }

    /** {@code orthogonal} or {@code orthogonal(gain 1.5)}. */
    @Override
    public String toString() {
        return gain == 1 ? "orthogonal" : "orthogonal(gain " + Arguments.brief(gain) + ")";
    }
}
