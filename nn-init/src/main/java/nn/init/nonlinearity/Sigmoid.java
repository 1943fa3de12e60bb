package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The logistic function, {@code f(z) = 1 / (1 + exp(-z))}; moments by quadrature. */
record Sigmoid() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "sigmoid";
    }

    @Override
    public double value(double z) {
        return logistic(z);
    }

    @Override
    public double derivative(double z) {
        return logisticSlope(z);
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
        x.sigmoidInto(y);
    }

    @Override
    public void gradient(Tensor y, Tensor dy, Tensor dx) {
        y.sigmoidGradInto(dy, dx);
    }

    @Override
    public boolean gradientFromOutput() {
        return true;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Sigmoid", x);
    }

    @Override
    public String toString() {
        return name();
    }

    static double logistic(double z) {
        return 1 / (1 + StrictMath.exp(-z));
    }

    static double logisticSlope(double z) {
        double e = StrictMath.exp(-Math.abs(z)); // the derivative is even, and e never overflows
        return e / ((1 + e) * (1 + e));
    }
}
