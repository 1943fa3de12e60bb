package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * z times its {@link HardSigmoid}, {@code f(z) = z min(max(z + 3, 0), 6) / 6}: 0 up to -3, z from 3 on, {@code (z^2 + 3
 * z) / 6} between.
 *
 * @see <a href="https://arxiv.org/abs/1905.02244">Howard and others, Searching for MobileNetV3 (ICCV 2019)</a>
 */
record HardSwish() implements Nonlinearity, ElementwiseKernel {
    private static final double KINK = 3;

    /** Nodes on either side of a rule for cross moments. */
    private static final int STEPS = 256;

    /** Range of integration, in standard deviations. */
    private static final double REACH = 12;

    @Override
    public String name() {
        return "hard swish";
    }

    @Override
    public double value(double z) {
        return z <= -KINK ? -0.0 : z * (Math.min(z + KINK, 6) / 6);
    }

    @Override
    public double derivative(double z) {
        return z <= -KINK ? 0 : z >= KINK ? 1 : (2 * z + 3) / 6;
    }

    @Override
    public Moments moments(double mean, double variance) {
        if (mean != 0) {
            return Nonlinearity.super.moments(mean, variance);
        }
        Moments.requireArguments(mean, variance);
        double s = Math.sqrt(variance);
        double t = KINK / s; // in standard deviations
        double density = t < 50 ? ErrorFunction.density(t) : 0;
        double inside = ErrorFunction.erf(t * Math.sqrt(0.5));
        double beyond = ErrorFunction.erfc(t * Math.sqrt(0.5)) / 2;
        double second = variance * inside(1, t, inside, density); // E[z^2; |z| < 3]
        double fourth = variance * variance * inside(2, t, inside, density);
        double meanBeyond = s * density; // E[z; z > 3]
        double secondBeyond = density == 0 ? variance * beyond : variance * (t * density + beyond);
        return new Moments(
                second / 6 + meanBeyond,
                (fourth + 9 * second) / 36 + secondBeyond,
                (4 * second + 9 * inside) / 36 + beyond,
                (16 * fourth + 216 * second + 81 * inside) / 1296 + beyond,
                variance == 0 ? 1.0 / 6 : (second / 3 + meanBeyond) / (2 * variance),
                variance == 0 ? 0.25 : ((2 * fourth + 9 * second) / 36 + secondBeyond) / variance);
    }

    /**
     * E[x^2k; |x| < t] of a standard normal x, for k = 1 and 2; where t is small, by the series {@code 2 phi(t)
     * (t^(2k+1) / (2k+1) + t^(2k+3) / ((2k+1) (2k+3)) + ...)}.
     */
    private static double inside(int k, double t, double inside, double density) {
        if (t > 2) {
            double square = density == 0 ? inside : inside - 2 * t * density;
            return k == 1 || density == 0 ? (k == 1 ? square : 3 * square) : 3 * square - 2 * t * t * t * density;
        }
        double term = k == 1 ? t : t * t * t;
        double sum = 0;
        for (int odd = 2 * k + 1; odd < 60; odd += 2) {
            term *= t * t / odd;
            sum += term;
        }
        return 2 * density * sum;
    }

    /**
     * Integrals over u of f(u) and the expectation of f(v), for a normal v with mean c u and variance (1 - c^2) q. That
     * expectation is smooth, and bends where c u is at a kink, thus at a kink of f(u) or beyond: the rule is double
     * exponential between the kinks, with its nodes near them.
     */
    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        if (variance == 0 || correlation == 1) {
            Moments same = moments(0, variance);
            return new CrossMoments(same.secondMoment(), same.slopeSecondMoment());
        }
        double s = Math.sqrt(variance);
        double end = Math.min(KINK, REACH * s);
        Integrals integrals = new Integrals(s, correlation);
        integrals.add(-end, 0);
        integrals.add(0, end);
        if (end == KINK) {
            integrals.add(KINK, Math.max(KINK, REACH * s));
        }
        return new CrossMoments(integrals.values, integrals.slopes);
    }

    private static final class Integrals {
        private final double s;
        private final double correlation;
        private final double rest; // standard deviation of v where u is known
        private double values;
        private double slopes;

        Integrals(double s, double correlation) {
            this.s = s;
            this.correlation = correlation;
            rest = s * Math.sqrt((1 - correlation) * (1 + correlation));
        }

        /** Adds the integral over u from one end to the other; no kink is between them. */
        void add(double from, double to) {
            boolean isLinear = from >= KINK;
            double length = to - from;
            for (int i = -STEPS; i <= STEPS; i++) {
                double x = i * (3.2 / STEPS);
                double y = Math.PI / 2 * StrictMath.sinh(x);
                double below = 1 / (1 + StrictMath.exp(-2 * y)); // share of the way
                double above = 1 / (1 + StrictMath.exp(2 * y));
                double u = i < 0 ? from + length * below : to - length * above;
                double weight = 3.2 / STEPS * Math.PI * StrictMath.cosh(x) * below * above * length;
                add(u, weight * ErrorFunction.density(u / s) / s, isLinear);
            }
        }

        private void add(double u, double weight, boolean isLinear) {
            double value = weight * (isLinear ? u : u * (u + 3) / 6);
            double slope = weight * (isLinear ? 1 : (2 * u + 3) / 6);
            double mean = correlation * u;
            if (rest == 0) {
                values += value * HARD_SWISH.value(mean);
                slopes += slope * HARD_SWISH.derivative(mean);
                return;
            }
            // of v: where it is between the kinks, and beyond the upper one
            double a = (-KINK - mean) / rest;
            double b = (KINK - mean) / rest;
            double atA = ErrorFunction.density(a);
            double atB = ErrorFunction.density(b);
            double inside =
                    b < 0 ? ErrorFunction.cdf(b) - ErrorFunction.cdf(a) : ErrorFunction.cdf(-a) - ErrorFunction.cdf(-b);
            double beyond = ErrorFunction.cdf(-b);
            double first = mean * inside + rest * (atA - atB);
            double second = mean * first + rest * rest * inside - KINK * rest * (atA + atB);
            values += value * ((second + 3 * first) / 6 + mean * beyond + rest * atB);
            slopes += slope * ((2 * first + 3 * inside) / 6 + beyond);
        }
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.hardSwishInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.hardSwishGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("HardSwish", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
