package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The softplus function, {@code f(z) = log(1 + exp(z))}; moments by quadrature. */
record Softplus() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "softplus";
    }

    @Override
    public double value(double z) {
        return Math.max(z, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(z)));
    }

    @Override
    public double derivative(double z) {
        return Sigmoid.logistic(z);
    }

    @Override
    public Moments moments(double mean, double variance) {
        return GaussianQuadrature.smoothMoments(this, mean, variance);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.softplusInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.softplusGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Softplus", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
