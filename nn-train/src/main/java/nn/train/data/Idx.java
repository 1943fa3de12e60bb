package nn.train.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Reads IDX files, the format of the MNIST family (<a href="https://yann.lecun.org/exdb/mnist/index.html">described
 * with MNIST</a>), plain or compressed by gzip.
 *
 * <p>The format, all of it big-endian: two zero bytes, a type code, the number of dimensions d (1 to 255), d unsigned
 * 32-bit dimensions, then the elements in row-major order, and nothing after them.
 *
 * <p>Elements become floats: an unsigned byte 255 becomes 255, unscaled. Whole numbers beyond 2^24 and doubles are
 * rounded to the nearest float; NaN and infinities are kept.
 */
public final class Idx {
    private static final int BUFFER = 1 << 16; // a multiple of every element's size
    private static final int FIRST_ROOM = 1 << 18;
    private static final int DIMENSIONS_AT = 4;

    private Idx() {}

    /** What an element is stored as. */
    private enum Type {
        UBYTE(0x08, 1) {
            @Override
            float next(ByteBuffer from) {
                return from.get() & 0xFF;
            }
        },
        BYTE(0x09, 1) {
            @Override
            float next(ByteBuffer from) {
                return from.get();
            }
        },
        SHORT(0x0B, 2) {
            @Override
            float next(ByteBuffer from) {
                return from.getShort();
            }
        },
        INT(0x0C, 4) {
            @Override
            float next(ByteBuffer from) {
                return from.getInt();
            }
        },
        FLOAT(0x0D, 4) {
            @Override
            float next(ByteBuffer from) {
                return from.getFloat();
            }
        },
        DOUBLE(0x0E, 8) {
            @Override
            float next(ByteBuffer from) {
                return (float) from.getDouble();
            }
        };

        private final int code;
        private final int bytes;

