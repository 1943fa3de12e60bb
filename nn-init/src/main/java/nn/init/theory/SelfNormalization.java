package nn.init.theory;

import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;

/**
 * Mean and variance of the activations after a wide layer, from the variance of the activations before it, with
 * derivatives, for weights that sum to 0 in each unit and whose squares sum to 1 (on average: {@code
 * Init.lecunNormal()}). The mean before the layer does not matter, as the weights sum to 0. From Klambauer,
 * Unterthiner, Mayr and Hochreiter, <i>Self-normalizing neural networks</i> (NIPS 2017), equations 3 to 5 with omega =
 * 0 and tau = 1.
 *
 * <p>SELU maps variance 1 to mean 0 and variance 1, with the derivatives 0.088835 and 0.782648 and hence the norm
 * 0.7877: a contraction, so mean and variance return to 0 and 1. (Gradients grow: chi = 1.0716.)
 *
 * @param mean {@code M(v)}
 * @param variance {@code V(v) - M(v)^2}
 * @param meanRate derivative of the mean with respect to the variance before the layer
 * @param varianceRate derivative of the variance with respect to the variance before the layer
 */
public record SelfNormalization(double mean, double variance, double meanRate, double varianceRate) {
    /**
     * Applies one layer.
     *
     * @param nonlinearity f
     * @param variance v of the activations before the layer, finite, 0 or more
     * @return mean and variance after the layer, with derivatives
     * @throws IllegalArgumentException if the variance is out of its range
     */
    public static SelfNormalization of(Nonlinearity nonlinearity, double variance) {
        Moments m = nonlinearity.moments(variance);
        return new SelfNormalization(
                m.mean(), m.variance(), m.meanRate(), m.secondMomentRate() - 2 * m.mean() * m.meanRate());
    }

    /**
     * Returns the largest singular value of the Jacobian of the map of (mean, variance): below 1, it is a contraction.
     *
     * @return the norm of the two derivatives; those with respect to the mean are 0
     */
    public double spectralNorm() {
        return Math.sqrt(meanRate * meanRate + varianceRate * varianceRate);
    }
}
