package nn.tensor.internal.math;

import static nn.tensor.internal.math.ScalarMath.*;

/**
 * Activation functions and their slopes, of one float, from the same operations as {@link ScalarMath}; {@code
 * VectorActivationLoops} has the same arithmetic lane by lane.
 *
 * <p>A function gives the canonical NaN for every NaN. Its error is relative, in ulp; a slope's is absolute, since it
 * is multiplied by a gradient and added to others.
 */
public final class ScalarActivations {
    private ScalarActivations() {}

    /** As {@link ScalarMath#ROUNDER}, but the low bits are round(t) + 127: shifted left, 2^round(t), and +0 at -127. */
    public static final float POWER_ROUNDER = ROUNDER + 127f;

    /** As {@link ScalarMath#ROUNDER}, but the low bits are round(t) + 32. */
    public static final float LARGER_ROUNDER = ROUNDER + 32f;

    /** exp(-88) is 0 with {@link #POWER_ROUNDER}. */
    public static final int ZERO_BITS = 0x42b00000; // 88

    /** exp(x) - 1 is -1 in float. */
    public static final float EXPM1_LOW = -18f;

    /** x exp(x) is 0 in float, and two halves of the exponent of exp(x) are in range. */
    public static final int SILU_FAR_BITS = 0x42fe0000; // 127

    /** The limit between the two ranges of {@link #softplus}. */
    public static final float SQRT2_LESS_1 = 0.41421356f;

    /** gelu(-x) is 0 in float. */
    public static final int GELU_FAR_BITS = 0x41680000; // 14.5

    /** exp(-x^2 / 2) is 0 with {@link #POWER_ROUNDER}. */
    public static final int GELU_ZERO_BITS = 0x41546000; // 13.2734375

    /**
     * Phi(-a) exp(a^2 / 2) = (N0 + N1 a + ... N4 a^4) / (1 + D1 a + ... D5 a^5) for 0 &lt;= a &lt;= 14.6: minimax,
     * relative error 6e-9. All coefficients are positive, so sums lose nothing. The denominator is larger by 2^32.
     */
    public static final float GELU_N0 = 0.5f;

    public static final float GELU_N1 = 0x1.c10556p-2f;
    public static final float GELU_N2 = 0x1.77928ap-3f;
    public static final float GELU_N3 = 0x1.4d4818p-5f;
    public static final float GELU_N4 = 0x1.0e4264p-8f;
    public static final float GELU_D0 = 0x1.0p32f;
    public static final float GELU_D1 = 0x1.acc4dcp32f;
    public static final float GELU_D2 = 0x1.34p32f;
    public static final float GELU_D3 = 0x1.e1249cp30f;
    public static final float GELU_D4 = 0x1.a1bb92p28f;
    public static final float GELU_D5 = 0x1.52b74ap25f;

    /**
     * (Phi(-a) - a phi(a)) exp(a^2 / 2) = (0.5 + M1 a + ... M4 a^4) / (1 + S1 a + S2 a^2 + S3 a^3): times exp(-a^2 /
     * 2), an absolute error of 5e-9.
     */
    public static final float GELU_M1 = -0x1.ee81c8p-3f;

    public static final float GELU_M2 = -0x1.a6667cp-2f;
    public static final float GELU_M3 = -0x1.7168p-3f;
    public static final float GELU_M4 = -0x1.bdb938p-6f;
    public static final float GELU_S1 = 0x1.1ce3e6p0f;
    public static final float GELU_S2 = 0x1.cdabb2p-2f;
    public static final float GELU_S3 = 0x1.179edcp-4f;

    /**
     * 2 u = a (C1 + C2 a^2) of the form of GELU by tanh, C1 = sqrt(8 / pi), C2 = 0.044715 C1; each the sum of two
     * floats, the first of C1 with 19 bits; C1 in one float.
     */
    public static final float GELU_TANH_C1 = 0x1.98844p0f;

    public static final float GELU_TANH_C1_LOW = 0x1.33d436p-20f;
    public static final float GELU_TANH_C1_WHOLE = 0x1.988454p0f;
    public static final float GELU_TANH_C2 = 0x1.2444f2p-4f;
    public static final float GELU_TANH_C2_LOW = 0x1.49b16ap-29f;

