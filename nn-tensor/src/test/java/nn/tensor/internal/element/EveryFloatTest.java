package nn.tensor.internal.element;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import nn.tensor.internal.math.ScalarMath;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * All 2^32 floats: each function of {@link FunctionsTest} and each slope is within its bound. What it is compared with
 * is in double, fast, and right to 1e-9, a hundredth of an ulp. Magnitudes below 2^-30 are compared with a line, and
 * those of 128 and more with a limit: there only comparing with these takes time.
 *
 * <p>The build looks at some chunks of each magnitude. All floats take many minutes, with {@code -Dnn.floats=all}.
 */
class EveryFloatTest {
    private static final int CHUNK = 1 << 14;

    /** Chunks of which the fast tests take one; a magnitude, from a power of two to the next, has 512. */
    private static final int SOME = 101;

    private static final int NEAR = Float.floatToRawIntBits(0x1p-30f);
    private static final int FAR = Float.floatToRawIntBits(128f);
    private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

    /** A function between the ends, its line at 0, and what it is far from 0: factor times x, or a number. */
    private enum Case {
        SIGMOID(EveryFloatTest::sigmoid, 0.5, 0.25, 0, 1, 0, 0),
        ELU(EveryFloatTest::elu, 0, 1, -1, 0, 0, 1),
        SILU(x -> x * sigmoid(x), 0, 0.5, 0, 0, 0, 1),
        SOFTPLUS(EveryFloatTest::softplus, Math.log(2), 0.5, 0, 0, 0, 1),
        SOFTPLUS_2(x -> softplus(2 * x) / 2, Math.log(2) / 2, 0.5, 0, 0, 0, 1),
        LOG_SIGMOID(x -> -softplus(-x), -Math.log(2), 0.5, 0, 0, 1, 0),
        CELU_2(x -> x > 0 ? x : 2 * elu(x / 2), 0, 1, -2, 0, 0, 1),
        MISH(x -> x * mishShare(x), 0, 0.6, 0, 0, 0, 1),
        HARD_SIGMOID(x -> Math.min(Math.max(x + 3, 0), 6) / 6, 0.5, 1 / 6.0, 0, 1, 0, 0),
        HARD_SWISH(x -> x * Math.min(Math.max(x + 3, 0), 6) / 6, 0, 0.5, 0, 0, 0, 1),
        GELU(x -> Math.max(x, 0) - Math.abs(x) * tail(Math.abs(x)), 0, 0.5, 0, 0, 0, 1),
        GELU_TANH(x -> x * sigmoid(Exact.twoU(x)), 0, 0.5, 0, 0, 0, 1),
        ERF(EveryFloatTest::erf, 0, 2 / Math.sqrt(Math.PI), -1, 1, 0, 0);

        private final DoubleUnaryOperator exact;
        private final double atZero;
        private final double slopeAtZero;
        private final double left;
        private final double right;
        private final double leftFactor;
        private final double rightFactor;

        Case(
                DoubleUnaryOperator exact,
                double atZero,
                double slopeAtZero,
                double left,
                double right,
                double leftFactor,
                double rightFactor) {
            this.exact = exact;
            this.atZero = atZero;
            this.slopeAtZero = slopeAtZero;
            this.left = left;
            this.right = right;
            this.leftFactor = leftFactor;
            this.rightFactor = rightFactor;
        }

        /** The constant and the factor of x near 0 or far from it; null between. */
        double @Nullable [] line(float x) {
            int magnitude = Float.floatToRawIntBits(x) & ScalarMath.MAGNITUDE;
            if (magnitude < NEAR) {
                return new double[] {atZero, slopeAtZero};
            }
            if (magnitude < FAR) {
                return null;
            }
            return x < 0 ? new double[] {left, leftFactor} : new double[] {right, rightFactor};
        }
    }

