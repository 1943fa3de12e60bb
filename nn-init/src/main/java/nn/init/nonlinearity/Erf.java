package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The error function, {@code f(z) = erf z}.
 *
 * @see <a href="https://papers.nips.cc/paper/1197-computing-with-infinite-networks">Williams, Computing with infinite
 *     networks (NIPS 1996)</a>
 */
record Erf() implements Nonlinearity, ElementwiseKernel {
    private static final double TWO_BY_SQRT_PI = 1.1283791670955125739;

    @Override
    public String name() {
        return "erf";
    }

    @Override
    public double value(double z) {
        return ErrorFunction.erf(z);
    }

    @Override
    public double derivative(double z) {
        return TWO_BY_SQRT_PI * ErrorFunction.expOfMinusSquare(z);
    }

    @Override
    public Moments moments(double mean, double variance) {
        if (mean != 0) {
            return GaussianQuadrature.smoothMoments(this, mean, variance);
        }
        Moments.requireArguments(mean, variance);
        double q = variance;
        double slope = 4 / Math.PI / Math.sqrt(1 + 4 * q);
        return new Moments(
                0,
                2 / Math.PI * StrictMath.asin(2 * q / (1 + 2 * q)),
                slope,
                16 / (Math.PI * Math.PI) / Math.sqrt(1 + 8 * q),
                0,
                slope / (1 + 2 * q));
    }

    /** Williams, <i>Computing with infinite networks</i> (1997), equation 11. */
    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        double twice = 2 * variance;
        double s = twice * correlation / (1 + twice);
        // 1 - s^2 as a product, so that it keeps its digits where both factors are nearly 0
        double rest = Math.sqrt((1 + twice * (1 - correlation)) * (1 + twice * (1 + correlation)));
        return new CrossMoments(2 / Math.PI * StrictMath.asin(s), 4 / Math.PI / rest);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.erfInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.erfGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Erf", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
