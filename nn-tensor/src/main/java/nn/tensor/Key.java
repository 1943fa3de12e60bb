package nn.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import nn.tensor.internal.driver.Fills;
import nn.tensor.internal.driver.Fills.Distribution;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.random.Sha256;
import nn.tensor.internal.random.Threefry;
import nn.tensor.internal.thread.Memory;

/**
 * Randomness as a value: a key names one endless sequence of random numbers, in which element i is a pure function of
 * the key and i. Nothing is consumed; drawing twice from one key gives the same numbers. For other numbers, take a
 * {@linkplain #child(String) child}.
 *
 * <p>Keys form paths: {@code Key.of(42).child("hidden1").child("weight")} does not change when other layers are added
 * or removed.
 *
 * <h2>The algorithm, which never changes</h2>
 * <ul>
 *   <li><b>Words.</b> Threefry-4x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, <i>Parallel random numbers: as easy
 *       as 1, 2, 3</i>, SC 2011), with key words (lo, lo &gt;&gt;&gt; 32, hi, hi &gt;&gt;&gt; 32), each taken modulo
 *       2^32. Element i reads word {@code (i / 16) % 4} of the block with 128-bit counter {@code (i / 64) * 16 + i %
 *       16}.
 *   <li><b>Uniform and normal values</b> from words: see {@link #uniform} and {@link #normal}.
 *   <li><b>Children by name.</b> The first 16 bytes of SHA-256 over hi and lo (each 8 bytes, big-endian) and the name
 *       in UTF-8, read as hi and lo, big-endian.
 *   <li><b>Children by number.</b> The block with counter words (index, index &gt;&gt;&gt; 32, 0, 1), read as lo (low
 *       word first), then hi. The last counter word keeps them apart from the sequence itself.
 * </ul>
 *
 * @param hi the upper half of the key
 * @param lo the lower half of the key
 */
public record Key(long hi, long lo) {

    /** An upper bound of the standard normal values of the algorithm. */
    private static final double LARGEST_NORMAL = 6.77;

    /** Number of characters of a text that a message shows. */
    private static final int SHOWN = 40;

    /**
     * Returns the key for a seed: hi is 0, lo is the seed.
     *
     * @param seed any number
     * @return the key
     */
    public static Key of(long seed) {
        return new Key(0, seed);
    }

    /**
     * Parses the text of {@link #hex}.
     *
     * @param digits 32 hexadecimal digits, of either case
     * @return the key
     * @throws IllegalArgumentException if it is anything else
     */
    public static Key parse(String digits) {
        if (!digits.matches("[0-9a-fA-F]{32}")) {
            throw new IllegalArgumentException("a key is 32 hexadecimal digits, got " + brief(digits));
        }
        return new Key(Long.parseUnsignedLong(digits, 0, 16, 16), Long.parseUnsignedLong(digits, 16, 32, 16));
    }

    /**
     * Formats the key as text that {@link #parse} reads: hi, then lo.
     *
     * @return 32 hexadecimal digits, in lower case
     */
    public String hex() {
        return HexFormat.of().toHexDigits(hi) + HexFormat.of().toHexDigits(lo);
    }

    /**
     * Returns the key of a named part, such as a layer's or a parameter's.
     *
     * @param name any text; the empty one is a name too
     * @return a key that shares nothing with this one
     * @throws IllegalArgumentException if the name has one half of a surrogate pair without the other: UTF-8 has no
     *     bytes for it, so two such names would give one key
     */
    public Key child(String name) {
        requireWholeCharacters(name);
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer text = ByteBuffer.allocate(2 * Long.BYTES + utf8.length);
        text.putLong(hi).putLong(lo).put(utf8);
        byte[] hash = Sha256.of(text.array());
        ByteBuffer words = ByteBuffer.wrap(hash);
        return new Key(words.getLong(), words.getLong());
    }

