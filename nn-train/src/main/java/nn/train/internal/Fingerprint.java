package nn.train.internal;

import java.util.HexFormat;
import nn.tensor.Tensor;

/**
 * A 64-bit hash of numbers and texts, to tell data sets apart. It is fast, with one multiplication for each number, and
 * not cryptographic: two data sets of one fingerprint can be constructed.
 */
public final class Fingerprint {
    private static final long PRIME = 0x9E3779B185EBCA87L; // of xxHash64
    private long hash = 0x27D4EB2F165667C5L;

    /** Creates a fingerprint to which nothing has been added. */
    public Fingerprint() {}

    /**
     * Adds the shape and the bits of a tensor.
     *
     * @param tensor the tensor
     * @return this
     */
    public Fingerprint add(Tensor tensor) {
        long h = mix(hash, tensor.shape().rank());
        for (int axis = 0; axis < tensor.shape().rank(); axis++) {
            h = mix(h, tensor.dim(axis));
        }
        float[] array = tensor.array();
        int end = tensor.offset() + tensor.size();
        for (int i = tensor.offset(); i < end; i++) {
            h = mix(h, Float.floatToRawIntBits(array[i]));
        }
        hash = h;
        return this;
    }

    /**
     * Adds a text.
     *
     * @param text the text
     * @return this
     */
    public Fingerprint add(String text) {
        long h = mix(hash, text.length());
        for (int i = 0; i < text.length(); i++) {
            h = mix(h, text.charAt(i));
        }
        hash = h;
        return this;
    }

    private static long mix(long hash, int value) {
        return Long.rotateLeft((hash ^ value) * PRIME, 29);
    }

    /** Returns sixteen hexadecimal digits. */
    @Override
    public String toString() {
        long h = hash ^ hash >>> 32;
        h *= PRIME;
        return HexFormat.of().toHexDigits(h ^ h >>> 29);
    }
}
