package nn.init;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The random numbers and the orthogonal matrices of RANDOMNESS.md, written from that page alone, as literally as can
 * be: nothing of this library is called, integers are exact and taken modulo what the page says, a fused multiply-add
 * of floats is exact and rounded once. Slow on purpose.
 */
final class Reference {
    private static final long WORD = 1L << 32;

    private static final int[][] ROTATIONS = {
        {10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}
    };

    /** L0 to L8. */
    private static final float[] LOG = {
        -0x1p-1f,
        0x1.555554p-2f,
        -0x1.000226p-2f,
        0x1.99a01ap-3f,
        -0x1.547278p-3f,
        0x1.22d94cp-3f,
        -0x1.0d837cp-3f,
        0x1.055eeap-3f,
        -0x1.38c2c4p-4f
    };

    /** S0 to S3. */
    private static final float[] SIN = {0x1.921fb6p-1f, -0x1.4abc26p-4f, 0x1.468166p-9f, -0x1.333aaep-15f};

    /** C0 to C4. */
    private static final float[] COS = {1f, -0x1.3bd3ccp-2f, 0x1.03c1bp-6f, -0x1.55b2b6p-12f, 0x1.d4f7eep-19f};

    private static final float LN2_HIGH = 0x1.62e4p-1f;
    private static final float LN2_LOW = 0x1.7f7d1cp-20f;
    private static final int SQRT_HALF = 0x3f3504f3;
    private static final int BLOCK = 32;

    private Reference() {}

