package nn.tensor.internal.element;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.math.ScalarMath;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FunctionsTest {
    interface Loop {
        void run(float[] x, int xo, float[] y, int yo, int n);
    }

    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    private static final float SELU_ABOVE = 1.050701f;
    private static final float SELU_BELOW = 1.7580993f;

    /** Bounds in ulp; {@link EveryFloatTest} asks most of them of all 2^32 inputs. */
    enum Function {
        EXP(Unary.EXP, StrictMath::exp, 0.91),
        LOG(Unary.LOG, StrictMath::log, 0.88),
        TANH(Unary.TANH, StrictMath::tanh, 1.37),
        SIGMOID(Unary.SIGMOID, Exact::sigmoid, 2.7),
        ELU(Unary.ELU, 1, 1, x -> x > 0 ? x : StrictMath.expm1(x), 1.2),
        SELU(
                Unary.ELU,
                SELU_ABOVE,
                SELU_BELOW,
                x -> x > 0 ? (double) SELU_ABOVE * x : SELU_BELOW * StrictMath.expm1(x),
                1.9),
        SILU(Unary.SILU, x -> Exact.times(x, Exact.sigmoid(x)), 3.6),
        SOFTPLUS(Unary.SOFTPLUS, 1, 1, Exact::softplus, 2),
        SOFTPLUS_2(Unary.SOFTPLUS, 2, 0.5f, x -> Exact.softplus(2 * x) / 2, 2),
        SOFTPLUS_SLOW(Unary.SOFTPLUS, 0.3f, 1 / 0.3f, x -> Exact.softplus(0.3f * x) / 0.3f, 3),
        LOG_SIGMOID(Unary.SOFTPLUS, -1, -1, x -> -Exact.softplus(-x), 2),
        CELU_2(Unary.CELU, 2, 0.5f, x -> x > 0 ? x : 2 * StrictMath.expm1(x / 2), 1.2),
        CELU_THIRD(Unary.CELU, 0.3f, 1 / 0.3f, x -> x > 0 ? x : 0.3f * StrictMath.expm1(x / 0.3f), 3),
        MISH(Unary.MISH, x -> Exact.times(x, Exact.mishShare(x)), 5),
        HARD_SIGMOID(Unary.HARD_SIGMOID, x -> Math.min(Math.max(x + 3, 0), 6) / 6, 2),
        HARD_SWISH(Unary.HARD_SWISH, x -> x <= -3 ? -0.0 : Exact.times(x, Math.min(Math.max(x + 3, 0), 6) / 6), 3),
        GELU(Unary.GELU, Exact::gelu, 6.6),
        GELU_TANH(Unary.GELU_TANH, x -> Exact.times(x, Exact.sigmoid(Exact.twoU(x))), 3.6),
        ERF(Unary.ERF, Exact::erf, 2.6),
        SIN(Unary.SIN, StrictMath::sin, 1.6);

        final Loop scalar;
        final Loop vector;
        final DoubleUnaryOperator exact;
        final double ulps;

        Function(Unary f, DoubleUnaryOperator exact, double ulps) {
            this(f, 0, 0, exact, ulps);
        }

        Function(Unary f, float a, float b, DoubleUnaryOperator exact, double ulps) {
            scalar = (x, xo, y, yo, n) -> SCALAR.function(f, a, b, x, xo, y, yo, n);
            vector = (x, xo, y, yo, n) -> VECTOR.function(f, a, b, x, xo, y, yo, n);
            this.exact = exact;
            this.ulps = ulps;
        }
    }

    /** Bounds of the absolute error, in units of 2^-23; {@link EveryFloatTest} asks most of them of all 2^32 inputs. */
    enum Slope {
        SIGMOID(Unary.SIGMOID, y -> y * (1 - y), 1), // of any y: two roundings
        ELU(Unary.ELU, y -> y > 0 ? 1 : y + 1, 0.5),
        SILU(Unary.SILU, x -> Exact.sigmoid(x) + Exact.times(x, Exact.sigmoid(x) * Exact.sigmoid(-x)), 1),
        SOFTPLUS(Unary.SOFTPLUS, Exact::sigmoid, 1),
        SOFTPLUS_2(Unary.SOFTPLUS, 2, 0.5f, x -> Exact.sigmoid(2 * x), 1),
        LOG_SIGMOID(Unary.SOFTPLUS, -1, -1, x -> Exact.sigmoid(-x), 1),
        CELU_2(Unary.CELU, 2, 0.5f, y -> y > 0 ? 1 : 1 + y / 2, 0.5),
        MISH(Unary.MISH, Exact::mishSlope, 2),
        HARD_SIGMOID(Unary.HARD_SIGMOID, x -> Double.isNaN(x) ? x : Math.abs(x) < 3 ? 1.0 / 6 : 0, 0.1),
        HARD_SWISH(Unary.HARD_SWISH, x -> x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6, 1),
        GELU(Unary.GELU, Exact::geluSlope, 1.3),
        GELU_TANH(Unary.GELU_TANH, Exact::geluTanhSlope, 1.3),
        ERF(Unary.ERF, x -> 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x), 1.5),
        SIN(Unary.SIN, StrictMath::cos, 1);

        final Loop scalar;
        final Loop vector;
        final DoubleUnaryOperator exact;
        final double tolerance;

        Slope(Unary f, DoubleUnaryOperator exact, double units) {
            this(f, 1, 1, exact, units);
        }

        Slope(Unary f, float a, float b, DoubleUnaryOperator exact, double units) {
            scalar = (x, xo, y, yo, n) -> SCALAR.gradient(f, a, b, x, xo, ONES, 0, y, yo, n);
            vector = (x, xo, y, yo, n) -> VECTOR.gradient(f, a, b, x, xo, ONES, 0, y, yo, n);
            this.exact = exact;
            this.tolerance = units * 0x1p-23;
        }
    }

    private static final int CHUNK = 1 << 14;
    private static final float[] ONES = new float[CHUNK];

    static {
        Arrays.fill(ONES, 1f);
    }

    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        Float.intBitsToFloat(0xffc00000),
        Float.intBitsToFloat(0x7f800001),
        Float.intBitsToFloat(0xff800001),
        Float.intBitsToFloat(0x7fffffff),
        Float.intBitsToFloat(0xffffffff)
    };

    /** Where a formula, an exponent or a special case takes over. */
    private static final float[] SWITCHES = {
        ScalarMath.TANH_SMALL,
        9.01f,
        10f,
        0.17328680f,
        0.34657359f,
        1f,
        ScalarMath.SQRT_HALF,
        1.4142135f,
        Float.MIN_NORMAL,
        87.33655f,
        88.72284f,
        89f,
        103.27893f,
        103.97208f,
        104f,
        16.635532f,
        17.328680f,
        0x1p-12f,
        0x1p-24f,
        2f,
        0.5f,
        0.6f,
        10.03125f,
        11.5f,
        13.2734375f,
        14.5f,
        3f,
        18f,
        36f,
        5.4f,
        52f,
        88f,
        127f,
        0x1p17f,
        1.5707964f,
        3.1415927f,
        100f
    };

    private static float[] inputs(long stride) {
        int swept = (int) (((1L << 32) + stride - 1) / stride);
        float[] near = new float[SWITCHES.length * 2 * 4001];
        int at = 0;
        for (float s : SWITCHES) {
            for (int d = -2000; d <= 2000; d++) {
                float x = Float.intBitsToFloat(Float.floatToRawIntBits(s) + d);
                near[at++] = x;
                near[at++] = -x;
            }
        }
        float[] x = Arrays.copyOf(near, near.length + SPECIAL.length + swept);
        System.arraycopy(SPECIAL, 0, x, near.length, SPECIAL.length);
        for (int i = 0; i < swept; i++) {
            x[near.length + SPECIAL.length + i] = Float.intBitsToFloat((int) (i * stride));
        }
        return x;
    }

    private static float[] apply(Loop loop, float[] x) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i += CHUNK) {
            loop.run(x, i, y, i, Math.min(CHUNK, x.length - i));
        }
        return y;
    }

    private static float at(Loop loop, float x) {
        float[] y = new float[1];
        loop.run(new float[] {x}, 0, y, 0, 1);
        return y[0];
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToRawIntBits(x[i]);
        }
        return bits;
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void everySampledFloatIsWithinTheStatedUlps(Function f) {
        float[] x = inputs(2003);
        float[] y = apply(f.vector, x);
        double worst = 0;
        float worstAt = 0;
        for (int i = 0; i < x.length; i++) {
            double exact = f.exact.applyAsDouble(x[i]);
            float nearest = (float) exact;
            if (Float.isNaN(nearest) || Float.isInfinite(nearest)) {
                assertThat(Float.compare(y[i], nearest))
                        .as("%s(%s) = %s", f, x[i], y[i])
                        .isZero();
                continue;
            }
            double error = Math.abs(y[i] - exact) / Math.ulp(nearest);
            if (!(error <= worst)) {
                worst = error;
                worstAt = x[i];
            }
        }
        assertThat(worst).as("%s, worst at %s", f, worstAt).isLessThanOrEqualTo(f.ulps);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void theSlopeOfEverySampledFloatIsWithinTheStatedError(Slope slope) {
        float[] x = inputs(2003);
        float[] y = apply(slope.vector, x);
        for (int i = 0; i < x.length; i++) {
            double exact = slope.exact.applyAsDouble(x[i]);
            double bound = slope.tolerance * Math.max(1, Math.abs(exact)); // sigmoid and ELU: y of any size
            boolean right =
                    Double.isNaN(exact) ? Float.isNaN(y[i]) : Math.abs(y[i] - exact) <= bound || y[i] == (float) exact;
            if (!right) {
                assertThat(y[i]).as("slope of %s at %s", slope, x[i]).isEqualTo((float) exact);
            }
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void scalarAndVectorSlopesAgreeOverASweepOfAllBitPatterns(Slope slope) {
        float[] x = inputs(509);
        assertThat(Arrays.equals(bits(apply(slope.scalar, x)), bits(apply(slope.vector, x))))
                .isTrue();
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void scalarAndVectorAgreeOverASweepOfAllBitPatterns(Function f) {
        float[] x = inputs(509);
        assertThat(Arrays.equals(bits(apply(f.scalar, x)), bits(apply(f.vector, x))))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void scalarAndVectorAgreeAtEveryLengthAndOffsetAndWriteNothingElse(Function f) {
        float[] x = new float[300];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 7 == 0 ? SPECIAL[i / 7 % SPECIAL.length] : (i - 150) * 0.37f;
        }
        IntStream.concat(IntStream.rangeClosed(0, 130), IntStream.rangeClosed(255, 257))
                .forEach(n -> {
                    for (int offset : new int[] {0, 1, 5, 17}) {
                        float[] scalar = new float[x.length];
                        Arrays.fill(scalar, 42f);
                        float[] vector = scalar.clone();
                        float[] inPlace = x.clone();
                        f.scalar.run(x, offset, scalar, 3, n);
                        f.vector.run(x, offset, vector, 3, n);
                        assertThat(bits(vector)).isEqualTo(bits(scalar));
                        for (int i = 0; i < vector.length; i++) {
                            if (i < 3 || i >= 3 + n) {
                                assertThat(vector[i]).isEqualTo(42f);
                            }
                        }
                        f.vector.run(inPlace, offset, inPlace, offset, n);
                        assertThat(Arrays.equals(bits(inPlace), offset, offset + n, bits(scalar), 3, 3 + n))
                                .isTrue();
                    }
                });
    }

    @ParameterizedTest
    @EnumSource
    void everyNanGivesTheCanonicalNan(Function f) {
        float[] nans = new float[CHUNK];
        for (int i = 0; i < nans.length; i++) {
            nans[i] = Float.intBitsToFloat((i % 2 == 0 ? 0x7f800001 : 0xff800001) + i * 509);
        }
        assertThat(bits(apply(f.vector, nans))).containsOnly(0x7fc00000);
        assertThat(bits(apply(f.scalar, nans))).containsOnly(0x7fc00000);
    }

    @Test
    void limitsAreExact() {
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(at(Function.EXP.vector, infinity)).isEqualTo(infinity);
        assertThat(at(Function.EXP.vector, -infinity)).isEqualTo(0f);
        assertThat(at(Function.EXP.vector, 0f)).isEqualTo(1f);
        assertThat(at(Function.EXP.vector, -0f)).isEqualTo(1f);
        assertThat(at(Function.LOG.vector, infinity)).isEqualTo(infinity);
        assertThat(at(Function.LOG.vector, 0f)).isEqualTo(-infinity);
        assertThat(at(Function.LOG.vector, -0f)).isEqualTo(-infinity);
        assertThat(Float.floatToRawIntBits(at(Function.LOG.vector, 1f))).isZero();
        assertThat(at(Function.LOG.vector, -Float.MIN_VALUE)).isNaN();
        assertThat(at(Function.LOG.vector, -infinity)).isNaN();
        assertThat(at(Function.TANH.vector, infinity)).isEqualTo(1f);
        assertThat(at(Function.TANH.vector, -infinity)).isEqualTo(-1f);
        assertThat(Float.floatToRawIntBits(at(Function.TANH.vector, -0f))).isEqualTo(0x80000000);
        assertThat(Float.floatToRawIntBits(at(Function.TANH.vector, 0f))).isZero();
        assertThat(at(Function.SIGMOID.vector, infinity)).isEqualTo(1f);
        assertThat(at(Function.SIGMOID.vector, -infinity)).isEqualTo(0f);
        assertThat(at(Function.SIGMOID.vector, 0f)).isEqualTo(0.5f);
        assertThat(at(Function.SIGMOID.vector, -100f)).isEqualTo((float) StrictMath.exp(-100)); // a subnormal
    }

    @ParameterizedTest
    @EnumSource(names = {"TANH", "ERF", "SIN"})
    void oddFunctionsAreOddBitForBitAndNeverBeyondOne(Function f) {
        float[] x = inputs(4001);
        float[] minus = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            minus[i] = -x[i];
        }
        float[] y = apply(f.vector, x);
        float[] yMinus = apply(f.vector, minus);
        long broken = LongStream.range(0, x.length)
                .filter(l -> {
                    int i = (int) l;
                    return y[i] == y[i]
                            && (Float.floatToRawIntBits(y[i]) != (Float.floatToRawIntBits(yMinus[i]) ^ 0x80000000)
                                    || Math.abs(y[i]) > 1f);
                })
                .count();
        assertThat(broken).isZero();
    }

    @Test
    void reluGradientPassesWhereXIsNotAtMostZeroAndGivesPlusZeroElsewhere() {
        float[] x = {1f, 0f, -0f, -1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
        float[] expected = {-5f, 0f, 0f, 0f, -5f, -5f, 0f, -5f};
        for (int n = 0; n <= 130; n++) {
            float[] xs = new float[n + 2];
            float[] dy = new float[n + 3];
            Arrays.fill(dy, -5f);
            float[] want = new float[n];
            for (int i = 0; i < n; i++) {
                xs[i + 2] = x[i % x.length];
                want[i] = expected[i % x.length];
            }
            float[] scalar = new float[n];
            float[] vector = new float[n];
            ScalarFunctions.reluGrad(xs, 2, dy, 3, scalar, 0, n);
            VectorFunctions.reluGrad(xs, 2, dy, 3, vector, 0, n);
            assertThat(bits(scalar)).isEqualTo(bits(want));
            assertThat(bits(vector)).isEqualTo(bits(want));
        }
    }
}