    /** x sigmoid(2 u) is 0 in float at -x. */
    public static final int GELU_TANH_FAR_BITS = 0x41380000; // 11.5

    /** sigmoid(-2 u) is 0 with {@link #POWER_ROUNDER}. */
    public static final int GELU_TANH_ZERO_BITS = 0x41208000; // 10.03125, 2 u = 88.03

    /** erf(a) = a + a (B0 + B1 a^2 + ... B4 a^8) for a &lt;= 0.6: minimax, relative error 8e-9. */
    public static final float ERF_SMALL = 0.6f;

    public static final float ERF_B0 = 0x1.06eba6p-3f;
    public static final float ERF_B1 = -0x1.8126f2p-2f;
    public static final float ERF_B2 = 0x1.ce11c6p-4f;
    public static final float ERF_B3 = -0x1.b49558p-6f;
    public static final float ERF_B4 = 0x1.27b8cep-8f;

    /** erfc(a) exp(a^2) = (N0 + ... N4 a^4) / (1 + ... D5 a^5) for a &gt;= 0.4: minimax, relative error 3e-8. */
    public static final float ERF_N0 = 0x1.000056p0f;

    public static final float ERF_N1 = 0x1.4cf9c4p0f;
    public static final float ERF_N2 = 0x1.9ac96ap-1f;
    public static final float ERF_N3 = 0x1.0f9198p-2f;
    public static final float ERF_N4 = 0x1.540eep-5f;
    public static final float ERF_D1 = 0x1.36ed6ap1f;
    public static final float ERF_D2 = 0x1.4581a6p1f;
    public static final float ERF_D3 = 0x1.7567a8p0f;
    public static final float ERF_D4 = 0x1.e15b66p-2f;
    public static final float ERF_D5 = 0x1.2d5e08p-4f;

    /** erf is 1 in float. */
    public static final int ERF_FAR_BITS = 0x40800000; // 4

    /** exp(-x^2) is 0 with {@link #POWER_ROUNDER}. */
    public static final int ERF_ZERO_BITS = 0x41165000; // 9.39453125

    public static final float TWO_BY_SQRT_PI = 0x1.20dd76p0f;

    /** Beyond, sine and cosine are those of StrictMath; below, multiples of pi / 2 are subtracted in three parts. */
    public static final float SIN_FAR = 0x1p17f;

    public static final float TWO_BY_PI = 0x1.45f306p-1f;
    public static final float HALF_PI_HIGH = 0x1.921fb6p0f;
    public static final float HALF_PI_MIDDLE = -0x1.777a5cp-25f;
    public static final float HALF_PI_LOW = -0x1.ee59dap-50f;

    /** sin(r) = r + r^3 (S0 + S1 r^2 + S2 r^4) for |r| &lt;= pi / 4 + 0.004: minimax, relative error 4e-9. */
    public static final float SIN_0 = -0x1.555544p-3f;

    public static final float SIN_1 = 0x1.110708p-7f;
    public static final float SIN_2 = -0x1.993208p-13f;

    /** cos(r) = 1 - r^2 / 2 + r^4 (C0 + C1 r^2 + C2 r^4) there: minimax, relative error 2e-10. */
    public static final float COS_0 = 0x1.55554ap-5f;

    public static final float COS_1 = -0x1.6c0bfcp-10f;
    public static final float COS_2 = 0x1.99db4cp-16f;

