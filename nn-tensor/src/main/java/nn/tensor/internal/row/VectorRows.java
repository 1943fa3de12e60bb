package nn.tensor.internal.row;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.F2D;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.ScalarMath;

/**
 * The implementation on the Vector API: whole vectors here, the tail in {@link ScalarRows}.
 *
 * <p>A sum holds {@link #HELD} of the virtual lanes in four registers at a time, and passes over the row once for each
 * such group: once with vectors of 512 bits, twice with 256, four times with 128. A vector of floats becomes two of
 * doubles by {@code convert}, so that no vector of floats is of another width than all others: once the JVM has seen
 * two, C2 boxes them. For sums of 512 elements this takes 12 microseconds for 131,072 of them, float additions 4.
 *
 * <p>No method has a vector as an argument or as its result, for the reason in {@code VectorFunctions}.
 */
public final class VectorRows implements RowKernels {
    private static final ScalarRows SCALAR = new ScalarRows();
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final int WIDTH = SPECIES.length();

    /**
     * Rows for which kernels down columns read once what belongs to a column. Without that, a vector of 16 x 256
     * numbers takes 1.9 ns to normalize instead of 0.9, since five loads of a row's constants cross cache lines. Eight
     * rows at once take longer where rows lie far apart: 5.8 instead of 4.1 ms for the gradients of 2048 x 4096.
     */
    private static final int ROWS = 4;

    private static final int HALF = DOUBLES.length();

    /** Brings the upper half of a vector down. */
    private static final VectorShuffle<Float> UPPER = VectorShuffle.iota(SPECIES, HALF, 1, true);

    /** Virtual lanes in four vectors. */
    private static final int HELD = 4 * HALF;

    /** The elements that are summed in vectors: a multiple of the virtual lanes; none if vectors hold more. */
    private static int whole(int n) {
        return HELD > LANES ? 0 : n - n % LANES;
    }

    /** The same for sums of groups. */
    private static int groups(int n) {
        return HELD > LANES ? 0 : n - n % GROUP;
    }

