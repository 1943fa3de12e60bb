package nn.train.internal;

import java.util.HexFormat;
import nn.tensor.Shape;
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
        long h = mix(hash, tensor.shape());
        float[] array = tensor.array();
        int end = tensor.offset() + tensor.size();
        for (int i = tensor.offset(); i < end; i++) {
            h = mix(h, Float.floatToRawIntBits(array[i]));
        }
        hash = h;
        return this;
    }

    /**
     * Adds the shape and the bits of some numbers of a tensor, evenly spread over it.
     *
     * @param tensor the tensor
     * @param most how many at most
     * @return this
     */
    public Fingerprint addSample(Tensor tensor, int most) {
        long h = mix(hash, tensor.shape());
        int step = (tensor.size() + most - 1) / most | 1; // odd: in a matrix, not always the same columns
        for (int i = 0; i < tensor.size(); i += step) {
            h = mix(h, Float.floatToRawIntBits(tensor.array()[tensor.offset() + i]));
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

    private static long mix(long hash, Shape shape) {
        long h = mix(hash, shape.rank());
        for (int axis = 0; axis < shape.rank(); axis++) {
            h = mix(h, shape.dim(axis));
        }
        return h;
    }

    private static long mix(long hash, int value) {
        return Long.rotateLeft((hash ^ value) * PRIME, 29);
    }

    /**
     * Returns the hash.
     *
     * @return 64 bits
     */
    public long toLong() {
        long h = hash ^ hash >>> 32;
        h *= PRIME;
        return h ^ h >>> 29;
    }

    /** Returns sixteen hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(toLong());
    }
}
