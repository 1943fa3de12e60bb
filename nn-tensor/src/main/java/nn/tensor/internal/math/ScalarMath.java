package nn.tensor.internal.math;

/**
 * exp, log, tanh and sigmoid of one float, from + - * / FMA, comparisons and integer bit tricks only, so that every
 * JVM, CPU and compiler tier gives the same bits. {@code VectorFunctions} has the same arithmetic lane by lane: change
 * one, change both.
 *
 * <p>Every NaN input gives the canonical NaN 0x7fc00000, because which payload survives an operation on two NaNs
 * depends on the operand order the compiler happened to choose.
 *
 * <p>Worst error over all 2^32 inputs, against StrictMath in double: exp 0.904 ulp, log 0.876, tanh 1.363, sigmoid
 * 2.3.
 */
public final class ScalarMath {
    private ScalarMath() {}

    /** The parts of a float's bits. */
    public static final int SIGN_BIT = 0x80000000;

    public static final int MAGNITUDE = 0x7fffffff;
    public static final int MANTISSA_BITS = 23;
    public static final int MANTISSA = 0x007fffff;
    public static final int EXPONENT = 0xff800000; // with the sign, which a signed exponent needs
    public static final int ONE_BITS = 0x3f800000;

    /** Adding it leaves round(t) in the low mantissa bits, and subtracting it again gives round(t) as a float. */
    public static final float ROUNDER = 0x1.8p23f;

    /** log2 e. */
    public static final float LOG2_E = 0x1.715476p0f;

    /** ln 2 to 16 bits, so that its product with a binary exponent is exact, and the remainder. */
    public static final float LN2_HIGH = 0x1.62e4p-1f;

    public static final float LN2_LOW = 0x1.7f7d1cp-20f;
    public static final float LN2 = 0x1.62e43p-1f;

    /** Beyond these exp is 0 (below half the least subnormal) and infinity; the exponent stays within 9 signed bits. */
    public static final float EXP_LOW = -104f;

    public static final float EXP_HIGH = 89f;

    /** The bits of 104: sigmoid is 0 at minus that, and 1 to the last bit at 104. */
    public static final int SIGMOID_FAR_BITS = 0x42d00000;

    /** exp(r) = 1 + r + E2 r^2 ... E6 r^6 for |r| &lt;= 1.003 ln(2)/2: minimax, relative error 3.3e-9 = 2^-28.2. */
    public static final float E2 = 0x1.fffffcp-2f;

    public static final float E3 = 0x1.555492p-3f;
    public static final float E4 = 0x1.5558bep-5f;
    public static final float E5 = 0x1.1239ecp-7f;
    public static final float E6 = 0x1.6a4002p-10f;

    /** Above, 1 - 2/(e^2x + 1) scales the error of the quotient down; below, it would cancel. */
    public static final float TANH_SMALL = 0.625f;

    /** The bits of 10: tanh is 1 to the last bit from 9.02 on. */
    public static final int TANH_HIGH_BITS = 0x41200000;

    /**
     * tanh(x) = x + x z (T0 + T1 z + ... T4 z^4), z = x^2, for |x| &lt;= 0.625: minimax, relative error 4.5e-9 =
     * 2^-27.7.
     */
    public static final float T0 = -0x1.555532p-2f;

    public static final float T1 = 0x1.1106f6p-3f;
    public static final float T2 = -0x1.b835a4p-5f;
    public static final float T3 = 0x1.51f8cep-6f;
    public static final float T4 = -0x1.750ce4p-8f;

    public static final float LEAST_NORMAL = 0x1p-126f;

    /** The square root of 1/2, and its bits. */
    public static final float SQRT_HALF = 0x1.6a09e6p-1f;

    public static final int SQRT_HALF_BITS = 0x3f3504f3;

    /**
     * log(1 + f) = f + f^2 (L0 + L1 f + ... L7 f^7) for sqrt(1/2) &lt;= 1 + f &lt;= sqrt(2): minimax, relative error
     * 5.9e-9 = 2^-27.3.
     */
    public static final float L0 = -0.5f;

    public static final float L1 = 0x1.555554p-2f;
    public static final float L2 = -0x1.000226p-2f;
    public static final float L3 = 0x1.99a01ap-3f;
    public static final float L4 = -0x1.547278p-3f;
    public static final float L5 = 0x1.22d94cp-3f;
    public static final float L6 = -0x1.0d837cp-3f;
    public static final float L7 = 0x1.055eeap-3f;
    public static final float L8 = -0x1.38c2c4p-4f;

