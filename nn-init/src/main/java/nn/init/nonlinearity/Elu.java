package nn.init.nonlinearity;

import nn.init.internal.Arguments;
import nn.tensor.Tensor;

/**
 * The exponential linear unit, {@code f(z) = z} above 0, {@code alpha (exp(z) - 1)} elsewhere.
 *
 * @param alpha minus the limit on the left
 * @see <a href="https://arxiv.org/abs/1511.07289">Clevert, Unterthiner and Hochreiter, Fast and accurate deep network
 *     learning by exponential linear units (ICLR 2016)</a>
 */
record Elu(double alpha) implements Nonlinearity {
    private static final double SQRT_PI = 1.7724538509055160273;

    /** Below this x, series replace differences such as 1 - erfcx(x), which would cancel. */
    private static final double SERIES = 0.5;

    Elu {
        Arguments.finite("elu", "alpha", alpha);
    }

    @Override
    public String name() {
        return "elu(" + Arguments.brief(alpha) + ")";
    }

    @Override
    public double value(double z) {
        return z > 0 ? z : alpha * StrictMath.expm1(z);
    }

    @Override
    public double derivative(double z) {
        return z > 0 ? 1 : alpha * StrictMath.exp(z);
    }

    /** With {@code A = E[exp(z); z < 0] = erfcx(x) / 2} and {@code B = E[exp(2 z); z < 0] = erfcx(2 x) / 2}. */
    @Override
    public Moments moments(double mean, double variance) {
        if (mean != 0) {
            return Nonlinearity.super.moments(mean, variance);
        }
        Moments.requireArguments(mean, variance);
        double x = Math.sqrt(variance / 2);
        double a = ErrorFunction.erfcx(x) / 2;
        double b = ErrorFunction.erfcx(2 * x) / 2;
        double fourth = ErrorFunction.erfcx(4 * x) / 2;
        double belowMean = a - 0.5 + x / SQRT_PI; // E[exp(z) - 1 - z; z < 0]
        double belowSquare = b - 2 * a + 0.5; // E[(exp(z) - 1)^2; z < 0]
        if (x < SERIES) {
            belowMean = 0;
            belowSquare = 0;
            // erfcx(x) = sum of (-x)^n / gamma(n / 2 + 1)
            double gamma = 1;
            double nextGamma = SQRT_PI / 2;
            double power = 1;
            double twos = 0.5;
            for (int n = 0; n < 60; n++) {
                if (n >= 2) {
                    belowMean += power / gamma / 2;
                    belowSquare += power / gamma * (twos - 1);
                }
                power *= -x;
                twos *= 2;
                double after = gamma * (n / 2.0 + 1);
                gamma = nextGamma;
                nextGamma = after;
            }
        }
        double square = alpha * alpha;
        double kink = alpha == 1 ? 0 : (1 - alpha) / SQRT_PI;
        return new Moments(
                kink * x + alpha * belowMean,
                variance / 2 + square * belowSquare,
                0.5 + square * b,
                0.5 + square * square * fourth,
                (kink == 0 ? 0 : kink / (4 * x)) + alpha * a / 2,
                0.5 + square * (2 * b - a));
    }

    @Override
    public ElementwiseKernel newKernel() {
        return newKernel(1, (float) alpha);
    }

    /** A kernel of above * x above 0, below * (exp(x) - 1) elsewhere. */
    static ElementwiseKernel newKernel(float above, float below) {
        return new Kernel(above, below, new Pieces());
    }

    private record Kernel(float above, float below, Pieces pieces) implements ElementwiseKernel {
        @Override
        public void apply(Tensor x, Tensor y) {
            pieces.reach(x.size());
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                pieces.exp(x, from, n);
                pieces.first(n).logInto(pieces.second(n));
                for (int i = 0; i < n; i++) {
                    // exp(x) - 1, as Kahan does it: what is left of exp(x), times what rounding made of x; a subnormal
                    // exp(x) has too few bits for that
                    float v = x.array()[x.offset() + from + i];
                    float e = pieces.u[i];
                    float less = e == 1 ? v : e < Float.MIN_NORMAL ? -1 : (e - 1) * v / pieces.v[i];
                    y.array()[y.offset() + from + i] = ElementwiseKernel.choose(v, above * v, below * less);
                }
            }
        }

        @Override
        public void gradient(Tensor x, Tensor dy, Tensor dx) {
            x.expInto(dx);
            for (int i = 0; i < x.size(); i++) {
                float slope =
                        ElementwiseKernel.choose(x.array()[x.offset() + i], above, below * dx.array()[dx.offset() + i]);
                dx.array()[dx.offset() + i] = dy.array()[dy.offset() + i] * slope;
            }
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
