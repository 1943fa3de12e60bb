package nn.init.theory;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import nn.init.nonlinearity.Nonlinearity;

/**
 * A deep network in the limit of wide layers {@code z = W f(z_before) + b} with independent weights of variance {@code
 * sigma_w^2 / inputs} and biases of variance {@code sigma_b^2}: the effect of a layer on the second moment of a
 * pre-activation (the length map), on the correlation of two inputs, and on the mean square of a gradient (chi).
 *
 * <p>From Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli, <i>Exponential expressivity in deep neural networks through
 * transient chaos</i> (NIPS 2016), and Schoenholz, Gilmer, Ganguli and Sohl-Dickstein, <i>Deep information
 * propagation</i> (ICLR 2017). With {@code u, v ~ N(0, q)} of correlation c:
 *
 * <table>
 * <caption>The maps</caption>
 * <tr><th>map</th><th>formula</th><th>method</th></tr>
 * <tr><td>length map</td><td>q -&gt; sigma_w^2 E[f(u)^2] + sigma_b^2</td><td>{@link #length}</td></tr>
 * <tr><td>its slope</td><td>sigma_w^2 dE[f(u)^2]/dq</td><td>{@link #lengthSlope}</td></tr>
 * <tr><td>gradient factor</td><td>chi = sigma_w^2 E[f'(u)^2]</td><td>{@link #chi}</td></tr>
 * <tr><td>correlation map, q at its fixed point</td><td>c -&gt; (sigma_w^2 E[f(u) f(v)] + sigma_b^2) / q</td>
 *     <td>{@link #correlation}</td></tr>
 * <tr><td>its slope; at c = 1, chi</td><td>sigma_w^2 E[f'(u) f'(v)]</td><td>{@link #correlationSlope}</td></tr>
 * </table>
 *
 * <p>A sine layer of SIREN (Sitzmann and others 2020), with weights {@code U(-sqrt(6 / n), sqrt(6 / n)) / w0} and
 * pre-activations times w0, is {@code new MeanField(Nonlinearity.SIN, 2, 0)}: its fixed point is {@code q = 1 - exp(-2
 * q) = 0.79681} (not 1), and its gradients grow by {@code 1 + exp(-2 q) = 1.2032} a layer.
 *
 * @param nonlinearity f
 * @param weightVariance {@code sigma_w^2}: fan in times the variance of a weight, finite, 0 or more; the square of a
 *     gain
 * @param biasVariance {@code sigma_b^2}, finite, 0 or more
 */
public record MeanField(Nonlinearity nonlinearity, double weightVariance, double biasVariance) {
    /** Fixed points are searched among lengths of 10^-6 to 10^6, eight per decade. */
    private static final double SMALLEST = 1e-6;

    private static final double LARGEST = 1e6;
    private static final int MOST_STEPS = 10_000;
    private static final int MOST_LAYERS = 10_000_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if a variance is negative, NaN or infinite
     */
    public MeanField {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
        Check.notNegative("mean field", "weight variance", weightVariance);
        Check.notNegative("mean field", "bias variance", biasVariance);
    }

    /**
     * Returns the network of {@code VarianceScaling(gain, Fan.IN, ...)} and zero biases.
     *
     * @param nonlinearity f
     * @param gain finite, 0 or more
     * @return with {@code sigma_w^2 = gain^2}
     * @throws IllegalArgumentException if the gain is out of its range
     */
    public static MeanField ofGain(Nonlinearity nonlinearity, double gain) {
        return new MeanField(nonlinearity, Check.notNegative("mean field", "gain", gain) * gain, 0);
    }

    /**
     * Applies the length map: the second moment of a pre-activation from that of the previous layer.
     *
     * @param q the second moment in the previous layer, finite, 0 or more
     * @return the second moment in this layer
     */
    public double length(double q) {
        return weightVariance * nonlinearity.moments(q).secondMoment() + biasVariance;
    }

    /**
     * Iterates the length map.
     *
     * @param q the first layer's second moment, finite, 0 or more
     * @param layers the number of layers, 0 to 10 million
     * @return layers + 1 elements, q first; infinite after an overflow
     * @throws IllegalArgumentException if a number is out of its range
     */
    public double[] lengths(double q, int layers) {
        Check.notNegative("mean field", "length", q);
        return iterate(this::length, q, layers);
    }

