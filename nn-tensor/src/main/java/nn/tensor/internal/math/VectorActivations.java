package nn.tensor.internal.math;

import static jdk.incubator.vector.FloatVector.broadcast;
import static nn.tensor.internal.math.ScalarActivations.*;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarActivations} lane by lane, with the same bits; written as {@link VectorMath} is.
 *
 * <p>A method calls others of this project early only, and repeats short ends in place: C2 counts the nodes of the
 * whole loop up to a call, and these functions are near the limit at their ends. A method of more than 325 bytes of
 * code is not inlined either. To find a call that is left, look for the name of its method in what {@code
 * -XX:+PrintInlining} says of the loop.
 */
public final class VectorActivations {
    private VectorActivations() {}

    private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;

    private static FloatVector power(FloatVector x) {
        FloatVector t = x.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
        FloatVector n = t.sub(POWER_ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), x));
        IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        return VectorMath.expPolynomial(r).mul(scale.reinterpretAsFloats());
    }

    private static FloatVector magnitude(FloatVector x, int mostBits) {
        return x.reinterpretAsInts().and(MAGNITUDE).min(mostBits).reinterpretAsFloats();
    }

    /** -a for a magnitude a; the scalar code negates, which flips the sign of 0, too. */
    private static FloatVector minus(FloatVector a) {
        return a.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats();
    }

    /** {@link ScalarActivations#elu}. */
    public static FloatVector elu(FloatVector above, FloatVector below, FloatVector x) {
        FloatVector c = x.blend(EXPM1_LOW, x.compare(VectorOperators.LT, EXPM1_LOW));
        FloatVector t = c.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
        FloatVector n = t.sub(POWER_ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), c));
        FloatVector r2 = r.mul(r);
        FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
        q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
        FloatVector power = t.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
        FloatVector less = q.fma(r2, r).fma(power, power.sub(1f));
        FloatVector y = below.mul(less).blend(above.mul(x), x.compare(VectorOperators.GE, 0f));
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#eluSlope}. */
    public static FloatVector eluSlope(FloatVector above, FloatVector below, FloatVector y) {
        return y.add(below).blend(above, y.compare(VectorOperators.GT, 0f));
    }

    /** {@link ScalarActivations#sigmoidSlope}. */
    public static FloatVector sigmoidSlope(FloatVector y) {
        return y.mul(broadcast(SPECIES, 1f).sub(y));
    }

    /** {@link ScalarActivations#silu}. */
    public static FloatVector silu(FloatVector x) {
        FloatVector m = minus(magnitude(x, SILU_FAR_BITS));
        FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = t.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), m));
        return VectorMath.logistic(x, t, r, m, x);
    }

    /** {@link ScalarActivations#siluSlope}. */
    public static FloatVector siluSlope(FloatVector x) {
        FloatVector m = minus(magnitude(x, ZERO_BITS));
        FloatVector e = power(m);
        FloatVector t = e.div(e.add(1f));
        FloatVector g = t.mul(m.fma(broadcast(SPECIES, 1f).sub(t), broadcast(SPECIES, 1f)));
        FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, x.compare(VectorOperators.LT, 0f));
        return slope.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** The exponential is that of {@link VectorMath#expUpTo0}, in fewer steps than the scalar one. */
    public static FloatVector softplus(
            FloatVector a, FloatVector steep, FloatVector binary, FloatVector b, int far, FloatVector x) {
        FloatVector m = minus(magnitude(x, far));
        FloatVector t = m.fma(binary, broadcast(SPECIES, ROUNDER + 64f));
        FloatVector n = t.sub(ROUNDER + 64f);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), steep.fma(m, n.mul(-LN2_HIGH)));
        FloatVector e = VectorMath.timesPower(VectorMath.expPolynomial(r), t).mul(0x1p-64f);
        VectorMask<Float> large = e.compare(VectorOperators.GT, SQRT2_LESS_1);
        FloatVector f = e.blend(e.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -0.5f)), large);
        FloatVector k = broadcast(SPECIES, 0f).blend(1f, large);
        FloatVector log = VectorMath.logPolynomial(f, k);
        FloatVector positive = broadcast(SPECIES, 0f).blend(x, a.mul(x).compare(VectorOperators.GT, 0f));
        return b.fma(log, positive).blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#celu}. */
    public static FloatVector celu(FloatVector a, FloatVector b, FloatVector x) {
        FloatVector low = a.mul(EXPM1_LOW);
        FloatVector c = x.blend(low, x.compare(VectorOperators.LT, low));
        FloatVector t = b.mul(c).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
        FloatVector n = t.sub(POWER_ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), b.fma(c, n.mul(-LN2_HIGH)));
        FloatVector r2 = r.mul(r);
        FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
        q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
        FloatVector power = t.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                .reinterpretAsFloats();
        FloatVector less = q.fma(r2, r).fma(power, power.sub(1f));
        FloatVector y = a.mul(less).blend(x, x.compare(VectorOperators.GE, 0f));
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#celuSlope}. */
    public static FloatVector celuSlope(FloatVector a, FloatVector b, FloatVector y) {
        return y.add(a).mul(b).blend(1f, y.compare(VectorOperators.GT, 0f));
    }

    /** {@link ScalarActivations#mish}. */
    public static FloatVector mish(FloatVector x) {
        FloatVector m = minus(magnitude(x, SILU_FAR_BITS));
        FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = t.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), m));
        IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
        FloatVector first =
                VectorMath.expPolynomial(r).reinterpretAsInts().add(half).reinterpretAsFloats();
        FloatVector second = scale.sub(half).add(ONE_BITS).reinterpretAsFloats();
        FloatVector e = first.mul(second);
        VectorMask<Float> isNegative = x.compare(VectorOperators.LT, 0f);
        FloatVector one = broadcast(SPECIES, 1f);
        FloatVector base = one.blend(2f, isNegative);
        FloatVector more = e.add(base);
        FloatVector bottom = e.add(e).blend(e, isNegative).fma(more, base);
        FloatVector above = e.fma(broadcast(SPECIES, 2f), one).mul(x);
        FloatVector top = above.blend(m.mul(first).mul(more), isNegative);
        FloatVector y = top.div(bottom).mul(one.blend(second, isNegative));
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#mishSlope}. */
    public static FloatVector mishSlope(FloatVector x) {
        FloatVector a = magnitude(x, ZERO_BITS);
        FloatVector e = power(minus(a));
        VectorMask<Float> isNegative = x.compare(VectorOperators.LT, 0f);
        FloatVector one = broadcast(SPECIES, 1f);
        FloatVector base = one.blend(2f, isNegative);
        FloatVector more = e.add(base);
        FloatVector twice = e.add(e);
        FloatVector bottom = twice.blend(e, isNegative).fma(more, base);
        FloatVector lead = twice.mul(e).blend(e, isNegative);
        FloatVector steep = a.mul(e.add(1f)).mul(broadcast(SPECIES, -2f).blend(-4f, isNegative));
        FloatVector g = lead.mul(one.blend(more, isNegative).fma(bottom, steep)).div(bottom.mul(bottom));
        FloatVector slope = one.sub(g).blend(g, isNegative);
        return slope.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#gelu}. */
    public static FloatVector gelu(FloatVector x) {
        FloatVector a = magnitude(x, GELU_FAR_BITS);
        FloatVector h = a.mul(-0.5f);
        FloatVector t = h.mul(a).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, LARGER_ROUNDER));
        FloatVector n = t.sub(LARGER_ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), h.fma(a, n.mul(-LN2_HIGH)));
        IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        FloatVector e =
                VectorMath.expPolynomial(r).reinterpretAsInts().add(scale).reinterpretAsFloats();
        FloatVector top = a.fma(broadcast(SPECIES, GELU_N4), broadcast(SPECIES, GELU_N3));
        top = top.fma(a, broadcast(SPECIES, GELU_N2)).fma(a, broadcast(SPECIES, GELU_N1));
        top = top.fma(a, broadcast(SPECIES, GELU_N0));
        FloatVector bottom = a.fma(broadcast(SPECIES, GELU_D5), broadcast(SPECIES, GELU_D4));
        bottom = bottom.fma(a, broadcast(SPECIES, GELU_D3)).fma(a, broadcast(SPECIES, GELU_D2));
        bottom = bottom.fma(a, broadcast(SPECIES, GELU_D1)).fma(a, broadcast(SPECIES, GELU_D0));
        FloatVector positive = x.blend(-0f, x.compare(VectorOperators.LT, 0f));
        return positive.sub(a.mul(top).mul(e).div(bottom)).blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#geluSlope}. */
    public static FloatVector geluSlope(FloatVector x) {
        FloatVector a = magnitude(x, GELU_ZERO_BITS);
        FloatVector e = power(a.mul(-0.5f).mul(a));
        FloatVector top = a.fma(broadcast(SPECIES, GELU_M4), broadcast(SPECIES, GELU_M3));
        top = top.fma(a, broadcast(SPECIES, GELU_M2)).fma(a, broadcast(SPECIES, GELU_M1));
        top = top.fma(a, broadcast(SPECIES, 0.5f));
        FloatVector bottom = a.fma(broadcast(SPECIES, GELU_S3), broadcast(SPECIES, GELU_S2));
        bottom = bottom.fma(a, broadcast(SPECIES, GELU_S1)).fma(a, broadcast(SPECIES, 1f));
        FloatVector g = e.mul(top).div(bottom);
        FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, x.compare(VectorOperators.LT, 0f));
        return slope.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#geluTanh}. */
    public static FloatVector geluTanh(FloatVector x) {
        FloatVector a = magnitude(x, GELU_TANH_FAR_BITS);
        FloatVector z = a.mul(a);
        FloatVector s = z.fma(broadcast(SPECIES, GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1));
        FloatVector low = z.fma(
                broadcast(SPECIES, GELU_TANH_C2),
                broadcast(SPECIES, GELU_TANH_C1).sub(s));
        FloatVector lost = a.fma(a, minus(z));
        FloatVector rest = z.fma(broadcast(SPECIES, GELU_TANH_C2_LOW), broadcast(SPECIES, GELU_TANH_C1_LOW));
        low = low.add(lost.fma(broadcast(SPECIES, GELU_TANH_C2), rest));
        FloatVector m = minus(a);
        FloatVector t = m.mul(s).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = t.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), m.fma(low, m.fma(s, n.mul(-LN2_HIGH))));
        return VectorMath.logistic(x, t, r, m, x);
    }

    /** {@link ScalarActivations#geluTanhSlope}. */
    public static FloatVector geluTanhSlope(FloatVector x) {
        FloatVector a = magnitude(x, GELU_TANH_ZERO_BITS);
        FloatVector m = minus(a);
        FloatVector z = a.mul(a);
        FloatVector e = power(m.mul(z.fma(broadcast(SPECIES, GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1_WHOLE))));
        FloatVector t = e.div(e.add(1f));
        FloatVector steep = m.mul(z.fma(broadcast(SPECIES, 3f * GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1_WHOLE)));
        FloatVector g = t.mul(steep.fma(broadcast(SPECIES, 1f).sub(t), broadcast(SPECIES, 1f)));
        FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, x.compare(VectorOperators.LT, 0f));
        return slope.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#erf}. */
    public static FloatVector erf(FloatVector x) {
        FloatVector a = magnitude(x, ERF_FAR_BITS);
        FloatVector z = a.mul(a);
        FloatVector q = z.fma(broadcast(SPECIES, ERF_B4), broadcast(SPECIES, ERF_B3));
        q = q.fma(z, broadcast(SPECIES, ERF_B2)).fma(z, broadcast(SPECIES, ERF_B1));
        q = q.fma(z, broadcast(SPECIES, ERF_B0));
        FloatVector small = a.fma(q, a);
        FloatVector e = power(minus(z));
        FloatVector top = a.fma(broadcast(SPECIES, ERF_N4), broadcast(SPECIES, ERF_N3));
        top = top.fma(a, broadcast(SPECIES, ERF_N2)).fma(a, broadcast(SPECIES, ERF_N1));
        top = top.fma(a, broadcast(SPECIES, ERF_N0));
        FloatVector bottom = a.fma(broadcast(SPECIES, ERF_D5), broadcast(SPECIES, ERF_D4));
        bottom = bottom.fma(a, broadcast(SPECIES, ERF_D3)).fma(a, broadcast(SPECIES, ERF_D2));
        bottom = bottom.fma(a, broadcast(SPECIES, ERF_D1)).fma(a, broadcast(SPECIES, 1f));
        FloatVector large = broadcast(SPECIES, 1f).sub(e.mul(top).div(bottom));
        FloatVector y = large.blend(small, a.compare(VectorOperators.LT, ERF_SMALL));
        IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
        return y.reinterpretAsInts().or(sign).reinterpretAsFloats().blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarActivations#erfSlope}. */
    public static FloatVector erfSlope(FloatVector x) {
        FloatVector a = magnitude(x, ERF_ZERO_BITS);
        return power(minus(a).mul(a)).mul(TWO_BY_SQRT_PI).blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** Whether no lane needs the scalar code. */
    public static boolean isNear(FloatVector x) {
        FloatVector a = x.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
        return !a.compare(VectorOperators.GT, SIN_FAR).anyTrue();
    }

    /** For {@link #isNear near} x. */
    public static FloatVector sin(FloatVector x) {
        FloatVector y = quarter(x, 0);
        IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
        return y.reinterpretAsInts()
                .lanewise(VectorOperators.XOR, sign)
                .reinterpretAsFloats()
                .blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** For {@link #isNear near} x. */
    public static FloatVector cos(FloatVector x) {
        return quarter(x, 1).blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    private static FloatVector quarter(FloatVector x, int more) {
        FloatVector a = x.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
        FloatVector t = a.fma(broadcast(SPECIES, TWO_BY_PI), broadcast(SPECIES, ROUNDER));
        FloatVector n = t.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -HALF_PI_MIDDLE), n.fma(broadcast(SPECIES, -HALF_PI_HIGH), a));
        r = n.fma(broadcast(SPECIES, -HALF_PI_LOW), r);
        IntVector k = t.reinterpretAsInts().add(more);
        FloatVector z = r.mul(r);
        FloatVector sin = z.fma(broadcast(SPECIES, SIN_2), broadcast(SPECIES, SIN_1));
        sin = sin.fma(z, broadcast(SPECIES, SIN_0)).fma(r.mul(z), r);
        FloatVector cos = z.fma(broadcast(SPECIES, COS_2), broadcast(SPECIES, COS_1));
        cos = cos.fma(z, broadcast(SPECIES, COS_0));
        cos = cos.fma(z.mul(z), z.fma(broadcast(SPECIES, -0.5f), broadcast(SPECIES, 1f)));
        VectorMask<Float> even = k.and(1).compare(VectorOperators.EQ, 0).cast(SPECIES);
        IntVector flip = k.and(2).lanewise(VectorOperators.LSHL, 30);
        return cos.blend(sin, even)
                .reinterpretAsInts()
                .lanewise(VectorOperators.XOR, flip)
                .reinterpretAsFloats();
    }
}