    /** A 128-bit key. */
    record Words(long hi, long lo) {
        private byte[] bytes() {
            byte[] bytes = new byte[16];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (hi >>> 56 - 8 * i);
                bytes[8 + i] = (byte) (lo >>> 56 - 8 * i);
            }
            return bytes;
        }
    }

    static long[] threefry(Words key, long[] counter) {
        long[] k = new long[5];
        k[0] = key.lo & WORD - 1;
        k[1] = key.lo >>> 32;
        k[2] = key.hi & WORD - 1;
        k[3] = key.hi >>> 32;
        k[4] = 0x1bd11bdaL ^ k[0] ^ k[1] ^ k[2] ^ k[3];
        long[] x = new long[4];
        for (int i = 0; i < 4; i++) {
            x[i] = (counter[i] + k[i]) % WORD;
        }
        for (int round = 0; round < 20; round++) {
            for (int pair = 0; pair < 2; pair++) {
                int a = 2 * pair; // x0 or x2
                int b = round % 2 == 0 ? a + 1 : 3 - a; // even rounds: x1, x3; odd ones: x3, x1
                int bits = ROTATIONS[round % 8][pair];
                x[a] = (x[a] + x[b]) % WORD;
                x[b] = (x[b] * (1L << bits) % WORD | x[b] >> 32 - bits) ^ x[a];
            }
            if (round % 4 == 3) {
                int s = round / 4 + 1;
                for (int i = 0; i < 4; i++) {
                    x[i] = (x[i] + k[(s + i) % 5] + (i == 3 ? s : 0)) % WORD;
                }
            }
        }
        return x;
    }

    static long word(Words key, long i) {
        long block = i / 64 * 16 + i % 16;
        return threefry(key, new long[] {block % WORD, block / WORD, 0, 0})[(int) (i / 16 % 4)];
    }

    static Words child(Words key, String name) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(key.bytes());
            byte[] hash = sha.digest(name.getBytes(StandardCharsets.UTF_8));
            long[] halves = new long[2];
            for (int i = 0; i < 16; i++) {
                halves[i / 8] = halves[i / 8] << 8 | hash[i] & 0xff;
            }
            return new Words(halves[0], halves[1]);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static Words child(Words key, long index) {
        long[] out = threefry(key, new long[] {index & WORD - 1, index >>> 32, 0, 1});
        return new Words(out[3] << 32 | out[2], out[1] << 32 | out[0]);
    }

    /** In (-1, 1). */
    static float uniform(Words key, long i) {
        long word = word(key, i);
        long signed = word < WORD / 2 ? word : word - WORD;
        return (float) ((Math.floorDiv(signed, 256) + 0.5) / (1 << 23));
    }

    static float uniform(Words key, long i, float low, float high) {
        return fma(uniform(key, i), (float) (((double) high - low) / 2), (float) (((double) low + high) / 2));
    }

    static float normal(Words key, long i) {
        boolean first = i / 16 % 2 == 0;
        long partner = first ? i + 16 : i - 16;
        long r = word(key, first ? i : partner);
        long a = word(key, first ? partner : i);
        float radius = radius(r);
        // the low 30 bits as a signed number, and a half, over 2^29; times four is what the page says
        long low = a % (1L << 30);
        long signed = low < 1L << 29 ? low : low - (1L << 30);
        float v = (float) (4 * signed + 2) * 0x1p-31f;
        float z = v * v;
        float along = radius * polynomial(COS, z);
        float across = radius * (polynomial(SIN, z) * v);
        if (a >= 1L << 31) {
            along = -along;
        }
        boolean swapped = a / (1L << 30) % 2 == 1;
        return first ^ swapped ? along : across;
    }

    private static float radius(long r) {
        float g = fma((float) (r % (1L << 31)), 0x1p-32f, 0x1p-33f);
        float u = r < 1L << 31 ? g : 1 - g;
        int d = Float.floatToIntBits(u) - SQRT_HALF;
        int k = Math.floorDiv(d, 1 << 23);
        float m = Float.intBitsToFloat(Math.floorMod(d, 1 << 23) + SQRT_HALF);
        float f = u >= Float.intBitsToFloat(SQRT_HALF) ? -g : m - 1;
        float log = fma(k, LN2_HIGH, f + fma(f * f, polynomial(LOG, f), k * LN2_LOW));
        return (float) Math.sqrt(-2 * log);
    }

    /** By Horner's rule, each step rounded once. */
    private static float polynomial(float[] coefficients, float x) {
        float q = coefficients[coefficients.length - 1];
        for (int i = coefficients.length - 2; i >= 0; i--) {
            q = fma(q, x, coefficients[i]);
        }
        return q;
    }

    /** a b + c, exact and then rounded. */
    private static float fma(float a, float b, float c) {
        return new BigDecimal(a)
                .multiply(new BigDecimal(b))
                .add(new BigDecimal(c))
                .floatValue();
    }

    static float normal(Words key, long i, float mean, float deviation) {
        return fma(normal(key, i), deviation, mean);
    }

    /** Given |z| <= cut. */
    static float truncated(Words key, long i, double cut) {
        float z = normal(key, i);
        for (long again = 1; Math.abs(z) > cut; again++) {
            z = normal(child(key, again), i);
        }
        return z;
    }

    /** In row-major order. */
    static float[] orthogonal(Words key, int rows, int columns, double gain) {
        boolean wide = rows < columns;
        double[][] a = new double[Math.max(rows, columns)][Math.min(rows, columns)];
        for (int i = 0; i < rows * columns; i++) {
            int row = i / columns;
            int column = i % columns;
            a[wide ? column : row][wide ? row : column] = normal(key, i, 0, 1);
        }
        double[][] q = product(a);
        float[] out = new float[rows * columns];
        for (int i = 0; i < out.length; i++) {
            int row = i / columns;
            int column = i % columns;
            out[i] = (float) (gain * (wide ? q[column][row] : q[row][column]));
        }
        return out;
    }

    /** The product of the reflections of a, which has no more columns than rows, with the signs. */
    private static double[][] product(double[][] a) {
        int m = a.length;
        int n = a[0].length;
        int blocks = (n + BLOCK - 1) / BLOCK;
        double[][][] v = new double[blocks][][];
        double[][][] t = new double[blocks][][];
        double[][] q = new double[m][n];
        for (int b = 0; b < blocks; b++) {
            int top = b * BLOCK;
            int width = Math.min(BLOCK, n - top);
            v[b] = new double[width][m];
            double[] tau = new double[width];
            for (int j = 0; j < width; j++) {
                int c = top + j;
                double squares = 0;
                for (int i = c + 1; i < m; i++) {
                    squares = Math.fma(a[i][c], a[i][c], squares);
                    v[b][j][i] = a[i][c];
                }
                double alpha = a[c][c];
                double beta = alpha;
                if (squares != 0) {
                    double length = Math.sqrt(Math.fma(alpha, alpha, squares));
                    beta = alpha < 0 || 1 / alpha < 0 ? length : -length;
                    tau[j] = 1 / (beta * (beta - alpha));
                }
                v[b][j][c] = alpha - beta;
                q[c][c] = beta < 0 ? -1 : 1;
            }
            t[b] = triangle(v[b], tau);
        }
        for (int b = blocks - 1; b >= 0; b--) {
            for (int column = b * BLOCK; column < n; column++) {
                apply(v[b], t[b], q, column);
            }
        }
        return q;
    }

    private static double[][] triangle(double[][] v, double[] tau) {
        int width = tau.length;
        double[][] t = new double[width][width];
        for (int j = 0; j < width; j++) {
            t[j][j] = tau[j];
            for (int i = 0; i < j; i++) {
                double sum = 0;
                for (int k = i; k < j; k++) {
                    sum = Math.fma(t[i][k], chain(v[k], v[j]), sum);
                }
                t[i][j] = -tau[j] * sum;
            }
        }
        return t;
    }

    /** A column of x becomes x - V (T (V' x)). */
    private static void apply(double[][] v, double[][] t, double[][] x, int column) {
        double[] before = Arrays.stream(x).mapToDouble(row -> row[column]).toArray();
        double[] w = new double[v.length];
        for (int i = 0; i < w.length; i++) {
            w[i] = chain(v[i], before);
        }
        for (int i = 0; i < w.length; i++) {
            double tw = chain(t[i], w);
            for (int p = 0; p < x.length; p++) {
                x[p][column] = Math.fma(-v[i][p], tw, x[p][column]);
            }
        }
    }

    /** The sum of products in order, each added by a fused multiply-add. */
    private static double chain(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum = Math.fma(a[i], b[i], sum);
        }
        return sum;
    }

    static int[] permutation(Words key, int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = (int) (word(key, i) * (i + 1) / WORD);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }
}
