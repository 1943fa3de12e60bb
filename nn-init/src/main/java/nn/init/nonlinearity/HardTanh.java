package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The piecewise linear tanh, {@code f(z) = min(max(z, -1), 1)}. */
record HardTanh() implements Nonlinearity, ElementwiseKernel {
    /** Nodes on either side of the rule for cross moments. */
    private static final int STEPS = 256;

    @Override
    public String name() {
        return "hard tanh";
    }

    @Override
    public double value(double z) {
        return Math.min(Math.max(z, -1), 1);
    }

    @Override
    public double derivative(double z) {
        if (z > -1 && z <= 1) {
            return 1;
        }
        return Double.isNaN(z) ? z : 0;
    }

    @Override
    public Moments moments(double mean, double variance) {
        if (mean != 0) {
            return Nonlinearity.super.moments(mean, variance);
        }
        Moments.requireArguments(mean, variance);
        double t = 1 / Math.sqrt(variance); // the kink, in standard deviations
        double inside = inside(t);
        double square = squareInside(t, inside); // second moment of z / s where it is inside
        double outside = ErrorFunction.erfc(t * Math.sqrt(0.5));
        return new Moments(0, variance * square + outside, inside, inside, 0, square);
    }

    private static double inside(double t) {
        return ErrorFunction.erf(t * Math.sqrt(0.5));
    }

    /** {@code P - 2 t phi(t)}; where t is small, by the series 2 phi(t) (t^3 / 3 + t^5 / (3 * 5) + ...). */
    private static double squareInside(double t, double inside) {
        if (t > 1) {
            return inside - (t < 50 ? 2 * t * ErrorFunction.density(t) : 0);
        }
        double sum = 0;
        double term = t;
        for (int odd = 3; odd < 40; odd += 2) {
            term *= t * t / odd;
            sum += term;
        }
        return 2 * ErrorFunction.density(t) * sum;
    }

    /**
     * By Plackett's formula (<i>A reduction formula for normal multivariate integrals</i>, 1954) for the derivative
     * of a rectangle's probability by the correlation: with R(c) = P(|u| < 1, |v| < 1) and c = sin a, {@code dR/da
     * = (exp(-t^2 / (1 + sin a)) - exp(-t^2 / (1 - sin a))) / pi}, t = 1 / sqrt(q), and {@code dE[f f]/dc = q R}.
     */
    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        if (variance == 0) {
            return new CrossMoments(0, 1);
        }
        if (Math.abs(correlation) == 1) { // for a large variance, the integrand of slopes is too narrow there
            Moments same = moments(0, variance);
            return new CrossMoments(Math.copySign(same.secondMoment(), correlation), same.slopeSecondMoment());
        }
        double square = 1 / variance;
        double inside = inside(Math.sqrt(square));
        double arc = StrictMath.asin(Math.abs(correlation)); // values are odd in c, slopes even
        double slopes = 0;
        double values = 0;
        // double exponential, as the integrand may drop to 0 within a short way from the end
        for (int i = -STEPS; i <= STEPS; i++) {
            double x = i * (3.2 / STEPS);
            double y = Math.PI / 2 * StrictMath.sinh(x);
            double below = 1 / (1 + StrictMath.exp(-2 * y));
            double above = 1 / (1 + StrictMath.exp(2 * y));
            double weight = 3.2 / STEPS * Math.PI * StrictMath.cosh(x) * below * above * arc;
            double sin = StrictMath.sin(arc * below);
            // exp(-square / (1 + sin)) - exp(-square / (1 - sin)), of which little is left where the variance is large
            double missing = oneMinusSin(arc, above);
            double gap = square * 2 * sin / ((1 + sin) * missing);
            double density = StrictMath.exp(-square / (1 + sin)) * -StrictMath.expm1(-gap);
            slopes += weight * density;
            values += weight * density * (missing - (1 - Math.abs(correlation))); // |c| - sin
        }
        double total = variance * (Math.abs(correlation) * inside * inside + values / Math.PI);
        return new CrossMoments(Math.copySign(total, correlation), inside * inside + slopes / Math.PI);
    }

    /** 1 - sin of the angle that lacks a share of arc, without cancellation where arc is a right angle. */
    private static double oneMinusSin(double arc, double share) {
        double half = StrictMath.sin((Math.PI / 2 - arc + arc * share) / 2);
        return 2 * half * half;
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.clampInto(-1, 1, y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.clampGradInto(-1, 1, dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("Clip", x, graph.number("low", -1), graph.number("high", 1))
                .elementwise();
    }

    @Override
    public String toString() {
        return name();
    }
}
