package nn.train.internal.shard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.zip.CRC32C;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.io.DataFormatException;

/**
 * A message about shards, between a trainer and a worker or between two members of a group: a head, the contents, and a
 * checksum. All numbers are little-endian, as in the memory of most machines.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>bytes</th><th>meaning</th></tr>
 * <tr><td>4</td><td>{@code nnS2}: the format and its version</td></tr>
 * <tr><td>4</td><td>the length of the whole message</td></tr>
 * <tr><td>4</td><td>the complement of the length, so that nobody waits for bytes that never come</td></tr>
 * <tr><td>4</td><td>the kind</td></tr>
 * <tr><td>8</td><td>a fingerprint of the recipe, or of the batch in a question; 0 where the contents tell it, or
 * nothing depends on it</td></tr>
 * <tr><td>8</td><td>the step; 0 for none</td></tr>
 * <tr><td>4</td><td>the shard; 0 for none</td></tr>
 * <tr><td>4</td><td>the width: how many shards, from that one on, are summed; 0 for none</td></tr>
 * <tr><td>...</td><td>the contents</td></tr>
 * <tr><td>4</td><td>CRC-32C of everything before</td></tr>
 * </table>
 */
public final class ShardMessage {
    /** What a message holds. */
    public enum Kind {
        /** The recipe and the weights of a step, for a worker. */
        WEIGHTS,
        /** The examples of a shard, for a worker. */
        TASK,
        /** The loss and the gradients of a shard, or their sums over a subtree, for the trainer. */
        RESULT,
        /** A question for the message of some kind, step, shard and width. */
        ASK,
        /** The answer of a member that is alive and does not have the message yet. */
        WAIT,
        /** The answer of a member whose step has failed: why. */
        FAILED,
        /** The recipe of a member, and how far it has come. */
        MEMBER,
        /** The state of a training. */
        STATE,
        /** That a member has the state that all have. */
        READY,
        /** The answer of a member that is asked about a batch that it does not have: why. */
        REFUSED
    }

    /** How many bytes at the beginning tell the length. */
    public static final int PREFIX = 4 + 4 + 4;

    /** The bytes before the contents. */
    public static final int HEAD = PREFIX + 4 + 8 + 8 + 4 + 4;

    /** The bytes after the contents. */
    public static final int TAIL = 4;

    private static final int MAGIC = 0x32536e6e;
    private static final int MOST_AXES = 32;

    private ShardMessage() {}

    /**
     * A checked head.
     *
     * @param kind what it holds
     * @param recipe the fingerprint
     * @param step its number, from 1
     * @param shard its index, that of the first one if there are several
     * @param width the number of leaves of its subtree
     * @param contents the bytes between head and checksum
     */
    public record Head(Kind kind, long recipe, long step, int shard, int width, ByteBuffer contents) {}

