package nn.init.theory;

import nn.init.nonlinearity.Moments;

/**
 * Mean and variance of the eigenvalues of {@code J J'}, J the Jacobian of a wide square network's output by its input:
 * the squared singular values. The mean is a power of {@code chi}; the variance measures how unevenly directions are
 * scaled. It grows with depth for Gaussian weights even in a linear network at criticality, while orthogonal weights
 * keep every singular value of a linear network at 1 (dynamical isometry).
 *
 * <p>From Pennington, Schoenholz and Ganguli, <i>Resurrecting the sigmoid in deep learning through dynamical
 * isometry</i> (NIPS 2017), equations 17 and 18: with {@code m_k = E[f'(z)^2k]} at the fixed point, the mean is {@code
 * (sigma_w^2 m_1)^L} and the variance {@code mean^2 L (m_2 / m_1^2 - 1 - s)}, s = -1 for Gaussian and 0 for orthogonal
 * weights.
 *
 * @param mean of the eigenvalues
 * @param variance of the eigenvalues
 */
public record JacobianSpectrum(double mean, double variance) {
    /**
     * Returns the spectrum with independent Gaussian weights.
     *
     * @param network the network
     * @param q the second moment of the pre-activations in every layer, a fixed point
     * @param layers L, at least 0
     * @return the moments
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static JacobianSpectrum gaussian(MeanField network, double q, int layers) {
        return of(network, q, layers, -1);
    }

    /**
     * Returns the spectrum with orthogonal weights, {@code W' W = sigma_w^2 I}.
     *
     * @param network the network
     * @param q the second moment of the pre-activations in every layer, a fixed point
     * @param layers L, at least 0
     * @return the moments
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static JacobianSpectrum orthogonal(MeanField network, double q, int layers) {
        return of(network, q, layers, 0);
    }

    private static JacobianSpectrum of(MeanField network, double q, int layers, int s) {
        Check.atLeast(0, "Jacobian spectrum", "layers", layers);
        Moments m = network.nonlinearity().moments(q);
        double first = m.slopeSecondMoment();
        double mean = StrictMath.pow(network.weightVariance() * first, layers);
        if (mean == 0 || layers == 0) {
            return new JacobianSpectrum(mean, 0); // all eigenvalues are 0, or all are 1
        }
        double spread = layers * (m.slopeFourthMoment() / (first * first) - 1 - s);
        return new JacobianSpectrum(mean, spread == 0 ? 0 : mean * mean * spread); // the mean may be infinite
    }

    /**
     * Returns the largest squared singular value of the product of L wide square Gaussian matrices of weight variance
     * {@code 1 / n}. At a width of some hundreds, samples are a few percent below.
     *
     * @param layers L, at least 1
     * @return {@code (L + 1)^(L + 1) / L^L}, about e (L + 1/2)
     * @throws IllegalArgumentException if there is no layer
     */
    public static double largestOfGaussianProduct(int layers) {
        double l = Check.atLeast(1, "Jacobian spectrum", "layers", layers);
        return (l + 1) * StrictMath.exp(l * StrictMath.log1p(1 / l));
    }
}
