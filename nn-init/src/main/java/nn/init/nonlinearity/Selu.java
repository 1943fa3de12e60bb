package nn.init.nonlinearity;

import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The scaled {@link Elu} whose moments have a stable fixed point at mean 0 and variance 1.
 *
 * @see <a href="https://arxiv.org/abs/1706.02515">Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural
 *     networks (NIPS 2017)</a>
 */
record Selu() implements Nonlinearity {
    /** Klambauer and others 2017: solutions of their equations 4 and 5 for mean 0 and variance 1. */
    private static final double SCALE = 1.0507009873554804934;

    private static final Elu ELU = new Elu(1.6732632423543772848);

    @Override
    public String name() {
        return "selu";
    }

    @Override
    public double value(double z) {
        return SCALE * ELU.value(z);
    }

    @Override
    public double derivative(double z) {
        return SCALE * ELU.derivative(z);
    }

    @Override
    public Moments moments(double mean, double variance) {
        return ELU.moments(mean, variance).times(SCALE);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return new Elu.Kernel((float) derivative(1), (float) derivative(0));
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.elementwise("Selu", x); // the standard's default constants are these, rounded
    }

    @Override
    public String toString() {
        return name();
    }
}
