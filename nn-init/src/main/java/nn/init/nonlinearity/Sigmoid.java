package nn.init.nonlinearity;

/** The logistic function, {@code f(z) = 1 / (1 + exp(-z))}; moments by quadrature. */
record Sigmoid() implements Nonlinearity {
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
