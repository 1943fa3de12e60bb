package nn.tensor.internal.random;

/**
 * Threefry-4x32-20, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC'11): a 128-bit key and a 128-bit counter give 128 bits, by additions, rotations and exclusive ors of
 * 32-bit words. It passes their test vectors.
 *
 * <p>Key words are k0 = low half of {@code lo}, k1 = high half of {@code lo}, k2 = low half of {@code hi}, k3 = high
 * half of {@code hi}; c0 is the lowest counter word.
 */
public final class Threefry {
    private Threefry() {}

    /** Skein's parity constant for 32-bit words: the fifth key word is it, exclusive-or all four others. */
    static final int PARITY = 0x1bd11bda;

    /** Writes the four words of one block to out[0..3]. */
    public static void block(long hi, long lo, int c0, int c1, int c2, int c3, int[] out) {
        int k0 = (int) lo;
        int k1 = (int) (lo >>> 32);
        int k2 = (int) hi;
        int k3 = (int) (hi >>> 32);
        int k4 = PARITY ^ k0 ^ k1 ^ k2 ^ k3;
        int x0 = c0 + k0;
        int x1 = c1 + k1;
        int x2 = c2 + k2;
        int x3 = c3 + k3;
        x0 += x1;
        x1 = turn(x1, 10, x0);
        x2 += x3;
        x3 = turn(x3, 26, x2);
        x0 += x3;
        x3 = turn(x3, 11, x0);
        x2 += x1;
        x1 = turn(x1, 21, x2);
        x0 += x1;
        x1 = turn(x1, 13, x0);
        x2 += x3;
        x3 = turn(x3, 27, x2);
        x0 += x3;
        x3 = turn(x3, 23, x0);
        x2 += x1;
        x1 = turn(x1, 5, x2);
        x0 += k1;
        x1 += k2;
        x2 += k3;
        x3 += k4 + 1;
        x0 += x1;
        x1 = turn(x1, 6, x0);
        x2 += x3;
        x3 = turn(x3, 20, x2);
        x0 += x3;
        x3 = turn(x3, 17, x0);
        x2 += x1;
        x1 = turn(x1, 11, x2);
        x0 += x1;
        x1 = turn(x1, 25, x0);
        x2 += x3;
        x3 = turn(x3, 10, x2);
        x0 += x3;
        x3 = turn(x3, 18, x0);
        x2 += x1;
        x1 = turn(x1, 20, x2);
        x0 += k2;
        x1 += k3;
        x2 += k4;
        x3 += k0 + 2;
        x0 += x1;
        x1 = turn(x1, 10, x0);
        x2 += x3;
        x3 = turn(x3, 26, x2);
        x0 += x3;
        x3 = turn(x3, 11, x0);
        x2 += x1;
        x1 = turn(x1, 21, x2);
        x0 += x1;
        x1 = turn(x1, 13, x0);
        x2 += x3;
        x3 = turn(x3, 27, x2);
        x0 += x3;
        x3 = turn(x3, 23, x0);
        x2 += x1;
        x1 = turn(x1, 5, x2);
        x0 += k3;
        x1 += k4;
        x2 += k0;
        x3 += k1 + 3;
        x0 += x1;
        x1 = turn(x1, 6, x0);
        x2 += x3;
        x3 = turn(x3, 20, x2);
        x0 += x3;
        x3 = turn(x3, 17, x0);
        x2 += x1;
        x1 = turn(x1, 11, x2);
        x0 += x1;
        x1 = turn(x1, 25, x0);
        x2 += x3;
        x3 = turn(x3, 10, x2);
        x0 += x3;
        x3 = turn(x3, 18, x0);
        x2 += x1;
        x1 = turn(x1, 20, x2);
        x0 += k4;
        x1 += k0;
        x2 += k1;
        x3 += k2 + 4;
        x0 += x1;
        x1 = turn(x1, 10, x0);
        x2 += x3;
        x3 = turn(x3, 26, x2);
        x0 += x3;
        x3 = turn(x3, 11, x0);
        x2 += x1;
        x1 = turn(x1, 21, x2);
        x0 += x1;
        x1 = turn(x1, 13, x0);
        x2 += x3;
        x3 = turn(x3, 27, x2);
        x0 += x3;
        x3 = turn(x3, 23, x0);
        x2 += x1;
        x1 = turn(x1, 5, x2);
        x0 += k0;
        x1 += k1;
        x2 += k2;
        x3 += k3 + 5;
        out[0] = x0;
        out[1] = x1;
        out[2] = x2;
        out[3] = x3;
    }

    private static int turn(int x, int bits, int y) {
        return Integer.rotateLeft(x, bits) ^ y;
    }
}
