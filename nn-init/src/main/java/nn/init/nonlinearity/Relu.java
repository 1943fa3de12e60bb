package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The rectified linear unit, {@code f(z) = max(z, 0)}: a {@link LeakyRelu} of slope 0.
 *
 * @see <a href="https://icml.cc/Conferences/2010/papers/432.pdf">Nair and Hinton, Rectified linear units improve
 *     restricted Boltzmann machines (ICML 2010)</a>
 */
record Relu() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "relu";
    }

    @Override
    public double value(double z) {
        return Math.max(z, 0); // not z > 0 ? z : 0, which loses NaN
    }

    @Override
    public double derivative(double z) {
        return LeakyRelu.derivative(z, 0);
    }

    @Override
    public Moments moments(double mean, double variance) {
        return LeakyRelu.moments(0, mean, variance);
    }

    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        return LeakyRelu.crossMoments(0, variance, correlation);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.reluInto(y);
    }

    @Override
    public void gradient(Tensor y, Tensor dy, Tensor dx) {
        y.reluGradInto(dy, dx);
    }

    @Override
    public boolean gradientFromOutput() {
        return true;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Relu", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
