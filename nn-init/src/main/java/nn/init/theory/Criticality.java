package nn.init.theory;

import java.util.Arrays;
import java.util.Objects;
import nn.init.nonlinearity.Moments;
import nn.init.nonlinearity.Nonlinearity;

/**
 * A point of the critical line: weights and biases with which a wide network is at the edge of chaos, so that gradients
 * neither vanish nor explode. At the fixed point {@code q = sigma_w^2 V(q) + sigma_b^2} of the length map, {@code chi =
 * sigma_w^2 D(q) = 1} (Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, <i>Deep information propagation</i>, ICLR 2017;
 * Hayou, Doucet and Rousseau, <i>On the impact of the activation function on deep neural networks training</i>, ICML
 * 2019).
 *
 * <p>For each length q there is at most one such pair: {@code sigma_w^2 = 1 / D(q)} and {@code sigma_b^2 = q - V(q) /
 * D(q)}, if that is not negative.
 *
 * @param weightVariance {@code sigma_w^2}: fan in times the variance of a weight
 * @param biasVariance {@code sigma_b^2}
 * @param length the fixed point q
 * @param lengthSlope the slope of the length map at q: below 1, the length returns after a disturbance; at 1, slowly if
 *     at all; above 1, the length leaves the point, and with it criticality
 */
public record Criticality(double weightVariance, double biasVariance, double length, double lengthSlope) {
    private static final double SMALLEST = 1e-6;
    private static final double LARGEST = 1e6;

    /**
     * Returns the gain for {@code VarianceScaling} with the fan in.
     *
     * @return {@code sigma_w}
     */
    public double gain() {
        return Math.sqrt(weightVariance);
    }

    /**
     * Returns the critical point of a given bias variance: the one of the smallest length, from 10^-6 to 10^6, that
     * lengths do not leave, which is where the slope of the length map is at most 1. With zero biases, the length 0
     * comes first, if it is fixed and lengths near it do not grow; it stands for ReLU's every length.
     *
     * <p>The critical gain guarantees that gradients change slower than exponentially with depth, once the signal is at
     * its fixed point. It does not guarantee that the signal keeps its scale: where the point is 0 (tanh, erf, sin,
     * ELU, SELU, all with f(0) = 0), the second moment decays slowly towards it, like 1 / layers for tanh. For networks
     * of moderate depth, {@link nn.init.Gain#suitable} is the gain that default weights have.
     *
     * <p>Some functions have none. At gain 2, GELU and SiLU are critical at 0, but every signal leaves it and grows:
     * biases of a variance from 0.173 for GELU and from 0.556 for SiLU give a point that lengths return to. Softplus is
     * ordered at every gain that has a fixed point, with any biases.
     *
     * <table>
     * <caption>sigma_b = 0</caption>
     * <tr><th>function</th><th>critical point</th></tr>
     * <tr><td>linear, (leaky) ReLU</td><td>the gain of {@code Gain.he}; every length is fixed</td></tr>
     * <tr><td>tanh, erf, sin, hard tanh, ELU, SELU</td>
     *     <td>q = 0, which lengths approach slower than exponentially</td></tr>
     * <tr><td>sigmoid</td><td>q above 0</td></tr>
     * <tr><td>GELU, SiLU</td><td>none: q = 0 is critical, but every signal leaves it; see {@link #halfStable}</td></tr>
     * <tr><td>softplus</td><td>none: chi is below 1 at every fixed point</td></tr>
     * </table>
     *
     * @param nonlinearity f
     * @param biasVariance {@code sigma_b^2}, finite, 0 or more
     * @return the point
     * @throws IllegalArgumentException if there is none, or the variance is out of its range
     */
    public static Criticality of(Nonlinearity nonlinearity, double biasVariance) {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
        Check.notNegative("criticality", "bias variance", biasVariance);
        if (biasVariance == 0 && nonlinearity.value(0) == 0) {
            double slope = nonlinearity.moments(0).slopeSecondMoment();
            double small = 1e-3; // far below the scale on which functions bend, far above rounding
            if (slope > 0 && nonlinearity.moments(small).secondMoment() <= small * slope * (1 + 1e-9)) {
                return at(nonlinearity, 0);
            }
        }
        double[] lengths = Roots.all(
                x -> {
                    Moments m = nonlinearity.moments(x);
                    return m.slopeSecondMoment() * (x - biasVariance) - m.secondMoment();
                },
                SMALLEST,
                LARGEST);
        return Arrays.stream(lengths)
                .mapToObj(q -> at(nonlinearity, q))
                .filter(point -> point.lengthSlope <= 1 + MeanField.FixedPoint.MARGIN)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no critical weight variance for '"
                        + nonlinearity.name() + "' with bias variance " + biasVariance
                        + ": chi is not 1 at any fixed point from " + SMALLEST + " to " + LARGEST
                        + " that signals stay at; try Criticality.halfStable, or another bias variance"));
    }

    /**
     * Returns the critical point of a given length.
     *
     * @param nonlinearity f
     * @param q the length, finite, 0 or more
     * @return the point
     * @throws IllegalArgumentException if the bias variance would be negative, or q is out of its range
     */
    public static Criticality at(Nonlinearity nonlinearity, double q) {
        Check.notNegative("criticality", "length", q);
        Moments m = nonlinearity.moments(q);
        double weightVariance = 1 / m.slopeSecondMoment();
        double biasVariance = q - weightVariance * m.secondMoment();
        if (!(biasVariance >= -1e-9 * q)) {
            throw new IllegalArgumentException("no critical point of length " + q + " for '" + nonlinearity.name()
                    + "': the bias variance would be " + biasVariance);
        }
        return new Criticality(weightVariance, Math.max(biasVariance, 0), q, weightVariance * m.secondMomentRate());
    }

    /**
     * Returns the point where chi and the slope of the length map are both 1, which is where {@code E[f f''] = 0}: the
     * best point of GELU and SiLU. It is half-stable: lengths on one side of q slowly approach it, those on the other
     * side leave it (Roberts, Yaida and Hanin, <i>The Principles of Deep Learning Theory</i>, 2022, section 5.3.4).
     *
     * @param nonlinearity f
     * @return the point of the smallest length, from 10^-6 to 10^6
     * @throws IllegalArgumentException if there is none, as for tanh, whose length map is always flatter
     */
    public static Criticality halfStable(Nonlinearity nonlinearity) {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
        double q = Roots.first(
                x -> {
                    Moments m = nonlinearity.moments(x);
                    return Math.abs(m.curvature()) <= 1e-13 * m.slopeSecondMoment() ? 0 : m.curvature();
                },
                SMALLEST,
                LARGEST);
        if (Double.isNaN(q)) {
            throw new IllegalArgumentException("no half-stable critical point for '" + nonlinearity.name()
                    + "': E[f(z) f''(z)] does not change its sign; Criticality.of finds a point for a bias variance");
        }
        return at(nonlinearity, q);
    }
}
