package nn.train.internal.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import nn.train.io.DataFormatException;

/**
 * Reads one message in the <a href="https://protobuf.dev/programming-guides/encoding/">wire format of Protocol
 * Buffers</a>, field by field: as long as {@link #next} is true, the caller looks at the number of the {@link #field},
 * and reads its value or {@linkplain #skip skips} it. Fields may come in any order.
 *
 * <p>Every fault of the bytes is a {@link DataFormatException} that gives the byte offset in the file and the path of
 * the field, such as {@code graph.node[3].name}. No memory is allocated for a length that the file only claims, and
 * messages are nested at most {@value #DEEPEST} deep. Bytes are read where they are; nothing is copied.
 */
public final class ProtobufReader {
    /** The number of messages in one another that are read, as in the implementations of Google. */
    public static final int DEEPEST = 100;

    private static final int LONGEST_VARINT = 10; // bytes
    private static final int BITS = 7; // of a byte of a varint
    private static final int MORE = 1 << BITS;

    private final byte[] bytes;
    private final int end;
    private final long origin; // the offset in the file of the first byte of the array
    private final String source;
    private final String path; // of this message; empty for the outermost
    private final int depth;
    private int at; // the index of the next byte
    private int tagAt; // the index of the current field's tag
    private int field; // the number of the current field; 0 if there is none
    private WireType type = WireType.VARINT;

    /**
     * Creates a reader of a whole file.
     *
     * @param bytes the file's bytes
     * @param source the file's name in messages
     */
    public ProtobufReader(byte[] bytes, String source) {
        this(bytes, source, 0);
    }

    /**
     * Creates a reader of a message that is a part of a file.
     *
     * @param bytes the message's bytes
     * @param source the file's name in messages
     * @param position the offset in the file of the first of them
     */
    public ProtobufReader(byte[] bytes, String source, long position) {
        this(bytes, 0, bytes.length, position, source, "", 1);
    }

    private ProtobufReader(byte[] bytes, int from, int end, long origin, String source, String path, int depth) {
        this.bytes = bytes;
        this.at = from;
        this.tagAt = from;
        this.end = end;
        this.origin = origin;
        this.source = source;
        this.path = path;
        this.depth = depth;
    }

    /**
     * Goes to the next field, whose value must be read or skipped before the next call.
     *
     * @return whether there is one; false at the end of the message
     * @throws DataFormatException if a tag is not one, or of a group
     */
    public boolean next() throws DataFormatException {
        if (field != 0) {
            throw new IllegalStateException("the value of field " + field + " was neither read nor skipped");
        }
        if (at == end) {
            return false;
        }
        tagAt = at;
        long tag = varint();
        long number = tag >>> 3;
        if (tag < 0 || tag > 0xFFFFFFFFL || number == 0) {
            throw problem("the tag " + Long.toUnsignedString(tag) + " has no field number of 1 to 536870911");
        }
        type = switch ((int) tag & 7) {
            case 0 -> WireType.VARINT;
            case 1 -> WireType.FIXED64;
            case 2 -> WireType.LENGTH_DELIMITED;
            case 5 -> WireType.FIXED32;
            default ->
                throw problem("field " + number + " has wire type " + (tag & 7) + "; 0, 1, 2 and 5 are read"
                        + ": the file is damaged, or of another kind");
        };
        field = (int) number;
        return true;
    }

    /**
     * Returns the number of the current field.
     *
     * @return 1 or more; 0 if its value was read or skipped
     */
    public int field() {
        return field;
    }

    /**
     * Returns the encoding of the current field.
     *
     * @return its encoding
     */
    public WireType type() {
        return type;
    }

    /**
     * Returns where the next byte is.
     *
     * @return its offset in the file
     */
    public long position() {
        return origin + at;
    }