    /**
     * Begins a message with room for its contents.
     *
     * @param kind what it holds
     * @param recipe the fingerprint; 0 for none
     * @param step its number; 0 for none
     * @param shard its index, that of the first one if there are several; 0 for none
     * @param width the number of leaves of its subtree; 0 for none
     * @param contents their bytes
     * @return to be filled with the contents, then to be {@linkplain #end ended}
     * @throws IllegalArgumentException if it would be above 2 GB
     */
    public static ByteBuffer begin(Kind kind, long recipe, long step, int shard, int width, long contents) {
        long length = HEAD + contents + TAIL;
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a message of " + length + " bytes for a shard is above 2 GB; the model"
                    + " or the shard is too large for messages");
        }
        return ByteBuffer.allocate((int) length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt((int) length)
                .putInt(~(int) length)
                .putInt(kind.ordinal())
                .putLong(recipe)
                .putLong(step)
                .putInt(shard)
                .putInt(width);
    }

    /**
     * Ends a message by its checksum.
     *
     * @param message filled with its contents
     * @return the same, ready to be read
     */
    public static ByteBuffer end(ByteBuffer message) {
        if (message.remaining() != TAIL) {
            throw new IllegalStateException(message.remaining() + " bytes of a message are left; expected " + TAIL);
        }
        message.putInt(checksum(message, message.position()));
        return message.flip();
    }

    /**
     * Checks length, checksum and kind.
     *
     * @param message unchanged
     * @param kind that is expected
     * @return its head, and its contents
     * @throws DataFormatException if it is damaged or of another kind
     */
    public static Head read(ByteBuffer message, Kind kind) throws DataFormatException {
        Head head = read(message);
        if (head.kind() != kind) {
            throw bad("kind " + head.kind() + ", expected " + kind);
        }
        return head;
    }

    /**
     * Checks length and checksum.
     *
     * @param message unchanged
     * @return its head, and its contents
     * @throws DataFormatException if it is damaged or of an unknown kind
     */
    public static Head read(ByteBuffer message) throws DataFormatException {
        ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int length = in.remaining();
        if (length < HEAD + TAIL || in.getInt() != MAGIC) {
            throw bad(length + " bytes that do not begin as one: has the sender another version of nn?");
        }
        int stated = in.getInt();
        if (stated != length || in.getInt() != ~length) {
            throw bad(length + " bytes, but states " + stated + "; it was cut off or joined with another");
        }
        ByteBuffer whole = message.slice(message.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        if (whole.getInt(length - TAIL) != checksum(whole, length - TAIL)) {
            throw bad(length + " bytes whose checksum does not fit; it was damaged on its way");
        }
        int kind = in.getInt();
        if (kind < 0 || kind >= Kind.values().length) {
            throw bad("kind " + kind + ", which is unknown here: has the sender another version of nn?");
        }
        ByteBuffer contents = whole.slice(HEAD, length - HEAD - TAIL).order(ByteOrder.LITTLE_ENDIAN);
        return new Head(Kind.values()[kind], in.getLong(), in.getLong(), in.getInt(), in.getInt(), contents);
    }

    /**
     * Returns the length that the first {@link #PREFIX} bytes of a message state.
     *
     * @param prefix these bytes
     * @param most bytes that it may have
     * @return bytes of the whole message
     * @throws DataFormatException if they are damaged or state more
     */
    public static int length(ByteBuffer prefix, long most) throws DataFormatException {
        ByteBuffer in = prefix.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int length = in.getInt(4);
        if (in.getInt(0) != MAGIC || in.getInt(8) != ~length || length < HEAD + TAIL || length > most) {
            throw bad("a beginning that is damaged, or states " + length + " bytes, above " + most);
        }
        return length;
    }

    /**
     * Returns an exception about a message.
     *
     * @param problem what it has that it should not have
     * @return to be thrown
     */
    public static DataFormatException bad(String problem) {
        return new DataFormatException("a message about shards", 0, "it has " + problem);
    }

    private static int checksum(ByteBuffer message, int length) {
        CRC32C crc = new CRC32C();
        crc.update(message.slice(0, length));
        return (int) crc.getValue();
    }

    // ---- tensors and texts ----

    /**
     * Returns how many bytes {@link #put} writes.
     *
     * @param tensor of any shape
     * @return bytes
     */
    public static long size(Tensor tensor) {
        return Integer.BYTES * (1L + tensor.shape().rank()) + (long) Float.BYTES * tensor.size();
    }

    /**
     * Writes the shape and the values of a tensor.
     *
     * @param out a message
     * @param tensor of any shape
     */
    public static void put(ByteBuffer out, Tensor tensor) {
        out.putInt(tensor.shape().rank());
        for (int axis = 0; axis < tensor.shape().rank(); axis++) {
            out.putInt(tensor.dim(axis));
        }
        putValues(out, tensor);
    }

    /**
     * Reads what {@link #put} wrote.
     *
     * @param in the contents of a message
     * @return a new tensor, of the shape that the message states
     * @throws DataFormatException if the shape is impossible, or larger than the message
     */
    public static Tensor tensor(ByteBuffer in) throws DataFormatException {
        int rank = in.getInt();
        if (rank < 0 || rank > MOST_AXES) {
            throw bad("a tensor of " + rank + " axes");
        }
        int[] dims = new int[rank];
        long size = 1;
        for (int axis = 0; axis < rank; axis++) {
            dims[axis] = in.getInt();
            size = dims[axis] < 0 ? Long.MAX_VALUE : Math.multiplyExact(Math.min(size, 1L << 31), (long) dims[axis]);
        }
        if (size > in.remaining() / Float.BYTES) {
            throw bad("a tensor larger than itself");
        }
        Tensor tensor = Tensor.zeros(Shape.of(dims));
        getValues(in, tensor);
        return tensor;
    }

    /**
     * Writes the values of a tensor.
     *
     * @param out a message
     * @param tensor of any shape
     */
    public static void putValues(ByteBuffer out, Tensor tensor) {
        out.slice(out.position(), Float.BYTES * tensor.size())
                .order(out.order())
                .asFloatBuffer()
                .put(tensor.array(), tensor.offset(), tensor.size());
        out.position(out.position() + Float.BYTES * tensor.size());
    }

    /**
     * Reads the values of a tensor.
     *
     * @param in the contents of a message
     * @param tensor of any shape; its values are replaced
     */
    public static void getValues(ByteBuffer in, Tensor tensor) {
        in.slice(in.position(), Float.BYTES * tensor.size())
                .order(in.order())
                .asFloatBuffer()
                .get(tensor.array(), tensor.offset(), tensor.size());
        in.position(in.position() + Float.BYTES * tensor.size());
    }

    /**
     * Encodes texts, each with its length.
     *
     * @param lines the texts
     * @return lengths and UTF-8
     */
    public static byte[] bytes(Iterable<String> lines) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String line : lines) {
            byte[] text = line.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(text.length)
                    .array());
            out.writeBytes(text);
        }
        return out.toByteArray();
    }

    /**
     * Reads names, each with a text.
     *
     * @param in the contents of a message
     * @param count how many
     * @return the texts by name, in order
     * @throws DataFormatException if a length is impossible
     */
    public static SequencedMap<String, String> texts(ByteBuffer in, int count) throws DataFormatException {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = text(in);
            texts.put(name, text(in));
        }
        return texts;
    }

    /**
     * Reads a text.
     *
     * @param in the contents of a message
     * @return one of those of {@link #bytes}
     * @throws DataFormatException if its length is impossible
     */
    public static String text(ByteBuffer in) throws DataFormatException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw bad("a text of " + length + " bytes");
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
