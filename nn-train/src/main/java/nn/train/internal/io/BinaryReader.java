package nn.train.internal.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.io.DataFormatException;

/** Reads a file from its beginning to its end, and knows its name and the position for messages. */
public final class BinaryReader {
    private static final int BUFFER = 1 << 18; // a multiple of every element's size
    private static final int FIRST_ALLOCATION = 1 << 18; // elements
    private static final int GROWTH = 4; // of an array that is too small: at most a quarter of the new one is copied

    private final InputStream in;
    private final String name;
    private final long available; // the number of bytes that the file is known to have
    private long position;

    /**
     * Opens a file of any file system. Interrupting the thread does not close it.
     *
     * @param file the file to read
     * @return its bytes
     * @throws java.nio.file.NoSuchFileException if it does not exist; says where a relative path leads
     * @throws IOException if it cannot be opened, such as a folder
     */
    public static InputStream open(Path file) throws IOException {
        if (Files.isDirectory(Objects.requireNonNull(file, "file"))) {
            throw new FileSystemException(file.toString(), null, "this is a folder; give the name of a file");
        }
        try {
            return Files.newInputStream(file);
        } catch (NoSuchFileException e) { // its message is the path alone
            throw new NoSuchFileException(
                    file.toString(),
                    null,
                    "there is no such file" + (file.isAbsolute() ? "" : "; its full path is " + file.toAbsolutePath()));
        }
    }

