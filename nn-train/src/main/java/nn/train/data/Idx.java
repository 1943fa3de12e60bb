package nn.train.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.Dimensions;
import nn.train.internal.io.ElementType;
import nn.train.internal.io.FileKind;
import nn.train.internal.io.Gunzip;
import nn.train.io.DataFormatException;

/**
 * Reads IDX files, the format of the MNIST family (<a href="https://yann.lecun.org/exdb/mnist/index.html">described
 * with MNIST</a>), plain or compressed by gzip.
 *
 * <p>The format, all of it big-endian: two zero bytes, a type code, the number of dimensions d (1 to 255), d unsigned
 * 32-bit dimensions, then the elements in row-major order, and nothing after them.
 *
 * <p>Elements become floats: an unsigned byte 255 becomes 255, unscaled. Doubles are rounded to the nearest float; NaN
 * and infinities are kept. A whole number that float32 does not hold, such as 16777217, and a double beyond the range
 * of floats are refused, because two labels could become one.
 *
 * <p>Memory is allocated as elements are read, so a false shape in a header costs none. A compressed file can hold a
 * thousand times its own size; no more of it is read than the shape has, and a shape that the heap cannot hold is
 * refused.
 */
public final class Idx {
    private static final int DIMENSIONS_AT = 4;

    private Idx() {}

    private static ElementType type(byte code, BinaryReader source) throws DataFormatException {
        return switch (code) {
            case 0x08 -> ElementType.U8;
            case 0x09 -> ElementType.I8;
            case 0x0B -> ElementType.I16;
            case 0x0C -> ElementType.I32;
            case 0x0D -> ElementType.F32;
            case 0x0E -> ElementType.F64;
            default ->
                throw source.problem(
                        2,
                        String.format(
                                Locale.ROOT,
                                "type code 0x%02X; known are 08 (unsigned byte), 09 (byte), 0B (short), 0C (int),"
                                        + " 0D (float), 0E (double)",
                                code));
        };
    }

    /**
     * Reads a file.
     *
     * @param file an IDX file, plain or compressed by gzip
     * @return the elements, in the file's shape: [n x rows x columns] for images, [n] for labels
     * @throws DataFormatException if it is not a whole IDX file
     * @throws IOException if it cannot be read
     */
    public static Tensor read(Path file) throws IOException {
        try (InputStream in = BinaryReader.open(file)) {
            return read(in, file.toString(), Files.size(file));
        }
    }

    /**
     * Reads a file of a given shape, and so detects, for example, labels in a file that is named as images.
     *
     * @param file an IDX file, plain or compressed by gzip
     * @param expected its shape, with {@link Shape#ANY} for a dimension of any size: {@code [? x 28 x 28]} for images,
     *     {@code [?]} for labels
     * @return the elements, in the file's shape
     * @throws DataFormatException if it is not a whole IDX file, or of another shape
     * @throws IOException if it cannot be read
     */
    public static Tensor read(Path file, Shape expected) throws IOException {
        Objects.requireNonNull(expected, "expected");
        Tensor elements = read(file);
        if (!expected.matches(elements.shape())) {
            throw new DataFormatException(
                    file.toString(),
                    DIMENSIONS_AT,
                    "expected shape " + expected + ", the file has " + elements.shape() + "; is it the right file?");
        }
        return elements;
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @param in an IDX file's bytes, plain or compressed by gzip
     * @param name its name in messages
     * @return the elements, in the file's shape
     * @throws DataFormatException if it is not a whole IDX file
     * @throws IOException if it cannot be read
     */
    public static Tensor read(InputStream in, String name) throws IOException {
        return read(in, name, 0);
    }

    private static Tensor read(InputStream in, String name, long size) throws IOException {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(in, "in");
        BufferedInputStream buffered = new BufferedInputStream(in);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
        buffered.reset();
        if (!gzip) {
            return read(BinaryReader.ofSize(buffered, name, size));
        }
        try (Gunzip unpacked = new Gunzip(buffered, name)) {
            return read(new BinaryReader(unpacked, name));
        }
    }

    private static Tensor read(BinaryReader source) throws IOException {
        byte[] magic = source.bytes(4);
        if (magic.length < 4) {
            throw source.problem("the file ends after " + magic.length + " bytes, inside the first 4 of an IDX header");
        }
        if (magic[0] != 0 || magic[1] != 0) {
            boolean swapped = magic[2] == 0 && magic[3] == 0;
            throw source.problem(
                    0,
                    "an IDX file begins with two zero bytes, this one with " + hex(magic)
                            + (swapped
                                    ? "; this looks like an IDX header with its bytes swapped (little-endian)"
                                    : FileKind.resemblance(magic)));
        }
        ElementType type = type(magic[2], source);
        Tensor elements = source.elements(
                type, ByteOrder.BIG_ENDIAN, shape(magic[3] & 0xFF, source), BinaryReader.Rounding.REFUSED);
        source.requireEnd(elements.shape());
        return elements;
    }

    private static Shape shape(int rank, BinaryReader source) throws IOException {
        if (rank == 0) {
            throw source.problem(3, "0 dimensions; an IDX file has 1 or more");
        }
        Dimensions dims = new Dimensions();
        for (int axis = 0; axis < rank; axis++) {
            long at = source.position();
            byte[] bytes = source.bytes(4);
            if (bytes.length < 4) {
                throw source.problem(at, "the file ends inside dimension " + axis + " of " + rank);
            }
            Optional<String> wrong = dims.add(ByteBuffer.wrap(bytes).getInt() & 0xFFFFFFFFL);
            if (wrong.isPresent()) {
                throw source.problem(at, wrong.get());
            }
        }
        return dims.shape();
    }

    private static String hex(byte[] bytes) {
        return String.format(Locale.ROOT, "%02X %02X %02X %02X", bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}
