package nn.tensor.internal.element;

/** Functions in double that StrictMath lacks, to about 1e-14. */
final class Exact {
    private static final double SQRT_PI = Math.sqrt(Math.PI);

    private Exact() {}

    static double sigmoid(double x) {
        double e = StrictMath.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    /** tanh(softplus(x)), from e = exp(-|x|) without cancellation. */
    static double mishShare(double x) {
        double e = StrictMath.exp(-Math.abs(x));
        double n = x < 0 ? e * (e + 2) : 1 + 2 * e;
        return n / (n + 2 * (x < 0 ? 1 : e * e));
    }

    static double mishSlope(double x) {
        double share = mishShare(x);
        double e = StrictMath.exp(-Math.abs(x));
        double rest = x < 0 ? (1 - share) * (1 + share) : 2 * e * e / (1 + 2 * e + 2 * e * e) * (1 + share);
        return share + times(x, rest * sigmoid(x));
    }

    /** x times a factor that vanishes faster than x grows. */
    static double times(double x, double factor) {
        return factor == 0 ? Math.copySign(0, x) : x * factor;
    }

    /** exp(x^2) erfc(x) for x &gt;= 0: by the series of erf, and by the continued fraction from 2 on. */
    static double erfcx(double x) {
        if (x < 2) {
            double term = x;
            double sum = x;
            for (int n = 1; term > 1e-17 * sum; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return StrictMath.exp(x * x) - 2 / SQRT_PI * sum;
        }
        double f = 0;
        for (int n = 120; n >= 1; n--) {
            f = n / 2.0 / (x + f);
        }
        return 1 / SQRT_PI / (x + f);
    }

    static double erf(double x) {
        double a = Math.abs(x);
        if (a < 2) {
            double term = a;
            double sum = a;
            for (int n = 1; term > 1e-17 * sum; n++) {
                term *= 2 * a * a / (2 * n + 1);
                sum += term;
            }
            return Math.copySign(2 / SQRT_PI * StrictMath.exp(-a * a) * sum, x);
        }
        return Double.isNaN(x) ? x : Math.copySign(a > 6 ? 1 : 1 - StrictMath.exp(-a * a) * erfcx(a), x);
    }

    /** Phi(-a) for a &gt;= 0. */
    private static double tail(double a) {
        return a > 40 ? 0 : 0.5 * StrictMath.exp(-a * a / 2) * erfcx(a / Math.sqrt(2));
    }

    static double gelu(double x) {
        return Math.max(x, -0.0) - times(Math.abs(x), tail(Math.abs(x)));
    }

    static double geluSlope(double x) {
        double a = Math.abs(x);
        double g = tail(a) - times(a, StrictMath.exp(-a * a / 2) / Math.sqrt(2 * Math.PI));
        return x < 0 ? g : 1 - g;
    }

    static double twoU(double x) {
        return 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    static double geluTanhSlope(double x) {
        double w = twoU(x);
        double steep = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return sigmoid(w) + times(x * steep, sigmoid(w) * sigmoid(-w));
    }
}
