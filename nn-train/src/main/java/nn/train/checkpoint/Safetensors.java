package nn.train.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Texts;
import nn.train.internal.io.AtomicFile;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.Dimensions;
import nn.train.internal.io.ElementType;
import nn.train.internal.io.FileKind;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Named tensors and named texts: the content of a file in the <a
 * href="https://github.com/huggingface/safetensors">safetensors</a> format, which PyTorch, JAX, NumPy and others read
 * and write, and which holds data only, never code.
 *
 * <p>The format: the length n of the header as an unsigned 64-bit number, little-endian; n bytes of JSON, an object
 * that begins with its brace and may be padded with spaces, with a member {@code {"dtype", "shape", "data_offsets"}}
 * for each tensor and a member {@code __metadata__} for the texts; then the elements, little-endian and row-major,
 * without gaps or overlaps. Any other file is refused with a {@link DataFormatException}, before memory is allocated
 * for its claims.
 *
 * <p>Tensors are written as F32, bit for bit, in their order. F32, F64, F16, BF16, signed and unsigned integers of 8 to
 * 64 bits and BOOL (0 or 1) are read: each element becomes the nearest float, so doubles, and whole numbers beyond
 * 2^24, may be rounded, and doubles beyond the range of floats become infinite. NaN and infinities are read and written
 * like any other value.
 *
 * <p><b>Damage.</b> A file written here has a text {@code nn.crc32c}: the CRC-32C of the whole file (RFC 3720),
 * computed with zeros instead of these 8 hexadecimal digits. It is checked when the file is read: damage of up to 32
 * bits in a row is always found, any other except for one case in 2^32. A second text, {@code nn.checked}, states that
 * the file must have the first one, so a file in which the name of one of them is damaged is not taken for a file
 * without a checksum. {@link #metadata} has neither. A file without both was written by another program, and is read
 * without the check.
 *
 * @param tensors the tensors by name, in order; the empty name is allowed, {@code __metadata__} is not
 * @param metadata the texts by name, in order
 */
public record Safetensors(SequencedMap<String, Tensor> tensors, SequencedMap<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final String CHECKSUM = "nn.crc32c";
    private static final String CHECKED = "nn.checked"; // differs from the name above by more than one bit
    private static final int DIGITS = 8;
    private static final int LENGTH_BYTES = 8;
    private static final int LONGEST_HEADER = 100_000_000; // as in the reference implementation
    private static final int CHUNK = 1 << 16;
    private static final long UNKNOWN = -1; // the size of a stream

    /**
     * Keeps the tensors themselves, in unmodifiable maps.
     *
     * @throws IllegalArgumentException if a name is reserved, a text is not Unicode, or a tensor has more than 255
     *     dimensions
     * @throws NullPointerException if a map, a name, a tensor or a text is null
     */
    public Safetensors {
        tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(Objects.requireNonNull(tensors, "tensors")));
        metadata =
                Collections.unmodifiableSequencedMap(new LinkedHashMap<>(Objects.requireNonNull(metadata, "metadata")));
        tensors.forEach((name, tensor) -> {
            Objects.requireNonNull(tensor, () -> "tensor '" + name + "'");
            requireUnicode(name);
            Dimensions.requireReadable("tensor '" + Texts.visible(name) + "'", tensor.shape());
            if (name.equals(METADATA)) {
                throw new IllegalArgumentException(
                        "no tensor can be named " + METADATA + ": in the file, that is where the texts are");
            }
        });
        metadata.forEach((name, text) -> {
            requireUnicode(name);
            requireUnicode(Objects.requireNonNull(text, () -> "text '" + name + "'"));
            if (name.equals(CHECKSUM) || name.equals(CHECKED)) {
                throw new IllegalArgumentException(
                        "no text can be named " + name + ": the file's checksum has that name");
            }
        });
    }

    private static void requireUnicode(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(Objects.requireNonNull(text, "name"))) {
            throw new IllegalArgumentException(
                    "the text " + Json.quoted(text) + " has half of a surrogate pair, which no file can hold");
        }
    }

    /** The entry of one tensor in the header. */
    private record Entry(String name, ElementType type, Shape shape, long begin, long end, int at) {}

    /** The header, and the index of the checksum in it: -1 if there is none. */
    private record Header(
            List<Entry> entries, SequencedMap<String, String> metadata, int checksumAt, String checksum) {}

    /**
     * Reads a file.
     *
     * @param file a file in this format
     * @return its tensors and texts, in the order of its header
     * @throws DataFormatException if it is not a whole file in this format, if it was changed since it was written, or
     *     if an element type or a size is not one that can be read
     * @throws IOException if it cannot be read
     */
    public static Safetensors read(Path file) throws IOException {
        try (InputStream in = BinaryReader.openRegular(Objects.requireNonNull(file, "file"))) {
            return read(in, file.toString(), Files.size(file), file);
        }
    }

    /**
     * Reads a file from a stream, such as a resource of the class path, a download, or an array of bytes. Memory for
     * the elements is allocated as they arrive, because the size of a stream is unknown.
     *
     * @param in the bytes of a file in this format, to the end; not closed
     * @param name the name of the file, for messages
     * @return its tensors and texts, in the order of its header
     * @throws DataFormatException if it is not a whole file in this format, if it was changed since it was written, or
     *     if an element type or a size is not one that can be read
     * @throws IOException if it cannot be read
     */
    public static Safetensors read(InputStream in, String name) throws IOException {
        return read(Objects.requireNonNull(in, "in"), Objects.requireNonNull(name, "name"), UNKNOWN, null);
    }

    private static Safetensors read(InputStream in, String name, long size, @Nullable Path file) throws IOException {
        BinaryReader source = new BinaryReader(in, name);
        byte[] length = source.bytes(LENGTH_BYTES);
        int headerLength = headerLength(length, size, name);
        byte[] text = source.bytes(headerLength);
        if (text.length < headerLength) {
            throw source.problem("the file ends inside its header of " + headerLength + " bytes: it was cut off"
                    + FileKind.resemblance(text));
        }
        Header header = header(text, name, size);
        CRC32C checksum = new CRC32C();
        checksum.update(length);
        if (header.checksumAt() >= 0) {
            Arrays.fill(text, header.checksumAt(), header.checksumAt() + DIGITS, (byte) '0');
            checksum.update(text);
        }
        Map<String, Tensor> read = new HashMap<>();
        InputStream elements = header.checksumAt() < 0 ? in : new CheckedInputStream(in, checksum);
        BinaryReader data = new BinaryReader(elements, name, source.position());
        for (Entry entry : inOrderOfOffsets(header.entries())) {
            read.put(entry.name(), elements(data, entry, size));
        }
        if (size == UNKNOWN && in.read() >= 0) {
            throw data.problem("more bytes follow the last tensor: something was appended to the file");
        }
        String found = header.checksumAt() < 0 ? "" : digits(checksum);
        if (!found.equals(header.checksum())) {
            throw new DataFormatException(
                    name,
                    LENGTH_BYTES + header.checksumAt(),
                    "the file says that its CRC-32C is " + header.checksum() + ", but it is " + found
                            + ": it was damaged, or changed by hand; use another copy" + previous(file));
        }
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        header.entries().forEach(entry -> tensors.put(entry.name(), read.get(entry.name())));
        return new Safetensors(tensors, header.metadata());
    }

    private static Tensor elements(BinaryReader data, Entry entry, long size) throws IOException {
        BinaryReader.Rounding nearest = BinaryReader.Rounding.NEAREST;
        return size == UNKNOWN
                ? data.elements(entry.type(), ByteOrder.LITTLE_ENDIAN, entry.shape(), nearest)
                : data.knownElements(entry.type(), ByteOrder.LITTLE_ENDIAN, entry.shape(), nearest);
    }

    /** Returns the end of a sentence that names the previous file, if there is one. */
    private static String previous(@Nullable Path file) throws IOException {
        if (file == null) {
            return "";
        }
        Path previous = AtomicFile.previous(file);
        return Files.exists(previous) ? ", or the previous file, " + previous : "";
    }

    private static int headerLength(byte[] bytes, long size, String name) throws IOException {
        if (bytes.length < LENGTH_BYTES) {
            throw new DataFormatException(
                    name,
                    bytes.length,
                    "the file ends inside the 8 bytes that give the header's length" + FileKind.resemblance(bytes));
        }
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > LONGEST_HEADER) {
            throw new DataFormatException(
                    name,
                    0,
                    "a header of " + Long.toUnsignedString(length) + " bytes; a safetensors file has one of 2 to "
                            + LONGEST_HEADER + FileKind.resemblance(bytes));
        }
        if (size != UNKNOWN && length > size - LENGTH_BYTES) {
            throw new DataFormatException(
                    name,
                    0,
                    "a header of " + length + " bytes, but the file has " + size
                            + " bytes in all: it was cut off, or is"
                            + " another kind of file"
                            + FileKind.resemblance(bytes));
        }
        return (int) length;
    }

    private static Header header(byte[] text, String source, long size) throws DataFormatException {
        Json json = new Json(text, source, LENGTH_BYTES);
        if (text[0] != '{') {
            throw json.problem(0, "it must begin with '{'" + FileKind.resemblance(text));
        }
        List<Entry> entries = new ArrayList<>();
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        int[] checksumAt = {-1};
        json.object(name -> {
            if (name.equals(METADATA)) {
                json.object(key -> {
                    int at = json.position();
                    String value = json.string();
                    if (key.equals(CHECKSUM)) {
                        checksumAt[0] = at + 1;
                    }
                    metadata.put(key, value);
                });
            } else {
                entries.add(entry(name, json));
            }
        });
        json.requireEnd();
        String checksum = Objects.requireNonNullElse(metadata.remove(CHECKSUM), "");
        if (checksumAt[0] >= 0 && !checksum.matches("[0-9a-f]{" + DIGITS + "}")) {
            throw json.problem(checksumAt[0], CHECKSUM + " is not " + DIGITS + " hexadecimal digits");
        }
        if (metadata.remove(CHECKED) != null && checksumAt[0] < 0) {
            throw json.problem(
                    0,
                    "the text " + CHECKED + " says that the file has a checksum, but there is no text " + CHECKSUM
                            + ": the header was damaged, or changed by hand; use another copy");
        }
        requireSeamless(entries, size == UNKNOWN ? UNKNOWN : size - LENGTH_BYTES - text.length, json);
        return new Header(entries, metadata, checksumAt[0], checksum);
    }

    private static Entry entry(String name, Json json) throws DataFormatException {
        int at = json.position();
        String tensor = "tensor " + Json.quoted(name);
        Dimensions dims = new Dimensions();
        List<ElementType> type = new ArrayList<>(1);
        List<Long> offsets = new ArrayList<>(2);
        boolean[] shaped = new boolean[1];
        json.object(field -> {
            int place = json.position();
            switch (field) {
                case "dtype" -> type.add(type(json.string(), tensor, json, place));
                case "shape" -> {
                    shaped[0] = true;
                    json.array(unnamed -> {
                        int dimAt = json.position();
                        Optional<String> wrong = dims.add(json.wholeNumber());
                        if (wrong.isPresent()) {
                            throw json.problem(dimAt, tensor + ": " + wrong.get());
                        }
                    });
                }
                case "data_offsets" ->
                    json.array(unnamed -> {
                        offsets.add(json.wholeNumber());
                        if (offsets.size() > 2) {
                            throw json.problem(place, tensor + ": data_offsets has more than a begin and an end");
                        }
                    });
                default -> throw json.problem(place, tensor + " has an unknown field " + Json.quoted(field));
            }
        });
        if (type.isEmpty() || !shaped[0] || offsets.size() != 2) {
            throw json.problem(
                    at,
                    tensor + ": "
                            + (type.isEmpty()
                                    ? "dtype is missing"
                                    : !shaped[0] ? "shape is missing" : "data_offsets must be a begin and an end"));
        }
        Shape shape = dims.shape();
        long bytes = (long) shape.size() * type.getFirst().bytes();
        long begin = offsets.getFirst();
        long end = offsets.getLast();
        if (end < begin || end - begin != bytes) {
            throw json.problem(
                    at,
                    tensor + ": " + type.getFirst() + " elements of shape " + shape + " take " + bytes
                            + " bytes; data_offsets are " + begin + " and " + end);
        }
        return new Entry(name, type.getFirst(), shape, begin, end, at);
    }

    private static ElementType type(String name, String tensor, Json json, int at) throws DataFormatException {
        for (ElementType type : ElementType.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw json.problem(
                at,
                tensor + ": elements of type " + Json.quoted(name) + " cannot be read; those of "
                        + Stream.of(ElementType.values()).map(Enum::name).collect(Collectors.joining(", ")) + " can");
    }

    private static List<Entry> inOrderOfOffsets(List<Entry> entries) {
        // An empty tensor begins and ends where another may begin.
        return entries.stream()
                .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
                .toList();
    }

    /** Refuses gaps and overlaps, and data that end elsewhere than the file. */
    private static void requireSeamless(List<Entry> entries, long bytes, Json json) throws DataFormatException {
        long end = 0;
        for (Entry entry : inOrderOfOffsets(entries)) {
            if (entry.begin() != end) {
                throw json.problem(
                        entry.at(),
                        "tensor " + Json.quoted(entry.name()) + " begins at offset " + entry.begin()
                                + ", but the tensors before it end at " + end
                                + (entry.begin() < end ? ": they overlap" : ": there is a gap"));
            }
            end = entry.end();
        }
        if (bytes != UNKNOWN && end != bytes) {
            throw json.problem(
                    entries.isEmpty() ? 0 : entries.getLast().at(),
                    "the tensors take " + end + " bytes, but " + bytes + " follow the header: "
                            + (end > bytes ? "the file was cut off" : "something was appended to the file"));
        }
    }

    /**
     * Writes a file. It replaces an old one as a whole: after a crash at any moment, the old file or the new one exists
     * under the name. The old one is kept, with {@code .previous} added to its name (a name too long for that is cut).
     * The new content is forced to the disk before it gets the name, and the folder after that (not on Windows, where
     * folders cannot be forced). The permissions of the old file are kept, a symbolic link is followed, and
     * interrupting the thread does not disturb writing.
     *
     * @param file the destination; its folder must exist
     * @throws IOException if it cannot be written, for example to a folder, a device, a pipe or a read-only file; the
     *     old file is unchanged
     * @throws IllegalArgumentException if the names and texts are longer than a header may be
     */
    public void write(Path file) throws IOException {
        AtomicFile.writeKeepingPrevious(Objects.requireNonNull(file, "file"), content());
    }

    /** Returns the bytes of the file. */
    AtomicFile.Content content() throws IOException {
        String start = "{\"" + METADATA + "\":{\"" + CHECKSUM + "\":\"";
        byte[] header = header(start);
        byte[] length = ByteBuffer.allocate(LENGTH_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .array();
        CRC32C checksum = new CRC32C();
        checksum.update(length);
        checksum.update(header);
        CRC32C elements = new CRC32C();
        elements((chunk, offset, count) -> {
            checksum.update(chunk, offset, count);
            elements.update(chunk, offset, count);
        });
        byte[] digits = digits(checksum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, header, start.length(), DIGITS);
        return out -> {
            out.write(length);
            out.write(header);
            CRC32C written = new CRC32C();
            elements((chunk, offset, count) -> {
                written.update(chunk, offset, count);
                out.write(chunk, offset, count);
            });
            if (written.getValue() != elements.getValue()) {
                throw new IOException("another thread changed a tensor while it was written, so the file would be"
                        + " damaged: write between two steps, or a copy");
            }
        };
    }

    /** Refuses names and texts that are longer than a header may be. */
    void requireHeader() {
        header("");
    }

    private byte[] header(String start) {
        StringBuilder json = new StringBuilder(start).append("0".repeat(DIGITS)).append('"');
        metadata.forEach((name, text) -> member(json, name, text));
        member(json, CHECKED, CHECKSUM);
        json.append('}');
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            json.append(',');
            Json.append(json, entry.getKey());
            long end = offset + (long) Float.BYTES * entry.getValue().size();
            json.append(":{\"dtype\":\"F32\",\"shape\":[")
                    .append(Arrays.stream(entry.getValue().shape().dims())
                            .mapToObj(String::valueOf)
                            .collect(Collectors.joining(",")))
                    .append("],\"data_offsets\":[")
                    .append(offset)
                    .append(',')
                    .append(end)
                    .append("]}");
            offset = end;
        }
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        if (text.length > LONGEST_HEADER - 7) {
            throw new IllegalArgumentException("the names and texts of " + tensors.size() + " tensors take "
                    + text.length + " bytes; the header of a safetensors file holds at most " + LONGEST_HEADER
                    + ". Shorter names, or fewer layers, make it smaller");
        }
        // The data begin at a multiple of 8, so that others can map the file into memory.
        byte[] padded = Arrays.copyOf(text, text.length + (-text.length & 7));
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }

    private static void member(StringBuilder json, String name, String text) {
        json.append(',');
        Json.append(json, name);
        json.append(':');
        Json.append(json, text);
    }

    /** Takes the next bytes of a file. */
    @FunctionalInterface
    private interface Chunks {
        void take(byte[] chunk, int offset, int length) throws IOException;
    }

    private void elements(Chunks chunks) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (Tensor tensor : tensors.values()) {
            for (int i = 0; i < tensor.size(); ) {
                int count = Math.min(chunk.remaining() / Float.BYTES, tensor.size() - i);
                chunk.asFloatBuffer().put(tensor.array(), tensor.offset() + i, count); // copies bits, also those of NaN
                chunk.position(chunk.position() + count * Float.BYTES);
                i += count;
                if (!chunk.hasRemaining()) {
                    chunks.take(chunk.array(), 0, CHUNK);
                    chunk.clear();
                }
            }
        }
        chunks.take(chunk.array(), 0, chunk.position());
    }

    private static String digits(CRC32C checksum) {
        return HexFormat.of().toHexDigits(checksum.getValue(), DIGITS);
    }
}
