package nn.init.nonlinearity;

import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The approximation of {@link Gelu} by tanh, {@code f(z) = z (1 + tanh u) / 2 = z sigmoid(2 u)} with {@code u = sqrt(2
 * / pi) (z + 0.044715 z^3)}; moments by quadrature.
 *
 * @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel, Gaussian error linear units (2016)</a>
 */
record GeluTanh() implements Nonlinearity, ElementwiseKernel {
    private static final double LINEAR = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715 * LINEAR;

    @Override
    public String name() {
        return "gelu tanh";
    }

    private static double twoU(double z) {
        return z * (LINEAR + CUBIC * z * z);
    }

    @Override
    public double value(double z) {
        return Silu.product(z, Sigmoid.logistic(twoU(z)));
    }

    @Override
    public double derivative(double z) {
        double steep = z * (LINEAR + 3 * CUBIC * z * z); // z times the derivative of 2 u
        return Sigmoid.logistic(twoU(z)) + Silu.product(steep, Sigmoid.logisticSlope(twoU(z)));
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
        x.geluTanhInto(y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.geluTanhGradInto(dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value cube = graph.elementwise("Mul", graph.elementwise("Mul", x, x), x);
        Value bent = graph.elementwise("Add", x, graph.elementwise("Mul", cube, graph.number("cubic", 0.044715)));
        Value u = graph.elementwise("Mul", bent, graph.number("linear", LINEAR / 2));
        Value twice = graph.elementwise("Add", graph.elementwise("Tanh", u), graph.number("one", 1));
        return graph.elementwise("Mul", graph.elementwise("Mul", x, twice), graph.number("half", 0.5));
    }

    @Override
    public String toString() {
        return name();
    }
}
