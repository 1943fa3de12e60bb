package nn.init.nonlinearity;

import nn.tensor.Tensor;

/**
 * The Gaussian error linear unit, {@code f(z) = z Phi(z)}.
 *
 * @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel, Gaussian error linear units (2016)</a>
 */
record Gelu() implements Nonlinearity {
    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public double value(double z) {
        return Silu.product(z, ErrorFunction.cdf(z));
    }

    @Override
    public double derivative(double z) {
        return ErrorFunction.cdf(z) + Silu.product(z, ErrorFunction.density(z));
    }

    @Override
    public Moments moments(double mean, double variance) {
        Moments numbers = GaussianQuadrature.smoothMoments(this, mean, variance);
        if (mean != 0) {
            return numbers;
        }
        double q = variance;
        double arc = 0.25 + StrictMath.asin(q / (1 + q)) / (2 * Math.PI);
        double root = Math.sqrt(1 + 2 * q);
        double tail = q / (Math.PI * (1 + q) * root);
        return new Moments(
                q / Math.sqrt(2 * Math.PI * (1 + q)),
                q * (arc + tail),
                arc + tail + q / (2 * Math.PI * root * root * root),
                numbers.slopeFourthMoment(), // no closed form
                (1 - q / (2 * (1 + q))) / Math.sqrt(2 * Math.PI * (1 + q)),
                arc + tail * (2.5 - q / (1 + q) - q / (1 + 2 * q)));
    }

    @Override
    public ElementwiseKernel newKernel() {
        return new Kernel(new Pieces());
    }

    /** x Phi(x), with derivative Phi(x) + x phi(x), for the standard normal distribution Phi and its density phi. */
    private record Kernel(Pieces pieces) implements ElementwiseKernel {
        private static final double SQRT_HALF = Math.sqrt(0.5);
        private static final double SQRT_2_PI = Math.sqrt(2 * Math.PI);

        /** From here on exp(-a^2 / 2) is 0 in float. */
        private static final double FAR = 15;

        /**
         * (1 + 2 t) exp(t^2) erfc(t) for every t of 0 or more, as a polynomial in k = (t - 15/4) / (t + 15/4), C0
         * first: the form of Shepherd and Laframboise (Mathematics of Computation 36, 1981), to a relative error of
         * 7e-10.
         */
        private static final double C0 = 1.2375126300326993;

        private static final double C1 = -0.14024059953590987;
        private static final double C2 = 0.00358549531406309;
        private static final double C3 = 0.08227677399010318;
        private static final double C4 = -0.10880522754949953;
        private static final double C5 = 0.09230393753827085;
        private static final double C6 = -0.05868544049363111;
        private static final double C7 = 0.028364105117372054;
        private static final double C8 = -0.009770087183368234;
        private static final double C9 = 0.0017511576292398034;
        private static final double C10 = 0.00033016745627228067;
        private static final double C11 = -0.00028431307575109806;
        private static final double C12 = 2.2046718905694024e-05;
        private static final double C13 = 1.8521947386750102e-05;

        @Override
        public void apply(Tensor x, Tensor y) {
            each(x, false, y);
        }

        @Override
        public void gradient(Tensor x, Tensor dy, Tensor dx) {
            each(x, true, dx);
            dx.multiplyInto(dy, dx);
        }

        /** Plain loops over arrays that begin at 0, which a compiler turns into vector code. */
        private void each(Tensor x, boolean slope, Tensor dst) {
            pieces.reachInAll(x.size());
            double[] exponentials = pieces.p;
            double[] tails = pieces.q;
            float[] in = pieces.w;
            for (int from = 0; from < x.size(); from += Pieces.LENGTH) {
                int n = Math.min(Pieces.LENGTH, x.size() - from);
                System.arraycopy(x.array(), x.offset() + from, in, 0, n);
                exponents(in, pieces.u, n);
                pieces.first(n).expInto(pieces.second(n));
                tails(in, pieces.u, pieces.v, exponentials, tails, n);
                if (slope) {
                    slopes(in, exponentials, tails, pieces.u, n);
                } else {
                    values(in, tails, pieces.u, n);
                }
                System.arraycopy(pieces.u, 0, dst.array(), dst.offset() + from, n);
            }
        }

        /** -a^2 / 2 in float, for a = |x| up to FAR. */
        private static void exponents(float[] x, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double a = Math.min(Math.abs((double) x[i]), FAR);
                dst[i] = (float) (-0.5 * a * a);
            }
        }

        /**
         * From exponents u and their exponentials v: exp(-a^2 / 2), and Phi(-a), which is half of that times erfcx(a /
         * sqrt 2).
         */
        private static void tails(float[] x, float[] u, float[] v, double[] exponentials, double[] tails, int n) {
            for (int i = 0; i < n; i++) {
                double a = Math.min(Math.abs((double) x[i]), FAR);
                double e = v[i] * (1 - (0.5 * a * a + u[i])); // with what the rounding of the exponent took
                double t = SQRT_HALF * a;
                double k = (t - 3.75) / (t + 3.75);
                double sum = Math.fma(Math.fma(Math.fma(C13, k, C12), k, C11), k, C10);
                sum = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(sum, k, C9), k, C8), k, C7), k, C6), k, C5);
                sum = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(sum, k, C4), k, C3), k, C2), k, C1), k, C0);
                exponentials[i] = e;
                tails[i] = 0.5 * e * sum / (1 + 2 * t);
            }
        }

        /** x Phi(x): x - x Phi(-x) above 0, x Phi(x) below; -0 at -0 and at minus infinity. */
        private static void values(float[] x, double[] tails, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double v = x[i];
                double a = Math.min(Math.abs(v), FAR);
                dst[i] = (float) (Math.max(v, -0.0) - a * tails[i]);
            }
        }

        /** Phi(x) + x phi(x). */
        private static void slopes(float[] x, double[] exponentials, double[] tails, float[] dst, int n) {
            for (int i = 0; i < n; i++) {
                double cdf = 0.5 + Math.copySign(0.5 - tails[i], x[i]);
                double v = Math.min(Math.max(x[i], -FAR), FAR); // beyond, the density is 0
                dst[i] = (float) (cdf + v * (exponentials[i] / SQRT_2_PI));
            }
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
