package nn.init.nonlinearity;

/**
 * Expectations of a nonlinearity over a normal pre-activation z of variance q: gains, the length map and the backward
 * pass of the gradient are computed from them. By {@link Nonlinearity#moments(double)}.
 *
 * <p>The two rates are derivatives by the variance at a fixed mean. By Stein's identity {@code dE[g(z)]/dq = E[g''(z)]
 * / 2}, so {@code V'(q) = D(q) + E[f(z) f''(z)]}; they are computed as {@code E[f f' (z - m)] / q}, which needs no
 * second derivative and holds at kinks too.
 *
 * @param mean {@code M(q) = E[f(z)]}
 * @param secondMoment {@code V(q) = E[f(z)^2]}: not the variance, unless the mean is 0
 * @param slopeSecondMoment {@code D(q) = E[f'(z)^2]}; times the variance of a unit's weights, {@code chi}
 * @param slopeFourthMoment {@code E[f'(z)^4]}, for the spread of the Jacobian's spectrum
 * @param meanRate {@code M'(q) = dM/dq}
 * @param secondMomentRate {@code V'(q) = dV/dq}; times the variance of a unit's weights, the slope of the length map
 */
public record Moments(
        double mean,
        double secondMoment,
        double slopeSecondMoment,
        double slopeFourthMoment,
        double meanRate,
        double secondMomentRate) {

    static void requireArguments(double mean, double variance) {
        if (!Double.isFinite(mean)) {
            throw new IllegalArgumentException("moments: mean " + mean + " must be finite");
        }
        requireVariance("moments", variance);
    }

    static void requireVariance(String what, double variance) {
        if (!(variance >= 0 && variance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + ": variance " + variance + " must be finite and 0 or more");
        }
    }

    /**
     * Returns the variance of f(z).
     *
     * @return {@code V - M^2}
     */
    public double variance() {
        return secondMoment - mean * mean;
    }

    /**
     * Returns the contribution of curvature to the growth of the second moment: {@code E[f(z) f''(z)] = V' - D}. Where
     * it is 0, the length map and the gradient are critical at once.
     *
     * @return the difference
     */
    public double curvature() {
        return secondMomentRate - slopeSecondMoment;
    }

    /** Returns the moments of c f(z). */
    Moments times(double c) {
        double square = c * c;
        return new Moments(
                c * mean,
                square * secondMoment,
                square * slopeSecondMoment,
                square * square * slopeFourthMoment,
                c * meanRate,
                square * secondMomentRate);
    }

    /** Returns the moments of f(c z) / c from those of f(z), whose mean and standard deviation are c times as large. */
    Moments stretched(double c) {
        return new Moments(
                mean / c, secondMoment / c / c, slopeSecondMoment, slopeFourthMoment, meanRate * c, secondMomentRate);
    }
}
