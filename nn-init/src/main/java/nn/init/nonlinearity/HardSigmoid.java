package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The piecewise linear sigmoid, {@code f(z) = min(max(z + 3, 0), 6) / 6}: with the {@link HardTanh} h, {@code (1 + h(z
 * / 3)) / 2}.
 *
 * @see <a href="https://arxiv.org/abs/1905.02244">Howard and others, Searching for MobileNetV3 (ICCV 2019)</a>
 */
record HardSigmoid() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "hard sigmoid";
    }

    @Override
    public double value(double z) {
        return Math.min(Math.max(z + 3, 0), 6) / 6;
    }

    @Override
    public double derivative(double z) {
        if (Math.abs(z) < 3) {
            return 1.0 / 6;
        }
        return Double.isNaN(z) ? z : 0;
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments.requireArguments(mean, variance);
        Moments h = HARD_TANH.moments(mean / 3, variance / 9);
        return new Moments(
                (1 + h.mean()) / 2,
                (1 + 2 * h.mean() + h.secondMoment()) / 4,
                h.slopeSecondMoment() / 36,
                h.slopeFourthMoment() / 1296,
                h.meanRate() / 18,
                (2 * h.meanRate() + h.secondMomentRate()) / 36);
    }

    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        CrossMoments h = HARD_TANH.crossMoments(variance / 9, correlation); // and E[h] = 0
        return new CrossMoments((1 + h.values()) / 4, h.slopes() / 36);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.hardSigmoidInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.hardSigmoidGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("HardSigmoid", x)
                .with("alpha", 1f / 6)
                .with("beta", 0.5f)
                .elementwise();
    }

    @Override
    public String toString() {
        return name();
    }
}
