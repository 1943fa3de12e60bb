package nn.train.data;

import java.util.Arrays;
import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Class numbers as vectors: 1 at the class, 0 elsewhere. {@link Tensor#argMaxRows} is the inverse. For texts see {@link
 * Categories}.
 */
public final class OneHot {
    /** From here on, one float stands for several whole numbers. */
    private static final float LIMIT = 0x1p24f;

    private OneHot() {}

    /**
     * Encodes class numbers.
     *
     * @param labels whole numbers from 0 to {@code classes - 1}, of any shape [...]
     * @param classes the number of classes, at least 1
     * @return [... x classes]
     * @throws IllegalArgumentException if there is no class, or a label is not a class number; names its position
     */
    public static Tensor of(Tensor labels, int classes) {
        Objects.requireNonNull(labels, "labels");
        if (classes < 1) {
            throw new IllegalArgumentException("one-hot: " + classes + " classes; there must be at least one");
        }
        int[] dims = Arrays.copyOf(labels.shape().dims(), labels.shape().rank() + 1);
        dims[dims.length - 1] = classes;
        Tensor encoded = Tensor.zeros(Shape.of(dims));
        for (int i = 0; i < labels.size(); i++) {
            float label = labels.array()[labels.offset() + i];
            if (label >= LIMIT && label < classes) {
                throw new IllegalArgumentException("one-hot: label " + label + " at element " + i + " of "
                        + labels.shape() + ": a float tells neighbouring whole numbers apart only below 2^24, "
                        + (int) LIMIT);
            }
            if (!(label >= 0 && label < classes) || label != (int) label) {
                throw new IllegalArgumentException("one-hot: label " + label + " at element " + i + " of "
                        + labels.shape() + ": allowed are the whole numbers 0 to " + (classes - 1));
            }
            encoded.array()[i * classes + (int) label] = 1;
        }
        return encoded;
    }
}
