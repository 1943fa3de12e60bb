package nn.init.nonlinearity;

import nn.tensor.Tensor;

/** The logistic function, {@code f(z) = 1 / (1 + exp(-z))}; moments by quadrature. */
record Sigmoid() implements Nonlinearity, ElementwiseKernel {
    @Override
    public String name() {
        return "sigmoid";
    }

    @Override
    public double value(double z) {
        return logistic(z);
    }

    @Override
    public double derivative(double z) {
        return logisticSlope(z);
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
    }

    /** The derivative is y (1 - y). */
    @Override
    public void gradient(Tensor y, Tensor dy, Tensor dx) {
        float[] out = y.array();
        float[] d = dy.array();
        float[] to = dx.array();
        for (int i = 0; i < y.size(); i++) {
            float s = out[y.offset() + i];
            to[dx.offset() + i] = d[dy.offset() + i] * (s * (1 - s));
        }
    }

    @Override
    public boolean gradientFromOutput() {
        return true;
    }

    @Override
    public String toString() {
        return name();
    }

    static double logistic(double z) {
        return 1 / (1 + StrictMath.exp(-z));
    }

    static double logisticSlope(double z) {
        double e = StrictMath.exp(-Math.abs(z)); // the derivative is even, and e never overflows
        return e / ((1 + e) * (1 + e));
    }
}
