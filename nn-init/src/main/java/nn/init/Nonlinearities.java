package nn.init;

import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * The kinds of {@link Nonlinearity}; records, so that equal ones are equal. Closed forms hold for a mean of 0, unless
 * said otherwise; for other means, quadrature has to do.
 */
final class Nonlinearities {
    private static final double SQRT_PI = 1.7724538509055160273;
    private static final double TWO_BY_SQRT_PI = 1.1283791670955125739;

    private Nonlinearities() {}

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
            requireMoments(mean, variance);
            return new Moments(mean, mean * mean + variance, 1, 1, 0, 1);
        }

        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            requireCross(variance, correlation);
            return new CrossMoments(variance * correlation, 1);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Relu() implements Nonlinearity {
        @Override
        public String name() {
            return "relu";
        }

        @Override
        public double value(double z) {
            return Math.max(z, 0); // not z > 0 ? z : 0, which loses NaN
        }

        @Override
        public double derivative(double z) {
            return step(z, 0);
        }

        @Override
        public Moments moments(double mean, double variance) {
            return rectified(0, mean, variance);
        }

        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            return rectified(0, variance, correlation, StrictMath.acos(correlation));
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record LeakyRelu(double slope) implements Nonlinearity {
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
            return step(z, slope);
        }

        @Override
        public OptionalDouble negativeSlope() {
            return OptionalDouble.of(slope);
        }

        @Override
        public Moments moments(double mean, double variance) {
            return rectified(slope, mean, variance);
        }

        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            return rectified(slope, variance, correlation, StrictMath.acos(correlation));
        }

        @Override
        public String toString() {
            return name();
        }
    }

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
            return smooth(this, mean, variance);
        }

        @Override
        public String toString() {
            return name();
        }
    }

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
            return smooth(this, mean, variance);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Gelu() implements Nonlinearity {
        @Override
        public String name() {
            return "gelu";
        }

        @Override
        public double value(double z) {
            return product(z, ErrorFunction.cdf(z));
        }

        @Override
        public double derivative(double z) {
            return ErrorFunction.cdf(z) + product(z, ErrorFunction.density(z));
        }

        @Override
        public Moments moments(double mean, double variance) {
            Moments numbers = smooth(this, mean, variance);
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
        public String toString() {
            return name();
        }
    }

    record Silu() implements Nonlinearity {
        @Override
        public String name() {
            return "silu";
        }

        @Override
        public double value(double z) {
            return product(z, logistic(z));
        }

        @Override
        public double derivative(double z) {
            return logistic(z) + product(z, logisticSlope(z));
        }

        @Override
        public Moments moments(double mean, double variance) {
            return smooth(this, mean, variance);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Elu(double alpha) implements Nonlinearity {
        /** From here down, 1 - erfcx(x) and its kin are summed as series instead of being subtracted. */
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
            requireMoments(mean, variance);
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
        public String toString() {
            return name();
        }
    }

    record Selu() implements Nonlinearity {
        /** Klambauer and others 2017: solutions of their equations 4 and 5 for mean 0 and variance 1. */
        private static final double SCALE = 1.0507009873554804934;

        private static final Elu ELU = new Elu(1.6732632423543772848);

        @Override
        public String name() {
            return "selu";
        }

        @Override
        public double value(double z) {
            return SCALE * ELU.value(z);
        }

        @Override
        public double derivative(double z) {
            return SCALE * ELU.derivative(z);
        }

        @Override
        public Moments moments(double mean, double variance) {
            return ELU.moments(mean, variance).times(SCALE);
        }

        @Override
        public String toString() {
            return name();
        }
    }

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
            return logistic(z);
        }

        @Override
        public Moments moments(double mean, double variance) {
            return smooth(this, mean, variance);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Erf() implements Nonlinearity {
        @Override
        public String name() {
            return "erf";
        }

        @Override
        public double value(double z) {
            return ErrorFunction.erf(z);
        }

        @Override
        public double derivative(double z) {
            return TWO_BY_SQRT_PI * ErrorFunction.expOfMinusSquare(z);
        }

        @Override
        public Moments moments(double mean, double variance) {
            if (mean != 0) {
                return smooth(this, mean, variance);
            }
            requireMoments(mean, variance);
            double q = variance;
            double slope = 4 / Math.PI / Math.sqrt(1 + 4 * q);
            return new Moments(
                    0,
                    2 / Math.PI * StrictMath.asin(2 * q / (1 + 2 * q)),
                    slope,
                    16 / (Math.PI * Math.PI) / Math.sqrt(1 + 8 * q),
                    0,
                    slope / (1 + 2 * q));
        }

        /** Williams, <i>Computing with infinite networks</i> (1997), equation 11. */
        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            requireCross(variance, correlation);
            double twice = 2 * variance;
            double s = twice * correlation / (1 + twice);
            // 1 - s^2 as a product, so that it keeps its digits where both factors are nearly 0
            double rest = Math.sqrt((1 + twice * (1 - correlation)) * (1 + twice * (1 + correlation)));
            return new CrossMoments(2 / Math.PI * StrictMath.asin(s), 4 / Math.PI / rest);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Sin() implements Nonlinearity {
        @Override
        public String name() {
            return "sin";
        }

        @Override
        public double value(double z) {
            return StrictMath.sin(z);
        }

        @Override
        public double derivative(double z) {
            return StrictMath.cos(z);
        }

        /** For every mean. */
        @Override
        public Moments moments(double mean, double variance) {
            requireMoments(mean, variance);
            double e1 = StrictMath.exp(-variance / 2);
            double e2 = StrictMath.exp(-2 * variance);
            double e4 = StrictMath.exp(-8 * variance);
            double sin = StrictMath.sin(mean);
            double cos2 = StrictMath.cos(2 * mean);
            double square = sin * sin; // 1 - cos(2 z) = 2 sin^2 z; without cancellation:
            return new Moments(
                    sin * e1,
                    square - StrictMath.expm1(-2 * variance) * cos2 / 2,
                    (1 + e2 * cos2) / 2,
                    0.375 + e2 * cos2 / 2 + e4 * StrictMath.cos(4 * mean) / 8,
                    -sin * e1 / 2,
                    e2 * cos2);
        }

        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            requireCross(variance, correlation);
            double same = StrictMath.exp(-variance * (1 - correlation));
            double gap = StrictMath.expm1(-2 * variance * correlation);
            double opposite = StrictMath.exp(-variance * (1 + correlation));
            return new CrossMoments(correlation > 0 ? -same * gap / 2 : (same - opposite) / 2, (same + opposite) / 2);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record HardTanh() implements Nonlinearity {
        /** Of the rule for cross moments, whose integrand is smooth. */
        private static final int STEPS = 256;

        @Override
        public String name() {
            return "hard tanh";
        }

        @Override
        public double value(double z) {
            return Math.min(Math.max(z, -1), 1);
        }

        @Override
        public double derivative(double z) {
            if (z > -1 && z <= 1) {
                return 1;
            }
            return Double.isNaN(z) ? z : 0;
        }

        @Override
        public Moments moments(double mean, double variance) {
            if (mean != 0) {
                return Nonlinearity.super.moments(mean, variance);
            }
            requireMoments(mean, variance);
            double t = 1 / Math.sqrt(variance); // the kink, in deviations
            double inside = inside(t);
            double square = squareInside(t, inside); // of z / s where it is inside
            double outside = ErrorFunction.erfc(t * Math.sqrt(0.5));
            return new Moments(0, variance * square + outside, inside, inside, 0, square);
        }

        private static double inside(double t) {
            return ErrorFunction.erf(t * Math.sqrt(0.5));
        }

        /** {@code P - 2 t phi(t)}; where t is small, by the series 2 phi(t) (t^3 / 3 + t^5 / (3 * 5) + ...). */
        private static double squareInside(double t, double inside) {
            if (t > 1) {
                return inside - (t < 50 ? 2 * t * ErrorFunction.density(t) : 0);
            }
            double sum = 0;
            double term = t;
            for (int odd = 3; odd < 40; odd += 2) {
                term *= t * t / odd;
                sum += term;
            }
            return 2 * ErrorFunction.density(t) * sum;
        }

        /**
         * By Plackett's formula (<i>A reduction formula for normal multivariate integrals</i>, 1954) for the derivative
         * of a rectangle's probability by the correlation: with R(c) = P(|u| < 1, |v| < 1) and c = sin a, {@code dR/da
         * = (exp(-t^2 / (1 + sin a)) - exp(-t^2 / (1 - sin a))) / pi}, t = 1 / sqrt(q), and {@code dE[f f]/dc = q R}.
         */
        @Override
        public CrossMoments crossMoments(double variance, double correlation) {
            requireCross(variance, correlation);
            if (variance == 0) {
                return new CrossMoments(0, 1);
            }
            double square = 1 / variance;
            double inside = inside(Math.sqrt(square));
            double arc = StrictMath.asin(Math.abs(correlation)); // values are odd in c, slopes even
            double slopes = 0;
            double values = 0;
            // double exponential, as the integrand may drop to 0 within a short way from the end
            for (int i = -STEPS; i <= STEPS; i++) {
                double x = i * (3.2 / STEPS);
                double y = Math.PI / 2 * StrictMath.sinh(x);
                double below = 1 / (1 + StrictMath.exp(-2 * y));
                double above = 1 / (1 + StrictMath.exp(2 * y));
                double weight = 3.2 / STEPS * Math.PI * StrictMath.cosh(x) * below * above * arc;
                double sin = StrictMath.sin(arc * below);
                double density = StrictMath.exp(-square / (1 + sin))
                        - StrictMath.exp(-square / oneMinusSin(arc, above));
                slopes += weight * density;
                values += weight * density * (Math.abs(correlation) - sin);
            }
            double total = variance * (Math.abs(correlation) * inside * inside + values / Math.PI);
            return new CrossMoments(Math.copySign(total, correlation), inside * inside + slopes / Math.PI);
        }

        /** 1 - sin of the angle that lacks a share of arc, without cancellation where arc is a right angle. */
        private static double oneMinusSin(double arc, double share) {
            double half = StrictMath.sin((Math.PI / 2 - arc + arc * share) / 2);
            return 2 * half * half;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    record Custom(String name, DoubleUnaryOperator f, DoubleUnaryOperator df) implements Nonlinearity {
        Custom {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(f, "f");
            Objects.requireNonNull(df, "df");
        }

        @Override
        public double value(double z) {
            return f.applyAsDouble(z);
        }

        @Override
        public double derivative(double z) {
            return df.applyAsDouble(z);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static double step(double z, double below) {
        if (z > 0) {
            return 1;
        }
        return Double.isNaN(z) ? z : below;
    }

    private static double logistic(double z) {
        return 1 / (1 + StrictMath.exp(-z));
    }

    private static double logisticSlope(double z) {
        double e = StrictMath.exp(-Math.abs(z)); // the derivative is even, and e never overflows
        return e / ((1 + e) * (1 + e));
    }

    /** z times a factor that vanishes faster than z grows; a zero has the sign of z. */
    private static double product(double z, double factor) {
        return factor == 0 ? Math.copySign(0, z) : z * factor;
    }

    private static Moments smooth(Nonlinearity f, double mean, double variance) {
        return GaussianQuadrature.moments(f, mean, variance, GaussianQuadrature.SMOOTH);
    }

    /** (Leaky) ReLU of N(mean, s^2), with {@code r = mean / s}: the positive half has the probability Phi(r). */
    private static Moments rectified(double slope, double mean, double variance) {
        requireMoments(mean, variance);
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
                second * slopes + (1 - square) * mean * s * density,
                slopes,
                above + square * square * below,
                density == 0 ? 0 : (1 - slope) * density / (2 * s),
                slopes);
    }

    /**
     * Cho and Saul, <i>Kernel methods for deep learning</i> (NIPS 2009): f = (1 - a) relu(z) + a z. The angle is given
     * beside its cosine.
     */
    private static CrossMoments rectified(double slope, double variance, double c, double angle) {
        requireCross(variance, c);
        double sine = Math.sqrt((1 - c) * (1 + c));
        double bent = (1 - slope) * (1 - slope) / (2 * Math.PI);
        double share = Math.PI - angle;
        return new CrossMoments(
                variance * (bent * (sine + c * share) + slope * c), bent * share + slope);
    }

    static void requireMoments(double mean, double variance) {
        if (!Double.isFinite(mean)) {
            throw new IllegalArgumentException("moments: mean " + mean + " must be finite");
        }
        requireVariance("moments", variance);
    }

    static void requireCross(double variance, double correlation) {
        requireVariance("cross moments", variance);
        if (!(correlation >= -1 && correlation <= 1)) {
            throw new IllegalArgumentException("cross moments: correlation " + correlation + " must be from -1 to 1");
        }
    }

    private static void requireVariance(String what, double variance) {
        if (!(variance >= 0 && variance < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + ": variance " + variance + " must be finite and 0 or more");
        }
    }
}
