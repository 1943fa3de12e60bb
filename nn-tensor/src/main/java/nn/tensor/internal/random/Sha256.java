package nn.tensor.internal.random;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The hash function SHA-256 (NIST, <i>FIPS 180-4, Secure Hash Standard</i>, 2015), for the keys of named parts. It is
 * here, although each JDK has it: {@code MessageDigest} looks for all security providers first, which took 14 of the
 * 250 milliseconds in which a program starts and makes its first training step.
 */
public final class Sha256 {
    private static final int BLOCK = 64;
    private static final int ROUNDS = 64;
    private static final int WORDS = 8;

    /** The fractional parts of the cube roots of the first 64 primes. */
    private static final int[] K = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
    };

    /** The fractional parts of the square roots of the first 8 primes. */
    private static final int[] START = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };

    private Sha256() {}

    /**
     * Returns the hash of a message.
     *
     * @param message any bytes
     * @return 32 bytes
     */
    public static byte[] of(byte[] message) {
        int[] hash = START.clone();
        ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(message, paddedLength(message.length)));
        padded.put(message.length, (byte) 0x80).putLong(padded.limit() - Long.BYTES, (long) Byte.SIZE * message.length);
        int[] w = new int[ROUNDS];
        while (padded.hasRemaining()) {
            for (int t = 0; t < BLOCK / Integer.BYTES; t++) {
                w[t] = padded.getInt();
            }
            addBlock(w, hash);
        }
        ByteBuffer bytes = ByteBuffer.allocate(WORDS * Integer.BYTES);
        for (int word : hash) {
            bytes.putInt(word);
        }
        return bytes.array();
    }

    /** The length with a byte of padding, at least, and the length of the message as a long: a multiple of a block. */
    private static int paddedLength(int length) {
        return Math.addExact(length, Long.BYTES + BLOCK) / BLOCK * BLOCK;
    }

    /** Hashes a block, whose words are the first 16 of w; the others are overwritten. */
    private static void addBlock(int[] w, int[] hash) {
        for (int t = BLOCK / Integer.BYTES; t < ROUNDS; t++) {
            int x = w[t - 15];
            int y = w[t - 2];
            int s0 = Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
            int s1 = Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ y >>> 10;
            w[t] = s1 + w[t - 7] + s0 + w[t - 16];
        }
        int a = hash[0];
        int b = hash[1];
        int c = hash[2];
        int d = hash[3];
        int e = hash[4];
        int f = hash[5];
        int g = hash[6];
        int h = hash[7];
        for (int t = 0; t < ROUNDS; t++) {
            int s1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
            int t1 = h + s1 + (e & f ^ ~e & g) + K[t] + w[t];
            int s0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
            int t2 = s0 + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        int[] added = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < WORDS; i++) {
            hash[i] += added[i];
        }
    }
}