        Type(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        abstract float next(ByteBuffer from);
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
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a file that must have a given form, so that labels under the name of images are found at the door.
     *
     * @param file an IDX file, plain or compressed by gzip
     * @param expected its shape, with {@link Shape#ANY} where any number will do: {@code [? x 28 x 28]} for images, {@code
     *     [?]} for labels
     * @return the elements, in the file's shape
     * @throws DataFormatException if it is not a whole IDX file, or of another shape
     * @throws IOException if it cannot be read
     */
    public static Tensor read(Path file, Shape expected) throws IOException {
        Tensor elements = read(file);
        if (!expected.matches(elements.shape())) {
            throw new DataFormatException(
                    file.toString(),
                    DIMENSIONS_AT,
                    "expected shape " + expected + ", the file says " + elements.shape()
                            + ": is it another file under this name?");
        }
        return elements;
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @param in an IDX file's bytes, plain or compressed by gzip
     * @param name what to call it in messages
     * @return the elements, in the file's shape
     * @throws DataFormatException if it is not a whole IDX file
     * @throws IOException if it cannot be read
     */
    public static Tensor read(InputStream in, String name) throws IOException {
        Objects.requireNonNull(name, "name");
        BufferedInputStream buffered = new BufferedInputStream(in);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
        buffered.reset();
        return new Reader(gzip ? new Gunzip(buffered, name) : buffered, name).read();
    }

    /** Bytes decompressed, where damage to them is a matter of format. */
    private static final class Gunzip extends InputStream {
        private final InputStream packed;
        private final String name;
        private InputStream in; // made at the first read, for making it reads
        private long position;

        Gunzip(InputStream packed, String name) {
            this.packed = packed;
            this.name = name;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            try {
                if (in == null) {
                    in = new GZIPInputStream(packed, BUFFER);
                }
                int count = in.read(b, off, len);
                position += Math.max(count, 0);
                return count;
            } catch (ZipException | EOFException e) {
                DataFormatException damaged = new DataFormatException(
                        name, position, "the gzip data are damaged or cut off (" + e.getMessage() + "); fetch it again");
                damaged.initCause(e);
                throw damaged;
            }
        }
    }

    /** One reading of one file. */
    private static final class Reader {
        private final InputStream in;
        private final String name;
        private long position;

        Reader(InputStream in, String name) {
            this.in = in;
            this.name = name;
        }

        Tensor read() throws IOException {
            byte[] magic = in.readNBytes(4);
            Type type = type(magic);
            Shape shape = shape(magic[3] & 0xFF);
            float[] values = values(type, shape);
            if (in.read() >= 0) {
                throw problem("more bytes follow the last element of shape " + shape
                        + ": the dimensions are wrong, or this is more than one file");
            }
            return Tensor.wrap(values, 0, shape);
        }

        private Type type(byte[] magic) throws DataFormatException {
            if (magic.length < 4) {
                throw problem("the file ends after " + magic.length + " bytes, inside the first 4 of an IDX header");
            }
            if (magic[0] != 0 || magic[1] != 0) {
                throw problem("an IDX file begins with two zero bytes, this one with " + hex(magic) + resemblance(magic));
            }
            position = 2;
            for (Type type : Type.values()) {
                if (type.code == magic[2]) {
                    return type;
                }
            }
            throw problem(String.format(
                    "type code 0x%02X; known are 08 (unsigned byte), 09 (byte), 0B (short), 0C (int), 0D (float),"
                            + " 0E (double)",
                    magic[2]));
        }

        private Shape shape(int rank) throws IOException {
            position = 3;
            if (rank == 0) {
                throw problem("0 dimensions; an IDX file has 1 or more");
            }
            position = 4;
            int[] dims = new int[rank];
            long elements = 1; // of the dimensions that are not 0: with those it is 0, but they must be possible too
            for (int axis = 0; axis < rank; axis++) {
                byte[] bytes = in.readNBytes(4);
                if (bytes.length < 4) {
                    throw problem("the file ends inside dimension " + axis + " of " + rank);
                }
                long dim = ByteBuffer.wrap(bytes).getInt() & 0xFFFFFFFFL;
                elements *= Math.max(dim, 1); // below 2^63: elements was an int before
                if (dim > Integer.MAX_VALUE || elements > Integer.MAX_VALUE) {
                    throw problem("dimension " + axis + " is " + dim
                            + (axis == 0 ? "" : " after " + Arrays.toString(Arrays.copyOf(dims, axis)))
                            + ": a tensor holds at most 2147483647 elements");
                }
                dims[axis] = (int) dim;
                position += 4;
            }
            return Shape.of(dims);
        }

        /** Takes memory as data come, for the header may claim anything. */
        private float[] values(Type type, Shape shape) throws IOException {
            long start = position;
            int size = shape.size();
            float[] values = new float[Math.min(size, FIRST_ROOM)];
            byte[] buffer = new byte[BUFFER];
            int count = 0;
            while (count < size) {
                int wanted = (int) Math.min(BUFFER, (long) (size - count) * type.bytes);
                int got = in.readNBytes(buffer, 0, wanted);
                position += got;
                if (got < wanted) {
                    throw problem("the data end here; " + type + " elements of shape " + shape + " would end at byte "
                            + (start + (long) size * type.bytes) + ": the file was cut off");
                }
                int end = count + got / type.bytes;
                if (end > values.length) {
                    values = Arrays.copyOf(values, (int) Math.min(size, Math.max(end, 2L * values.length)));
                }
                for (ByteBuffer from = ByteBuffer.wrap(buffer, 0, got); from.hasRemaining(); ) {
                    values[count++] = type.next(from);
                }
            }
            return values;
        }

        private DataFormatException problem(String text) {
            return new DataFormatException(name, position, text);
        }

        private static String hex(byte[] bytes) {
            return String.format("%02X %02X %02X %02X", bytes[0], bytes[1], bytes[2], bytes[3]);
        }

        /** What the first four bytes look like. */
        private static String resemblance(byte[] magic) {
            String kind =
                    switch (ByteBuffer.wrap(magic).getInt()) {
                        case 0x504B0304 -> "a zip archive: unpack it first";
                        case 0x89504E47 -> "a PNG image";
                        case 0xFFD8FFE0, 0xFFD8FFE1 -> "a JPEG image";
                        case 0x89484446 -> "an HDF5 file";
                        case 0x934E554D -> "a NumPy array";
                        case 0x25504446 -> "a PDF document";
                        case 0x3C21444F, 0x3C21646F, 0x3C68746D, 0x3C48544D ->
                            "a web page: was it downloaded from the wrong address?";
                        default -> unknown(magic);
                    };
            return kind.isEmpty() ? "" : "; this looks like " + kind;
        }

        private static String unknown(byte[] magic) {
            if (magic[3] == 0 && magic[2] == 0) {
                return "an IDX header with its bytes swapped (little-endian)";
            }
            for (byte b : magic) {
                boolean printable = b >= ' ' && b < 127 || b == '\n' || b == '\r' || b == '\t';
                if (!printable) {
                    return "";
                }
            }
            return "text";
        }
    }
}
