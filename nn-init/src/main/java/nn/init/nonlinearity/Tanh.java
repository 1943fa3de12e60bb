package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The hyperbolic tangent; moments by quadrature. */
record Tanh() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "tanh";
    }

    @Override
    public double value(double z) {
        return StrictMath.tanh(z);
    }

    @Override
    public double derivative(double z) {
        double cosh = StrictMath.cosh(z); // 1 - tanh^2 would lose its digits where tanh saturates
        return 1 / cosh / cosh;
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
        x.tanhInto(y);
    }

    @Override
    public void gradient(Tensor y, Tensor dy, Tensor dx) {
        y.tanhGradInto(dy, dx);
    }

    @Override
    public boolean gradientFromOutput() {
        return true;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Tanh", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
