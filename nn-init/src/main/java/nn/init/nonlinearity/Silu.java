package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The sigmoid-weighted linear unit, {@code f(z) = z / (1 + exp(-z))}; moments by quadrature.
 *
 * @see <a href="https://arxiv.org/abs/1702.03118">Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural
 *     network function approximation in reinforcement learning (2018)</a>
 */
record Silu() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "silu";
    }

    @Override
    public double value(double z) {
        return product(z, Sigmoid.logistic(z));
    }

    @Override
    public double derivative(double z) {
        return Sigmoid.logistic(z) + product(z, Sigmoid.logisticSlope(z));
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
        x.siluInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.siluGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Mul", x, graph.elementwise("Sigmoid", x));
    }

    @Override
    public String toString() {
        return name();
    }

    /** z times a factor that vanishes faster than z grows; a zero has the sign of z. */
    static double product(double z, double factor) {
        return factor == 0 ? Math.copySign(0, z) : z * factor;
    }
}
