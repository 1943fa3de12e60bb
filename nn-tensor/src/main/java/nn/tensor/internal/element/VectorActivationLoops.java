package nn.tensor.internal.element;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static nn.tensor.internal.math.ScalarActivations.*;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.ScalarActivations;

/**
 * {@link ScalarActivationLoops} in full vectors, with the same bits; the tails are left to it. Written as {@link
 * VectorFunctions} is: all steps of a function are in its loop. -a of a magnitude a is made by setting its sign; the
 * scalar code negates, which flips the sign of 0, too.
 */
final class VectorActivationLoops {
    private VectorActivationLoops() {}

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** {@link ScalarActivations#elu}. */
    static void elu(float above, float below, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector from0 = broadcast(SPECIES, above);
        FloatVector elsewhere = broadcast(SPECIES, below);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector c = v.blend(EXPM1_LOW, v.compare(VectorOperators.LT, EXPM1_LOW));
            FloatVector t = c.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), c));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector power = t.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .reinterpretAsFloats();
            FloatVector less = q.fma(r2, r).fma(power, power.sub(1f));
            FloatVector u = elsewhere.mul(less).blend(from0.mul(v), v.compare(VectorOperators.GE, 0f));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.elu(above, below, x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#silu}. */
    static void silu(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector m = v.reinterpretAsInts()
                    .and(MAGNITUDE)
                    .min(SILU_FAR_BITS)
                    .or(SIGN_BIT)
                    .reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            FloatVector first = p.reinterpretAsInts().add(half).reinterpretAsFloats();
            FloatVector second = scale.sub(half).add(ONE_BITS).reinterpretAsFloats();
            FloatVector sum = first.fma(second, broadcast(SPECIES, 1f));
            VectorMask<Float> negative = v.compare(VectorOperators.LT, 0f);
            FloatVector quotient = v.blend(m.mul(first), negative).div(sum);
            FloatVector u = quotient.mul(broadcast(SPECIES, 1f).blend(second, negative));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.silu(x, xo + full, y, yo + full, n - full);
        }
    }

    /**
     * {@link ScalarActivations#softplus}. The exponential is of numbers up to 0, in fewer steps than the scalar one:
     * {@code 2^(n + 64)} is a normal number for all n down to -150, so one multiplication by {@code 2^-64} rounds the
     * result, be it subnormal.
     */
    static void softplus(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        int far = ScalarActivations.softplusFar(a);
        FloatVector as = broadcast(SPECIES, a);
        FloatVector steep = broadcast(SPECIES, Math.abs(a));
        FloatVector binary = broadcast(SPECIES, Math.abs(a) * LOG2_E);
        FloatVector bs = broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector m =
                    v.reinterpretAsInts().and(MAGNITUDE).min(far).or(SIGN_BIT).reinterpretAsFloats();
            FloatVector t = m.fma(binary, broadcast(SPECIES, ROUNDER + 64f));
            FloatVector whole = t.sub(ROUNDER + 64f);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), steep.fma(m, whole.mul(-LN2_HIGH)));
            FloatVector r2 = r.mul(r);
            FloatVector s = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            s = s.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = s.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e =
                    p.reinterpretAsInts().add(power).reinterpretAsFloats().mul(0x1p-64f);
            VectorMask<Float> large = e.compare(VectorOperators.GT, SQRT2_LESS_1);
            FloatVector f = e.blend(e.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -0.5f)), large);
            FloatVector k = broadcast(SPECIES, 0f).blend(1f, large);
            FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
            q = q.fma(f, broadcast(SPECIES, L6)).fma(f, broadcast(SPECIES, L5));
            q = q.fma(f, broadcast(SPECIES, L4)).fma(f, broadcast(SPECIES, L3));
            q = q.fma(f, broadcast(SPECIES, L2)).fma(f, broadcast(SPECIES, L1));
            q = q.fma(f, broadcast(SPECIES, L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, LN2_HIGH), low);
            FloatVector positive = broadcast(SPECIES, 0f).blend(v, as.mul(v).compare(VectorOperators.GT, 0f));
            FloatVector u = bs.fma(log, positive);
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.softplus(a, b, x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#celu}. */
    static void celu(float a, float b, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector as = broadcast(SPECIES, a);
        FloatVector bs = broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector low = as.mul(EXPM1_LOW);
            FloatVector c = v.blend(low, v.compare(VectorOperators.LT, low));
            FloatVector t = bs.mul(c).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), bs.fma(c, whole.mul(-LN2_HIGH)));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector power = t.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .reinterpretAsFloats();
            FloatVector less = q.fma(r2, r).fma(power, power.sub(1f));
            FloatVector u = as.mul(less).blend(v, v.compare(VectorOperators.GE, 0f));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.celu(a, b, x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#mish}. */
    static void mish(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector m = v.reinterpretAsInts()
                    .and(MAGNITUDE)
                    .min(SILU_FAR_BITS)
                    .or(SIGN_BIT)
                    .reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            FloatVector first = p.reinterpretAsInts().add(half).reinterpretAsFloats();
            FloatVector second = scale.sub(half).add(ONE_BITS).reinterpretAsFloats();
            FloatVector e = first.mul(second);
            VectorMask<Float> isNegative = v.compare(VectorOperators.LT, 0f);
            FloatVector one = broadcast(SPECIES, 1f);
            FloatVector base = one.blend(2f, isNegative);
            FloatVector more = e.add(base);
            FloatVector bottom = e.add(e).blend(e, isNegative).fma(more, base);
            FloatVector above = e.fma(broadcast(SPECIES, 2f), one).mul(v);
            FloatVector top = above.blend(m.mul(first).mul(more), isNegative);
            FloatVector u = top.div(bottom).mul(one.blend(second, isNegative));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.mish(x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#gelu}. */
    static void gelu(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a =
                    v.reinterpretAsInts().and(MAGNITUDE).min(GELU_FAR_BITS).reinterpretAsFloats();
            FloatVector h = a.mul(-0.5f);
            FloatVector t = h.mul(a).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, LARGER_ROUNDER));
            FloatVector whole = t.sub(LARGER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), h.fma(a, whole.mul(-LN2_HIGH)));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            FloatVector e = p.reinterpretAsInts().add(scale).reinterpretAsFloats();
            FloatVector top = a.fma(broadcast(SPECIES, GELU_N4), broadcast(SPECIES, GELU_N3));
            top = top.fma(a, broadcast(SPECIES, GELU_N2)).fma(a, broadcast(SPECIES, GELU_N1));
            top = top.fma(a, broadcast(SPECIES, GELU_N0));
            FloatVector bottom = a.fma(broadcast(SPECIES, GELU_D5), broadcast(SPECIES, GELU_D4));
            bottom = bottom.fma(a, broadcast(SPECIES, GELU_D3)).fma(a, broadcast(SPECIES, GELU_D2));
            bottom = bottom.fma(a, broadcast(SPECIES, GELU_D1)).fma(a, broadcast(SPECIES, GELU_D0));
            FloatVector positive = v.blend(-0f, v.compare(VectorOperators.LT, 0f));
            FloatVector u = positive.sub(a.mul(top).mul(e).div(bottom));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.gelu(x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#geluTanh}. */
    static void geluTanh(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a =
                    v.reinterpretAsInts().and(MAGNITUDE).min(GELU_TANH_FAR_BITS).reinterpretAsFloats();
            FloatVector z = a.mul(a);
            FloatVector w = z.fma(broadcast(SPECIES, GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1));
            FloatVector low = z.fma(
                    broadcast(SPECIES, GELU_TANH_C2),
                    broadcast(SPECIES, GELU_TANH_C1).sub(w));
            FloatVector lost = a.fma(a, z.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats());
            FloatVector rest = z.fma(broadcast(SPECIES, GELU_TANH_C2_LOW), broadcast(SPECIES, GELU_TANH_C1_LOW));
            low = low.add(lost.fma(broadcast(SPECIES, GELU_TANH_C2), rest));
            FloatVector m = a.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats();
            FloatVector t = m.mul(w).fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), m.fma(low, m.fma(w, whole.mul(-LN2_HIGH))));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            IntVector half = scale.lanewise(VectorOperators.ASHR, 1).and(EXPONENT);
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            FloatVector first = p.reinterpretAsInts().add(half).reinterpretAsFloats();
            FloatVector second = scale.sub(half).add(ONE_BITS).reinterpretAsFloats();
            FloatVector sum = first.fma(second, broadcast(SPECIES, 1f));
            VectorMask<Float> negative = v.compare(VectorOperators.LT, 0f);
            FloatVector quotient = v.blend(m.mul(first), negative).div(sum);
            FloatVector u = quotient.mul(broadcast(SPECIES, 1f).blend(second, negative));
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluTanh(x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#erf}. */
    static void erf(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a =
                    v.reinterpretAsInts().and(MAGNITUDE).min(ERF_FAR_BITS).reinterpretAsFloats();
            FloatVector z = a.mul(a);
            FloatVector s = z.fma(broadcast(SPECIES, ERF_B4), broadcast(SPECIES, ERF_B3));
            s = s.fma(z, broadcast(SPECIES, ERF_B2)).fma(z, broadcast(SPECIES, ERF_B1));
            s = s.fma(z, broadcast(SPECIES, ERF_B0));
            FloatVector small = a.fma(s, a);
            FloatVector m = z.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            FloatVector top = a.fma(broadcast(SPECIES, ERF_N4), broadcast(SPECIES, ERF_N3));
            top = top.fma(a, broadcast(SPECIES, ERF_N2)).fma(a, broadcast(SPECIES, ERF_N1));
            top = top.fma(a, broadcast(SPECIES, ERF_N0));
            FloatVector bottom = a.fma(broadcast(SPECIES, ERF_D5), broadcast(SPECIES, ERF_D4));
            bottom = bottom.fma(a, broadcast(SPECIES, ERF_D3)).fma(a, broadcast(SPECIES, ERF_D2));
            bottom = bottom.fma(a, broadcast(SPECIES, ERF_D1)).fma(a, broadcast(SPECIES, 1f));
            FloatVector large = broadcast(SPECIES, 1f).sub(e.mul(top).div(bottom));
            FloatVector u = large.blend(small, a.compare(VectorOperators.LT, ERF_SMALL));
            IntVector sign = v.reinterpretAsInts().and(SIGN_BIT);
            FloatVector signed = u.reinterpretAsInts().or(sign).reinterpretAsFloats();
            signed.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.erf(x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#sin}. A vector with a lane that is far from 0 is left to scalar code. */
    static void sin(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a = v.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
            if (a.compare(VectorOperators.GT, SIN_FAR).anyTrue()) {
                ScalarActivationLoops.sin(x, xo + i, y, yo + i, LANES);
                continue;
            }
            FloatVector t = a.fma(broadcast(SPECIES, TWO_BY_PI), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -HALF_PI_HIGH), a);
            r = whole.fma(broadcast(SPECIES, -HALF_PI_MIDDLE), r);
            r = whole.fma(broadcast(SPECIES, -HALF_PI_LOW), r);
            IntVector k = t.reinterpretAsInts();
            FloatVector z = r.mul(r);
            FloatVector sin = z.fma(broadcast(SPECIES, SIN_2), broadcast(SPECIES, SIN_1));
            sin = sin.fma(z, broadcast(SPECIES, SIN_0)).fma(r.mul(z), r);
            FloatVector cos = z.fma(broadcast(SPECIES, COS_2), broadcast(SPECIES, COS_1));
            cos = cos.fma(z, broadcast(SPECIES, COS_0));
            cos = cos.fma(z.mul(z), z.fma(broadcast(SPECIES, -0.5f), broadcast(SPECIES, 1f)));
            VectorMask<Float> even = k.and(1).compare(VectorOperators.EQ, 0).cast(SPECIES);
            IntVector flip = k.and(2).lanewise(VectorOperators.LSHL, 30);
            IntVector sign = v.reinterpretAsInts().and(SIGN_BIT);
            FloatVector u = cos.blend(sin, even)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip)
                    .lanewise(VectorOperators.XOR, sign)
                    .reinterpretAsFloats();
            u.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + i);
        }
        if (full < n) {
            ScalarActivationLoops.sin(x, xo + full, y, yo + full, n - full);
        }
    }

    /** {@link ScalarActivations#eluSlope}. */
    static void eluGrad(float above, float below, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector elsewhere = broadcast(SPECIES, below);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, y, yo + i);
            FloatVector slope = v.add(elsewhere).blend(above, v.compare(VectorOperators.GT, 0f));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.eluGrad(above, below, y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#sigmoidSlope}. */
    static void sigmoidGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, y, yo + i);
            FloatVector slope = v.mul(broadcast(SPECIES, 1f).sub(v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.sigmoidGrad(y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#siluSlope}. */
    static void siluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector m = v.reinterpretAsInts()
                    .and(MAGNITUDE)
                    .min(ZERO_BITS)
                    .or(SIGN_BIT)
                    .reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            FloatVector h = e.div(e.add(1f));
            FloatVector g = h.mul(m.fma(broadcast(SPECIES, 1f).sub(h), broadcast(SPECIES, 1f)));
            FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, v.compare(VectorOperators.LT, 0f));
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.siluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** The slope is the sigmoid of a x. */
    static void softplusGrad(float a, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i).mul(a);
            IntVector far = v.reinterpretAsInts().and(MAGNITUDE).min(SIGMOID_FAR_BITS);
            FloatVector m = far.or(SIGN_BIT).reinterpretAsFloats();
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
            FloatVector slope = quotient.mul(broadcast(SPECIES, 1f).blend(0x1p-64f, negative));
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.softplusGrad(a, x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#celuSlope}. */
    static void celuGrad(float a, float b, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector as = broadcast(SPECIES, a);
        FloatVector bs = broadcast(SPECIES, b);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, y, yo + i);
            FloatVector slope = v.add(as).mul(bs).blend(1f, v.compare(VectorOperators.GT, 0f));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.celuGrad(a, b, y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#mishSlope}. */
    static void mishGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a = v.reinterpretAsInts().and(MAGNITUDE).min(ZERO_BITS).reinterpretAsFloats();
            FloatVector m = a.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            VectorMask<Float> isNegative = v.compare(VectorOperators.LT, 0f);
            FloatVector one = broadcast(SPECIES, 1f);
            FloatVector base = one.blend(2f, isNegative);
            FloatVector more = e.add(base);
            FloatVector twice = e.add(e);
            FloatVector bottom = twice.blend(e, isNegative).fma(more, base);
            FloatVector lead = twice.mul(e).blend(e, isNegative);
            FloatVector steep = a.mul(e.add(1f)).mul(broadcast(SPECIES, -2f).blend(-4f, isNegative));
            FloatVector g =
                    lead.mul(one.blend(more, isNegative).fma(bottom, steep)).div(bottom.mul(bottom));
            FloatVector slope = one.sub(g).blend(g, isNegative);
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.mishGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#geluSlope}. */
    static void geluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a =
                    v.reinterpretAsInts().and(MAGNITUDE).min(GELU_ZERO_BITS).reinterpretAsFloats();
            FloatVector m = a.mul(-0.5f).mul(a);
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            FloatVector top = a.fma(broadcast(SPECIES, GELU_M4), broadcast(SPECIES, GELU_M3));
            top = top.fma(a, broadcast(SPECIES, GELU_M2)).fma(a, broadcast(SPECIES, GELU_M1));
            top = top.fma(a, broadcast(SPECIES, 0.5f));
            FloatVector bottom = a.fma(broadcast(SPECIES, GELU_S3), broadcast(SPECIES, GELU_S2));
            bottom = bottom.fma(a, broadcast(SPECIES, GELU_S1)).fma(a, broadcast(SPECIES, 1f));
            FloatVector g = e.mul(top).div(bottom);
            FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, v.compare(VectorOperators.LT, 0f));
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#geluTanhSlope}. */
    static void geluTanhGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a = v.reinterpretAsInts()
                    .and(MAGNITUDE)
                    .min(GELU_TANH_ZERO_BITS)
                    .reinterpretAsFloats();
            FloatVector m = a.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats();
            FloatVector z = a.mul(a);
            FloatVector w = z.fma(broadcast(SPECIES, GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1_WHOLE));
            FloatVector b = m.mul(w);
            FloatVector t = b.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), b));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            FloatVector h = e.div(e.add(1f));
            FloatVector steep =
                    m.mul(z.fma(broadcast(SPECIES, 3f * GELU_TANH_C2), broadcast(SPECIES, GELU_TANH_C1_WHOLE)));
            FloatVector g = h.mul(steep.fma(broadcast(SPECIES, 1f).sub(h), broadcast(SPECIES, 1f)));
            FloatVector slope = broadcast(SPECIES, 1f).sub(g).blend(g, v.compare(VectorOperators.LT, 0f));
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.geluTanhGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** {@link ScalarActivations#erfSlope}. */
    static void erfGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a =
                    v.reinterpretAsInts().and(MAGNITUDE).min(ERF_ZERO_BITS).reinterpretAsFloats();
            FloatVector m =
                    a.reinterpretAsInts().or(SIGN_BIT).reinterpretAsFloats().mul(a);
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
            FloatVector whole = t.sub(POWER_ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector scale = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e = p.mul(scale.reinterpretAsFloats());
            FloatVector slope = e.mul(TWO_BY_SQRT_PI);
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.erfGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }

    /** The slope is the cosine. A vector with a lane that is far from 0 is left to scalar code. */
    static void sinGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector a = v.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
            if (a.compare(VectorOperators.GT, SIN_FAR).anyTrue()) {
                ScalarActivationLoops.sinGrad(x, xo + i, dy, dyo + i, dx, dxo + i, LANES);
                continue;
            }
            FloatVector t = a.fma(broadcast(SPECIES, TWO_BY_PI), broadcast(SPECIES, ROUNDER));
            FloatVector whole = t.sub(ROUNDER);
            FloatVector r = whole.fma(broadcast(SPECIES, -HALF_PI_HIGH), a);
            r = whole.fma(broadcast(SPECIES, -HALF_PI_MIDDLE), r);
            r = whole.fma(broadcast(SPECIES, -HALF_PI_LOW), r);
            IntVector k = t.reinterpretAsInts().add(1);
            FloatVector z = r.mul(r);
            FloatVector sin = z.fma(broadcast(SPECIES, SIN_2), broadcast(SPECIES, SIN_1));
            sin = sin.fma(z, broadcast(SPECIES, SIN_0)).fma(r.mul(z), r);
            FloatVector cos = z.fma(broadcast(SPECIES, COS_2), broadcast(SPECIES, COS_1));
            cos = cos.fma(z, broadcast(SPECIES, COS_0));
            cos = cos.fma(z.mul(z), z.fma(broadcast(SPECIES, -0.5f), broadcast(SPECIES, 1f)));
            VectorMask<Float> even = k.and(1).compare(VectorOperators.EQ, 0).cast(SPECIES);
            IntVector flip = k.and(2).lanewise(VectorOperators.LSHL, 30);
            FloatVector slope = cos.blend(sin, even)
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip)
                    .reinterpretAsFloats();
            slope = slope.blend(Float.NaN, v.compare(VectorOperators.NE, v));
            fromArray(SPECIES, dy, dyo + i).mul(slope).intoArray(dx, dxo + i);
        }
        if (full < n) {
            ScalarActivationLoops.sinGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
        }
    }
}
