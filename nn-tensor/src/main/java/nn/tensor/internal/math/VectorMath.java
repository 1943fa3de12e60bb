package nn.tensor.internal.math;

import static jdk.incubator.vector.FloatVector.broadcast;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarMath} lane by lane, with the same bits for every input; the reasons for each step are documented there.
 * Branch free: both sides of every condition are computed and blended. FloatVector.min and max are avoided: their care
 * for signed zeros and NaN costs more than a comparison and a blend. Constants are broadcast in place, without a helper
 * method: past 18000 nodes C2 inlines only methods that the JDK forces it to, and a helper that remains a call boxes
 * its vectors.
 */
public final class VectorMath {
    private VectorMath() {}

    /** The species of all vectors of floats. */
    public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** {@link ScalarMath#exp}. */
    public static FloatVector exp(FloatVector x) {
        FloatVector c = x.blend(EXP_LOW, x.compare(VectorOperators.LT, EXP_LOW));
        c = c.blend(EXP_HIGH, x.compare(VectorOperators.GT, EXP_HIGH));
        FloatVector t = c.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = t.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), c));
        FloatVector p = expPolynomial(r);
        IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
        FloatVector first = p.reinterpretAsInts().add(half).reinterpretAsFloats();
        FloatVector y = first.mul(scale.sub(half).add(ONE_BITS).reinterpretAsFloats());
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /**
     * {@link #exp} of numbers up to 0 in fewer steps, with the same bits: {@code 2^(n + 64)} is a normal number for all
     * n down to -150, so one multiplication by {@code 2^-64} rounds the result, be it subnormal. As unsigned integers,
     * floats below 0 grow with their magnitude, so one minimum limits them.
     *
     * @param x at most 0, minus infinity or NaN; undefined for a larger x
     */
    public static FloatVector expUpTo0(FloatVector x) {
        FloatVector c = x.reinterpretAsInts()
                .lanewise(VectorOperators.UMIN, Float.floatToRawIntBits(EXP_LOW))
                .reinterpretAsFloats();
        FloatVector t = c.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER + 64f));
        FloatVector n = t.sub(ROUNDER + 64f);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), c));
        FloatVector y = timesPower(expPolynomial(r), t).mul(0x1p-64f);
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** p 2^k, for a p of about 1 and the whole number k in the low bits of t, where the result is a normal number. */
    static FloatVector timesPower(FloatVector p, FloatVector t) {
        IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /** {@link ScalarMath#log}. */
    public static FloatVector log(FloatVector x) {
        VectorMask<Float> tiny = x.compare(VectorOperators.LT, LEAST_NORMAL);
        IntVector bits = x.blend(x.mul(0x1p23f), tiny).reinterpretAsInts().sub(SQRT_HALF_BITS);
        IntVector shifted = bits.lanewise(VectorOperators.ASHR, MANTISSA_BITS);
        FloatVector exponent = (FloatVector) shifted.convert(VectorOperators.I2F, 0);
        FloatVector k = exponent.add(broadcast(SPECIES, 0f).blend(-23f, tiny));
        FloatVector f =
                bits.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
        FloatVector y = logPolynomial(f, k);
        y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
        return broadcast(SPECIES, Float.NaN).blend(y, x.compare(VectorOperators.GE, 0f));
    }

    /**
     * Two instructions fewer than the scalar code, with the same bits: the low bits of t include the 127 of a float's
     * exponent (the product is halfway between two whole numbers for no float, so it is rounded alike), and the
     * polynomial is that of half its argument.
     */
    public static FloatVector tanh(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        FloatVector a = bits.and(MAGNITUDE).min(TANH_HIGH_BITS).reinterpretAsFloats();
        FloatVector z = a.mul(a);
        FloatVector q = z.fma(broadcast(SPECIES, T4), broadcast(SPECIES, T3)).fma(z, broadcast(SPECIES, T2));
        q = q.fma(z.mul(z), z.fma(broadcast(SPECIES, T1), broadcast(SPECIES, T0)));
        FloatVector small = q.fma(a.mul(z), a);
        FloatVector t = a.fma(broadcast(SPECIES, 2f * LOG2_E), broadcast(SPECIES, ROUNDER + 127f));
        FloatVector s = t.sub(ROUNDER + 127f).fma(broadcast(SPECIES, -LN2 / 2), a);
        IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        FloatVector more = expPolynomialOfTwice(s).fma(power.reinterpretAsFloats(), broadcast(SPECIES, 1f));
        FloatVector large = broadcast(SPECIES, 1f).sub(broadcast(SPECIES, 2f).div(more));
        FloatVector y = large.blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
        FloatVector signed = y.reinterpretAsInts().or(bits.and(SIGN_BIT)).reinterpretAsFloats();
        return signed.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    /** {@link ScalarMath#sigmoid}. */
    public static FloatVector sigmoid(FloatVector x) {
        IntVector a = x.reinterpretAsInts().and(MAGNITUDE).min(SIGMOID_FAR_BITS);
        FloatVector m = a.or(SIGN_BIT).reinterpretAsFloats();
        FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER + 64f));
        FloatVector n = t.sub(ROUNDER + 64f);
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_LOW), n.fma(broadcast(SPECIES, -LN2_HIGH), m));
        FloatVector e = timesPower(expPolynomial(r), t);
        FloatVector sum = e.fma(broadcast(SPECIES, 0x1p-64f), broadcast(SPECIES, 1f));
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
        FloatVector quotient = broadcast(SPECIES, 1f).blend(e, negative).div(sum);
        FloatVector y = quotient.mul(broadcast(SPECIES, 1f).blend(0x1p-64f, negative));
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    static FloatVector logistic(FloatVector x, FloatVector t, FloatVector r, FloatVector below, FloatVector above) {
        IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
        IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
        FloatVector first = expPolynomial(r).reinterpretAsInts().add(half).reinterpretAsFloats();
        FloatVector second = scale.sub(half).add(ONE_BITS).reinterpretAsFloats();
        FloatVector sum = first.fma(second, broadcast(SPECIES, 1f));
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
        FloatVector quotient = above.blend(below.mul(first), negative).div(sum);
        FloatVector y = quotient.mul(broadcast(SPECIES, 1f).blend(second, negative));
        return y.blend(Float.NaN, x.compare(VectorOperators.NE, x));
    }

    static FloatVector expPolynomial(FloatVector r) {
        FloatVector r2 = r.mul(r);
        FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
        q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
        return q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
    }

    /** The bits of {@code expPolynomial(2 s)}: coefficients times powers of two round alike, for normal numbers. */
    private static FloatVector expPolynomialOfTwice(FloatVector s) {
        FloatVector s2 = s.mul(s);
        FloatVector q =
                s2.fma(broadcast(SPECIES, 64f * E6), s.fma(broadcast(SPECIES, 32f * E5), broadcast(SPECIES, 16f * E4)));
        q = q.fma(s2, s.fma(broadcast(SPECIES, 8f * E3), broadcast(SPECIES, 4f * E2)));
        return q.fma(s, broadcast(SPECIES, 2f)).fma(s, broadcast(SPECIES, 1f));
    }

    /** {@link ScalarMath#logPolynomial}. */
    public static FloatVector logPolynomial(FloatVector f, FloatVector k) {
        FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
        q = q.fma(f, broadcast(SPECIES, L6));
        q = q.fma(f, broadcast(SPECIES, L5));
        q = q.fma(f, broadcast(SPECIES, L4));
        q = q.fma(f, broadcast(SPECIES, L3));
        q = q.fma(f, broadcast(SPECIES, L2));
        q = q.fma(f, broadcast(SPECIES, L1));
        q = q.fma(f, broadcast(SPECIES, L0));
        FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
        return k.fma(broadcast(SPECIES, LN2_HIGH), low);
    }
}