    @Override
    public float largest(float[] x, int xo, int n) {
        if (n < WIDTH) {
            return SCALAR.largest(x, xo, n);
        }
        int full = n - n % (2 * WIDTH);
        FloatVector a = broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        // what is not larger keeps what was found, also where it is NaN
        for (int i = 0; i < full; i += 2 * WIDTH) {
            FloatVector u = fromArray(SPECIES, x, xo + i);
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH);
            a = u.blend(a, u.compare(VectorOperators.GT, a).not());
            b = v.blend(b, v.compare(VectorOperators.GT, b).not());
        }
        for (int i = full; i < n; i += WIDTH) { // the last vector overlaps the one before it
            FloatVector u = fromArray(SPECIES, x, xo + Math.min(i, n - WIDTH));
            a = u.blend(a, u.compare(VectorOperators.GT, a).not());
        }
        a = a.blend(b, b.compare(VectorOperators.GT, a));
        return a.reduceLanes(VectorOperators.MAX); // no NaN, and the sign of 0 does not matter
    }

    @Override
    public void shift(float c, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += WIDTH) {
            fromArray(SPECIES, x, xo + i).sub(c).intoArray(y, yo + i);
        }
        SCALAR.shift(c, x, xo + full, y, yo + full, n - full);
    }

    /**
     * The exponential of numbers up to 0 in fewer steps than {@link ScalarMath#exp}, with the same bits: {@code 2^(n +
     * 64)} is a normal number for all n down to -150, so one multiplication by {@code 2^-64} rounds the result, be it
     * subnormal. As unsigned integers, floats below 0 grow with their magnitude, so one minimum limits them.
     */
    @Override
    public void expLess(float c, float[] x, int xo, float[] y, int yo, int n) {
        if (n < WIDTH) {
            SCALAR.expLess(c, x, xo, y, yo, n);
            return;
        }
        for (int i = 0; i < n; i += WIDTH) {
            int at = Math.min(i, n - WIDTH);
            FloatVector v = fromArray(SPECIES, x, xo + at).sub(c);
            FloatVector m = v.reinterpretAsInts()
                    .lanewise(VectorOperators.UMIN, Float.floatToRawIntBits(EXP_LOW))
                    .reinterpretAsFloats();
            FloatVector t = m.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER + 64f));
            FloatVector whole = t.sub(ROUNDER + 64f);
            FloatVector r = whole.fma(broadcast(SPECIES, -LN2_LOW), whole.fma(broadcast(SPECIES, -LN2_HIGH), m));
            FloatVector r2 = r.mul(r);
            FloatVector q = r2.fma(broadcast(SPECIES, E6), r.fma(broadcast(SPECIES, E5), broadcast(SPECIES, E4)));
            q = q.fma(r2, r.fma(broadcast(SPECIES, E3), broadcast(SPECIES, E2)));
            FloatVector p = q.fma(r, broadcast(SPECIES, 1f)).fma(r, broadcast(SPECIES, 1f));
            IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector e =
                    p.reinterpretAsInts().add(power).reinterpretAsFloats().mul(0x1p-64f);
            e.blend(Float.NaN, v.compare(VectorOperators.NE, v)).intoArray(y, yo + at);
        }
    }

    @Override
    public void sum(float[] x, int xo, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            sumOfLanes(l, 0, full, x, xo + l, sums);
        }
        ScalarRows.addSum(x, xo + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
    }

    /** Adds the elements {@code [from, to)} of some lanes. */
    private static void sumOfLanes(int at, int from, int to, float[] x, int xo, double[] sums) {
        DoubleVector a = DoubleVector.fromArray(DOUBLES, sums, at);
        DoubleVector b = DoubleVector.fromArray(DOUBLES, sums, at + HALF);
        DoubleVector c = DoubleVector.fromArray(DOUBLES, sums, at + 2 * HALF);
        DoubleVector d = DoubleVector.fromArray(DOUBLES, sums, at + 3 * HALF);
        for (int i = from; i < to; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i);
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH);
            a = (DoubleVector) u.convert(F2D, 0).add(a);
            b = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) v.convert(F2D, 0).add(c);
            d = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void sumOfGroups(float[] x, int xo, int n, double[] sums) {
        int full = groups(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            groupsOfLanes(l, full, x, xo + l, sums);
        }
        int whole = whole(n);
        for (int l = 0; l < LANES && full < whole; l += HELD) {
            sumOfLanes(l, full, whole, x, xo + l, sums);
        }
        ScalarRows.addSum(x, xo + whole, n - whole, sums);
        ScalarRows.join(sums, 0, n);
    }

    private static void groupsOfLanes(int at, int full, float[] x, int xo, double[] sums) {
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += GROUP) {
            int p = xo + i;
            FloatVector u = fromArray(SPECIES, x, p)
                    .add(fromArray(SPECIES, x, p + LANES))
                    .add(fromArray(SPECIES, x, p + 2 * LANES))
                    .add(fromArray(SPECIES, x, p + 3 * LANES));
            p += WIDTH;
            FloatVector v = fromArray(SPECIES, x, p)
                    .add(fromArray(SPECIES, x, p + LANES))
                    .add(fromArray(SPECIES, x, p + 2 * LANES))
                    .add(fromArray(SPECIES, x, p + 3 * LANES));
            a = (DoubleVector) u.convert(F2D, 0).add(a);
            b = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) v.convert(F2D, 0).add(c);
            d = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void sumOfSquares(float[] x, int xo, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            squaresOfLanes(l, full, x, xo + l, sums);
        }
        ScalarRows.addSquares(x, xo + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
    }

    private static void squaresOfLanes(int at, int full, float[] x, int xo, double[] sums) {
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i);
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH);
            DoubleVector w = (DoubleVector) u.convert(F2D, 0);
            a = w.fma(w, a);
            w = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0);
            b = w.fma(w, b);
            w = (DoubleVector) v.convert(F2D, 0);
            c = w.fma(w, c);
            w = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0);
            d = w.fma(w, d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void dot(float[] x, int xo, float[] y, int yo, int n, double[] sums) {
        int full = groups(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            dotOfLanes(l, full, x, xo + l, y, yo + l, sums);
        }
        int whole = whole(n);
        for (int l = 0; l < LANES && full < whole; l += HELD) {
            productsOfLanes(l, full, whole, x, xo + l, y, yo + l, sums);
        }
        ScalarRows.addProducts(x, xo + whole, y, yo + whole, n - whole, sums);
        ScalarRows.join(sums, 0, n);
    }

    /** Adds the products of the elements {@code [from, to)} of some lanes, one by one. */
    private static void productsOfLanes(int at, int from, int to, float[] x, int xo, float[] y, int yo, double[] sums) {
        DoubleVector a = DoubleVector.fromArray(DOUBLES, sums, at);
        DoubleVector b = DoubleVector.fromArray(DOUBLES, sums, at + HALF);
        DoubleVector c = DoubleVector.fromArray(DOUBLES, sums, at + 2 * HALF);
        DoubleVector d = DoubleVector.fromArray(DOUBLES, sums, at + 3 * HALF);
        for (int i = from; i < to; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i).mul(fromArray(SPECIES, y, yo + i));
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH).mul(fromArray(SPECIES, y, yo + i + WIDTH));
            a = (DoubleVector) u.convert(F2D, 0).add(a);
            b = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) v.convert(F2D, 0).add(c);
            d = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    private static void dotOfLanes(int at, int full, float[] x, int xo, float[] y, int yo, double[] sums) {
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += GROUP) {
            int p = xo + i;
            int q = yo + i;
            FloatVector u = fromArray(SPECIES, x, p).mul(fromArray(SPECIES, y, q));
            u = fromArray(SPECIES, x, p + LANES).fma(fromArray(SPECIES, y, q + LANES), u);
            u = fromArray(SPECIES, x, p + 2 * LANES).fma(fromArray(SPECIES, y, q + 2 * LANES), u);
            u = fromArray(SPECIES, x, p + 3 * LANES).fma(fromArray(SPECIES, y, q + 3 * LANES), u);
            p += WIDTH;
            q += WIDTH;
            FloatVector v = fromArray(SPECIES, x, p).mul(fromArray(SPECIES, y, q));
            v = fromArray(SPECIES, x, p + LANES).fma(fromArray(SPECIES, y, q + LANES), v);
            v = fromArray(SPECIES, x, p + 2 * LANES).fma(fromArray(SPECIES, y, q + 2 * LANES), v);
            v = fromArray(SPECIES, x, p + 3 * LANES).fma(fromArray(SPECIES, y, q + 3 * LANES), v);
            a = (DoubleVector) u.convert(F2D, 0).add(a);
            b = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) v.convert(F2D, 0).add(c);
            d = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void sumOfMagnitudes(float[] x, int xo, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            magnitudesOfLanes(l, full, x, xo + l, sums);
        }
        ScalarRows.addMagnitudes(x, xo + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
    }

    private static void magnitudesOfLanes(int at, int full, float[] x, int xo, double[] sums) {
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i).abs();
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH).abs();
            a = (DoubleVector) u.convert(F2D, 0).add(a);
            b = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) v.convert(F2D, 0).add(c);
            d = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void sumOfHuber(double delta, float[] x, int xo, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += HELD) {
            huberOfLanes(l, full, delta, x, xo + l, sums);
        }
        ScalarRows.addHuber(delta, x, xo + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
    }

    private static void huberOfLanes(int at, int full, double delta, float[] x, int xo, double[] sums) {
        DoubleVector most = DoubleVector.broadcast(DOUBLES, delta);
        DoubleVector minusHalf = DoubleVector.broadcast(DOUBLES, -0.5);
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i).abs();
            FloatVector v = fromArray(SPECIES, x, xo + i + WIDTH).abs();
            DoubleVector size = (DoubleVector) u.convert(F2D, 0);
            DoubleVector near = most.blend(size, size.compare(VectorOperators.LT, most));
            a = near.fma(minusHalf.fma(near, size), a);
            size = (DoubleVector) u.rearrange(UPPER).convert(F2D, 0);
            near = most.blend(size, size.compare(VectorOperators.LT, most));
            b = near.fma(minusHalf.fma(near, size), b);
            size = (DoubleVector) v.convert(F2D, 0);
            near = most.blend(size, size.compare(VectorOperators.LT, most));
            c = near.fma(minusHalf.fma(near, size), c);
            size = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0);
            near = most.blend(size, size.compare(VectorOperators.LT, most));
            d = near.fma(minusHalf.fma(near, size), d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, at + 2 * HALF);
        d.intoArray(sums, at + 3 * HALF);
    }

    @Override
    public void signs(float c, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            v.mul(c)
                    .blend(c, v.compare(VectorOperators.GT, 0f))
                    .blend(-c, v.compare(VectorOperators.LT, 0f))
                    .intoArray(y, yo + i);
        }
        SCALAR.signs(c, x, xo + full, y, yo + full, n - full);
    }

    @Override
    public void softmaxGrad(float dot, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += WIDTH) {
            fromArray(SPECIES, dy, dyo + i)
                    .sub(dot)
                    .mul(fromArray(SPECIES, y, yo + i))
                    .intoArray(dx, dxo + i);
        }
        SCALAR.softmaxGrad(dot, y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    @Override
    public void crossEntropy(float m, float[] x, int xo, float[] c, int co, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += WIDTH) {
            crossEntropyOfLanes(l, full, m, x, xo + l, c, co + l, sums);
        }
        ScalarRows.addCrossEntropy(m, x, xo + full, c, co + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
        ScalarRows.join(sums, LANES, n);
    }

    /** Half of the lanes that other sums hold, as there are two sums. */
    private static void crossEntropyOfLanes(
            int at, int full, float m, float[] x, int xo, float[] w, int wo, double[] sums) {
        DoubleVector most = DoubleVector.broadcast(DOUBLES, m);
        DoubleVector zero = DoubleVector.zero(DOUBLES);
        DoubleVector a = zero;
        DoubleVector b = zero;
        DoubleVector c = zero;
        DoubleVector d = zero;
        for (int i = 0; i < full; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i);
            FloatVector v = fromArray(SPECIES, w, wo + i);
            DoubleVector weight = (DoubleVector) v.convert(F2D, 0);
            DoubleVector less = most.sub(u.convert(F2D, 0)).blend(0, weight.compare(VectorOperators.EQ, 0));
            a = weight.add(a);
            c = weight.fma(less, c);
            weight = (DoubleVector) v.rearrange(UPPER).convert(F2D, 0);
            less = most.sub(u.rearrange(UPPER).convert(F2D, 0)).blend(0, weight.compare(VectorOperators.EQ, 0));
            b = weight.add(b);
            d = weight.fma(less, d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, LANES + at);
        d.intoArray(sums, LANES + at + HALF);
    }

    @Override
    public void minusMagnitude(float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += WIDTH) {
            fromArray(SPECIES, x, xo + i)
                    .reinterpretAsInts()
                    .or(SIGN_BIT)
                    .reinterpretAsFloats()
                    .intoArray(y, yo + i);
        }
        SCALAR.minusMagnitude(x, xo + full, y, yo + full, n - full);
    }

    @Override
    public boolean sigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] e, int eo, float[] g, int go, int n) {
        if (n == 0) {
            return true; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = broadcast(SPECIES, 1f);
        FloatVector outside = zero;
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector logit = fromArray(SPECIES, x, xo + i);
            FloatVector target = fromArray(SPECIES, t, to + i);
            FloatVector beyond = one.blend(0f, target.compare(VectorOperators.GE, 0f));
            outside = beyond.blend(1f, target.compare(VectorOperators.GT, 1f)).add(outside);
            FloatVector exp = fromArray(SPECIES, e, eo + i);
            VectorMask<Float> isLarge = exp.compare(VectorOperators.GT, ScalarRows.SQRT2_LESS_1);
            FloatVector f = exp.blend(exp.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -0.5f)), isLarge);
            FloatVector k = zero.blend(1f, isLarge);
            FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
            q = q.fma(f, broadcast(SPECIES, L6)).fma(f, broadcast(SPECIES, L5));
            q = q.fma(f, broadcast(SPECIES, L4)).fma(f, broadcast(SPECIES, L3));
            q = q.fma(f, broadcast(SPECIES, L2)).fma(f, broadcast(SPECIES, L1));
            q = q.fma(f, broadcast(SPECIES, L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, LN2_HIGH), low);
            FloatVector positive = zero.blend(logit, logit.compare(VectorOperators.GT, 0f));
            zero.sub(logit).fma(target, positive).add(log).intoArray(e, eo + i);
            FloatVector numerator = one.blend(exp, logit.compare(VectorOperators.LT, 0f));
            numerator.div(exp.add(1f)).sub(target).mul(factor).intoArray(g, go + i);
        }
        boolean tail = SCALAR.sigmoidLoss(factor, x, xo + full, t, to + full, e, eo + full, g, go + full, n - full);
        return tail && outside.reduceLanes(VectorOperators.MAX) == 0f;
    }

    @Override
    public boolean weightedSigmoidLoss(
            float factor, float[] x, int xo, float[] t, int to, float[] work, float[] g, int go, int n) {
        if (n == 0) {
            return true; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = broadcast(SPECIES, 1f);
        FloatVector outside = zero;
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector logit = fromArray(SPECIES, x, xo + i);
            FloatVector target = fromArray(SPECIES, t, to + i);
            FloatVector beyond = one.blend(0f, target.compare(VectorOperators.GE, 0f));
            outside = beyond.blend(1f, target.compare(VectorOperators.GT, 1f)).add(outside);
            FloatVector exp = fromArray(SPECIES, work, i);
            FloatVector zeros = one.sub(target);
            FloatVector ones = target.mul(fromArray(SPECIES, work, LOSS_BLOCK + i));
            VectorMask<Float> isNegative = logit.compare(VectorOperators.LT, 0f);
            FloatVector sized = zeros.blend(ones, isNegative).mul(logit.abs());
            VectorMask<Float> isLarge = exp.compare(VectorOperators.GT, ScalarRows.SQRT2_LESS_1);
            FloatVector f = exp.blend(exp.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -0.5f)), isLarge);
            FloatVector k = zero.blend(1f, isLarge);
            FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
            q = q.fma(f, broadcast(SPECIES, L6)).fma(f, broadcast(SPECIES, L5));
            q = q.fma(f, broadcast(SPECIES, L4)).fma(f, broadcast(SPECIES, L3));
            q = q.fma(f, broadcast(SPECIES, L2)).fma(f, broadcast(SPECIES, L1));
            q = q.fma(f, broadcast(SPECIES, L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, LN2_HIGH), low);
            log.fma(zeros.add(ones), sized).intoArray(work, i);
            FloatVector sum = exp.add(1f);
            FloatVector negative = one.blend(exp, isNegative).div(sum);
            FloatVector positive = exp.blend(one, isNegative).div(sum);
            FloatVector slope = zeros.fma(negative, zero.sub(ones.mul(positive)));
            slope.mul(factor).intoArray(g, go + i);
        }
        boolean tail = ScalarRows.weightedSigmoidLoss(factor, full, x, xo, t, to, work, g, go, n);
        return tail && outside.reduceLanes(VectorOperators.MAX) == 0f;
    }

    @Override
    public boolean turnToTarget0(float[] x, int xo, float[] t, int to, float[] s, int so, int n) {
        if (n == 0) {
            return true; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector one = broadcast(SPECIES, 1f);
        FloatVector outside = FloatVector.zero(SPECIES);
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector target = fromArray(SPECIES, t, to + i);
            VectorMask<Float> isOne = target.compare(VectorOperators.EQ, 1f);
            FloatVector other = one.blend(0f, isOne);
            outside = other.blend(0f, target.compare(VectorOperators.EQ, 0f)).add(outside);
            fromArray(SPECIES, x, xo + i).mul(one.blend(-1f, isOne)).intoArray(s, so + i);
        }
        boolean tail = SCALAR.turnToTarget0(x, xo + full, t, to + full, s, so + full, n - full);
        return tail && outside.reduceLanes(VectorOperators.MAX) == 0f;
    }

    @Override
    public void focalExponents(float gamma, float[] s, int so, float[] work, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector v = fromArray(SPECIES, s, so + i);
            FloatVector negative = zero.blend(zero.sub(v), v.compare(VectorOperators.LT, 0f));
            FloatVector positive = zero.blend(v, v.compare(VectorOperators.GT, 0f));
            FloatVector exp = fromArray(SPECIES, work, i);
            VectorMask<Float> isLarge = exp.compare(VectorOperators.GT, ScalarRows.SQRT2_LESS_1);
            FloatVector f = exp.blend(exp.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -0.5f)), isLarge);
            FloatVector k = zero.blend(1f, isLarge);
            FloatVector q = f.fma(broadcast(SPECIES, L8), broadcast(SPECIES, L7));
            q = q.fma(f, broadcast(SPECIES, L6)).fma(f, broadcast(SPECIES, L5));
            q = q.fma(f, broadcast(SPECIES, L4)).fma(f, broadcast(SPECIES, L3));
            q = q.fma(f, broadcast(SPECIES, L2)).fma(f, broadcast(SPECIES, L1));
            q = q.fma(f, broadcast(SPECIES, L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, LN2_HIGH), low);
            log.add(negative).mul(-gamma).intoArray(work, LOSS_BLOCK + i);
            zero.fma(v, log).add(positive).intoArray(work, 2 * LOSS_BLOCK + i);
        }
        ScalarRows.focalExponents(gamma, full, s, so, work, n);
    }

    @Override
    public void focalLoss(
            float gamma, float weight0, float weight1, float[] t, int to, float[] work, float[] s, int so, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector one = broadcast(SPECIES, 1f);
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector v = fromArray(SPECIES, s, so + i);
            FloatVector exp = fromArray(SPECIES, work, i);
            FloatVector loss = fromArray(SPECIES, work, 2 * LOSS_BLOCK + i);
            FloatVector sum = exp.add(1f);
            VectorMask<Float> isNegative = v.compare(VectorOperators.LT, 0f);
            FloatVector wrong = one.blend(exp, isNegative).div(sum);
            FloatVector right = exp.blend(one, isNegative).div(sum);
            FloatVector modulation = fromArray(SPECIES, work, LOSS_BLOCK + i);
            VectorMask<Float> isOne = fromArray(SPECIES, t, to + i).compare(VectorOperators.EQ, 1f);
            modulation
                    .mul(broadcast(SPECIES, weight0).blend(weight1, isOne))
                    .mul(loss)
                    .intoArray(work, i);
            FloatVector slope = right.mul(gamma).fma(loss, wrong);
            modulation
                    .mul(broadcast(SPECIES, weight0).blend(-weight1, isOne))
                    .mul(slope)
                    .intoArray(s, so + i);
        }
        ScalarRows.focalLoss(gamma, weight0, weight1, full, t, to, work, s, so, n);
    }

    @Override
    public void divergence(float[] p, int po, float[] l, int lo, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector probability = fromArray(SPECIES, p, po + i);
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector product = fromArray(SPECIES, l, lo + i).sub(v).mul(probability);
            VectorMask<Float> isNone = probability.compare(VectorOperators.EQ, 0f);
            VectorMask<Float> isNothing = isNone.and(v.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
            product.blend(0f, isNothing).intoArray(y, yo + i);
        }
        SCALAR.divergence(p, po + full, l, lo + full, x, xo + full, y, yo + full, n - full);
    }

    @Override
    public void moments(float[] x, int xo, int n, double[] sums) {
        int full = whole(n);
        ScalarRows.clear(sums);
        double shift = x[xo];
        for (int l = 0; l < LANES && full > 0; l += WIDTH) {
            momentsOfLanes(l, full, shift, x, xo + l, sums);
        }
        ScalarRows.addMoments(shift, x, xo + full, n - full, sums);
        ScalarRows.join(sums, 0, n);
        ScalarRows.join(sums, LANES, n);
    }

    private static void momentsOfLanes(int at, int full, double shift, float[] x, int xo, double[] sums) {
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += LANES) {
            FloatVector u = fromArray(SPECIES, x, xo + i);
            DoubleVector v = ((DoubleVector) u.convert(F2D, 0)).sub(shift);
            DoubleVector w = ((DoubleVector) u.rearrange(UPPER).convert(F2D, 0)).sub(shift);
            a = v.add(a);
            b = w.add(b);
            c = v.fma(v, c);
            d = w.fma(w, d);
        }
        a.intoArray(sums, at);
        b.intoArray(sums, at + HALF);
        c.intoArray(sums, LANES + at);
        d.intoArray(sums, LANES + at + HALF);
    }

    @Override
    public void normalize(RowStatistics row, int at, Operand x, Operand scale, Operand bias, Operand y) {
        int n = x.n();
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        float[] xs = x.array();
        float[] scales = scale.array();
        float[] biases = bias.array();
        float[] ys = y.array();
        int xo = x.offset() + at;
        int so = scale.offset();
        int bo = bias.offset();
        int yo = y.offset() + at;
        FloatVector by = broadcast(SPECIES, row.shrink);
        FloatVector less = broadcast(SPECIES, -row.high);
        float low = row.low;
        float factor = row.factor;
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector normal =
                    fromArray(SPECIES, xs, xo + i).fma(by, less).sub(low).mul(factor);
            normal.fma(fromArray(SPECIES, scales, so + i), fromArray(SPECIES, biases, bo + i))
                    .intoArray(ys, yo + i);
        }
        ScalarRows.normalize(row, at, full, x, scale, bias, y);
    }

    @Override
    public void normalizeSums(RowStatistics row, int at, Operand x, Operand dy, Operand scale, double[] sums) {
        int n = x.n();
        int full = groups(n);
        ScalarRows.clear(sums);
        for (int l = 0; l < LANES && full > 0; l += WIDTH) {
            normalizeSumsOfLanes(row, at, l, full, x, dy, scale, sums);
        }
        ScalarRows.addNormalizeSums(row, at, full, x, dy, scale, sums);
        ScalarRows.join(sums, 0, n);
        ScalarRows.join(sums, LANES, n);
    }

    /** The lanes of two vectors from one on. */
    private static void normalizeSumsOfLanes(
            RowStatistics row, int at, int lane, int full, Operand x, Operand dy, Operand scale, double[] sums) {
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] scales = scale.array();
        int xo = x.offset() + at + lane;
        int go = dy.offset() + at + lane;
        int so = scale.offset() + lane;
        FloatVector by = broadcast(SPECIES, row.shrink);
        FloatVector less = broadcast(SPECIES, -row.high);
        float low = row.low;
        float factor = row.factor;
        DoubleVector a = DoubleVector.zero(DOUBLES);
        DoubleVector b = a;
        DoubleVector c = a;
        DoubleVector d = a;
        for (int i = 0; i < full; i += GROUP) {
            FloatVector g = fromArray(SPECIES, gs, go + i).mul(fromArray(SPECIES, scales, so + i));
            FloatVector sum = g;
            FloatVector dot =
                    g.mul(fromArray(SPECIES, xs, xo + i).fma(by, less).sub(low).mul(factor));
            for (int j = i + LANES; j < i + GROUP; j += LANES) {
                g = fromArray(SPECIES, gs, go + j).mul(fromArray(SPECIES, scales, so + j));
                sum = g.add(sum);
                dot = g.fma(
                        fromArray(SPECIES, xs, xo + j).fma(by, less).sub(low).mul(factor), dot);
            }
            a = (DoubleVector) sum.convert(F2D, 0).add(a);
            b = (DoubleVector) sum.rearrange(UPPER).convert(F2D, 0).add(b);
            c = (DoubleVector) dot.convert(F2D, 0).add(c);
            d = (DoubleVector) dot.rearrange(UPPER).convert(F2D, 0).add(d);
        }
        a.intoArray(sums, lane);
        b.intoArray(sums, lane + HALF);
        c.intoArray(sums, LANES + lane);
        d.intoArray(sums, LANES + lane + HALF);
    }

    @Override
    public void normalizeGrad(
            RowStatistics row, int at, Operand x, Operand dy, Operand scale, float[] gradients, int to, Operand dx) {
        int n = x.n();
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] scales = scale.array();
        float[] dxs = dx.array();
        int xo = x.offset() + at;
        int go = dy.offset() + at;
        int so = scale.offset();
        int dxo = dx.offset() + at;
        FloatVector by = broadcast(SPECIES, row.shrink);
        FloatVector less = broadcast(SPECIES, -row.high);
        FloatVector minusMean = broadcast(SPECIES, -row.mean);
        FloatVector minusDot = broadcast(SPECIES, -row.dot);
        float low = row.low;
        float factor = row.factor;
        float outer = row.outer;
        for (int i = 0; i < full; i += WIDTH) {
            FloatVector d = fromArray(SPECIES, gs, go + i);
            FloatVector normal =
                    fromArray(SPECIES, xs, xo + i).fma(by, less).sub(low).mul(factor);
            FloatVector rest = minusDot.fma(normal, d.fma(fromArray(SPECIES, scales, so + i), minusMean));
            rest.mul(outer).intoArray(dxs, dxo + i);
            d.fma(normal, fromArray(SPECIES, gradients, to + i)).intoArray(gradients, to + i);
            fromArray(SPECIES, gradients, to + n + i).add(d).intoArray(gradients, to + n + i);
        }
        ScalarRows.normalizeGrad(row, at, full, x, dy, scale, gradients, to, dx);
    }

    /** Each pass adds four rows, in order, so that sums are loaded and stored a quarter as often. */
    @Override
    public void columnMoments(Submatrix part, ColumnStatistics c, Operand x, double[] sums, double[] squares) {
        int full = SPECIES.loopBound(part.columns);
        int fours = part.rows - part.rows % 4;
        for (int i = 0; i < fours; i += 4) {
            momentsOfFourRows(part, i, full, c, x, sums, squares);
        }
        ScalarRows.columnMoments(part, fours, 0, full, c, x, sums, squares);
        ScalarRows.columnMoments(part, 0, full, part.columns, c, x, sums, squares);
    }

    private static void momentsOfFourRows(
            Submatrix part,
            int row,
            int columns,
            ColumnStatistics constants,
            Operand x,
            double[] sums,
            double[] squares) {
        double[] origin = constants.origin;
        float[] xs = x.array();
        int step = part.step;
        int xo = x.offset() + part.at + row * step;
        for (int j = 0; j < columns; j += WIDTH) {
            DoubleVector s = DoubleVector.fromArray(DOUBLES, origin, j);
            DoubleVector t = DoubleVector.fromArray(DOUBLES, origin, j + HALF);
            DoubleVector a = DoubleVector.fromArray(DOUBLES, sums, j);
            DoubleVector b = DoubleVector.fromArray(DOUBLES, sums, j + HALF);
            DoubleVector c = DoubleVector.fromArray(DOUBLES, squares, j);
            DoubleVector d = DoubleVector.fromArray(DOUBLES, squares, j + HALF);
            FloatVector u = fromArray(SPECIES, xs, xo + j);
            DoubleVector v = ((DoubleVector) u.convert(F2D, 0)).sub(s);
            DoubleVector w = ((DoubleVector) u.rearrange(UPPER).convert(F2D, 0)).sub(t);
            a = v.add(a);
            b = w.add(b);
            c = v.fma(v, c);
            d = w.fma(w, d);
            u = fromArray(SPECIES, xs, xo + step + j);
            v = ((DoubleVector) u.convert(F2D, 0)).sub(s);
            w = ((DoubleVector) u.rearrange(UPPER).convert(F2D, 0)).sub(t);
            a = v.add(a);
            b = w.add(b);
            c = v.fma(v, c);
            d = w.fma(w, d);
            u = fromArray(SPECIES, xs, xo + 2 * step + j);
            v = ((DoubleVector) u.convert(F2D, 0)).sub(s);
            w = ((DoubleVector) u.rearrange(UPPER).convert(F2D, 0)).sub(t);
            a = v.add(a);
            b = w.add(b);
            c = v.fma(v, c);
            d = w.fma(w, d);
            u = fromArray(SPECIES, xs, xo + 3 * step + j);
            v = ((DoubleVector) u.convert(F2D, 0)).sub(s);
            w = ((DoubleVector) u.rearrange(UPPER).convert(F2D, 0)).sub(t);
            a.add(v).intoArray(sums, j);
            b.add(w).intoArray(sums, j + HALF);
            v.fma(v, c).intoArray(squares, j);
            w.fma(w, d).intoArray(squares, j + HALF);
        }
    }

    @Override
    public void columnDots(Submatrix part, ColumnStatistics c, Operand x, Operand dy, double[] sums, double[] dots) {
        int full = SPECIES.loopBound(part.columns);
        int fours = part.rows - part.rows % 4;
        for (int i = 0; i < fours; i += 4) {
            dotsOfFourRows(part, i, full, c, x, dy, sums, dots);
        }
        ScalarRows.columnDots(part, fours, 0, full, c, x, dy, sums, dots);
        if (full < part.columns) {
            ScalarRows.columnDots(part, 0, full, part.columns, c, x, dy, sums, dots);
        }
    }

    private static void dotsOfFourRows(
            Submatrix part,
            int row,
            int columns,
            ColumnStatistics c,
            Operand x,
            Operand dy,
            double[] sums,
            double[] dots) {
        float[] minusHigh = c.minusHigh;
        float[] minusLow = c.minusLow;
        float[] factors = c.factor;
        float[] xs = x.array();
        float[] gs = dy.array();
        int step = part.step;
        int xo = x.offset() + part.at + row * step;
        int go = dy.offset() + part.at + row * step;
        FloatVector by = broadcast(SPECIES, c.shrink);
        for (int j = 0; j < columns; j += WIDTH) {
            FloatVector high = fromArray(SPECIES, minusHigh, j);
            FloatVector low = fromArray(SPECIES, minusLow, j);
            FloatVector factor = fromArray(SPECIES, factors, j);
            FloatVector sum = FloatVector.zero(SPECIES);
            FloatVector dot = sum;
            for (int i = 0; i < 4; i++) {
                int k = i * step + j;
                FloatVector g = fromArray(SPECIES, gs, go + k);
                sum = g.add(sum);
                dot = g.fma(
                        fromArray(SPECIES, xs, xo + k).fma(by, high).add(low).mul(factor), dot);
            }
            DoubleVector.fromArray(DOUBLES, sums, j).add(sum.convert(F2D, 0)).intoArray(sums, j);
            DoubleVector.fromArray(DOUBLES, sums, j + HALF)
                    .add(sum.rearrange(UPPER).convert(F2D, 0))
                    .intoArray(sums, j + HALF);
            DoubleVector.fromArray(DOUBLES, dots, j).add(dot.convert(F2D, 0)).intoArray(dots, j);
            DoubleVector.fromArray(DOUBLES, dots, j + HALF)
                    .add(dot.rearrange(UPPER).convert(F2D, 0))
                    .intoArray(dots, j + HALF);
        }
    }

    @Override
    public void normalizeColumns(Submatrix part, ColumnStatistics c, Operand x, Operand y) {
        int full = SPECIES.loopBound(part.columns);
        int blocks = part.rows - part.rows % ROWS;
        for (int i = 0; i < blocks; i += ROWS) {
            normalizeRows(part.at + i * part.step, part.step, full, c, x, y);
        }
        for (int i = blocks; i < part.rows; i++) {
            normalizeRow(part.at + i * part.step, full, c, x, y);
        }
        if (full < part.columns) {
            ScalarRows.normalizeColumns(part, full, c, x, y);
        }
    }

    /** Four constants are read once for all rows. */
    private static void normalizeRows(int at, int step, int n, ColumnStatistics c, Operand x, Operand y) {
        float[] minusHigh = c.minusHigh;
        float[] minusLow = c.minusLow;
        float[] factors = c.factor;
        float[] biases = c.bias;
        float[] xs = x.array();
        float[] ys = y.array();
        int xo = x.offset() + at;
        int yo = y.offset() + at;
        FloatVector by = broadcast(SPECIES, c.shrink);
        for (int j = 0; j < n; j += WIDTH) {
            FloatVector high = fromArray(SPECIES, minusHigh, j);
            FloatVector low = fromArray(SPECIES, minusLow, j);
            FloatVector factor = fromArray(SPECIES, factors, j);
            FloatVector bias = fromArray(SPECIES, biases, j);
            for (int i = 0; i < ROWS; i++) {
                int k = i * step + j;
                fromArray(SPECIES, xs, xo + k)
                        .fma(by, high)
                        .add(low)
                        .fma(factor, bias)
                        .intoArray(ys, yo + k);
            }
        }
    }

    private static void normalizeRow(int at, int n, ColumnStatistics c, Operand x, Operand y) {
        float[] minusHigh = c.minusHigh;
        float[] minusLow = c.minusLow;
        float[] factor = c.factor;
        float[] bias = c.bias;
        float[] xs = x.array();
        float[] ys = y.array();
        int xo = x.offset() + at;
        int yo = y.offset() + at;
        FloatVector by = broadcast(SPECIES, c.shrink);
        for (int j = 0; j < n; j += WIDTH) {
            FloatVector d = fromArray(SPECIES, xs, xo + j)
                    .fma(by, fromArray(SPECIES, minusHigh, j))
                    .add(fromArray(SPECIES, minusLow, j));
            d.fma(fromArray(SPECIES, factor, j), fromArray(SPECIES, bias, j)).intoArray(ys, yo + j);
        }
    }

    @Override
    public void normalizeColumnsGrad(Submatrix part, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        int full = SPECIES.loopBound(part.columns);
        int blocks = part.rows - part.rows % ROWS;
        for (int i = 0; i < blocks; i += ROWS) {
            normalizeRowsGrad(part.at + i * part.step, part.step, full, c, x, dy, dx);
        }
        for (int i = blocks; i < part.rows; i++) {
            normalizeRowGrad(part.at + i * part.step, full, c, x, dy, dx);
        }
        if (full < part.columns) {
            ScalarRows.normalizeColumnsGrad(part, full, c, x, dy, dx);
        }
    }

    /** Five constants are read once for all rows. */
    private static void normalizeRowsGrad(
            int at, int step, int n, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        float[] minusHigh = c.minusHigh;
        float[] minusLow = c.minusLow;
        float[] factors = c.factor;
        float[] minusShift = c.minusShift;
        float[] minusSlope = c.minusSlope;
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] dxs = dx.array();
        int xo = x.offset() + at;
        int go = dy.offset() + at;
        int dxo = dx.offset() + at;
        FloatVector by = broadcast(SPECIES, c.shrink);
        for (int j = 0; j < n; j += WIDTH) {
            FloatVector high = fromArray(SPECIES, minusHigh, j);
            FloatVector low = fromArray(SPECIES, minusLow, j);
            FloatVector factor = fromArray(SPECIES, factors, j);
            FloatVector shift = fromArray(SPECIES, minusShift, j);
            FloatVector slope = fromArray(SPECIES, minusSlope, j);
            for (int i = 0; i < ROWS; i++) {
                int k = i * step + j;
                FloatVector d = fromArray(SPECIES, xs, xo + k).fma(by, high).add(low);
                slope.fma(d, fromArray(SPECIES, gs, go + k).add(shift))
                        .mul(factor)
                        .intoArray(dxs, dxo + k);
            }
        }
    }

    private static void normalizeRowGrad(int at, int n, ColumnStatistics c, Operand x, Operand dy, Operand dx) {
        float[] minusHigh = c.minusHigh;
        float[] minusLow = c.minusLow;
        float[] factor = c.factor;
        float[] minusShift = c.minusShift;
        float[] minusSlope = c.minusSlope;
        float[] xs = x.array();
        float[] gs = dy.array();
        float[] dxs = dx.array();
        int xo = x.offset() + at;
        int go = dy.offset() + at;
        int dxo = dx.offset() + at;
        FloatVector by = broadcast(SPECIES, c.shrink);
        for (int j = 0; j < n; j += WIDTH) {
            FloatVector d = fromArray(SPECIES, xs, xo + j)
                    .fma(by, fromArray(SPECIES, minusHigh, j))
                    .add(fromArray(SPECIES, minusLow, j));
            FloatVector rest = fromArray(SPECIES, minusSlope, j)
                    .fma(d, fromArray(SPECIES, gs, go + j).add(fromArray(SPECIES, minusShift, j)));
            rest.mul(fromArray(SPECIES, factor, j)).intoArray(dxs, dxo + j);
        }
    }
}