    /**
     * Returns the slope of the length map: below 1 at a fixed point, small differences of length die out.
     *
     * @param q finite, 0 or more
     * @return {@code sigma_w^2 V'(q) = chi(q) + sigma_w^2 E[f f'']}
     */
    public double lengthSlope(double q) {
        return weightVariance * nonlinearity.moments(q).secondMomentRate();
    }

    /**
     * Returns the factor by which the mean square of a gradient changes in the backward pass of a layer with as many
     * units as inputs. Below 1 at the fixed point, gradients vanish and inputs become alike (the ordered phase); above
     * 1, gradients explode and nearly equal inputs diverge (the chaotic phase).
     *
     * @param q the second moment of the pre-activations, finite, 0 or more
     * @return {@code sigma_w^2 D(q)}
     */
    public double chi(double q) {
        return weightVariance * nonlinearity.moments(q).slopeSecondMoment();
    }

    /**
     * Returns the limit of the length map from a start, such as the {@code q*} of the phase diagram. If 200 layers do
     * not converge (tanh at gain 1 approaches its limit like 1 / layers), the next fixed point is found by its sign
     * change.
     *
     * @param q the start, finite, 0 or more
     * @return the limit: q itself if it is fixed, 0 if all signal is lost, infinite if it grows without bound
     */
    public double fixedPoint(double q) {
        double now = Check.notNegative("mean field", "length", q);
        for (int i = 0; i < MOST_STEPS; i++) {
            double next = length(now);
            if (next == now || Math.abs(next - now) <= 1e-15 * now) {
                return next;
            }
            if (next > 1e300) {
                return Double.POSITIVE_INFINITY;
            }
            if (next < 1e-300) {
                return 0;
            }
            now = next;
            if (i >= 200 && i % 100 == 0) {
                double ahead = solved(now, length(now) - now > 0);
                if (!Double.isNaN(ahead)) {
                    return ahead;
                }
            }
        }
        return now;
    }

    /** Returns the next fixed point upwards or downwards; NaN if no sign change shows one. */
    private double solved(double from, boolean upwards) {
        DoubleUnaryOperator growth = q -> length(q) - q;
        if (upwards) {
            double root = Roots.first(growth, from, Math.max(LARGEST, 1e3 * from));
            return Double.isNaN(root) ? Double.POSITIVE_INFINITY : root;
        }
        double root = Roots.last(growth, Math.min(SMALLEST, from * 1e-3), from);
        if (!Double.isNaN(root)) {
            return root;
        }
        return length(0) == 0 ? 0 : Double.NaN;
    }

    /**
     * A fixed point of the length map.
     *
     * @param length q
     * @param slope the map's slope there
     */
    public record FixedPoint(double length, double slope) {
        /** How close to 1 a slope counts as 1. */
        static final double MARGIN = 1e-9;

        /**
         * Classifies the fixed point by the slope.
         *
         * @return the stability
         */
        public Stability stability() {
            if (Math.abs(Math.abs(slope) - 1) <= MARGIN) {
                return Stability.MARGINAL;
            }
            return Math.abs(slope) < 1 ? Stability.STABLE : Stability.UNSTABLE;
        }
    }

    /** The behaviour of lengths near a fixed point. */
    public enum Stability {
        /** They return, exponentially fast: the slope is below 1. */
        STABLE,
        /** The slope is 1: they stay, approach or leave slowly, possibly differently on either side. */
        MARGINAL,
        /** They leave: the slope is above 1. */
        UNSTABLE
    }

    /**
     * Returns the isolated fixed points of the length map, by sign changes of {@code length(q) - q} among 97 lengths
     * from 10^-6 to 10^6; also 0, if it is one. Two points within a third of each other, or a point without a sign
     * change, may be missed. Where every q is fixed (ReLU at gain sqrt(2)), the list has only 0.
     *
     * @return the points by increasing length
     */
    public List<FixedPoint> fixedPoints() {
        List<FixedPoint> points = new ArrayList<>();
        if (length(0) == 0) {
            points.add(new FixedPoint(0, lengthSlope(0)));
        }
        for (double q : Roots.all(
                x -> {
                    double next = length(x);
                    return Math.abs(next - x) <= 1e-14 * x ? 0 : next - x; // rounding has no sign
                },
                SMALLEST,
                LARGEST)) {
            points.add(new FixedPoint(q, lengthSlope(q)));
        }
        return points;
    }

