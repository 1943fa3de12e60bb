package nn.train.internal.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import nn.train.internal.Texts;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Reads zip archives, of any file system and with the 64-bit extension, more strictly than {@link
 * java.util.zip.ZipFile}: entries must not overlap, and an entry's name, size and checksum must be those of the
 * directory. Damage is reported as a {@link DataFormatException}.
 *
 * <p>Files are read from the beginning to the end, so interrupting the thread does not disturb it.
 */
public final class ZipArchive {
    private static final int LOCAL = 0x04034B50;
    private static final int CENTRAL = 0x02014B50;
    private static final int END = 0x06054B50;
    private static final int END_64 = 0x06064B50;
    private static final int LOCATOR_64 = 0x07064B50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END_64_BYTES = 56;
    private static final int LOCATOR_64_BYTES = 20;
    private static final int LONGEST_COMMENT = 0xFFFF;
    private static final int ENCRYPTED = 1;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final long IN_EXTRA = 0xFFFFFFFFL;
    /** The largest number of entries of an archive. */
    public static final int MAX_ENTRIES = 1 << 16;

    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final List<Entry> entries;

    private ZipArchive(Path file, List<Entry> entries) {
        this.file = file;
        this.entries = List.copyOf(entries);
    }

    /**
     * A file in the archive, as the directory describes it.
     *
     * @param name its name
     * @param deflated whether it is compressed
     * @param checksum its CRC-32
     * @param packed the number of bytes that it takes in the archive
     * @param size the number of bytes that it has decompressed
     * @param offset the offset of its own header
     */
    public record Entry(String name, boolean deflated, long checksum, long packed, long size, long offset) {
        private long leastEnd() {
            return offset + LOCAL_BYTES + name.getBytes(StandardCharsets.UTF_8).length + packed;
        }
    }

