package nn.init.nonlinearity;

import nn.init.internal.Arguments;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

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
        return alpha > 0 ? new Kernel(1, (float) alpha) : Nonlinearity.super.newKernel();
    }

    /**
     * above x from 0 on, below (exp(x) - 1) elsewhere.
     *
     * @param above above 0
     * @param below above 0
     */
    record Kernel(float above, float below) implements ElementwiseKernel {
        @Override
        public void apply(Tensor x, Tensor y) {
            x.eluInto(above, below, y);
        }

        @Override
        public void gradient(Tensor y, Tensor dy, Tensor dx) {
            y.eluGradInto(above, below, dy, dx);
        }

        @Override
        public boolean gradientFromOutput() {
            return true;
        }
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("Elu", x).with("alpha", (float) alpha).elementwise();
    }

    @Override
    public String toString() {
        return name();
    }
}
