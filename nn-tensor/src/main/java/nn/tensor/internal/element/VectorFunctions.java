package nn.tensor.internal.element;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.ScalarMath;

/**
 * {@link ScalarFunctions} in full vectors: {@link ScalarMath} lane by lane, with the same bits for every input; the
 * reasons for each step are documented there. Each method passes its tail to scalar code in one call: a scalar loop
 * inside a vector method makes C2 compile slower code once an odd length has been seen.
 *
 * <p>Branch free: both sides of every condition are computed and blended. FloatVector.min and max are avoided: their
 * care for signed zeros and NaN costs more than a comparison and a blend.
 *
 * <p>Each loop has all of its function's steps in place, as every loop on vectors does: C2 inlines a method of the
 * Vector API always, but one of this project only if it has seen it called often enough, and a method that remains a
 * call makes an object of each vector. For the same reason, what goes from turn to turn of a loop is an argument, as in
 * {@code sum = x.add(sum)}: C2 knows the class of a vector that was made in the same turn, and that of another one only
 * if it has seen it often.
 */
final class VectorFunctions {
    private VectorFunctions() {}

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    static void exp(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector c = v.blend(EXP_LOW, v.compare(VectorOperators.LT, EXP_LOW));
            c = c.blend(EXP_HIGH, v.compare(VectorOperators.GT, EXP_HIGH));
            FloatVector t = c.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), c));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
            FloatVector first = p.reinterpretAsInts().add(half).reinterpretAsFloats();
            FloatVector e = first.mul(scale.sub(half).add(ONE_BITS).reinterpretAsFloats());
            e.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.exp(x, xo + full, y, yo + full, n - full);
        }
    }

    static void log(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            VectorMask<Float> tiny = v.compare(VectorOperators.LT, LEAST_NORMAL);
            IntVector bits = v.blend(v.mul(0x1p23f), tiny).reinterpretAsInts().sub(SQRT_HALF_BITS);
            IntVector shifted = bits.lanewise(VectorOperators.ASHR, MANTISSA_BITS);
            FloatVector exponent = (FloatVector) shifted.convert(VectorOperators.I2F, 0);
            FloatVector k = exponent.add(broadcast(SPECIES, 0f).blend(-23f, tiny));
            FloatVector f =
                    bits.and(MANTISSA).add(SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
            FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
            q = q.fma(f, broadcast(SPECIES, L6)).fma(f, broadcast(SPECIES, L5));
            q = q.fma(f, broadcast(SPECIES, L4)).fma(f, broadcast(SPECIES, L3));
            q = q.fma(f, broadcast(SPECIES, L2)).fma(f, broadcast(SPECIES, L1));
            q = q.fma(f, broadcast(SPECIES, L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, LN2_HIGH), low);
            log = log.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
            log = log.blend(Float.NEGATIVE_INFINITY, v.compare(VectorOperators.EQ, 0f));
            broadcast(SPECIES, Float.NaN)
                    .blend(log, v.compare(VectorOperators.GE, 0f))
                    .intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.log(x, xo + full, y, yo + full, n - full);
        }
    }

    /**
     * Two instructions fewer than the scalar code, with the same bits: the low bits of t include the 127 of a float's
     * exponent (the product is halfway between two whole numbers for no float, so it is rounded alike), and the
     * polynomial is that of half its argument (coefficients times powers of two round alike, for normal numbers).
     */
    static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            IntVector bits = v.reinterpretAsInts();
            FloatVector a = bits.and(MAGNITUDE).min(TANH_HIGH_BITS).reinterpretAsFloats();
            FloatVector z = a.mul(a);
            FloatVector q =
                    z.fma(broadcast(SPECIES, T4), broadcast(SPECIES, T3)).fma(z, broadcast(SPECIES, T2));
            q = q.fma(z.mul(z), z.fma(broadcast(SPECIES, T1), broadcast(SPECIES, T0)));
            FloatVector small = q.fma(a.mul(z), a);
            FloatVector t = a.fma(broadcast(SPECIES, 2f * LOG2_E), broadcast(SPECIES, ROUNDER + 127f));
            FloatVector r = t.sub(ROUNDER + 127f).fma(broadcast(SPECIES, -LN2 / 2), a);
            FloatVector r2 = r.mul(r);
            FloatVector p = r.fma(broadcast(SPECIES, 32f * E5), broadcast(SPECIES, 16f * E4));
            p = r2.fma(broadcast(SPECIES, 64f * E6), p);
            p = p.fma(r2, r.fma(broadcast(SPECIES, 8f * E3), broadcast(SPECIES, 4f * E2)));
            p = p.fma(r, broadcast(SPECIES, 2f)).fma(r, broadcast(SPECIES, 1f));
            IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector more = p.fma(power.reinterpretAsFloats(), broadcast(SPECIES, 1f));
            FloatVector large =
                    broadcast(SPECIES, 1f).sub(broadcast(SPECIES, 2f).div(more));
            FloatVector u = large.blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
            FloatVector signed = u.reinterpretAsInts().or(bits.and(SIGN_BIT)).reinterpretAsFloats();
            signed.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.tanh(x, xo + full, y, yo + full, n - full);
        }
    }

    static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            IntVector a = v.reinterpretAsInts().and(MAGNITUDE).min(SIGMOID_FAR_BITS);
            FloatVector m = a.or(SIGN_BIT).reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER + 64f));
            FloatVector whole = t.sub(ROUNDER + 64f);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.reinterpretAsInts().add(power).reinterpretAsFloats();
            FloatVector sum = e.fma(broadcast(SPECIES, 0x1p-64f), broadcast(SPECIES, 1f));
            VectorMask<Float> negative = v.compare(VectorOperators.LT, 0f);
            FloatVector quotient = broadcast(SPECIES, 1f).blend(e, negative).div(sum);
            FloatVector s = quotient.mul(broadcast(SPECIES, 1f).blend(0x1p-64f, negative));
            s.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarFunctions.sigmoid(x, xo + full, y, yo + full, n - full);
        }
    }

    static void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector shut = fromArray(SPECIES, dy, dyo + i);
            var closed = fromArray(SPECIES, x, xo + i).compare(VectorOperators.LE, 0f);
            shut.blend(0f, closed).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarFunctions.reluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }
}
