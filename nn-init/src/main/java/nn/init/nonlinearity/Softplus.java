package nn.init.nonlinearity;

import nn.tensor.Tensor;

/** The softplus function, {@code f(z) = log(1 + exp(z))}; moments by quadrature. */
record Softplus() implements Nonlinearity {
    @Override
    public String name() {
        return "softplus";
    }

    @Override
    public double value(double z) {
        return Math.max(z, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(z)));
    }

    @Override
    public double derivative(double z) {
        return Sigmoid.logistic(z);
    }

    @Override
    public Moments moments(double mean, double variance) {
        return GaussianQuadrature.smoothMoments(this, mean, variance);
    }

    @Override
    public ElementwiseKernel newKernel() {
        return new Kernel(new Pieces());
    }

    /** log(1 + exp(x)), with derivative sigmoid(x). */
    private record Kernel(Pieces pieces) implements ElementwiseKernel {
        @Override
        public void apply(Tensor x, Tensor y) {
            pieces.reach(x.size());
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                for (int i = 0; i < n; i++) {
                    pieces.u[i] = -Math.abs(x.array()[x.offset() + from + i]);
                }
                pieces.first(n).expInto(pieces.first(n));
                for (int i = 0; i < n; i++) {
                    pieces.v[i] = 1 + pieces.u[i];
                }
                pieces.second(n).logInto(pieces.second(n));
                for (int i = 0; i < n; i++) {
                    // log(1 + e), as Kahan does it: the logarithm of 1 + e rounded, times what rounding made of e
                    float e = pieces.u[i];
                    float sum = 1 + e;
                    float log = sum == 1 ? e : pieces.v[i] * e / (sum - 1);
                    y.array()[y.offset() + from + i] = Math.max(x.array()[x.offset() + from + i], 0) + log;
                }
            }
        }

        @Override
        public void gradient(Tensor x, Tensor dy, Tensor dx) {
            x.sigmoidInto(dx);
            dx.multiplyInto(dy, dx);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
