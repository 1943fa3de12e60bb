package nn.init.nonlinearity;

import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/** The identity, {@code f(z) = z}. */
record Linear() implements Nonlinearity {
    @Override
    public String name() {
        return "linear";
    }

    @Override
    public double value(double z) {
        return z;
    }

    @Override
    public double derivative(double z) {
        return Double.isNaN(z) ? z : 1;
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments.requireArguments(mean, variance);
        return new Moments(mean, mean * mean + variance, 1, 1, 0, 1);
    }

    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        return new CrossMoments(variance * correlation, 1);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return x;
    }

    @Override
    public String toString() {
        return name();
    }
}
