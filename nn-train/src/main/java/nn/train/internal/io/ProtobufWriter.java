package nn.train.internal.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes one message in the <a href="https://protobuf.dev/programming-guides/encoding/">wire format of Protocol
 * Buffers</a>: its fields in the order of the calls. It knows no schema: the caller gives the number of each field and
 * chooses its encoding. A field that is written twice is a repeated field.
 *
 * <p>The bytes of nested messages and long arrays are kept by reference, not copied, so a message takes little more
 * memory than its parts.
 */
public final class ProtobufWriter {
    private static final int FIRST_BUFFER = 64;
    private static final int COPIED = 1 << 10; // bytes; longer arrays are kept by reference
    private static final int LAST_FIELD = (1 << 29) - 1;
    private static final int BITS = 7; // of a byte of a varint
    private static final int MORE = 1 << BITS;

    private final List<byte[]> parts = new ArrayList<>();
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int used; // bytes of the buffer
    private long size; // of the parts and the used bytes

    /** Creates an empty message. */
    public ProtobufWriter() {}

    /**
     * Returns the number of bytes that were written.
     *
     * @return the size of the message
     */
    public long size() {
        return size;
    }

    /**
     * Writes a field of type int32, int64, uint32, uint64, bool or enum.
     *
     * @param field the field's number, 1 or more
     * @param value its value; a negative one takes ten bytes
     * @return this writer
     */
    public ProtobufWriter varint(int field, long value) {
        tag(field, WireType.VARINT);
        varint(value);
        return this;
    }

    /**
     * Writes a field of type float.
     *
     * @param field the field's number, 1 or more
     * @param value its value
     * @return this writer
     */
    public ProtobufWriter float32(int field, float value) {
        tag(field, WireType.FIXED32);
        littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
        return this;
    }

    /**
     * Writes a field of type double.
     *
     * @param field the field's number, 1 or more
     * @param value its value
     * @return this writer
     */
    public ProtobufWriter float64(int field, double value) {
        tag(field, WireType.FIXED64);
        littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
        return this;
    }

    /**
     * Writes a field of type string.
     *
     * @param field the field's number, 1 or more
     * @param value its value
     * @return this writer
     * @throws IllegalArgumentException if the text has half of a surrogate pair, which UTF-8 cannot say
     */
    public ProtobufWriter text(int field, String value) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException("the text of field " + field
                    + " has half of a surrogate pair, which no file can hold: correct the text");
        }
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a field of type bytes.
     *
     * @param field the field's number, 1 or more
     * @param value its value; must not be changed before the message is written
     * @return this writer
     */
    public ProtobufWriter bytes(int field, byte[] value) {
        tag(field, WireType.LENGTH_DELIMITED);
        varint(value.length);
        if (value.length > COPIED) {
            flush();
            parts.add(value);
        } else {
            reserve(value.length);
            System.arraycopy(value, 0, buffer, used, value.length);
            used += value.length;
        }
        size += value.length;
        return this;
    }

    /**
     * Writes a field that is a message.
     *
     * @param field the field's number, 1 or more
     * @param fields writes the fields of that message
     * @return this writer
     */
    public ProtobufWriter message(int field, Consumer<ProtobufWriter> fields) {
        ProtobufWriter message = new ProtobufWriter();
        fields.accept(message);
        tag(field, WireType.LENGTH_DELIMITED);
        varint(message.size);
        flush();
        message.flush();
        parts.addAll(message.parts);
        size += message.size;
        return this;
    }

    /**
     * Writes a repeated field of type int32, int64, uint32, uint64, bool or enum, packed.
     *
     * @param field the field's number, 1 or more
     * @param values its values; nothing is written if there are none
     * @return this writer
     */
    public ProtobufWriter packedVarints(int field, long... values) {
        return packed(field, values.length, packed -> {
            for (long value : values) {
                packed.varint(value);
            }
        });
    }

    /**
     * Writes a repeated field of type float, packed.
     *
     * @param field the field's number, 1 or more
     * @param values its values; nothing is written if there are none
     * @return this writer
     */
    public ProtobufWriter packedFloats(int field, float... values) {
        return packed(field, values.length, packed -> {
            for (float value : values) {
                packed.littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
            }
        });
    }

    /**
     * Writes a repeated field of type double, packed.
     *
     * @param field the field's number, 1 or more
     * @param values its values; nothing is written if there are none
     * @return this writer
     */
    public ProtobufWriter packedDoubles(int field, double... values) {
        return packed(field, values.length, packed -> {
            for (double value : values) {
                packed.littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
            }
        });
    }

    /**
     * Writes the bytes of the message.
     *
     * @param out the destination; not closed
     * @throws IOException if it cannot be written
     */
    public void writeTo(OutputStream out) throws IOException {
        flush();
        for (byte[] part : parts) {
            out.write(part);
        }
    }

    /**
     * Returns the bytes of the message.
     *
     * @return a new array
     * @throws IllegalStateException if the message is larger than an array can be
     */
    public byte[] toBytes() {
        if (size > Integer.MAX_VALUE - Long.BYTES) {
            throw new IllegalStateException(
                    "the message has " + size + " bytes, more than an array holds: write it to" + " a stream");
        }
        flush();
        byte[] bytes = new byte[(int) size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, bytes, at, part.length);
            at += part.length;
        }
        return bytes;
    }

    private ProtobufWriter packed(int field, int count, Consumer<ProtobufWriter> values) {
        return count == 0 ? this : message(field, values);
    }

    private void tag(int field, WireType type) {
        if (field < 1 || field > LAST_FIELD) {
            throw new IllegalArgumentException("the number of a field is 1 to " + LAST_FIELD + ", not " + field);
        }
        varint((long) field << 3 | type.code());
    }

    private void varint(long value) {
        reserve(10);
        int before = used;
        long rest = value;
        while ((rest & -MORE) != 0) {
            buffer[used++] = (byte) (rest & MORE - 1 | MORE);
            rest >>>= BITS;
        }
        buffer[used++] = (byte) rest;
        size += used - before;
    }

    private void littleEndian(long bits, int bytes) {
        reserve(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer[used++] = (byte) (bits >>> 8 * i);
        }
        size += bytes;
    }

    private void reserve(int bytes) {
        if (buffer.length - used < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, used + bytes));
        }
    }

    /** Makes the buffer a part, after which another array may follow. */
    private void flush() {
        if (used > 0) {
            parts.add(Arrays.copyOf(buffer, used));
            used = 0;
        }
    }
}