    /** The slopes, with their limits. */
    private enum SlopeCase {
        SILU(x -> sigmoid(x) * (1 + x * sigmoid(-x)), 0.5, 0.5),
        SOFTPLUS(EveryFloatTest::sigmoid, 0.5, 0.25),
        MISH(EveryFloatTest::mishSlope, 0.6, 0.64),
        HARD_SWISH(x -> x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6, 0.5, 1 / 3.0),
        GELU(EveryFloatTest::geluSlope, 0.5, 2 / Math.sqrt(2 * Math.PI)),
        GELU_TANH(EveryFloatTest::geluTanhSlope, 0.5, Math.sqrt(2 / Math.PI));

        private final DoubleUnaryOperator exact;
        private final double atZero;
        private final double slopeAtZero;

        SlopeCase(DoubleUnaryOperator exact, double atZero, double slopeAtZero) {
            this.exact = exact;
            this.atZero = atZero;
            this.slopeAtZero = slopeAtZero;
        }

        double @Nullable [] line(float x) {
            int magnitude = Float.floatToRawIntBits(x) & ScalarMath.MAGNITUDE;
            if (magnitude < NEAR) {
                return new double[] {atZero, slopeAtZero};
            }
            return magnitude < FAR ? null : new double[] {x < 0 ? 0 : 1, 0};
        }
    }