    /**
     * Opens a file whose size must be known before it is read.
     *
     * @param file the file to read
     * @return its bytes
     * @throws IOException if it cannot be opened, such as a folder, a pipe or a device
     */
    public static InputStream openRegular(Path file) throws IOException {
        Objects.requireNonNull(file, "file");
        if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "this is a pipe or a device, whose size is unknown before"
                            + " it is read; save its content as a file, and read that");
        }
        return open(file);
    }

    /**
     * Creates a reader of a file whose size is unknown, or only claimed by the file.
     *
     * @param in the bytes
     * @param name the name of the file in messages
     */
    public BinaryReader(InputStream in, String name) {
        this(in, name, 0, 0);
    }

    /**
     * Creates a reader that begins inside a file.
     *
     * @param in the bytes from there on
     * @param name the name of the file in messages
     * @param position the offset of the next byte
     */
    public BinaryReader(InputStream in, String name, long position) {
        this(in, name, position, 0);
    }

    private BinaryReader(InputStream in, String name, long position, long available) {
        this.in = in;
        this.name = name;
        this.position = position;
        this.available = available;
    }

    /**
     * Creates a reader of a file of known size: memory for elements within it is allocated at once.
     *
     * @param in the bytes
     * @param name the name of the file in messages
     * @param size the number of bytes; 0 if it is not known
     * @return the reader
     */
    public static BinaryReader ofSize(InputStream in, String name, long size) {
        return new BinaryReader(in, name, 0, size);
    }

    /**
     * Returns the number of bytes read.
     *
     * @return the position of the next one
     */
    public long position() {
        return position;
    }

    /**
     * Reads some bytes.
     *
     * @param count the number of bytes
     * @return the bytes, fewer if the file ends before
     * @throws IOException if reading fails
     */
    public byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        position += bytes.length;
        return bytes;
    }

    /** The treatment of numbers that float32 does not hold. */
    public enum Rounding {
        /** Every number becomes the nearest float; a double beyond the range of floats becomes infinite. */
        NEAREST,
        /** A whole number that is not a float, and a double beyond the range of floats, are refused. */
        REFUSED
    }

    /**
     * Reads elements. Unless the file is known to have them, memory is allocated as they are read, because a header may
     * claim any shape.
     *
     * @param type their type in the file
     * @param order the order of their bytes
     * @param shape their shape, with all dimensions known
     * @param rounding the treatment of numbers that float32 does not hold
     * @return the elements, row-major
     * @throws DataFormatException if the file ends before, a number is refused, or the heap cannot hold them
     * @throws IOException if reading fails
     */
    public Tensor elements(ElementType type, ByteOrder order, Shape shape, Rounding rounding) throws IOException {
        return has(type, shape)
                ? knownElements(type, order, shape, rounding)
                : elements(type, order, shape, rounding, allocate(Math.min(shape.size(), FIRST_ALLOCATION), shape));
    }

    /**
     * Reads elements that the file is known to have.
     *
     * @param type their type in the file
     * @param order the order of their bytes
     * @param shape their shape, with all dimensions known
     * @param rounding the treatment of numbers that float32 does not hold
     * @return the elements, row-major
     * @throws DataFormatException if the file ends before, a number is refused, or the heap cannot hold them
     * @throws IOException if reading fails
     */
    public Tensor knownElements(ElementType type, ByteOrder order, Shape shape, Rounding rounding) throws IOException {
        return elements(type, order, shape, rounding, allocate(shape.size(), shape));
    }

    /**
     * Allocates memory for elements.
     *
     * @param size the number of elements
     * @param shape the shape of the whole tensor, for the message
     * @return an array of zeros
     * @throws DataFormatException if the heap cannot hold them
     */
    public float[] allocate(int size, Shape shape) throws DataFormatException {
        Runtime heap = Runtime.getRuntime();
        long needed = (long) Float.BYTES * shape.size();
        String problem =
                "a tensor of shape " + shape + " takes " + needed + " bytes as float32, but the heap has only ";
        if ((long) Float.BYTES * size > heap.maxMemory()) {
            throw problem(problem + heap.maxMemory() + "; give the JVM more by -Xmx");
        }
        try {
            return new float[size];
        } catch (OutOfMemoryError e) {
            throw problem(problem + (heap.maxMemory() - heap.totalMemory() + heap.freeMemory()) + " free of "
                    + heap.maxMemory() + "; give the JVM more by -Xmx");
        }
    }

    private Tensor elements(ElementType type, ByteOrder order, Shape shape, Rounding rounding, float[] first)
            throws IOException {
        Elements elements = new Elements(type, order, shape, rounding);
        float[] values = first;
        int size = shape.size();
        int count = 0;
        while (count < size) {
            if (count == values.length) {
                float[] more = allocate((int) Math.min(size, (long) GROWTH * values.length), shape);
                System.arraycopy(values, 0, more, 0, count);
                values = more;
            }
            elements.next(values, count, values.length - count);
            count = values.length;
        }
        return Tensor.wrap(values, 0, shape);
    }

    /**
     * Begins to read elements part by part.
     *
     * @param type their type in the file
     * @param order the order of their bytes
     * @param shape their shape, with all dimensions known
     * @param rounding the treatment of numbers that float32 does not hold
     * @return what reads them
     */
    public Elements parts(ElementType type, ByteOrder order, Shape shape, Rounding rounding) {
        return new Elements(type, order, shape, rounding);
    }

    /**
     * Returns whether the file is known to have elements.
     *
     * @param type their type in the file
     * @param shape their shape, with all dimensions known
     * @return false if the file ends before, or its size is not known
     */
    public boolean has(ElementType type, Shape shape) {
        return (long) shape.size() * type.bytes() <= available - position;
    }

    /** The elements of one array, read part by part. */
    public final class Elements {
        private final ElementType type;
        private final Shape shape;
        private final boolean refusing;
        private final long start = position;
        private final byte[] bytes;
        private final ByteBuffer buffer;
        private int read; // elements

        private Elements(ElementType type, ByteOrder order, Shape shape, Rounding rounding) {
            this.type = type;
            this.shape = shape;
            this.refusing = rounding == Rounding.REFUSED && type.rounds();
            this.bytes = new byte[(int) Math.min(BUFFER, (long) shape.size() * type.bytes())];
            this.buffer = ByteBuffer.wrap(bytes).order(order);
        }

        /**
         * Reads the next elements.
         *
         * @param to receives them
         * @param at the index of the first of them
         * @param count their number
         * @throws DataFormatException if the file ends before, or a number is refused
         * @throws IOException if reading fails
         */
        public void next(float[] to, int at, int count) throws IOException {
            int most = bytes.length / type.bytes();
            for (int done = 0; done < count; done += most) {
                some(to, at + done, Math.min(most, count - done));
            }
        }

        /**
         * Passes over the next elements.
         *
         * @param count their number
         * @throws DataFormatException if the file ends before
         * @throws IOException if reading fails
         */
        public void skip(long count) throws IOException {
            try {
                in.skipNBytes(count * type.bytes());
            } catch (EOFException e) {
                throw cutOff();
            }
            position += count * type.bytes();
            read += (int) count;
        }

        private DataFormatException cutOff() {
            return problem("the data end here; " + type + " elements of shape " + shape + " would end at byte "
                    + (start + (long) shape.size() * type.bytes()) + ": the file was cut off");
        }

        private void some(float[] to, int at, int count) throws IOException {
            int wanted = count * type.bytes();
            int got = in.readNBytes(bytes, 0, wanted);
            if (got < wanted) {
                position += got;
                throw cutOff();
            }
            type.next(buffer.clear(), count, to, at);
            for (int i = 0; refusing && i < count; i++) {
                float value = to[at + i];
                if (!ElementType.isCertain(value)) {
                    String problem = type.problem(buffer, i * type.bytes(), value);
                    if (!problem.isEmpty()) {
                        throw problem(
                                position + (long) i * type.bytes(),
                                "element " + (read + i) + " of shape " + shape + " is " + problem);
                    }
                }
            }
            read += count;
            position += got;
        }
    }

    /**
     * Refuses bytes after the last element.
     *
     * @param shape the shape of the elements before
     * @throws DataFormatException if there are more bytes
     * @throws IOException if reading fails
     */
    public void requireEnd(Shape shape) throws IOException {
        if (in.read() >= 0) {
            throw problem("more bytes follow the last element of shape " + shape
                    + ": the dimensions are wrong, or this is more than one file");
        }
    }

    /**
     * Returns an exception for a problem at the current position.
     *
     * @param text the problem
     * @return the exception, to be thrown
     */
    public DataFormatException problem(String text) {
        return problem(position, text);
    }

    /**
     * Returns an exception for a problem at another position.
     *
     * @param at the position
     * @param text the problem
     * @return the exception, to be thrown
     */
    public DataFormatException problem(long at, String text) {
        return new DataFormatException(name, at, text);
    }
}
