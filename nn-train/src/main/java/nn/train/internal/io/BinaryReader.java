package nn.train.internal.io;

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
    private static final int BUFFER = 1 << 16; // a multiple of every element's size
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
        return (long) shape.size() * type.bytes() <= available - position
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
        long start = position;
        int size = shape.size();
        float[] values = first;
        byte[] buffer = new byte[(int) Math.min(BUFFER, (long) size * type.bytes())];
        int count = 0;
        while (count < size) {
            int wanted = (int) Math.min(BUFFER, (long) (size - count) * type.bytes());
            int got = in.readNBytes(buffer, 0, wanted);
            if (got < wanted) {
                position += got;
                throw problem("the data end here; " + type + " elements of shape " + shape + " would end at byte "
                        + (start + (long) size * type.bytes()) + ": the file was cut off");
            }
            int end = count + got / type.bytes();
            if (end > values.length) {
                float[] more = allocate((int) Math.min(size, Math.max(end, (long) GROWTH * values.length)), shape);
                System.arraycopy(values, 0, more, 0, count);
                values = more;
            }
            ByteBuffer from = ByteBuffer.wrap(buffer, 0, got).order(order);
            if (rounding == Rounding.NEAREST || !type.rounds()) {
                while (from.hasRemaining()) {
                    values[count++] = type.next(from);
                }
            } else {
                while (from.hasRemaining()) {
                    int at = from.position();
                    float value = type.next(from);
                    String problem = type.problem(from, at, value);
                    if (!problem.isEmpty()) {
                        throw problem(position + at, "element " + count + " of shape " + shape + " is " + problem);
                    }
                    values[count++] = value;
                }
            }
            position += got;
        }
        return Tensor.wrap(values, 0, shape);
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
