package nn.init.nonlinearity;

import nn.init.internal.Arguments;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The softplus function, {@code f(z) = log(1 + exp(beta z)) / beta}; moments by quadrature.
 *
 * @param beta the steepness, used as a float
 */
record Softplus(double beta) implements Nonlinearity, ElementwiseKernel {
    Softplus {
        Arguments.scale("softplus", "beta", beta);
    }

    @Override
    public String name() {
        return beta == 1 ? "softplus" : "softplus(" + Arguments.brief(beta) + ")";
    }

    @Override
    public double value(double z) {
        return ofOne(steepness() * z) / steepness();
    }

    /** log(1 + exp(z)). */
    static double ofOne(double z) {
        return Math.max(z, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(z)));
    }

    @Override
    public double derivative(double z) {
        return Sigmoid.logistic(steepness() * z);
    }

    /** What the kernel multiplies by. */
    private double steepness() {
        return (float) beta;
    }

    /** By those of the softplus of steepness 1, whose poles the quadrature is made for. */
    @Override
    public Moments moments(double mean, double variance) {
        if (beta == 1) {
            return GaussianQuadrature.smoothMoments(this, mean, variance);
        }
        Moments.requireArguments(mean, variance);
        double c = steepness();
        return SOFTPLUS.moments(c * mean, c * c * variance).stretched(c);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.softplusInto((float) beta, y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.softplusGradInto((float) beta, dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        if (beta == 1) {
            return graph.elementwise("Softplus", x);
        }
        Value steepness = graph.number("beta", steepness());
        Value ofOne = graph.elementwise("Softplus", graph.elementwise("Mul", x, steepness));
        return graph.elementwise("Div", ofOne, steepness);
    }

    @Override
    public String toString() {
        return name();
    }
}