    /** Reads the content of an entry. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads all of it.
         *
         * @param entry the entry
         * @param content its bytes, which must be read to the end
         * @param name its name in messages
         * @throws IOException if it cannot be read
         */
        void read(Entry entry, InputStream content, String name) throws IOException;
    }

    /**
     * Returns the files in the archive.
     *
     * @return the entries in the order of the directory
     */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * Reads the directory of an archive.
     *
     * @param file the archive
     * @return its entries
     * @throws DataFormatException if it is no archive, is damaged, or has entries that cannot be read
     * @throws IOException if it cannot be read
     */
    public static ZipArchive open(Path file) throws IOException {
        return new Directory(file).read();
    }

    /** Reads a directory. */
    private static final class Directory {
        private final Path file;
        private long size;
        private long count;
        private long begin;
        private long bytes;

        Directory(Path file) {
            this.file = file;
        }

        ZipArchive read() throws IOException {
            try (InputStream in = BinaryReader.openRegular(file)) {
                size = Files.size(file);
                end(in);
            }
            if (count > MAX_ENTRIES) {
                throw new DataFormatException(
                        file.toString(), begin, count + " entries; at most " + MAX_ENTRIES + " are read");
            }
            List<Entry> entries = new ArrayList<>();
            try (InputStream in = new BufferedInputStream(BinaryReader.open(file), BUFFER)) {
                in.skipNBytes(begin);
                BinaryReader source = new BinaryReader(in, file.toString(), begin);
                for (long i = 0; i < count; i++) {
                    entries.add(entry(source));
                }
                if (source.position() != begin + bytes) {
                    throw damaged(source.position(), "the directory has another size than its end states");
                }
            }
            requireApart(entries);
            return new ZipArchive(file, entries);
        }

        /** Finds the end record, which states where the directory is. */
        private void end(InputStream in) throws IOException {
            long tail = Math.min(size, END_BYTES + LONGEST_COMMENT + LOCATOR_64_BYTES + END_64_BYTES);
            in.skipNBytes(size - tail);
            byte[] read = in.readNBytes((int) tail);
            ByteBuffer last = ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
            int at = read.length - END_BYTES;
            while (at >= 0
                    && !(last.getInt(at) == END && unsigned(last.getShort(at + 20)) == read.length - at - END_BYTES)) {
                at--;
            }
            if (at < 0) {
                throw damaged(size, "it does not end with a directory");
            }
            count = unsigned(last.getShort(at + 10));
            bytes = unsigned(last.getInt(at + 12));
            begin = unsigned(last.getInt(at + 16));
            long end = size - read.length + at;
            int locator = at - LOCATOR_64_BYTES;
            if (locator >= END_64_BYTES && last.getInt(locator) == LOCATOR_64) {
                int at64 = locator - END_64_BYTES;
                end = last.getLong(locator + 8);
                if (end != size - read.length + at64 || last.getInt(at64) != END_64) {
                    throw damaged(
                            size - read.length + locator, "the end of its directory is not where its locator states");
                }
                count = last.getLong(at64 + 32);
                bytes = last.getLong(at64 + 40);
                begin = last.getLong(at64 + 48);
            }
            if (count < 0 || begin < 0 || bytes < 0 || begin > end || bytes != end - begin) {
                throw damaged(end, "its directory is not where its end states");
            }
        }

        private Entry entry(BinaryReader source) throws IOException {
            long at = source.position();
            ByteBuffer header = ByteBuffer.wrap(whole(source, CENTRAL_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            if (header.getInt(0) != CENTRAL) {
                throw damaged(at, "the directory has no entry here");
            }
            String name = name(whole(source, unsigned(header.getShort(28))), at);
            ByteBuffer extra = ByteBuffer.wrap(whole(source, unsigned(header.getShort(30))))
                    .order(ByteOrder.LITTLE_ENDIAN);
            whole(source, unsigned(header.getShort(32))); // a comment
            long[] numbers = { // in the order of the 64-bit extension
                unsigned(header.getInt(24)), unsigned(header.getInt(20)), unsigned(header.getInt(42))
            };
            extend(numbers, extra, at);
            int method = unsigned(header.getShort(10));
            String problem = (header.getShort(8) & ENCRYPTED) != 0
                    ? "is encrypted"
                    : method != STORED && method != DEFLATED ? "is compressed by method " + method : "";
            if (!problem.isEmpty()) {
                throw new DataFormatException(
                        file.toString(),
                        at,
                        "entry '" + name + "' " + problem + ", which cannot be read; save it as numpy.savez does");
            }
            long packed = numbers[1];
            if (method == STORED && packed != numbers[0]
                    || Arrays.stream(numbers).anyMatch(n -> n < 0 || n > Long.MAX_VALUE / 4)) {
                throw damaged(at, "entry '" + name + "' has an impossible size or offset");
            }
            return new Entry(name, method == DEFLATED, unsigned(header.getInt(16)), packed, numbers[0], numbers[2]);
        }

        private void extend(long[] numbers, ByteBuffer extra, long at) throws DataFormatException {
            while (extra.remaining() >= 4) {
                int id = unsigned(extra.getShort());
                int length = unsigned(extra.getShort());
                if (length > extra.remaining()) {
                    throw damaged(at, "the directory has a field that is cut off");
                }
                ByteBuffer field = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                extra.position(extra.position() + length);
                for (int i = 0; id == 1 && i < numbers.length; i++) {
                    if (numbers[i] == IN_EXTRA && field.remaining() >= 8) {
                        numbers[i] = field.getLong();
                    }
                }
            }
        }

        private String name(byte[] bytes, long at) throws DataFormatException {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new DataFormatException(file.toString(), at, "the name of an entry is not UTF-8");
            }
        }

        private byte[] whole(BinaryReader source, int count) throws IOException {
            byte[] bytes = source.bytes(count);
            if (bytes.length < count || source.position() > begin + this.bytes) {
                throw damaged(source.position(), "the directory ends inside an entry");
            }
            return bytes;
        }

        /** Refuses entries that share bytes: a small archive of that kind can expand to any size. */
        private void requireApart(List<Entry> entries) throws DataFormatException {
            Entry before = null;
            for (Entry entry : inOrderOfOffsets(entries)) {
                if (before != null && before.leastEnd() > entry.offset()) {
                    throw damaged(entry.offset(), "entries '" + before.name() + "' and '" + entry.name() + "' overlap");
                }
                before = entry;
            }
            if (before != null && before.leastEnd() > begin) {
                throw damaged(begin, "entry '" + before.name() + "' and the directory overlap");
            }
        }

        private DataFormatException damaged(long at, String how) {
            return ZipArchive.damaged(file.toString(), at, how);
        }
    }

    private static List<Entry> inOrderOfOffsets(Collection<Entry> entries) {
        return entries.stream().sorted(Comparator.comparingLong(Entry::offset)).toList();
    }

    private static int unsigned(short number) {
        return number & 0xFFFF;
    }

    private static long unsigned(int number) {
        return number & 0xFFFFFFFFL;
    }

    private static DataFormatException damaged(String name, long at, String how) {
        return new DataFormatException(name, at, "the archive is damaged or cut off (" + how + "); fetch it again");
    }

    /**
     * Reads some entries, in the order of the file.
     *
     * @param wanted entries of this archive
     * @param reader reads each of them
     * @throws DataFormatException if one is damaged
     * @throws IOException if it cannot be read
     */
    public void read(Collection<Entry> wanted, Reader reader) throws IOException {
        byte[] buffer = new byte[BUFFER]; // shared: an archive may have thousands of small entries
        try (InputStream in = new BufferedInputStream(BinaryReader.open(file), BUFFER)) {
            long position = 0;
            for (Entry entry : inOrderOfOffsets(wanted)) {
                in.skipNBytes(entry.offset() - position);
                position = content(in, entry) + entry.packed();
                String name = file + "(" + entry.name() + ")";
                try (Content content = new Content(in, entry, name, buffer)) {
                    reader.read(entry, content, name);
                    content.requireEnd();
                }
            }
        }
    }

    /** Reads the header in front of an entry's data, and returns where the data begin. */
    private long content(InputStream in, Entry entry) throws IOException {
        BinaryReader source = new BinaryReader(in, file.toString(), entry.offset());
        ByteBuffer header = ByteBuffer.wrap(source.bytes(LOCAL_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        if (header.limit() < LOCAL_BYTES || header.getInt(0) != LOCAL) {
            throw damaged(file.toString(), entry.offset(), "entry '" + entry.name() + "' does not begin there");
        }
        byte[] name = source.bytes(unsigned(header.getShort(26)));
        if (!Arrays.equals(name, entry.name().getBytes(StandardCharsets.UTF_8))) {
            throw damaged(
                    file.toString(),
                    entry.offset(),
                    "the directory calls an entry '" + entry.name() + "', its own header calls it '"
                            + Texts.visible(new String(name, StandardCharsets.UTF_8)) + "'");
        }
        if ((unsigned(header.getShort(8)) == DEFLATED) != entry.deflated()) {
            throw damaged(
                    file.toString(),
                    entry.offset(),
                    "entry '" + entry.name() + "' has another method in its own header than in the directory");
        }
        source.bytes(unsigned(header.getShort(28)));
        return source.position();
    }

    /** The decompressed content of an entry; its size and checksum must be those of the directory. */
    private static final class Content extends InputStream {
        private final InputStream in;
        private final Entry entry;
        private final String name;
        private final @Nullable Inflater inflater; // null if the entry is not compressed
        private final CRC32 checksum = new CRC32();
        private final byte[] buffer;
        private long packedLeft;
        private long position;

        Content(InputStream in, Entry entry, String name, byte[] buffer) {
            this.in = in;
            this.inflater = entry.deflated() ? new Inflater(true) : null;
            this.buffer = buffer;
            this.entry = entry;
            this.name = name;
            this.packedLeft = entry.packed();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (len == 0) {
                return 0;
            }
            int count = inflater == null ? packed(b, off, len) : inflate(inflater, b, off, len);
            if (count > 0) {
                checksum.update(b, off, count);
                position += count;
            }
            if (position > entry.size()) {
                throw damaged(name, position, "it is longer than the " + entry.size() + " bytes of the directory");
            }
            if (count < 0) {
                requireWhole();
            }
            return count;
        }

        private int packed(byte[] b, int off, int len) throws IOException {
            if (packedLeft == 0) {
                return -1;
            }
            int count = in.read(b, off, (int) Math.min(len, packedLeft));
            if (count < 0) {
                throw damaged(name, position, "the file ends inside it");
            }
            packedLeft -= count;
            return count;
        }

        private int inflate(Inflater inflater, byte[] b, int off, int len) throws IOException {
            while (true) {
                int count;
                try {
                    count = inflater.inflate(b, off, len);
                } catch (java.util.zip.DataFormatException e) {
                    throw damaged(
                            name, position, e.getMessage() == null ? "it cannot be decompressed" : e.getMessage());
                }
                if (count > 0) {
                    return count;
                }
                if (inflater.finished()) {
                    return -1;
                }
                int got = inflater.needsDictionary() ? -1 : packed(buffer, 0, BUFFER);
                if (got < 0) {
                    throw damaged(name, position, "it ends inside the compressed data");
                }
                inflater.setInput(buffer, 0, got);
            }
        }

        private void requireWhole() throws IOException {
            if (position < entry.size() || packedLeft > 0 || inflater != null && inflater.getRemaining() > 0) {
                throw damaged(name, position, "the directory states another size: " + entry.size() + " bytes");
            }
            if (checksum.getValue() != entry.checksum()) {
                throw damaged(name, position, "its checksum does not match");
            }
        }

        void requireEnd() throws IOException {
            if (read() >= 0) {
                throw new IllegalStateException("entry '" + name + "' was not read to its end");
            }
        }

        @Override
        public void close() {
            if (inflater != null) {
                inflater.end();
            }
        }
    }
}
