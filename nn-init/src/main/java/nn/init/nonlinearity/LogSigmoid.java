package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The logarithm of the sigmoid, {@code f(z) = -log(1 + exp(-z))}, minus the {@link Softplus} of -z. */
record LogSigmoid() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "log sigmoid";
    }

    @Override
    public double value(double z) {
        return -Softplus.ofOne(-z);
    }

    @Override
    public double derivative(double z) {
        return Sigmoid.logistic(-z);
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments m = SOFTPLUS.moments(-mean, variance);
        return new Moments(
                -m.mean(),
                m.secondMoment(),
                m.slopeSecondMoment(),
                m.slopeFourthMoment(),
                -m.meanRate(),
                m.secondMomentRate());
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.logSigmoidInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.logSigmoidGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Neg", graph.elementwise("Softplus", graph.elementwise("Neg", x)));
    }

    @Override
    public String toString() {
        return name();
    }
}