    private static void requireWholeCharacters(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (i + 1 == name.length() || !Character.isSurrogatePair(c, name.charAt(i + 1))) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "the name %s has half of a surrogate pair, U+%04X, at index %d: it is not valid text, so it"
                                + " names no key; remove that character",
                        brief(name),
                        (int) c,
                        i));
            }
            i++;
        }
    }

    /** Quotes a text for a message, shortened if it is long. */
    private static String brief(String text) {
        return text.length() <= SHOWN
                ? "'" + text + "'"
                : "'" + text.substring(0, SHOWN) + "...' of " + text.length() + " characters";
    }

    /**
     * Returns the key of a numbered part, such as an epoch's or a step's.
     *
     * @param index any number
     * @return a key that shares nothing with this one
     */
    public Key child(long index) {
        int[] block = new int[4];
        Threefry.block(hi, lo, (int) index, (int) (index >>> 32), 0, 1, block);
        return new Key(join(block[3], block[2]), join(block[1], block[0]));
    }

    private static long join(int high, int low) {
        return (long) high << 32 | low & 0xFFFFFFFFL;
    }

    /**
     * Returns one word of the sequence.
     *
     * @param index the index, from 0
     * @return 32 random bits
     */
    public int word(long index) {
        return ScalarRandom.wordAt(hi, lo, index);
    }

    /**
     * Fills a tensor with uniform values. Word w gives {@code u = ((w >> 8) + 0.5) * 2^-23} (an arithmetic shift),
     * one of 2^24 values spread evenly and symmetrically over (-1, 1), never 0; the element is {@code fma(u, (high -
     * low) / 2, (low + high) / 2)} in float. With {@code low = -high} the bounds themselves never occur. With others,
     * half the difference and the middle are rounded to floats, so a value may be past a bound by as much: by an ulp of
     * the larger bound, which matters only where the bounds are near each other, as 16777216 and 16777218 are.
     *
     * @param out any shape; element i of the sequence goes to element i in row-major order
     * @param low the lower bound, finite
     * @param high the upper bound, finite, not below {@code low}
     * @throws IllegalArgumentException if a bound is not finite or they are in the wrong order
     */
    public void uniform(Tensor out, float low, float high) {
        if (!Float.isFinite(low) || !Float.isFinite(high) || low > high) {
            throw new IllegalArgumentException(
                    "uniform: bounds " + low + " and " + high + " must be finite and in order");
        }
        fill(Distribution.UNIFORM, out, (float) (((double) high - low) / 2), (float) (((double) low + high) / 2));
    }

    /**
     * Fills a tensor with normal values: z standard normal by the Box-Muller transform of pairs of words, as
     * RANDOMNESS.md defines to the bit, then {@code fma(z, stddev, mean)}. Magnitudes
     * beyond 6 standard deviations occur with the probability of the normal distribution.
     *
     * @param out any shape; element i of the sequence goes to element i in row-major order
     * @param mean finite
     * @param stddev the standard deviation, finite, 0 or more
     * @throws IllegalArgumentException if an argument is out of its range, or values as far as 6.77 standard deviations
     *     from the mean are not finite in float
     */
    public void normal(Tensor out, float mean, float stddev) {
        if (!Float.isFinite(mean)) {
            throw new IllegalArgumentException("normal: mean " + mean + " must be finite");
        }
        if (!Float.isFinite(stddev) || stddev < 0) {
            throw new IllegalArgumentException(
                    "normal: standard deviation " + stddev + " must be finite and 0 or more");
        }
        if (Math.abs((double) mean) + LARGEST_NORMAL * stddev > Float.MAX_VALUE) {
            throw new IllegalArgumentException("normal: with mean " + mean + " and standard deviation " + stddev
                    + " some values are infinite in float32; take a standard deviation of at most "
                    + (float) ((Float.MAX_VALUE - Math.abs((double) mean)) / LARGEST_NORMAL));
        }
        fill(Distribution.NORMAL, out, stddev, mean);
    }

    /**
     * Returns one standard normal value of the sequence, the one that {@link #normal} writes to that element.
     *
     * @param index the index, from 0
     * @return the value
     */
    public float normal(long index) {
        return ScalarRandom.normalAt(hi, lo, index);
    }

    /**
     * Returns a random permutation of 0 to n - 1: the Fisher-Yates shuffle from the last place down, place i swapped
     * with place {@code (word(i) * (i + 1)) >>> 32}, the word unsigned. (The bias of that product is below n / 2^32.)
     *
     * @param n the number of elements, 0 or more
     * @return each of 0 to n - 1 once
     * @throws IllegalArgumentException if n is negative
     * @throws OutOfMemoryError as for {@link Tensor#zeros(int...)}
     */
    public int[] permutation(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("permutation of " + n + " numbers; give 0 or more");
        }
        int[] order;
        try {
            order = new int[n];
        } catch (OutOfMemoryError e) {
            throw Memory.error("a permutation of " + n + " numbers", (long) Integer.BYTES * n, e);
        }
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = (int) ((word(i) & 0xFFFFFFFFL) * (i + 1) >>> 32);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }

    private void fill(Distribution distribution, Tensor out, float factor, float shift) {
        Fills.fill(distribution, hi, lo, out.array(), out.offset(), out.size(), factor, shift);
    }
}
