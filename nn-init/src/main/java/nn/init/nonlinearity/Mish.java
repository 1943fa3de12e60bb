package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * {@code f(z) = z tanh(log(1 + exp(z)))}; moments by quadrature.
 *
 * @see <a href="https://arxiv.org/abs/1908.08681">Misra, Mish: a self regularized non-monotonic activation function
 *     (BMVC 2020)</a>
 */
record Mish() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "mish";
    }

    @Override
    public double value(double z) {
        return Silu.product(z, share(z));
    }

    /** tanh(log(1 + e^z)), from e = exp(-|z|) and sums of positive terms. */
    private static double share(double z) {
        double e = StrictMath.exp(-Math.abs(z));
        double top = z < 0 ? e * (e + 2) : 1 + 2 * e;
        return top / (top + (z < 0 ? 2 : 2 * e * e));
    }

    /** With the share t: {@code t + z (1 - t^2) sigmoid(z)}. */
    @Override
    public double derivative(double z) {
        double share = share(z);
        double e = StrictMath.exp(-Math.abs(z));
        double rest = z < 0 ? 1 - share : 2 * e * e / (1 + 2 * e + 2 * e * e);
        return share + Silu.product(z, rest * (1 + share) * Sigmoid.logistic(z));
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
        x.mishInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.mishGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Mish", x);
    }

    @Override
    public String toString() {
        return name();
    }
}