    /**
     * Passes over the value of the current field.
     *
     * @throws DataFormatException if the message ends before
     */
    public void skip() throws DataFormatException {
        String name = "field " + field;
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> take(Double.BYTES, name);
            case FIXED32 -> take(Float.BYTES, name);
            case LENGTH_DELIMITED -> take(length(name), name);
        }
        field = 0;
    }

    /**
     * Reads a field of type int64, uint64, bool or enum.
     *
     * @param name the field's name, for messages
     * @return its value
     * @throws DataFormatException if it is not encoded as a varint, or malformed
     */
    public long varint(String name) throws DataFormatException {
        require(WireType.VARINT, name);
        long value = varint();
        field = 0;
        return value;
    }

    /**
     * Reads a field of type int32.
     *
     * @param name the field's name, for messages
     * @return its value
     * @throws DataFormatException if it is not encoded as a varint, malformed or beyond the range of an int
     */
    public int int32(String name) throws DataFormatException {
        long value = varint(name);
        if (value != (int) value) {
            throw problem(name, "is " + value + ", beyond the range of an int32");
        }
        return (int) value;
    }

    /**
     * Reads a field of type float.
     *
     * @param name the field's name, for messages
     * @return its value
     * @throws DataFormatException if it is not encoded in four bytes, or cut off
     */
    public float float32(String name) throws DataFormatException {
        require(WireType.FIXED32, name);
        float value = buffer(take(Float.BYTES, name), Float.BYTES).getFloat();
        field = 0;
        return value;
    }

    /**
     * Reads a field of type double.
     *
     * @param name the field's name, for messages
     * @return its value
     * @throws DataFormatException if it is not encoded in eight bytes, or cut off
     */
    public double float64(String name) throws DataFormatException {
        require(WireType.FIXED64, name);
        double value = buffer(take(Double.BYTES, name), Double.BYTES).getDouble();
        field = 0;
        return value;
    }

    /**
     * Reads a field of type string.
     *
     * @param name the field's name, for messages
     * @return its value
     * @throws DataFormatException if it is not encoded with a length, cut off, or not UTF-8
     */
    public String text(String name) throws DataFormatException {
        ByteBuffer value = bytes(name);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(value).toString();
        } catch (CharacterCodingException e) {
            throw problem(name, "is not UTF-8 text: the file is damaged, or of another kind");
        }
    }

    /**
     * Reads a field of type bytes.
     *
     * @param name the field's name, for messages
     * @return a read-only view of its value, in little-endian order
     * @throws DataFormatException if it is not encoded with a length, or cut off
     */
    public ByteBuffer bytes(String name) throws DataFormatException {
        require(WireType.LENGTH_DELIMITED, name);
        int length = length(name);
        ByteBuffer value = buffer(take(length, name), length);
        field = 0;
        return value;
    }

    /**
     * Begins to read a field that is a message.
     *
     * @param name the field's name, for messages, such as {@code node[3]}
     * @return a reader of its fields; this one is behind it already
     * @throws DataFormatException if it is not encoded with a length, cut off, or nested too deep
     */
    public ProtobufReader message(String name) throws DataFormatException {
        require(WireType.LENGTH_DELIMITED, name);
        if (depth == DEEPEST) {
            throw problem(name, "is nested more than " + DEEPEST + " messages deep");
        }
        int length = length(name);
        int from = take(length, name);
        field = 0;
        return new ProtobufReader(bytes, from, from + length, origin, source, path(name), depth + 1);
    }

    /**
     * Reads one value of a repeated field of type int64, uint64, bool or enum, or several that are packed.
     *
     * @param name the field's name, for messages
     * @param values receives them
     * @throws DataFormatException if it is encoded in another way, or malformed
     */
    public void varints(String name, LongStream.Builder values) throws DataFormatException {
        if (type == WireType.VARINT) {
            values.add(varint(name));
            return;
        }
        ProtobufReader packed = message(name);
        while (packed.at < packed.end) {
            packed.tagAt = packed.at;
            values.add(packed.varint());
        }
    }

    /**
     * Reads one value of a repeated field of type float, or several that are packed.
     *
     * @param name the field's name, for messages
     * @param values receives them
     * @throws DataFormatException if it is encoded in another way, or its length is not one of floats
     */
    public void floats(String name, DoubleStream.Builder values) throws DataFormatException {
        if (type == WireType.FIXED32) {
            values.add(float32(name));
            return;
        }
        ByteBuffer packed = packed(name, Float.BYTES);
        while (packed.hasRemaining()) {
            values.add(packed.getFloat());
        }
    }

    /**
     * Reads one value of a repeated field of type double, or several that are packed.
     *
     * @param name the field's name, for messages
     * @param values receives them
     * @throws DataFormatException if it is encoded in another way, or its length is not one of doubles
     */
    public void doubles(String name, DoubleStream.Builder values) throws DataFormatException {
        if (type == WireType.FIXED64) {
            values.add(float64(name));
            return;
        }
        ByteBuffer packed = packed(name, Double.BYTES);
        while (packed.hasRemaining()) {
            values.add(packed.getDouble());
        }
    }

    /**
     * Returns the path of this message.
     *
     * @return such as {@code graph.node[3]}; empty for the outermost message
     */
    public String path() {
        return path;
    }

    /**
     * Returns an exception for a problem of a field, at the current position.
     *
     * @param name the field's name
     * @param text what is wrong, such as {@code is 0, but must be 1}
     * @return the exception, to be thrown
     */
    public DataFormatException problem(String name, String text) {
        return new DataFormatException(source, origin + tagAt, path(name) + " " + text);
    }

    private DataFormatException problem(String text) {
        return new DataFormatException(source, origin + tagAt, path.isEmpty() ? text : path + ": " + text);
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private void require(WireType expected, String name) throws DataFormatException {
        if (field == 0) {
            throw new IllegalStateException("there is no field to read " + name + " from; call next first");
        }
        if (type != expected) {
            throw problem(
                    name,
                    "(field " + field + ") is encoded as " + type + ", but must be " + expected
                            + ": the file is damaged, or of another kind");
        }
    }

    private ByteBuffer packed(String name, int size) throws DataFormatException {
        ByteBuffer packed = bytes(name);
        if (packed.remaining() % size != 0) {
            throw problem(name, "has " + packed.remaining() + " bytes, not a multiple of " + size);
        }
        return packed;
    }

    private ByteBuffer buffer(int from, int length) {
        // A slice, so that its positions begin at 0.
        return ByteBuffer.wrap(bytes, from, length).slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private int length(String name) throws DataFormatException {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw problem(
                    name,
                    "claims " + Long.toUnsignedString(length) + " bytes, but " + (end - at)
                            + " follow in its message: the file was cut off or damaged");
        }
        return (int) length;
    }

    /** Passes over bytes, and returns the index of the first of them. */
    private int take(int count, String name) throws DataFormatException {
        if (count > end - at) {
            throw problem(
                    name,
                    "takes " + count + " bytes, but " + (end - at)
                            + " follow in its message: the file was cut off or damaged");
        }
        int from = at;
        at += count;
        return from;
    }

    private long varint() throws DataFormatException {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (at == end) {
                throw problem("the message ends inside a number: the file was cut off or damaged");
            }
            byte next = bytes[at++];
            value |= (long) (next & MORE - 1) << BITS * i;
            if (next >= 0) {
                if (i == LONGEST_VARINT - 1 && next > 1) {
                    throw problem("a number has more than 64 bits");
                }
                return value;
            }
        }
        throw problem("a number has more than " + LONGEST_VARINT + " bytes");
    }
}
