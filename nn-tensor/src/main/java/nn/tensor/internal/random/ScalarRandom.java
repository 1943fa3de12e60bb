package nn.tensor.internal.random;

import nn.tensor.internal.math.Fused;
import nn.tensor.internal.math.ScalarMath;

/**
 * Random fills in which element i is a pure function of a 128-bit key and i, so that any slice can be filled alone, by
 * any number of threads, with the same values. Initial weights come from here: <strong>no bit of it may ever
 * change</strong>. {@link VectorRandom} gives the same bits.
 *
 * <p>The algorithm, for any language. All arithmetic is IEEE 754 binary32, rounding to nearest even; fma(a, b, c) is
 * a b + c rounded once; &gt;&gt; keeps the sign; float(k) is the float nearest to the integer k.
 *
 * <p><b>Words.</b> Element i (64 bits, unsigned) uses word w = floor(i / 16) mod 4 of the {@link Threefry} block whose
 * counter is b = floor(i / 64) 16 + i mod 16: c0 = low 32 bits of b, c1 = high 32 bits, c2 = c3 = 0. So 16 neighbours
 * are one word of 16 blocks that follow one another, and 64 neighbours (a group) are all words of 16 blocks: a vector
 * of up to 16 lanes needs no shuffle.
 *
 * <p><b>Uniform</b> on (-1, 1): (float(word &gt;&gt; 8) + 0.5) 2^-23, exact; an odd multiple of 2^-24, symmetric,
 * never 0.
 *
 * <p><b>Normal</b>, by Box and Muller's transform of pairs. In each group elements j and 16 + j (j &lt; 16), and
 * elements 32 + j and 48 + j, are the two of a pair; R is the word of its first element, A of its second.
 *
 * <ol>
 *   <li>Radius. h = R mod 2^31, g = fma(float(h), 2^-32, 2^-33), in [2^-33, 1/2]. The top bit of R says which half of
 *       the unit interval: u = g if it is 0, else 1 - g. Both ends are fine: radii reach from 1.5e-5 to 6.76.
 *   <li>L = log u. With d = bits(u) - 0x3f3504f3 (bits(sqrt(1/2))): k = d &gt;&gt; 23, m = float with the bits (d mod
 *       2^23) + 0x3f3504f3; f = m - 1, but -g where u &gt;= float with the bits 0x3f3504f3 (then u = 1 - g and k = 0,
 *       and -g is u - 1 before rounding). q = L8; q = fma(q, f, Li) for i = 7 ... 0; L = fma(k, LN2_HIGH, f + fma(f f,
 *       q, k LN2_LOW)) with the constants of {@link ScalarMath}. radius = sqrt(-2 L).
 *   <li>Angle. The low 30 bits of A, as a signed number with a half added, spread over a quarter turn around 0: v =
 *       float(int((A &lt;&lt; 2) | 2)) 2^-31, in [-1, 1]; z = v v. s = v S(z), about sin(pi v / 4), and c = C(z), about
 *       cos(pi v / 4): q = S3; q = fma(q, z, Si) for i = 2, 1, 0; s = q v. q = C4; q = fma(q, z, Ci) for i = 3, 2, 1;
 *       c = fma(q, z, 1).
 *   <li>Quarter. along = radius c, negated if bit 31 of A is 1; across = radius s. The first element is along, the
 *       second across, the other way round if bit 30 of A is 1. Each quarter turn is thus chosen by whole bits, and the
 *       distribution is symmetric exactly: in each sign, and between the two.
 * </ol>
 *
 * <p>No value is 0 or beyond 6.77 in size.
 */
public final class ScalarRandom {
    private ScalarRandom() {}

    /** Neighbours that are the same word of blocks that follow one another. */
    static final int WORD_RUN = 16;

    /** Neighbours that are all words of those blocks. */
    public static final int GROUP = 4 * WORD_RUN;

    /** sin(pi v / 4) = v (S0 + S1 z + S2 z^2 + S3 z^3), z = v^2, for |v| &lt;= 1: relative error 2.9e-8 = 2^-25. */
    static final float S0 = 0x1.921fb6p-1f;

    static final float S1 = -0x1.4abc26p-4f;
    static final float S2 = 0x1.468166p-9f;
    static final float S3 = -0x1.333aaep-15f;

    /** cos(pi v / 4) = 1 + C1 z + ... C4 z^4, z = v^2, for |v| &lt;= 1: relative error 4.4e-10 = 2^-31. */
    static final float C1 = -0x1.3bd3ccp-2f;

