package nn.init.nonlinearity;

import java.util.OptionalDouble;
import nn.init.internal.Arguments;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The leaky ReLU, {@code f(z) = z} above 0, {@code slope * z} elsewhere.
 *
 * @param slope the slope a below 0
 * @see <a href="https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf">Maas, Hannun and Ng, Rectifier
 *     nonlinearities improve neural network acoustic models (2013)</a>
 */
record LeakyRelu(double slope) implements Nonlinearity, ElementwiseKernel {
    LeakyRelu {
        Arguments.finite("leaky relu", "slope", slope);
    }

    @Override
    public String name() {
        return "leaky relu(" + Arguments.brief(slope) + ")";
    }

    @Override
    public double value(double z) {
        return z > 0 ? z : slope * z;
    }

    @Override
    public double derivative(double z) {
        return derivative(z, slope);
    }

    @Override
    public OptionalDouble negativeSlope() {
        return OptionalDouble.of(slope);
    }

    @Override
    public Moments moments(double mean, double variance) {
        return moments(slope, mean, variance);
    }

    @Override
    public CrossMoments crossMoments(double variance, double correlation) {
        return crossMoments(slope, variance, correlation);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return this;
    }

    @Override
    public void apply(Tensor x, Tensor y) {
        x.leakyReluInto((float) slope, y);
    }

    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        x.leakyReluGradInto((float) slope, dy, dx);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("LeakyRelu", x).with("alpha", (float) slope).elementwise();
    }

    @Override
    public String toString() {
        return name();
    }

    static double derivative(double z, double below) {
        if (z > 0) {
            return 1;
        }
        return Double.isNaN(z) ? z : below;
    }

    /** Moments over N(mean, s^2), with {@code r = mean / s}: z is positive with probability Phi(r). */
    static Moments moments(double slope, double mean, double variance) {
        Moments.requireArguments(mean, variance);
        double s = Math.sqrt(variance);
        double r = mean == 0 ? 0 : mean / s;
        double above = ErrorFunction.cdf(r);
        double below = ErrorFunction.cdf(-r);
        double density = ErrorFunction.density(r);
        double second = mean * mean + variance;
        double square = slope * slope;
        double slopes = above + square * below;
        return new Moments(
                mean * (above + slope * below) + (1 - slope) * s * density,
                (slopes == 0 ? 0 : second * slopes) + (1 - square) * mean * (s * density), // neither infinity times 0
                slopes,
                above + square * square * below,
                density == 0 ? 0 : (1 - slope) * density / (2 * s),
                slopes);
    }

    /**
     * Cross moments by the arc-cosine kernels, as {@code f(z) = (1 - slope) relu(z) + slope z}.
     *
     * @see <a href="https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning">Cho and Saul, Kernel methods
     *     for deep learning (NIPS 2009)</a>
     */
    static CrossMoments crossMoments(double slope, double variance, double correlation) {
        CrossMoments.requireArguments(variance, correlation);
        double sine = Math.sqrt((1 - correlation) * (1 + correlation));
        double kink = (1 - slope) * (1 - slope) / (2 * Math.PI);
        double share = Math.PI - StrictMath.acos(correlation);
        return new CrossMoments(
                variance * (kink * (sine + correlation * share) + slope * correlation), kink * share + slope);
    }
}
