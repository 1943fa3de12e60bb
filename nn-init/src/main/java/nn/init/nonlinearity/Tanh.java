package nn.init.nonlinearity;

/** The hyperbolic tangent; moments by quadrature. */
record Tanh() implements Nonlinearity {
    @Override
    public String name() {
        return "tanh";
    }

    @Override
    public double value(double z) {
        return StrictMath.tanh(z);
    }

    @Override
    public double derivative(double z) {
        double cosh = StrictMath.cosh(z); // 1 - tanh^2 would lose its digits where tanh saturates
        return 1 / cosh / cosh;
    }

    @Override
    public Moments moments(double mean, double variance) {
        return GaussianQuadrature.smoothMoments(this, mean, variance);
    }

    @Override
    public String toString() {
        return name();
    }
}