    static final float C2 = 0x1.03c1bp-6f;
    static final float C3 = -0x1.55b2b6p-12f;
    static final float C4 = 0x1.d4f7eep-19f;

    /** The word of element i. */
    public static int wordAt(long hi, long lo, long i) {
        int[] block = new int[4];
        block(hi, lo, i >>> 6, (int) i & WORD_RUN - 1, block);
        return block[(int) (i >>> 4) & 3];
    }

    static float uniformAt(long hi, long lo, long i) {
        return toUniform(wordAt(hi, lo, i));
    }

    public static float normalAt(long hi, long lo, long i) {
        float[] out = new float[1];
        normal(hi, lo, i, out, 0, 1);
        return out[0];
    }

    /** out[off + j] = uniform element first + j, for j &lt; n. */
    public static void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        int[] block = new int[4];
        // start: where the group's element 0 is, or would be, relative to the slice
        for (long start = -(first & GROUP - 1); start < n; start += GROUP) {
            for (int j = 0; j < WORD_RUN; j++) {
                if (!touches(start + j, n)) {
                    continue;
                }
                block(hi, lo, (first + start) >>> 6, j, block);
                for (int w = 0; w < 4; w++) {
                    put(toUniform(block[w]), start + WORD_RUN * w + j, out, off, n);
                }
            }
        }
    }

    /** out[off + j] = standard normal element first + j, for j &lt; n. */
    public static void normal(long hi, long lo, long first, float[] out, int off, int n) {
        int[] block = new int[4];
        for (long start = -(first & GROUP - 1); start < n; start += GROUP) {
            for (int j = 0; j < WORD_RUN; j++) {
                if (!touches(start + j, n)) {
                    continue;
                }
                block(hi, lo, (first + start) >>> 6, j, block);
                for (int w = 0; w < 4; w += 2) {
                    float radius = radius(block[w]);
                    int angle = block[w + 1];
                    float along = along(radius, angle);
                    float across = across(radius, angle);
                    boolean swap = angle << 1 < 0;
                    long at = start + WORD_RUN * w + j;
                    put(swap ? across : along, at, out, off, n);
                    put(swap ? along : across, at + WORD_RUN, out, off, n);
                }
            }
        }
    }

    /** Whether any of the four elements of a block, of which the first belongs at the given place, is in [0, n). */
    private static boolean touches(long at, int n) {
        for (int w = 0; w < 4; w++) {
            if (at + WORD_RUN * w >= 0 && at + WORD_RUN * w < n) {
                return true;
            }
        }
        return false;
    }

    private static void put(float value, long at, float[] out, int off, int n) {
        if (at >= 0 && at < n) {
            out[off + (int) at] = value;
        }
    }

    private static void block(long hi, long lo, long group, int j, int[] out) {
        long counter = group * WORD_RUN + j;
        Threefry.block(hi, lo, (int) counter, (int) (counter >>> 32), 0, 0, out);
    }

    private static float toUniform(int word) {
        return ((word >> 8) + 0.5f) * 0x1p-23f;
    }

    private static float radius(int word) {
        float g = Fused.fma((float) (word & ScalarMath.MAGNITUDE), 0x1p-32f, 0x1p-33f);
        float u = word < 0 ? 1f - g : g;
        int bits = Float.floatToRawIntBits(u) - ScalarMath.SQRT_HALF_BITS;
        int mantissa = (bits & ScalarMath.MANTISSA) + ScalarMath.SQRT_HALF_BITS;
        float f = u >= ScalarMath.SQRT_HALF ? 0f - g : Float.intBitsToFloat(mantissa) - 1f;
        float log = ScalarMath.logPolynomial(f, bits >> ScalarMath.MANTISSA_BITS);
        return (float) Math.sqrt(log * -2f); // through double is still correctly rounded
    }

    private static float turn(int word) {
        return (word << 2 | 2) * 0x1p-31f;
    }

    private static float along(float radius, int word) {
        float v = turn(word);
        float z = v * v;
        float c = Fused.fma(Fused.fma(C4, z, C3), z, C2);
        float r = radius * Fused.fma(Fused.fma(c, z, C1), z, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(r) ^ word & ScalarMath.SIGN_BIT);
    }

    private static float across(float radius, int word) {
        float v = turn(word);
        float z = v * v;
        return radius * (Fused.fma(Fused.fma(Fused.fma(S3, z, S2), z, S1), z, S0) * v);
    }
}
