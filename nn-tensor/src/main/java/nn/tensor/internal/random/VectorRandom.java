package nn.tensor.internal.random;

import static jdk.incubator.vector.FloatVector.broadcast;
import static nn.tensor.internal.random.ScalarRandom.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.math.ScalarMath;

/**
 * {@link ScalarRandom} a group of 64 elements at a time, with the same bits; the algorithm is written down there.
 * Elements before the first and after the last whole group are computed by scalar code.
 */
public final class VectorRandom {
    private VectorRandom() {}

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
    private static final int LANES = SPECIES.length();

    /** A vector must not be wider than the 16 neighbours that share a word number. */
    private static final boolean FITS = LANES <= WORD_RUN;

    /** {@link ScalarRandom#uniform}. */
    public static void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        int head = head(first, n);
        int whole = (n - head) / GROUP * GROUP;
        if (head > 0) {
            ScalarRandom.uniform(hi, lo, first, out, off, head);
        }
        if (whole > 0) {
            uniformGroups(hi, lo, (first + head) >>> 6, out, off + head, whole);
        }
        int done = head + whole;
        if (done < n) {
            ScalarRandom.uniform(hi, lo, first + done, out, off + done, n - done);
        }
    }

    /** {@link ScalarRandom#normal}. */
    public static void normal(long hi, long lo, long first, float[] out, int off, int n) {
        int head = head(first, n);
        int whole = (n - head) / GROUP * GROUP;
        if (head > 0) {
            ScalarRandom.normal(hi, lo, first, out, off, head);
        }
        if (whole > 0) {
            normalGroups(hi, lo, (first + head) >>> 6, out, off + head, whole);
        }
        int done = head + whole;
        if (done < n) {
            ScalarRandom.normal(hi, lo, first + done, out, off + done, n - done);
        }
    }

    /** The number of the n elements before the first whole group; all, where vectors do not fit. */
    private static int head(long first, int n) {
        return FITS ? Math.min(n, (int) -first & GROUP - 1) : n;
    }

    private static void uniformGroups(long hi, long lo, long group, float[] out, int off, int n) {
        int[] words = new int[GROUP];
        for (int i = 0; i < n; i += GROUP) {
            words(hi, lo, group++, words);
            for (int j = 0; j < GROUP; j += LANES) {
                IntVector high = IntVector.fromArray(INTS, words, j).lanewise(VectorOperators.ASHR, 8);
                FloatVector u = (FloatVector) high.convert(VectorOperators.I2F, 0);
                u.add(0.5f).mul(0x1p-23f).intoArray(out, off + i + j);
            }
        }
    }

    private static void normalGroups(long hi, long lo, long group, float[] out, int off, int n) {
        int[] words = new int[GROUP];
        for (int i = 0; i < n; i += GROUP) {
            words(hi, lo, group++, words);
            pairs(words, 0, out, off + i);
            pairs(words, 2 * WORD_RUN, out, off + i + 2 * WORD_RUN);
        }
    }

    /** Words [at, at + 16) give radii, the next 16 angles; the pairs go to the same places of out. */
    private static void pairs(int[] words, int at, float[] out, int off) {
        for (int j = 0; j < WORD_RUN; j += LANES) {
            IntVector wordR = IntVector.fromArray(INTS, words, at + j);
            FloatVector h = (FloatVector) wordR.and(ScalarMath.MAGNITUDE).convert(VectorOperators.I2F, 0);
            FloatVector g = h.fma(broadcast(SPECIES, 0x1p-32f), broadcast(SPECIES, 0x1p-33f));
            VectorMask<Float> upper = wordR.compare(VectorOperators.LT, 0).cast(SPECIES);
            FloatVector u = g.blend(broadcast(SPECIES, 1f).sub(g), upper);
            IntVector bits = u.reinterpretAsInts().sub(ScalarMath.SQRT_HALF_BITS);
            IntVector exponent = bits.lanewise(VectorOperators.ASHR, ScalarMath.MANTISSA_BITS);
            IntVector mantissa = bits.and(ScalarMath.MANTISSA).add(ScalarMath.SQRT_HALF_BITS);
            FloatVector f = mantissa.reinterpretAsFloats().sub(1f);
            f = f.blend(broadcast(SPECIES, 0f).sub(g), u.compare(VectorOperators.GE, ScalarMath.SQRT_HALF));
            FloatVector k = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
            FloatVector q = f.fma(broadcast(SPECIES, ScalarMath.L8), broadcast(SPECIES, ScalarMath.L7));
            q = q.fma(f, broadcast(SPECIES, ScalarMath.L6)).fma(f, broadcast(SPECIES, ScalarMath.L5));
            q = q.fma(f, broadcast(SPECIES, ScalarMath.L4)).fma(f, broadcast(SPECIES, ScalarMath.L3));
            q = q.fma(f, broadcast(SPECIES, ScalarMath.L2)).fma(f, broadcast(SPECIES, ScalarMath.L1));
            q = q.fma(f, broadcast(SPECIES, ScalarMath.L0));
            FloatVector low = f.add(f.mul(f).fma(q, k.mul(ScalarMath.LN2_LOW)));
            FloatVector log = k.fma(broadcast(SPECIES, ScalarMath.LN2_HIGH), low);
            FloatVector radius = log.mul(-2f).lanewise(VectorOperators.SQRT);

            IntVector wordA = IntVector.fromArray(INTS, words, at + WORD_RUN + j);
            IntVector odd = wordA.lanewise(VectorOperators.LSHL, 2).or(2);
            FloatVector v = ((FloatVector) odd.convert(VectorOperators.I2F, 0)).mul(0x1p-31f);
            FloatVector z = v.mul(v);
            FloatVector s = z.fma(broadcast(SPECIES, S3), broadcast(SPECIES, S2));
            s = s.fma(z, broadcast(SPECIES, S1)).fma(z, broadcast(SPECIES, S0)).mul(v);
            FloatVector c = z.fma(broadcast(SPECIES, C4), broadcast(SPECIES, C3));
            c = c.fma(z, broadcast(SPECIES, C2)).fma(z, broadcast(SPECIES, C1)).fma(z, broadcast(SPECIES, 1f));
            IntVector sign = wordA.and(ScalarMath.SIGN_BIT);
            IntVector turned = radius.mul(c).reinterpretAsInts().lanewise(VectorOperators.XOR, sign);
            FloatVector along = turned.reinterpretAsFloats();
            FloatVector across = radius.mul(s);
            IntVector bit30 = wordA.lanewise(VectorOperators.LSHL, 1);
            VectorMask<Float> swap = bit30.compare(VectorOperators.LT, 0).cast(SPECIES);
            along.blend(across, swap).intoArray(out, off + j);
            across.blend(along, swap).intoArray(out, off + WORD_RUN + j);
        }
    }

    /** The 64 words of one group: word w of its block j at [16 w + j]. */
    private static void words(long hi, long lo, long group, int[] words) {
        for (int j = 0; j < WORD_RUN; j += LANES) {
            blocks(hi, lo, group * WORD_RUN + j, words, j);
        }
    }

    /**
     * The blocks of as many counters from the given one on as there are lanes. Written without a loop: for a body this
     * large C2 gives up ("too many clones required"), and boxes every vector.
     */
    private static void blocks(long hi, long lo, long counter, int[] words, int j) {
        int k0 = (int) lo;
        int k1 = (int) (lo >>> 32);
        int k2 = (int) hi;
        int k3 = (int) (hi >>> 32);
        int k4 = Threefry.PARITY ^ k0 ^ k1 ^ k2 ^ k3;
        // 16 divides a group's first counter: no carry into the high word within it
        IntVector x0 = IntVector.broadcast(INTS, (int) counter + k0).addIndex(1);
        IntVector x1 = IntVector.broadcast(INTS, (int) (counter >>> 32) + k1);
        IntVector x2 = IntVector.broadcast(INTS, k2);
        IntVector x3 = IntVector.broadcast(INTS, k3);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 10).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 11).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 21).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 27).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 23).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 5).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(k1);
        x1 = x1.add(k2);
        x2 = x2.add(k3);
        x3 = x3.add(k4 + 1);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 6).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 20).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 17).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 11).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 25).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 10).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 18).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 20).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(k2);
        x1 = x1.add(k3);
        x2 = x2.add(k4);
        x3 = x3.add(k0 + 2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 10).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 11).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 21).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 27).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 23).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 5).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(k3);
        x1 = x1.add(k4);
        x2 = x2.add(k0);
        x3 = x3.add(k1 + 3);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 6).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 20).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 17).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 11).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 25).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 10).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 18).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 20).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(k4);
        x1 = x1.add(k0);
        x2 = x2.add(k1);
        x3 = x3.add(k2 + 4);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 10).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 26).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 11).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 21).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 13).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 27).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(x3);
        x3 = x3.lanewise(VectorOperators.ROL, 23).lanewise(VectorOperators.XOR, x0);
        x2 = x2.add(x1);
        x1 = x1.lanewise(VectorOperators.ROL, 5).lanewise(VectorOperators.XOR, x2);
        x0 = x0.add(k0);
        x1 = x1.add(k1);
        x2 = x2.add(k2);
        x3 = x3.add(k3 + 5);
        x0.intoArray(words, j);
        x1.intoArray(words, WORD_RUN + j);
        x2.intoArray(words, 2 * WORD_RUN + j);
        x3.intoArray(words, 3 * WORD_RUN + j);
    }
}
