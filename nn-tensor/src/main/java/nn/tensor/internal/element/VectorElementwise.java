package nn.tensor.internal.element;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vector implementation of {@link Elementwise}: whole vectors here, the tail there, in a separate method. */
public final class VectorElementwise {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorElementwise() {}

    /** {@link Elementwise#add}. */
    public static void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).add(fromArray(SPECIES, y, yo + i)).intoArray(z, zo + i);
        }
        Elementwise.add(x, xo + full, y, yo + full, z, zo + full, n - full);
    }

    /** {@link Elementwise#subtract}. */
    public static void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).sub(fromArray(SPECIES, y, yo + i)).intoArray(z, zo + i);
        }
        Elementwise.subtract(x, xo + full, y, yo + full, z, zo + full, n - full);
    }

    /** {@link Elementwise#multiply}. */
    public static void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).mul(fromArray(SPECIES, y, yo + i)).intoArray(z, zo + i);
        }
        Elementwise.multiply(x, xo + full, y, yo + full, z, zo + full, n - full);
    }

    /** {@link Elementwise#divide}. */
    public static void divide(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).div(fromArray(SPECIES, y, yo + i)).intoArray(z, zo + i);
        }
        Elementwise.divide(x, xo + full, y, yo + full, z, zo + full, n - full);
    }

    static void sqrt(float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).sqrt().intoArray(z, zo + i);
        }
        Elementwise.sqrt(x, xo + full, z, zo + full, n - full);
    }

    /** {@link Elementwise#hasTiny}. */
    public static boolean hasTiny(float[] x, int xo, int n) {
        if (n == 0) {
            return false; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        IntVector some = FloatVector.zero(SPECIES).reinterpretAsInts();
        for (int i = 0; i < full; i += LANES) {
            IntVector less = fromArray(SPECIES, x, xo + i)
                    .reinterpretAsInts()
                    .and(Elementwise.MAGNITUDE)
                    .sub(1);
            some = less.not().and(less.sub(Elementwise.TINY_BITS - 1)).or(some);
        }
        // of integers, so the order does not matter
        return some.reduceLanes(VectorOperators.OR) < 0 || Elementwise.hasTiny(x, xo + full, n - full);
    }

    /** {@link Elementwise#scale}. */
    public static void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).mul(alpha).intoArray(z, zo + i);
        }
        Elementwise.scale(alpha, x, xo + full, z, zo + full, n - full);
    }

    /** {@link Elementwise#addScaled}. */
    public static void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector factor = FloatVector.broadcast(SPECIES, alpha);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i)
                    .fma(factor, fromArray(SPECIES, y, yo + i))
                    .intoArray(y, yo + i);
        }
        Elementwise.addScaled(alpha, x, xo + full, y, yo + full, n - full);
    }

    static void relu(float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < full; i += LANES) {
            fromArray(SPECIES, x, xo + i).max(zero).intoArray(z, zo + i);
        }
        Elementwise.relu(x, xo + full, z, zo + full, n - full);
    }

    static void leakyReluGrad(float slope, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector below = FloatVector.broadcast(SPECIES, slope);
        for (int i = 0; i < full; i += LANES) {
            FloatVector factor = below.blend(1f, fromArray(SPECIES, x, xo + i).compare(VectorOperators.GT, 0f));
            factor.mul(fromArray(SPECIES, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        Elementwise.leakyReluGrad(slope, x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    static void clamp(float low, float high, float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector above = v.blend(low, v.compare(VectorOperators.LT, low));
            above.blend(high, v.compare(VectorOperators.GT, high)).intoArray(z, zo + i);
        }
        Elementwise.clamp(low, high, x, xo + full, z, zo + full, n - full);
    }

    static void clampGrad(float low, float high, float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector slope = one.blend(0f, v.compare(VectorOperators.LE, low))
                    .blend(0f, v.compare(VectorOperators.GT, high))
                    .blend(Float.NaN, v.compare(VectorOperators.NE, v));
            slope.mul(fromArray(SPECIES, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        Elementwise.clampGrad(low, high, x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    static void hardSigmoid(float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector sum = v.add(3f);
            FloatVector above = sum.blend(0f, sum.compare(VectorOperators.LT, 0f));
            above.blend(6f, sum.compare(VectorOperators.GT, 6f))
                    .mul(Elementwise.SIXTH)
                    .blend(Float.NaN, v.compare(VectorOperators.NE, v))
                    .intoArray(z, zo + i);
        }
        Elementwise.hardSigmoid(x, xo + full, z, zo + full, n - full);
    }

    static void hardSigmoidGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector slope = zero.blend(Elementwise.SIXTH, v.abs().compare(VectorOperators.LT, 3f))
                    .blend(Float.NaN, v.compare(VectorOperators.NE, v));
            slope.mul(fromArray(SPECIES, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        Elementwise.hardSigmoidGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    static void hardSwish(float[] x, int xo, float[] z, int zo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector sum = v.add(3f);
            FloatVector above = sum.blend(0f, sum.compare(VectorOperators.LT, 0f));
            FloatVector share = above.blend(6f, sum.compare(VectorOperators.GT, 6f));
            v.mul(share.mul(Elementwise.SIXTH))
                    .blend(-0f, v.compare(VectorOperators.LE, -3f))
                    .blend(Float.NaN, v.compare(VectorOperators.NE, v))
                    .intoArray(z, zo + i);
        }
        Elementwise.hardSwish(x, xo + full, z, zo + full, n - full);
    }

    static void hardSwishGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector third = FloatVector.broadcast(SPECIES, Elementwise.THIRD);
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        for (int i = 0; i < full; i += LANES) {
            FloatVector v = fromArray(SPECIES, x, xo + i);
            FloatVector slope = v.fma(third, half)
                    .blend(0f, v.compare(VectorOperators.LE, -3f))
                    .blend(1f, v.compare(VectorOperators.GE, 3f));
            slope.mul(fromArray(SPECIES, dy, dyo + i)).intoArray(dx, dxo + i);
        }
        Elementwise.hardSwishGrad(x, xo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    static void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int i = 0; i < full; i += LANES) {
            FloatVector t = fromArray(SPECIES, y, yo + i);
            fromArray(SPECIES, dy, dyo + i).mul(zero.sub(t).fma(t, one)).intoArray(dx, dxo + i);
        }
        Elementwise.tanhGrad(y, yo + full, dy, dyo + full, dx, dxo + full, n - full);
    }

    /** {@link Elementwise#maxAbs}. */
    public static float maxAbs(float[] x, int xo, int n) {
        if (n == 0) {
            return 0f; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        IntVector most = FloatVector.zero(SPECIES).reinterpretAsInts();
        for (int i = 0; i < full; i += LANES) {
            most = fromArray(SPECIES, x, xo + i)
                    .reinterpretAsInts()
                    .and(Elementwise.MAGNITUDE)
                    .max(most);
        }
        int whole = most.reduceLanes(VectorOperators.MAX); // of integers, so the order does not matter
        return Math.max(Elementwise.fromMagnitude(whole), Elementwise.maxAbs(x, xo + full, n - full));
    }
}
