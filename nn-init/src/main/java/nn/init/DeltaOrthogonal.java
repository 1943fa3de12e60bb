package nn.init;

import nn.init.internal.Arguments;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.linalg.RandomOrthogonal;

/**
 * A convolution kernel that is zero except at its centre, where it is a random {@linkplain Orthogonal orthogonal}
 * matrix. So a convolution begins by turning every pixel's channels by itself: it keeps the length of the signal in
 * every direction and for every spatial frequency, and plain convolutional networks of thousands of layers can be
 * trained. From Xiao, Bahri, Sohl-Dickstein, Schoenholz and Pennington, <i>Dynamical isometry and a mean field theory
 * of CNNs: how to train 10,000-layer vanilla convolutional neural networks</i> (ICML 2018).
 *
 * <p>Fills kernels [taps ... x inputs x outputs]: the centre of an axis of k taps is {@code (k - 1) / 2}, rounded down.
 * Only with at least as many outputs as inputs is the length kept for every input, as for {@link Orthogonal}. A kernel
 * of several groups holds a matrix for each: {@code Init.gates(groups, Init.deltaOrthogonal())}. The fans do not count.
 *
 * @param gain every singular value of the centre, finite, 0 or more; {@link nn.init.theory.Criticality} has those of
 *     nonlinearities
 */
public record DeltaOrthogonal(double gain) implements Initializer {
    /**
     * Checks the gain.
     *
     * @throws IllegalArgumentException if the gain is NaN, negative, beyond the range of float32, or other than 0
     *     but 0 in float32
     */
    public DeltaOrthogonal {
        Arguments.notNegative("delta orthogonal", "gain", gain);
    }

    /**
     * {@inheritDoc}
     *
     * @throws nn.tensor.ShapeException if the rank is below 2
     */
    @Override
    public void fill(Tensor out, Fans fans, Key key) {
        Arguments.matrix("delta orthogonal", out.shape(), "a bias has no centre, give it zeros");
        out.fill(0);
        if (out.size() > 0) {
            RandomOrthogonal.fill(centre(out, false), gain, key);
        }
    }

    /**
     * The matrix at the centre of a kernel.
     *
     * @param kernel [taps ... x inputs x outputs], not empty
     * @param later whether an even number of taps has its centre at {@code k / 2} instead of {@code k / 2 - 1}
     * @return a view [inputs x outputs]
     */
    static Tensor centre(Tensor kernel, boolean later) {
        Shape shape = kernel.shape();
        int inputs = shape.dim(-2);
        int outputs = shape.dim(-1);
        int place = 0;
        for (int axis = 0; axis < shape.rank() - 2; axis++) {
            int taps = shape.dim(axis);
            place = place * taps + (later ? taps / 2 : (taps - 1) / 2);
        }
        int matrix = inputs * outputs;
        return kernel.reshape(kernel.size() / matrix, matrix).row(place).reshape(inputs, outputs);
    }

    /** {@code delta orthogonal} or {@code delta orthogonal(gain 1.5)}. */
    @Override
    public String toString() {
        return gain == 1 ? "delta orthogonal" : "delta orthogonal(gain " + Arguments.brief(gain) + ")";
    }
}
