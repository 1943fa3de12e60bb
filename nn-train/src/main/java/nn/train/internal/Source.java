package nn.train.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.DataFormatException;

/** A file being read from its beginning to its end, with its name and the position, for messages. */
public final class Source {
    private static final int BUFFER = 1 << 16; // a multiple of every element's size
    private static final int FIRST_ROOM = 1 << 18;

    private final InputStream in;
    private final String name;
    private long position;

    /**
     * Opens a file of any file system. Interrupting the thread does not close it.
     *
     * @param file what to read
     * @return its bytes
     * @throws IOException if it cannot be opened, such as a folder
     */
    public static InputStream open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "this is a folder; give the name of a file");
        }
        return Files.newInputStream(file);
    }

    /**
     * Begins with the file.
     *
     * @param in the bytes
     * @param name what to call the file in messages
     */
    public Source(InputStream in, String name) {
        this(in, name, 0);
    }

    /**
     * Begins inside of a file.
     *
     * @param in the bytes from there on
     * @param name what to call the file in messages
     * @param position the offset of the next byte
     */
    public Source(InputStream in, String name, long position) {
        this.in = in;
        this.name = name;
        this.position = position;
    }

    /**
     * How many bytes were read.
     *
     * @return the position of the next one
     */
    public long position() {
        return position;
    }

    /**
     * Reads some bytes.
     *
     * @param count how many
     * @return so many, or fewer where the file ends
     * @throws IOException if reading fails
     */
    public byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        position += bytes.length;
        return bytes;
    }

    /**
     * Reads elements that a header claims, and takes memory as they come, for it may claim anything.
     *
     * @param type what they are stored as
     * @param order the order of their bytes
     * @param shape every dimension known
     * @return the elements, row-major
     * @throws DataFormatException if the file ends before, or the heap could never hold them
     * @throws IOException if reading fails
     */
    public Tensor elements(ElementType type, ByteOrder order, Shape shape) throws IOException {
        return elements(type, order, shape, new float[Math.min(shape.size(), FIRST_ROOM)]);
    }

    /**
     * Reads elements that are known to be there.
     *
     * @param type what they are stored as
     * @param order the order of their bytes
     * @param shape every dimension known
     * @return the elements, row-major
     * @throws DataFormatException if the file ends before, or the heap could never hold them
     * @throws IOException if reading fails
     */
    public Tensor knownElements(ElementType type, ByteOrder order, Shape shape) throws IOException {
        requireRoom(shape);
        return elements(type, order, shape, new float[shape.size()]);
    }

    private void requireRoom(Shape shape) throws DataFormatException {
        long needed = (long) Float.BYTES * shape.size();
        if (needed > Runtime.getRuntime().maxMemory()) {
            throw problem("a tensor of shape " + shape + " takes " + needed + " bytes as float32, but the heap has"
                    + " only " + Runtime.getRuntime().maxMemory() + "; give the JVM more by -Xmx");
        }
    }

    private Tensor elements(ElementType type, ByteOrder order, Shape shape, float[] room) throws IOException {
        long start = position;
        int size = shape.size();
        float[] values = room;
        byte[] buffer = new byte[(int) Math.min(BUFFER, (long) size * type.bytes())];
        int count = 0;
        while (count < size) {
            int wanted = (int) Math.min(BUFFER, (long) (size - count) * type.bytes());
            int got = in.readNBytes(buffer, 0, wanted);
            position += got;
            if (got < wanted) {
                throw problem("the data end here; " + type + " elements of shape " + shape + " would end at byte "
                        + (start + (long) size * type.bytes()) + ": the file was cut off");
            }
            int end = count + got / type.bytes();
            if (end > values.length) {
                requireRoom(shape);
                values = Arrays.copyOf(values, (int) Math.min(size, Math.max(end, 2L * values.length)));
            }
            for (ByteBuffer from = ByteBuffer.wrap(buffer, 0, got).order(order); from.hasRemaining(); ) {
                values[count++] = type.next(from);
            }
        }
        return Tensor.wrap(values, 0, shape);
    }

    /**
     * Refuses bytes behind the last element.
     *
     * @param shape of what was read
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
     * Something is wrong at the current position.
     *
     * @param text what
     * @return to be thrown
     */
    public DataFormatException problem(String text) {
        return problem(position, text);
    }

    /**
     * Something is wrong elsewhere.
     *
     * @param at where
     * @param text what
     * @return to be thrown
     */
    public DataFormatException problem(long at, String text) {
        return new DataFormatException(name, at, text);
    }
}
