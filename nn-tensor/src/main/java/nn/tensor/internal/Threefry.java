package nn.tensor.internal;

/** Stand-in until the real one lands. */
public final class Threefry {
    public static void block(long hi, long lo, int c0, int c1, int c2, int c3, int[] out) { for (int w = 0; w < 4; w++) out[w] = ScalarRandom.wordAt(hi ^ c3, lo, c0 * 4L + w); }
}
