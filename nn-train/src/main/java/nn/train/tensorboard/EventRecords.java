package nn.train.tensorboard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.FileKind;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The records of an event file, in the <a
 * href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">TFRecord format</a>: the
 * length of the data as an unsigned 64-bit number; its checksum; the data; their checksum. Numbers are little-endian. A
 * checksum is the CRC-32C, masked, because a CRC of data that hold a CRC would be weak.
 */
final class EventRecords {
    private static final int LENGTH_BYTES = 8;
    private static final int CHECKSUM_BYTES = 4;
    private static final int MASK = 0xa282ead8;
    private static final int LONGEST = 1 << 30; // bytes of data

    private final BinaryReader in;
    private long end; // of the last whole record
    private boolean cutOff;

    /** Begins to read a file; the name is for messages. */
    EventRecords(InputStream in, String name) {
        this.in = new BinaryReader(in, name);
    }

    /** Returns a record for some data. */
    static byte[] record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(LENGTH_BYTES + 2 * CHECKSUM_BYTES + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length).putInt(checksum(record.array(), LENGTH_BYTES));
        return record.put(data).putInt(checksum(data, data.length)).array();
    }

    private static int checksum(byte[] bytes, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, count);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }

    /**
     * Reads the next record.
     *
     * @return its data; null at the end of the file
     * @throws DataFormatException if the file ends inside the record, or was changed
     */
    byte @Nullable [] next() throws IOException {
        byte[] head = in.bytes(LENGTH_BYTES + CHECKSUM_BYTES);
        if (head.length == 0) {
            return null;
        }
        ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (head.length < LENGTH_BYTES + CHECKSUM_BYTES) {
            throw cutOff();
        }
        if (numbers.getInt(LENGTH_BYTES) != checksum(head, LENGTH_BYTES)) {
            throw in.problem(
                    end,
                    "the length of a record does not have the checksum that follows it: the file was damaged, or is"
                            + " not an event file" + (end == 0 ? FileKind.resemblance(head) : ""));
        }
        long length = numbers.getLong();
        if (length < 0 || length > LONGEST) {
            throw in.problem(
                    end,
                    "a record of " + Long.toUnsignedString(length) + " bytes; at most " + LONGEST + " can be read");
        }
        byte[] data = in.bytes((int) length);
        byte[] tail = in.bytes(CHECKSUM_BYTES);
        if (data.length < length || tail.length < CHECKSUM_BYTES) {
            throw cutOff();
        }
        if (ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt() != checksum(data, data.length)) {
            throw in.problem(
                    end, "the data of a record do not have the checksum that follows them: the file was" + " damaged");
        }
        end = in.position();
        return data;
    }

    private DataFormatException cutOff() {
        cutOff = true;
        return in.problem(end, "the file ends inside a record that begins here: it was cut off");
    }

    /** Returns where the last whole record ends. */
    long end() {
        return end;
    }

    /** Returns whether the file ends inside a record, as that of a process that was killed may. */
    boolean isCutOff() {
        return cutOff;
    }
}