    /** e^x for -88 &lt;= x &lt;= 0, and 0 below exp(-87.7). */
    private static float power(float x) {
        float t = Fused.fma(x, LOG2_E, POWER_ROUNDER);
        float n = t - POWER_ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, x));
        return expPolynomial(r) * Float.intBitsToFloat(Float.floatToRawIntBits(t) << MANTISSA_BITS);
    }

    private static float magnitude(float x, int mostBits) {
        return Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x) & MAGNITUDE, mostBits));
    }

    /** above x from 0 on, below (e^x - 1) elsewhere: 1 ulp where both are 1. */
    public static float elu(float above, float below, float x) {
        float c = x < EXPM1_LOW ? EXPM1_LOW : x;
        float t = Fused.fma(c, LOG2_E, POWER_ROUNDER);
        float n = t - POWER_ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, c));
        float r2 = r * r;
        float q = Fused.fma(Fused.fma(E6, r2, Fused.fma(E5, r, E4)), r2, Fused.fma(E3, r, E2));
        float power = Float.intBitsToFloat(Float.floatToRawIntBits(t) << MANTISSA_BITS);
        float less = Fused.fma(power, Fused.fma(q, r2, r), power - 1f);
        float y = x >= 0f ? above * x : below * less;
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** The slope of {@link #elu} from its value, for a positive below: below e^x = y + below. */
    public static float eluSlope(float above, float below, float y) {
        return y > 0f ? above : y + below;
    }

    /** The slope of the logistic function from its value. */
    public static float sigmoidSlope(float y) {
        return y * (1f - y);
    }

    /** x / (1 + e^-x). */
    public static float silu(float x) {
        float m = -magnitude(x, SILU_FAR_BITS);
        float t = Fused.fma(m, LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, m));
        return logistic(x, t, r, m, x);
    }

    /** The slope of {@link #silu}: t (1 - a (1 - t)) for t = sigmoid(-a), a = |x|, below 0, and 1 minus that above. */
    public static float siluSlope(float x) {
        float a = magnitude(x, ZERO_BITS);
        float e = power(-a);
        float t = e / (1f + e);
        float g = t * Fused.fma(-a, 1f - t, 1f);
        float slope = x < 0f ? g : 1f - g;
        return Float.isNaN(x) ? Float.NaN : slope;
    }

    /** The bits of the magnitude from which on the exponential of {@link #softplus} is 0. */
    public static int softplusFar(float a) {
        return Float.floatToRawIntBits(Math.min(104f / Math.abs(a), Float.MAX_VALUE));
    }

    /** b ln(1 + e^(a x)) = (x where a x is positive, else 0) + b ln(1 + e^-|a x|), for b = 1 / a. */
    public static float softplus(float a, float b, int far, float x) {
        float m = -magnitude(x, far);
        float steep = Math.abs(a);
        float t = Fused.fma(m, steep * LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        // the product by a is not rounded, and that by 16 bits of ln 2 is exact
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(steep, m, n * -LN2_HIGH));
        int scale = Float.floatToRawIntBits(t) << MANTISSA_BITS;
        int half = scale >> 1 & EXPONENT;
        float first = Float.intBitsToFloat(Float.floatToRawIntBits(expPolynomial(r)) + half);
        float e = first * Float.intBitsToFloat(scale - half + ONE_BITS);
        boolean large = e > SQRT2_LESS_1;
        float f = large ? Fused.fma(e, 0.5f, -0.5f) : e;
        float y = Fused.fma(b, logPolynomial(f, large ? 1f : 0f), a * x > 0f ? x : 0f);
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** x from 0 on, a (e^(x / a) - 1) elsewhere, for b = 1 / a. */
    public static float celu(float a, float b, float x) {
        float low = EXPM1_LOW * a;
        float c = x < low ? low : x;
        float t = Fused.fma(b * c, LOG2_E, POWER_ROUNDER);
        float n = t - POWER_ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(b, c, n * -LN2_HIGH));
        float r2 = r * r;
        float q = Fused.fma(Fused.fma(E6, r2, Fused.fma(E5, r, E4)), r2, Fused.fma(E3, r, E2));
        float power = Float.intBitsToFloat(Float.floatToRawIntBits(t) << MANTISSA_BITS);
        float less = Fused.fma(power, Fused.fma(q, r2, r), power - 1f);
        float y = x >= 0f ? x : a * less;
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** The slope of {@link #celu} from its value: e^(x / a) = (y + a) / a below 0; exactly 0 at the limit. */
    public static float celuSlope(float a, float b, float y) {
        return y > 0f ? 1f : (y + a) * b;
    }

    /**
     * x tanh(ln(1 + e^x)). With e = e^-|x|, the factor is e (e + 2) / (e (e + 2) + 2) below 0, and (1 + 2 e) / (1 + 2 e
     * + 2 e^2) above: sums of positive terms.
     */
    public static float mish(float x) {
        float m = -magnitude(x, SILU_FAR_BITS);
        float t = Fused.fma(m, LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, m));
        int scale = Float.floatToRawIntBits(t) << MANTISSA_BITS;
        int half = scale >> 1 & EXPONENT;
        float first = Float.intBitsToFloat(Float.floatToRawIntBits(expPolynomial(r)) + half);
        float second = Float.intBitsToFloat(scale - half + ONE_BITS);
        float e = first * second;
        boolean isNegative = x < 0f;
        float more = isNegative ? e + 2f : e + 1f;
        float bottom = Fused.fma(isNegative ? e : e + e, more, isNegative ? 2f : 1f);
        float top = isNegative ? m * first * more : x * Fused.fma(2f, e, 1f);
        // the second half of the exponent comes last, so that only the last product rounds to a subnormal
        float y = top / bottom * (isNegative ? second : 1f);
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /**
     * The slope of {@link #mish}. With e = e^-|x|, a = |x| and the denominator d of its factor: e ((e + 2) d - 4 a (1 +
     * e)) / d^2 below 0, and 1 - 2 e^2 (d - 2 a (1 + e)) / d^2 above.
     */
    public static float mishSlope(float x) {
        float a = magnitude(x, ZERO_BITS);
        float e = power(-a);
        boolean isNegative = x < 0f;
        float bottom = Fused.fma(isNegative ? e : e + e, isNegative ? e + 2f : e + 1f, isNegative ? 2f : 1f);
        float lead = isNegative ? e : 2f * e * e;
        float factor = isNegative ? e + 2f : 1f;
        float steep = a * (e + 1f) * (isNegative ? -4f : -2f);
        float g = lead * Fused.fma(factor, bottom, steep) / (bottom * bottom);
        float slope = isNegative ? g : 1f - g;
        return Float.isNaN(x) ? Float.NaN : slope;
    }

    /** x Phi(x): -a Phi(-a) below 0, a = |x|, and x - a Phi(-a) above. */
    public static float gelu(float x) {
        float a = magnitude(x, GELU_FAR_BITS);
        float h = -0.5f * a;
        float t = Fused.fma(h * a, LOG2_E, LARGER_ROUNDER);
        float n = t - LARGER_ROUNDER;
        // exact but for one rounding: the product by 16 bits of ln 2 is exact, and h a is not rounded
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(h, a, n * -LN2_HIGH));
        int scale = Float.floatToRawIntBits(t) << MANTISSA_BITS;
        // larger by 2^32, as is the denominator: so only the quotient rounds to a subnormal
        float e = Float.intBitsToFloat(Float.floatToRawIntBits(expPolynomial(r)) + scale);
        float top = Fused.fma(Fused.fma(Fused.fma(Fused.fma(GELU_N4, a, GELU_N3), a, GELU_N2), a, GELU_N1), a, GELU_N0);
        float bottom = Fused.fma(Fused.fma(Fused.fma(GELU_D5, a, GELU_D4), a, GELU_D3), a, GELU_D2);
        bottom = Fused.fma(Fused.fma(bottom, a, GELU_D1), a, GELU_D0);
        float y = (x < 0f ? -0f : x) - a * top * e / bottom;
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** The slope of {@link #gelu}: Phi(-a) - a phi(a) below 0, 1 minus that above. */
    public static float geluSlope(float x) {
        float a = magnitude(x, GELU_ZERO_BITS);
        float e = power(-0.5f * a * a);
        float top = Fused.fma(Fused.fma(Fused.fma(Fused.fma(GELU_M4, a, GELU_M3), a, GELU_M2), a, GELU_M1), a, 0.5f);
        float bottom = Fused.fma(Fused.fma(Fused.fma(GELU_S3, a, GELU_S2), a, GELU_S1), a, 1f);
        float g = e * top / bottom;
        float slope = x < 0f ? g : 1f - g;
        return Float.isNaN(x) ? Float.NaN : slope;
    }

    /** x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3), which is 0.5 x (1 + tanh u). */
    public static float geluTanh(float x) {
        float a = magnitude(x, GELU_TANH_FAR_BITS);
        // 2 u = a (s + low): e^-2u would show the rounding of s
        float z = a * a;
        float s = Fused.fma(GELU_TANH_C2, z, GELU_TANH_C1);
        float low = Fused.fma(GELU_TANH_C2, z, GELU_TANH_C1 - s);
        low += Fused.fma(GELU_TANH_C2, Fused.fma(a, a, -z), Fused.fma(GELU_TANH_C2_LOW, z, GELU_TANH_C1_LOW));
        float m = -a;
        float t = Fused.fma(m * s, LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(m, low, Fused.fma(m, s, n * -LN2_HIGH)));
        return logistic(x, t, r, m, x);
    }

    /** The slope of {@link #geluTanh}: t (1 - a (1 - t) 2 u') for t = sigmoid(-2 u) below 0, 1 minus that above. */
    public static float geluTanhSlope(float x) {
        float a = magnitude(x, GELU_TANH_ZERO_BITS);
        float z = a * a;
        float e = power(-a * Fused.fma(GELU_TANH_C2, z, GELU_TANH_C1_WHOLE));
        float t = e / (1f + e);
        float steep = a * Fused.fma(3f * GELU_TANH_C2, z, GELU_TANH_C1_WHOLE);
        float g = t * Fused.fma(-steep, 1f - t, 1f);
        float slope = x < 0f ? g : 1f - g;
        return Float.isNaN(x) ? Float.NaN : slope;
    }

    /** The error function, odd to the bit. */
    public static float erf(float x) {
        int bits = Float.floatToRawIntBits(x);
        float a = magnitude(x, ERF_FAR_BITS);
        float z = a * a;
        float q = Fused.fma(Fused.fma(Fused.fma(Fused.fma(ERF_B4, z, ERF_B3), z, ERF_B2), z, ERF_B1), z, ERF_B0);
        float small = Fused.fma(a, q, a);
        float e = power(-z);
        float top = Fused.fma(Fused.fma(Fused.fma(Fused.fma(ERF_N4, a, ERF_N3), a, ERF_N2), a, ERF_N1), a, ERF_N0);
        float bottom = Fused.fma(Fused.fma(Fused.fma(ERF_D5, a, ERF_D4), a, ERF_D3), a, ERF_D2);
        bottom = Fused.fma(Fused.fma(bottom, a, ERF_D1), a, 1f);
        float large = 1f - e * top / bottom;
        float y = a < ERF_SMALL ? small : large;
        float signed = Float.intBitsToFloat(Float.floatToRawIntBits(y) | bits & SIGN_BIT);
        return Float.isNaN(x) ? Float.NaN : signed;
    }

    /** The slope of {@link #erf}, 2 / sqrt(pi) e^-x^2. */
    public static float erfSlope(float x) {
        float a = magnitude(x, ERF_ZERO_BITS);
        float slope = TWO_BY_SQRT_PI * power(-a * a);
        return Float.isNaN(x) ? Float.NaN : slope;
    }

    /** sin x, odd to the bit; NaN for an infinite x. */
    public static float sin(float x) {
        float a = Math.abs(x);
        if (a > SIN_FAR) {
            return oneNan((float) StrictMath.sin(x));
        }
        float t = Fused.fma(a, TWO_BY_PI, ROUNDER);
        float y = quarter(t - ROUNDER, a, Float.floatToRawIntBits(t));
        float signed = Float.intBitsToFloat(Float.floatToRawIntBits(y) ^ Float.floatToRawIntBits(x) & SIGN_BIT);
        return Float.isNaN(x) ? Float.NaN : signed;
    }

    /** cos x, even to the bit; NaN for an infinite x. */
    public static float cos(float x) {
        float a = Math.abs(x);
        if (a > SIN_FAR) {
            return oneNan((float) StrictMath.cos(x));
        }
        float t = Fused.fma(a, TWO_BY_PI, ROUNDER);
        float y = quarter(t - ROUNDER, a, Float.floatToRawIntBits(t) + 1); // cos a = sin(a + pi / 2)
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** sin(a - n pi / 2 + k pi / 2). */
    private static float quarter(float n, float a, int k) {
        float r = Fused.fma(n, -HALF_PI_LOW, Fused.fma(n, -HALF_PI_MIDDLE, Fused.fma(n, -HALF_PI_HIGH, a)));
        float z = r * r;
        float sin = Fused.fma(r * z, Fused.fma(Fused.fma(SIN_2, z, SIN_1), z, SIN_0), r);
        float cos = Fused.fma(Fused.fma(Fused.fma(COS_2, z, COS_1), z, COS_0), z * z, Fused.fma(z, -0.5f, 1f));
        float y = (k & 1) == 0 ? sin : cos;
        return Float.intBitsToFloat(Float.floatToRawIntBits(y) ^ (k & 2) << 30);
    }

    private static float oneNan(float y) {
        return Float.isNaN(y) ? Float.NaN : y;
    }
}