    /**
     * Applies the correlation map to inputs whose length is at its fixed point.
     *
     * @param q the second moment of both inputs' pre-activations, finite, above 0; a {@linkplain #fixedPoint fixed
     *     point}, or 1 is not mapped to 1
     * @param c the correlation of the pre-activations, from -1 to 1
     * @return the correlation in the next layer
     */
    public double correlation(double q, double c) {
        Check.positive("mean field", "length", q);
        return (weightVariance * nonlinearity.crossMoments(q, c).values() + biasVariance) / q;
    }

    /**
     * Returns the slope of the correlation map; at the fixed point {@code c*}, the chi_c of Schoenholz and others.
     *
     * @param q as for {@link #correlation}
     * @param c from -1 to 1
     * @return {@code sigma_w^2 E[f'(u) f'(v)]}
     */
    public double correlationSlope(double q, double c) {
        return weightVariance * nonlinearity.crossMoments(q, c).slopes();
    }

    /**
     * Iterates the correlation map.
     *
     * @param q as for {@link #correlation}
     * @param c the first layer's, from -1 to 1
     * @param layers the number of layers, 0 to 10 million
     * @return layers + 1 elements, c first
     * @throws IllegalArgumentException if a number is out of its range
     */
    public double[] correlations(double q, double c, int layers) {
        Check.positive("mean field", "length", q);
        if (!(c >= -1 && c <= 1)) {
            throw new IllegalArgumentException("mean field: correlation " + c + " must be from -1 to 1");
        }
        return iterate(x -> Math.clamp(correlation(q, x), -1, 1), c, layers);
    }

    /**
     * Returns the variance of a pre-activation over the inputs, with the weights held fixed: {@code q (1 - c)}. It is
     * not the variance over weights, q, that initialization keeps. In a ReLU network under He initialization it decays
     * like {@code 9 pi^2 / layers^2}, from independent inputs as 2, 1.3634, 1.0125, ... for q = 2, because all inputs
     * become parallel.
     *
     * @param q as for {@link #correlation}
     * @param c the correlation of two inputs in the first layer, from -1 to 1; 0 for independent ones
     * @param layers the number of layers, 0 to 10 million
     * @return layers + 1 elements
     * @throws IllegalArgumentException if a number is out of its range
     */
    public double[] dataVariances(double q, double c, int layers) {
        double[] result = correlations(q, c, layers);
        for (int l = 0; l < result.length; l++) {
            result[l] = q * (1 - result[l]);
        }
        return result;
    }

    /**
     * Returns the stable fixed point of the correlation map. 1 is always fixed; it is stable if chi is at most 1,
     * otherwise the stable one is below.
     *
     * @param q a fixed point of the length map, above 0
     * @return {@code c*}
     */
    public double fixedCorrelation(double q) {
        double chi = chi(q);
        if (!(chi > 1 + 1e-12)) {
            return Double.isNaN(chi) ? Double.NaN : 1;
        }
        // The map is convex on [0, 1], so c -> C(c) - c has one root below 1; next to 1 it is negative.
        double low = 0;
        double high = 1 - 1e-9;
        if (correlation(q, low) <= 0) {
            return 0;
        }
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (correlation(q, middle) > middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /**
     * Returns the number of layers in which a small difference of length falls by e near a fixed point: {@code xi_q =
     * -1 / ln(slope)}.
     *
     * @param q a fixed point of the length map
     * @return infinite if the slope is 1, negative if differences grow
     */
    public double lengthDepth(double q) {
        return depth(lengthSlope(q));
    }

    /**
     * Returns the number of layers in which the distance of a correlation from its stable fixed point falls by e:
     * {@code xi_c = -1 / ln(chi_c)}. Networks train up to a few times this depth (Schoenholz and others: about 6).
     *
     * @param q a fixed point of the length map, above 0
     * @return infinite at criticality
     */
    public double correlationDepth(double q) {
        return depth(correlationSlope(q, fixedCorrelation(q)));
    }

    private static double depth(double slope) {
        double magnitude = Math.abs(slope);
        return Math.abs(magnitude - 1) < 1e-12 ? Double.POSITIVE_INFINITY : -1 / StrictMath.log(magnitude);
    }

    private static double[] iterate(DoubleUnaryOperator map, double start, int times) {
        if (times < 0 || times > MOST_LAYERS) {
            throw new IllegalArgumentException(
                    "mean field: " + times + " layers; there must be 0 or more, at most " + MOST_LAYERS);
        }
        double[] values = new double[times + 1];
        values[0] = start;
        for (int l = 1; l <= times; l++) {
            values[l] = Double.isFinite(values[l - 1]) ? map.applyAsDouble(values[l - 1]) : values[l - 1];
        }
        return values;
    }
}
