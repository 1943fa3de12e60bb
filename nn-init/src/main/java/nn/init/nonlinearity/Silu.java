package nn.init.nonlinearity;

import nn.tensor.Tensor;

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
        x.sigmoidInto(y);
        float[] from = x.array();
        float[] to = y.array();
        for (int i = 0; i < x.size(); i++) {
            to[y.offset() + i] *= Math.max(from[x.offset() + i], -Float.MAX_VALUE); // 0 * infinity would be NaN
        }
    }

    /**
     * The derivative is s (1 + x (1 - s)) for s = sigmoid(x), in double: s follows from sigmoid(-|x|), as the
     * difference 1 - s of a float near 1 would have lost its digits.
     */
    @Override
    public void gradient(Tensor x, Tensor dy, Tensor dx) {
        float[] from = x.array();
        float[] d = dy.array();
        float[] to = dx.array();
        for (int i = 0; i < x.size(); i++) {
            to[dx.offset() + i] = -Math.abs(from[x.offset() + i]);
        }
        dx.sigmoidInto(dx);
        for (int i = 0; i < x.size(); i++) {
            float v = from[x.offset() + i];
            double t = to[dx.offset() + i];
            double above = ElementwiseKernel.choose(v, 1, 0);
            double sigmoid = above + t - 2 * above * t; // t, or 1 - t above 0
            double finite = Math.min(Math.max(v, -Float.MAX_VALUE), Float.MAX_VALUE);
            to[dx.offset() + i] = d[dy.offset() + i] * (float) (sigmoid * (1 + finite * (1 - sigmoid)));
        }
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
