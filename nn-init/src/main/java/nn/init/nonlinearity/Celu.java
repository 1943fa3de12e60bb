package nn.init.nonlinearity;

import nn.init.internal.Arguments;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The continuously differentiable exponential linear unit, {@code f(z) = z} above 0, {@code alpha (exp(z / alpha) - 1)}
 * elsewhere: the {@link Elu} of alpha 1, stretched in both directions.
 *
 * @param alpha minus the limit on the left, used as a float
 * @see <a href="https://arxiv.org/abs/1704.07483">Barron, Continuously differentiable exponential linear units
 *     (2017)</a>
 */
record Celu(double alpha) implements Nonlinearity, ElementwiseKernel {
    private static final Elu ELU = new Elu(1);

    Celu {
        Arguments.scale("celu", "alpha", alpha);
    }

    @Override
    public String name() {
        return "celu(" + Arguments.brief(alpha) + ")";
    }

    @Override
    public double value(double z) {
        return z > 0 ? z : limit() * StrictMath.expm1(z / limit());
    }

    @Override
    public double derivative(double z) {
        return z > 0 ? 1 : StrictMath.exp(z / limit());
    }

    /** What the kernel multiplies by. */
    private double limit() {
        return (float) alpha;
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments.requireArguments(mean, variance);
        double c = 1 / limit();
        return ELU.moments(c * mean, c * c * variance).stretched(c);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.celuInto((float) alpha, y);
    }

    @Override
    public void gradient(Tensor y, Tensor dy, Tensor dx) {
        y.celuGradInto((float) alpha, dy, dx);
    }

    @Override
    public boolean gradientFromOutput() {
        return true;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("Celu", x).with("alpha", (float) alpha).elementwise();
    }

    @Override
    public String toString() {
        return name();
    }
}