    /** e^x. */
    public static float exp(float x) {
        float c = x < EXP_LOW ? EXP_LOW : x > EXP_HIGH ? EXP_HIGH : x;
        float t = Fused.fma(c, LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, c));
        float p = expPolynomial(r);
        // 2^n in two halves: the first is exact on any p, so only the last product rounds, be it into the subnormals.
        int scale = Float.floatToRawIntBits(t) << MANTISSA_BITS;
        int half = scale >> 1 & EXPONENT;
        float first = Float.intBitsToFloat(Float.floatToRawIntBits(p) + half);
        float y = first * Float.intBitsToFloat(scale - half + ONE_BITS);
        return Float.isNaN(x) ? Float.NaN : y;
    }

    /** Natural logarithm: NaN below zero, minus infinity at both zeros. */
    public static float log(float x) {
        boolean tiny = x < LEAST_NORMAL;
        int bits = Float.floatToRawIntBits(tiny ? x * 0x1p23f : x) - SQRT_HALF_BITS;
        float k = (bits >> MANTISSA_BITS) + (tiny ? -23f : 0f);
        float f = Float.intBitsToFloat((bits & MANTISSA) + SQRT_HALF_BITS) - 1f;
        float y = logPolynomial(f, k);
        if (x == Float.POSITIVE_INFINITY) {
            y = x;
        }
        if (x == 0f) {
            y = Float.NEGATIVE_INFINITY;
        }
        return x >= 0f ? y : Float.NaN;
    }

    /** Hyperbolic tangent, odd bit for bit and never beyond 1. */
    public static float tanh(float x) {
        int bits = Float.floatToRawIntBits(x);
        // Magnitudes order as integers do; NaN ends at the bound too and is put back at the end.
        float a = Float.intBitsToFloat(Math.min(bits & MAGNITUDE, TANH_HIGH_BITS));
        // Near 0 an odd polynomial.
        float z = a * a;
        float q = Fused.fma(Fused.fma(Fused.fma(T4, z, T3), z, T2), z * z, Fused.fma(T1, z, T0));
        float small = Fused.fma(a * z, q, a);
        // Above, by e^2a; there the error of a one-piece ln 2 counts for 1/50 ulp.
        float t = Fused.fma(a, 2f * LOG2_E, ROUNDER);
        float p = expPolynomial(Fused.fma(t - ROUNDER, -LN2, a + a));
        float power = Float.intBitsToFloat((Float.floatToRawIntBits(t) << MANTISSA_BITS) + ONE_BITS);
        float large = 1f - 2f / Fused.fma(p, power, 1f);
        float y = a < TANH_SMALL ? small : large;
        float signed = Float.intBitsToFloat(Float.floatToRawIntBits(y) | bits & SIGN_BIT);
        return Float.isNaN(x) ? Float.NaN : signed;
    }

    /** 1 / (1 + e^-x), to full relative accuracy on both sides. */
    public static float sigmoid(float x) {
        float m = -Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x) & MAGNITUDE, SIGMOID_FAR_BITS));
        float t = Fused.fma(m, LOG2_E, ROUNDER);
        float n = t - ROUNDER;
        float r = Fused.fma(n, -LN2_LOW, Fused.fma(n, -LN2_HIGH, m));
        return logistic(x, t, r, 1f, 1f);
    }

    /**
     * From e = e^r 2^n, with n in the low bits of t: below e / (1 + e) for a negative x, above / (1 + e) for another.
     * The second half of the exponent comes last, so that only the last product rounds to a subnormal.
     */
    static float logistic(float x, float t, float r, float below, float above) {
        float p = expPolynomial(r);
        int scale = Float.floatToRawIntBits(t) << MANTISSA_BITS;
        int half = scale >> 1 & EXPONENT;
        float first = Float.intBitsToFloat(Float.floatToRawIntBits(p) + half);
        float second = Float.intBitsToFloat(scale - half + ONE_BITS);
        float sum = Fused.fma(first, second, 1f);
        float y = (x < 0f ? below * first : above) / sum * (x < 0f ? second : 1f);
        return Float.isNaN(x) ? Float.NaN : y;
    }

    static float expPolynomial(float r) {
        float r2 = r * r;
        float q = Fused.fma(Fused.fma(E6, r2, Fused.fma(E5, r, E4)), r2, Fused.fma(E3, r, E2));
        return Fused.fma(Fused.fma(q, r, 1f), r, 1f);
    }

    /** k ln 2 + log(1 + f), the small parts added first. */
    public static float logPolynomial(float f, float k) {
        float q = Fused.fma(L8, f, L7);
        q = Fused.fma(q, f, L6);
        q = Fused.fma(q, f, L5);
        q = Fused.fma(q, f, L4);
        q = Fused.fma(q, f, L3);
        q = Fused.fma(q, f, L2);
        q = Fused.fma(q, f, L1);
        q = Fused.fma(q, f, L0);
        return Fused.fma(k, LN2_HIGH, f + Fused.fma(f * f, q, k * LN2_LOW));
    }
}
