package nn.tensor.internal;

/** Stand-in until the real one lands. */
public final class VectorRandom {
    public static int wordAt(long hi, long lo, long i) { long z = hi * 31 + lo * 0x9E3779B97F4A7C15L + i * 0xD1342543DE82EF95L; z ^= z >>> 31; z *= 0xBF58476D1CE4E5B9L; z ^= z >>> 27; z *= 0x94D049BB133111EBL; return (int) (z >>> 32); }
    public static float uniformAt(long hi, long lo, long i) { return ((wordAt(hi, lo, i) >> 8) + 0.5f) * 0x1p-23f; }
    public static float normalAt(long hi, long lo, long i) { double u = (wordAt(hi, lo, 2 * i) & 0xFFFFFFFFL) * 0x1p-32 + 0x1p-33; double v = (wordAt(hi, lo, 2 * i + 1) & 0xFFFFFFFFL) * 0x1p-32; return (float) (StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v)); }
    public static void uniform(long hi, long lo, long first, float[] out, int off, int n) { for (int i = 0; i < n; i++) out[off + i] = uniformAt(hi, lo, first + i); }
    public static void normal(long hi, long lo, long first, float[] out, int off, int n) { for (int i = 0; i < n; i++) out[off + i] = normalAt(hi, lo, first + i); }
}
