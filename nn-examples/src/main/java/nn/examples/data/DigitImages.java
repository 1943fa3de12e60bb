package nn.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import nn.tensor.Tensor;
import nn.train.data.Dataset;
import nn.train.data.Idx;

/** 1,797 handwritten digits of 8 x 8 pixels; the file NOTICE names their origin. */
public final class DigitImages {
    /** Side of a picture, in pixels. */
    public static final int SIDE = 8;

    /** Number of classes: the digits 0 to 9. */
    public static final int CLASSES = 10;

    private static final float DARKEST = 16;

    private DigitImages() {}

    /**
     * Reads the digits.
     *
     * @return pixels from 0 to 1, [1797 x 64], and labels from 0 to 9
     */
    public static Dataset load() {
        Tensor images = resource("digits-images-idx3-ubyte.gz");
        images.scaleInPlace(1 / DARKEST);
        return new Dataset(images.reshape(images.dim(0), SIDE * SIDE), resource("digits-labels-idx1-ubyte.gz"));
    }

    private static Tensor resource(String name) {
        try (InputStream in = DigitImages.class.getResourceAsStream(name)) {
            return Idx.read(Objects.requireNonNull(in, name), name);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
