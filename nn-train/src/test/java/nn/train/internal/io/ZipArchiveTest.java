package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipArchiveTest {
    private static final byte[] CONTENT = {1, (byte) 0xFF, 3, 4, 5};
    private static final int END = 22; // bytes of the last record

    @TempDir
    private Path folder;

    /** Entries a, b and c with the same content. */
    private static byte[] archive(int method, String comment) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CRC32 checksum = new CRC32();
        checksum.update(CONTENT);
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setComment(comment);
            for (String name : List.of("a", "b", "c")) {
                ZipEntry entry = new ZipEntry(name);
                entry.setMethod(method);
                entry.setSize(CONTENT.length);
                entry.setCrc(checksum.getValue());
                zip.putNextEntry(entry);
                zip.write(CONTENT);
            }
        }
        return bytes.toByteArray();
    }

    private ZipArchive open(byte[] bytes) throws IOException {
        return ZipArchive.open(Files.write(folder.resolve("archive.zip"), bytes));
    }

    private void refused(byte[] bytes, String how) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> open(bytes))
                .withMessageContaining("the archive is damaged or cut off (" + how + "); fetch it again");
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Where the directory describes an entry of one letter. */
    private static int directoryEntry(byte[] archive, int index) {
        return littleEndian(archive).getInt(archive.length - END + 16) + index * (46 + 1);
    }

    /** Puts an extra field behind the name of the last entry of the directory. */
    private static byte[] withExtra(byte[] archive, byte... extra) {
        int end = archive.length - END;
        byte[] longer = Arrays.copyOf(archive, archive.length + extra.length);
        System.arraycopy(extra, 0, longer, end, extra.length);
        System.arraycopy(archive, end, longer, end + extra.length, END);
        littleEndian(longer).putShort(directoryEntry(archive, 2) + 30, (short) extra.length);
        ByteBuffer size = littleEndian(longer);
        size.putInt(longer.length - END + 12, size.getInt(longer.length - END + 12) + extra.length);
        return longer;
    }

    @ParameterizedTest
    @ValueSource(ints = {ZipEntry.STORED, ZipEntry.DEFLATED})
    void anEntryIsReadByteByByteOrIntoAPartOfAnArray(int method) throws IOException {
        ZipArchive archive = open(archive(method, null));
        assertThat(archive.entries()).extracting(ZipArchive.Entry::name).containsExactly("a", "b", "c");
        archive.read(archive.entries(), (entry, content, name) -> {
            assertThat(content.read()).isEqualTo(1);
            assertThat(content.read()).isEqualTo(255);
            byte[] part = new byte[4];
            assertThat(content.read(part, 1, 0)).isZero();
            assertThat(content.readNBytes(part, 1, 2)).isEqualTo(2);
            assertThat(part).containsExactly(0, 3, 4, 0);
            assertThat(content.readAllBytes()).containsExactly(5);
            assertThat(content.read()).isEqualTo(-1);
        });
    }

    @Test
    void anEntryMustBeReadToItsEnd() throws IOException {
        ZipArchive archive = open(archive(ZipEntry.STORED, null));
        assertThatIllegalStateException()
                .isThrownBy(() -> archive.read(archive.entries(), (entry, content, name) -> content.readNBytes(4)))
                .withMessageContaining("(a)' was not read to its end");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 65535})
    void aCommentMayFollowTheDirectory(int length) throws IOException {
        ZipArchive archive = open(archive(ZipEntry.DEFLATED, "c".repeat(length)));
        assertThat(archive.entries()).hasSize(3);
    }

    @Test
    void aFileThatIsNoArchiveIsRefused() {
        for (int length : new int[] {0, 10, END, 100}) {
            refused(new byte[length], "it does not end with a directory");
        }
    }

    @Test
    void anEmptyArchiveIsReadAlsoWithAnEndOf64Bits() throws IOException {
        byte[] end = littleEndian(new byte[END]).putInt(0x06054B50).array();
        assertThat(open(end).entries()).isEmpty();
        ByteBuffer end64 = littleEndian(new byte[56 + 20 + END]);
        end64.putInt(0x06064B50).putLong(44).position(56);
        end64.putInt(0x07064B50).putInt(0).putLong(0).putInt(1);
        end64.putInt(0x06054B50).putInt(0).putInt(-1).putInt(-1).putInt(-1);
        assertThat(open(end64.array()).entries()).isEmpty();
    }

    @Test
    void anArchiveOf65536EntriesIsRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < ZipArchive.MAX_ENTRIES; i++) {
                ZipEntry entry = new ZipEntry("" + i);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(0);
                entry.setCrc(0);
                zip.putNextEntry(entry);
            }
        }
        List<ZipArchive.Entry> entries = open(bytes.toByteArray()).entries();
        assertThat(entries).hasSize(65536);
        assertThat(entries.getLast().name()).isEqualTo("65535");
    }

    @Test
    void entriesThatFollowEachOtherDoNotOverlapAndOneByteLessDoes() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        int offset = 2 * (30 + 1 + CONTENT.length);
        int at = directoryEntry(whole, 2) + 42;
        assertThat(littleEndian(whole).getInt(at)).isEqualTo(offset);
        littleEndian(whole).putInt(at, offset - 1);
        refused(whole, "entries 'b' and 'c' overlap");
        littleEndian(whole).putInt(at, offset + 1);
        refused(whole, "entry 'c' and the directory overlap");
    }

    @Test
    void sizesAndOffsetsOf64BitsAreInAnExtraField() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        int at = directoryEntry(whole, 2);
        long offset = littleEndian(whole).getInt(at + 42);
        ByteBuffer extra = littleEndian(new byte[6 + 4 + 8]);
        extra.putShort((short) 9).putShort((short) 2).putShort((short) 7); // of another kind
        extra.putShort((short) 1).putShort((short) 8).putLong(offset);
        byte[] large = withExtra(whole, extra.array());
        littleEndian(large).putInt(at + 42, -1);
        ZipArchive archive = open(large);
        assertThat(archive.entries().getLast().offset()).isEqualTo(offset);
        archive.read(
                archive.entries(),
                (entry, content, name) -> assertThat(content.readAllBytes()).isEqualTo(CONTENT));
    }

    @Test
    void anExtraFieldMustEndInsideItsEntry() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        assertThat(open(withExtra(whole, new byte[] {9, 0, 0, 0})).entries()).hasSize(3);
        assertThat(open(withExtra(whole, new byte[] {9, 0, 1, 0, 5})).entries()).hasSize(3);
        refused(withExtra(whole, new byte[] {9, 0, 1, 0}), "the directory has a field that is cut off");
        refused(withExtra(whole, new byte[] {9, 0, 2, 0, 5}), "the directory has a field that is cut off");
    }

    @Test
    void aNameThatIsNotUtf8IsRefused() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        whole[directoryEntry(whole, 0) + 46] = (byte) 0xFF;
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> open(whole))
                .withMessageEndingWith("at byte " + directoryEntry(whole, 0) + ": the name of an entry is not UTF-8");
    }

    @Test
    void anEncryptedEntryAndAnUnknownMethodAreRefused() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        int at = directoryEntry(whole, 1);
        byte[] encrypted = whole.clone();
        encrypted[at + 8] = 1;
        byte[] packed = whole.clone();
        packed[at + 10] = 12;
        for (Object[] each : new Object[][] {{encrypted, "is encrypted"}, {packed, "is compressed by method 12"}}) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> open((byte[]) each[0]))
                    .withMessageEndingWith("at byte " + at + ": entry 'b' " + each[1]
                            + ", which cannot be read; save it as numpy.savez does");
        }
    }

    @Test
    void damagedContentIsRefusedWhereItIsRead() throws IOException {
        byte[] whole = archive(ZipEntry.STORED, null);
        byte[] changed = whole.clone();
        changed[31]++;
        byte[] method = whole.clone();
        method[8] = ZipEntry.DEFLATED;
        byte[] signature = whole.clone();
        signature[0]++;
        byte[] deflated = archive(ZipEntry.DEFLATED, null);
        byte[] broken = deflated.clone();
        broken[31] = -1;
        for (Object[] each : new Object[][] {
            {changed, "its checksum does not match"},
            {method, "entry 'a' has another method in its own header than in the directory"},
            {signature, "entry 'a' does not begin there"},
            {broken, "invalid block type"}
        }) {
            ZipArchive archive = open((byte[]) each[0]);
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> archive.read(archive.entries(), (entry, content, name) -> content.readAllBytes()))
                    .withMessageContaining("damaged or cut off (" + each[1] + ")");
        }
    }

    /** The sizes in the directory: as stored, and decompressed. */
    @Test
    void anEntryOfAnotherSizeThanTheDirectoryStatesIsRefused() throws IOException {
        byte[] whole = archive(ZipEntry.DEFLATED, null);
        for (int[] change : new int[][] {{24, 1}, {24, -1}, {20, -1}, {20, 1}}) {
            byte[] changed = whole.clone();
            changed[directoryEntry(whole, 0) + change[0]] += (byte) change[1];
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> {
                ZipArchive archive = open(changed);
                archive.read(archive.entries().subList(0, 1), (entry, content, name) -> content.readAllBytes());
            });
        }
    }
}
