package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The Gaussian error linear unit, {@code f(z) = z Phi(z)}.
 *
 * @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel, Gaussian error linear units (2016)</a>
 */
record Gelu() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public double value(double z) {
        return Silu.product(z, ErrorFunction.cdf(z));
    }

    @Override
    public double derivative(double z) {
        return ErrorFunction.cdf(z) + Silu.product(z, ErrorFunction.density(z));
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments numbers = GaussianQuadrature.smoothMoments(this, mean, variance);
        if (mean != 0) {
            return numbers;
        }
        double q = variance;
        double arc = 0.25 + StrictMath.asin(q / (1 + q)) / (2 * Math.PI);
        double root = Math.sqrt(1 + 2 * q);
        double tail = q / (Math.PI * (1 + q) * root);
        return new Moments(
                q / Math.sqrt(2 * Math.PI * (1 + q)),
                q * (arc + tail),
                arc + tail + q / (2 * Math.PI * root * root * root),
                numbers.slopeFourthMoment(), // no closed form
                (1 - q / (2 * (1 + q))) / Math.sqrt(2 * Math.PI * (1 + q)),
                arc + tail * (2.5 - q / (1 + q) - q / (1 + 2 * q)));
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.geluInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.geluGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value ratio = graph.elementwise("Div", x, graph.number("sqrt2", Math.sqrt(2)));
        Value twice = graph.elementwise("Add", graph.elementwise("Erf", ratio), graph.number("one", 1));
        return graph.elementwise("Mul", graph.elementwise("Mul", x, twice), graph.number("half", 0.5));
    }

    @Override
    public String toString() {
        return name();
    }
}