    private static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    private static double elu(double x) {
        if (x > 0) {
            return x;
        }
        return x > -1e-3 ? x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4))) : Math.exp(x) - 1;
    }

    private static double softplus(double x) {
        double e = Math.exp(-Math.abs(x));
        return Math.max(x, 0) + (e < 1e-5 ? e - e * e / 2 : Math.log(1 + e));
    }

    private static double mishShare(double x) {
        double e = Math.exp(-Math.abs(x));
        double n = x < 0 ? e * (e + 2) : 1 + 2 * e;
        return n / (n + 2 * (x < 0 ? 1 : e * e));
    }

    private static double mishSlope(double x) {
        double share = mishShare(x);
        double e = Math.exp(-Math.abs(x));
        double rest = x < 0 ? (1 - share) * (1 + share) : 2 * e * e / (1 + 2 * e + 2 * e * e) * (1 + share);
        return share + x * rest * sigmoid(x);
    }

    private static double tail(double a) {
        return 0.5 * Math.exp(-a * a / 2) * erfcx(a * Math.sqrt(0.5));
    }

    private static double geluSlope(double x) {
        double a = Math.abs(x);
        double g = tail(a) - a * Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
        return x < 0 ? g : 1 - g;
    }

    private static double geluTanhSlope(double x) {
        double w = Exact.twoU(x);
        double steep = 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return sigmoid(w) + x * steep * sigmoid(w) * sigmoid(-w);
    }

    private static double erf(double x) {
        double a = Math.abs(x);
        if (a >= 1) {
            return Math.copySign(1 - Math.exp(-a * a) * erfcx(a), x);
        }
        double z = a * a;
        double sum = 0;
        for (int n = ERF.length - 1; n >= 0; n--) {
            sum = sum * z + ERF[n];
        }
        return x * sum;
    }

    /** The series of erf(x) / x in powers of x^2: the next term is 1e-10 at 1. */
    private static final double[] ERF = new double[12];

    /** Polynomials of degree 7 that interpolate exp(x^2) erfc(x), one for each quarter from 0 on. */
    private static final double[][] QUARTERS = new double[400][];

    static {
        double term = 2 / Math.sqrt(Math.PI);
        for (int n = 0; n < ERF.length; n++) {
            ERF[n] = term / (2 * n + 1);
            term /= -(n + 1);
        }
        for (int q = 0; q < QUARTERS.length; q++) {
            QUARTERS[q] = new double[8];
            double middle = q / 4.0 + 0.125;
            for (int k = 0; k < 8; k++) { // divided differences at Chebyshev's nodes
                QUARTERS[q][k] = Exact.erfcx(middle + 0.125 * node(k));
            }
            for (int order = 1; order < 8; order++) {
                for (int k = 7; k >= order; k--) {
                    QUARTERS[q][k] = (QUARTERS[q][k] - QUARTERS[q][k - 1]) / (node(k) - node(k - order));
                }
            }
        }
    }

    private static final double[] NODES = nodes();

    private static double[] nodes() {
        double[] nodes = new double[8];
        for (int k = 0; k < 8; k++) {
            nodes[k] = node(k);
        }
        return nodes;
    }

    private static double node(int k) {
        return Math.cos(Math.PI * (k + 0.5) / 8);
    }

    private static double erfcx(double x) {
        int q = Math.min((int) (4 * x), QUARTERS.length - 1);
        double t = (x - q / 4.0 - 0.125) * 8;
        double[] c = QUARTERS[q];
        double sum = c[7];
        for (int k = 6; k >= 0; k--) {
            sum = sum * (t - NODES[k]) + c[k];
        }
        return sum;
    }

    private interface Lines {
        double @Nullable [] at(float x);
    }

    /** The largest error over each {@code every}-th chunk of floats, in units, or in ulps of the result. */
    private static double worst(
            FunctionsTest.Loop loop, DoubleUnaryOperator exact, Lines lines, double unit, int every) {
        float[] x = new float[CHUNK];
        float[] y = new float[CHUNK];
        double[] expected = new double[CHUNK];
        double worst = 0;
        for (int sign = 0; sign < 2; sign++) {
            for (int from = 0;
                    from >= 0 && from < INFINITY;
                    from += every * CHUNK) { // the ranges begin at multiples of a chunk
                for (int i = 0; i < CHUNK; i++) {
                    x[i] = Float.intBitsToFloat(from + i | sign << 31);
                }
                loop.run(x, 0, y, 0, CHUNK);
                double[] line = lines.at(x[0]);
                if (line == null) {
                    for (int i = 0; i < CHUNK; i++) {
                        expected[i] = exact.applyAsDouble(x[i]);
                    }
                } else {
                    along(line[0], line[1], x, expected);
                }
                worst = Math.max(worst, worst(y, expected, unit));
            }
        }
        return worst;
    }

    private static void along(double constant, double factor, float[] x, double[] dst) {
        for (int i = 0; i < dst.length; i++) {
            dst[i] = constant + factor * x[i];
        }
    }

    /** Infinite where a value is not a number. */
    private static double worst(float[] y, double[] expected, double unit) {
        double worst = 0;
        for (int i = 0; i < y.length; i++) {
            if (y[i] != (float) expected[i]) {
                double error = Math.abs(y[i] - expected[i]) / (unit > 0 ? unit : Math.ulp((float) expected[i]));
                worst = Math.max(worst, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
            }
        }
        return worst;
    }

    private static void check(Case function, int every) {
        FunctionsTest.Function f = FunctionsTest.Function.valueOf(function.name());
        assertThat(worst(f.vector, function.exact, function::line, 0, every)).isLessThanOrEqualTo(f.ulps);
    }

    private static void check(SlopeCase function, int every) {
        FunctionsTest.Slope slope = FunctionsTest.Slope.valueOf(function.name());
        assertThat(worst(slope.vector, function.exact, function::line, 0x1p-23, every))
                .isLessThanOrEqualTo(slope.tolerance * 0x1p23);
    }

    @ParameterizedTest
    @EnumSource
    void someFloatsOfEachMagnitudeAreWithinTheStatedUlps(Case function) {
        check(function, SOME);
    }

    @ParameterizedTest
    @EnumSource
    void theSlopesOfSomeFloatsOfEachMagnitudeAreWithinTheStatedError(SlopeCase function) {
        check(function, SOME);
    }

    @EnabledIfSystemProperty(named = "nn.floats", matches = "all")
    @ParameterizedTest
    @EnumSource
    void everyFloatIsWithinTheStatedUlps(Case function) {
        check(function, 1);
    }

    @EnabledIfSystemProperty(named = "nn.floats", matches = "all")
    @ParameterizedTest
    @EnumSource
    void theSlopeOfEveryFloatIsWithinTheStatedError(SlopeCase function) {
        check(function, 1);
    }
}
