package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The sine, {@code f(z) = sin z}.
 *
 * @see <a href="https://arxiv.org/abs/2006.09661">Sitzmann, Martel, Bergman, Lindell and Wetzstein, Implicit neural
 *     representations with periodic activation functions (NeurIPS 2020)</a>
 */
record Sin() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "sin";
    }

    @Override
    public double value(double z) {
        return StrictMath.sin(z);
    }

    @Override
    public double derivative(double z) {
        return StrictMath.cos(z);
    }

    /** Closed forms for every mean. */
    @Override
    public Moments moments(double mean, double variance) {
        Moments.requireArguments(mean, variance);
        double e1 = StrictMath.exp(-variance / 2);
        double e2 = StrictMath.exp(-2 * variance);
        double e4 = StrictMath.exp(-8 * variance);
        double sin = StrictMath.sin(mean);
        double cos2 = StrictMath.cos(2 * mean);
        double square = sin * sin; // 1 - cos(2 z) = 2 sin^2 z; without cancellation:
        return new Moments(
                sin * e1,
                square - StrictMath.expm1(-2 * variance) * cos2 / 2,
                (1 + e2 * cos2) / 2,
                0.375 + e2 * cos2 / 2 + e4 * StrictMath.cos(4 * mean) / 8,
                -sin * e1 / 2,
                e2 * cos2);
    }

    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        double same = StrictMath.exp(-variance * (1 - correlation));
        double gap = StrictMath.expm1(-2 * variance * correlation);
        double opposite = StrictMath.exp(-variance * (1 + correlation));
        return new CrossMoments(correlation > 0 ? -same * gap / 2 : (same - opposite) / 2, (same + opposite) / 2);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.sinInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.sinGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Sin", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
