package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdxTest {
    private static final long MEGABYTE = 1 << 20;

    static List<Arguments> verdicts() throws IOException {
        List<Arguments> verdicts = new ArrayList<>();
        for (JsonNode file :
                new ObjectMapper().readTree(resource("malformed.json")).get("idx")) {
            verdicts.add(
                    Arguments.of(file.get("file").asText(), file.get("ours").asText()));
        }
        assertThat(verdicts).hasSizeGreaterThan(15);
        return verdicts;
    }

    private static byte[] resource(String file) throws IOException {
        try (InputStream in = IdxTest.class.getResourceAsStream("/golden/malformed/" + file)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("verdicts")
    @Timeout(60) // only against a reader that never ends
    void everyFileIsAcceptedOrRefusedAsItsVerdictSays(String file, String verdict) throws IOException {
        byte[] bytes = resource(file);
        long allocated = Allocation.soFar();
        boolean accepted;
        try {
            Idx.read(new ByteArrayInputStream(bytes), file);
            accepted = true;
        } catch (DataFormatException e) {
            accepted = false;
            assertThat(e).hasMessageStartingWith(file + ": at byte " + e.position() + ": ");
            assertThat(e.position()).isBetween(0L, (long) bytes.length);
        }
        assertThat(Allocation.soFar() - allocated).isLessThan(16 * MEGABYTE);
        assertThat(accepted).isEqualTo(verdict.startsWith("ACCEPT"));
    }

    private static byte[] header(int type, int... dims) {
        ByteBuffer header = ByteBuffer.allocate(4 + 4 * dims.length);
        header.put((byte) 0).put((byte) 0).put((byte) type).put((byte) dims.length);
        for (int d : dims) {
            header.putInt(d);
        }
        return header.array();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static Tensor read(byte[] bytes) throws IOException {
        return Idx.read(new ByteArrayInputStream(bytes), "data");
    }

    private static void refused(byte[] bytes, String message) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes))
                .withMessage(message)
                .satisfies(e -> assertThat(e.source()).isEqualTo("data"));
    }

    @Test
    void everyElementTypeIsRead() throws IOException {
        float[] expected = {-2, 100};
        assertThat(read(join(header(0x08, 2), new byte[] {(byte) 254, 100})).toArray())
                .containsExactly(254, 100);
        assertThat(read(join(header(0x09, 2), new byte[] {-2, 100})).toArray()).isEqualTo(expected);
        byte[] shorts = ByteBuffer.allocate(4)
                .putShort((short) -2)
                .putShort((short) 100)
                .array();
        assertThat(read(join(header(0x0B, 2), shorts)).toArray()).isEqualTo(expected);
        byte[] ints = ByteBuffer.allocate(8).putInt(-2).putInt(100).array();
        assertThat(read(join(header(0x0C, 1, 2), ints)).shape()).isEqualTo(Shape.of(1, 2));
        assertThat(read(join(header(0x0C, 1, 2), ints)).toArray()).isEqualTo(expected);
        byte[] floats = ByteBuffer.allocate(8).putFloat(-2).putFloat(100).array();
        assertThat(read(join(header(0x0D, 2), floats)).toArray()).isEqualTo(expected);
        byte[] doubles = ByteBuffer.allocate(16).putDouble(-2).putDouble(100).array();
        assertThat(read(join(header(0x0E, 2), doubles)).toArray()).isEqualTo(expected);
    }

    /** More than one buffer and more than one growth of the array. */
    @ParameterizedTest
    @CsvSource({"8, 1", "12, 4"})
    void aLargeFileIsReadInPieces(int type, int bytes) throws IOException {
        int n = 700_001;
        ByteBuffer data = ByteBuffer.allocate(n * bytes);
        for (int i = 0; i < n; i++) {
            if (bytes == 1) {
                data.put((byte) (i % 251));
            } else {
                data.putInt(i);
            }
        }
        byte[] file = join(header(type, n), data.array());
        Tensor t = read(file);
        assertThat(t.get(0)).isZero();
        assertThat(t.get(n - 1)).isEqualTo(bytes == 1 ? (n - 1) % 251 : n - 1);
        assertThat(read(gzip(file))).isBitEqualTo(t);
    }

    @Test
    void errorsNameTheFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("labels.idx.gz");
        Files.write(file, gzip(join(header(0x08, 3), new byte[] {1, 2, 3})));
        assertThat(Idx.read(file).toArray()).containsExactly(1, 2, 3);
        Files.write(file, gzip(join(header(0x08, 4), new byte[] {1, 2, 3})));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Idx.read(file))
                .withMessage(file + ": at byte 11: the data end here; U8 elements of shape [4] would end at byte 12:"
                        + " the file was cut off");
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Idx.read(folder.resolve("none")));
        assertThatNullPointerException().isThrownBy(() -> Idx.read(null));
    }

    @Test
    void aFileOfAnotherShapeIsRefusedWithBothShapes(@TempDir Path folder) throws IOException {
        Path labels = folder.resolve("images.idx");
        Files.write(labels, join(header(0x08, 3), new byte[] {1, 2, 3}));
        assertThat(Idx.read(labels, Shape.of(Shape.ANY)).toArray()).containsExactly(1, 2, 3);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Idx.read(labels, Shape.of(Shape.ANY, 28, 28)))
                .withMessage(labels + ": at byte 4: expected shape [? x 28 x 28], the file has [3]; is it the right"
                        + " file?");
    }

    @Test
    void damagedGzipDataAreNamedAsSuch() throws IOException {
        byte[] whole = gzip(join(header(0x08, 1000), new byte[1000]));
        for (int length = 2; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> read(cut))
                    .withMessageContaining("gzip data are damaged or cut off");
        }
    }

    @Test
    void bytesAfterTheGzipDataAreRefusedAndFurtherMembersAreRead() throws IOException {
        byte[] whole = join(header(0x08, 3), new byte[] {1, 2, 3});
        byte[] two = join(gzip(Arrays.copyOf(whole, 9)), gzip(Arrays.copyOfRange(whole, 9, whole.length)));
        assertThat(read(two).toArray()).containsExactly(1, 2, 3);
        for (byte[] more : List.of(new byte[1], new byte[] {'x', 'y', 'z'}, new byte[40])) {
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> read(join(gzip(whole), more)))
                    .withMessage(
                            "data: at byte 11: bytes that are not gzip data follow the gzip data, which decompress to"
                                    + " 11 bytes: something was appended to the file; fetch it again");
        }
    }

    @Test
    void gzipDataWithANameACommentAndAnExtraFieldAreRead() throws IOException {
        byte[] plain = gzip(join(header(0x08, 1), new byte[] {5}));
        byte[] start = Arrays.copyOf(plain, 10);
        start[3] = 4 | 8 | 16 | 2;
        byte[] fields = {2, 0, 'e', 'x', 'n', 0, 'c', 0, 9, 9};
        assertThat(read(join(start, fields, Arrays.copyOfRange(plain, 10, plain.length)))
                        .toArray())
                .containsExactly(5);
        start[3] = 32;
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(join(start, Arrays.copyOfRange(plain, 10, plain.length))))
                .withMessageContaining("method 8 with flags 32 is unknown");
    }

    @Test
    void aWholeNumberThatFloat32DoesNotHoldIsRefused() throws IOException {
        byte[] numbers =
                ByteBuffer.allocate(8).putInt(-16777218).putInt(16777217).array();
        assertThat(read(join(header(0x0C, 1), Arrays.copyOf(numbers, 4))).toArray())
                .containsExactly(-16777218);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(join(header(0x0C, 2), numbers)))
                .withMessageStartingWith(
                        "data: at byte 12: element 1 of shape [2] is 16777217, which float32 does not hold");
    }

    /** 65 kilobytes that decompress to 64 megabytes, in a file whose header says ten. */
    @Test
    void noMoreIsDecompressedThanTheShapeHas() throws IOException {
        byte[] bomb = gzip(join(header(0x08, 10), new byte[1 << 26]));
        long allocated = Allocation.soFar();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bomb))
                .withMessageContaining("more bytes follow the last element of shape [10]");
        assertThat(Allocation.soFar() - allocated).isLessThan(MEGABYTE);
    }

    @Test
    void everyPrefixOfAFileIsRefused() {
        byte[] whole = join(header(0x0E, 2, 1), new byte[16]);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(cut));
        }
    }

    @Test
    void theErrorNamesTheLikelyKindOfTheFile() {
        String start = "data: at byte 0: an IDX file begins with two zero bytes, this one with ";
        refused(
                new byte[] {'P', 'K', 3, 4},
                start + "50 4B 03 04; this looks like a zip archive, such as .npz, .xlsx or PyTorch's .pt");
        refused(new byte[] {(byte) 0x89, 'P', 'N', 'G'}, start + "89 50 4E 47; this looks like a PNG image");
        refused(
                "<!DOCTYPE html>".getBytes(StandardCharsets.US_ASCII),
                start + "3C 21 44 4F; this looks like a web page: was it downloaded from the wrong address?");
        refused("5,0,0,12".getBytes(StandardCharsets.US_ASCII), start + "35 2C 30 2C; this looks like text");
        refused(
                new byte[] {1, 8, 0, 0, 1, 0, 0, 0, 0},
                start + "01 08 00 00; this looks like an IDX header with its bytes swapped (little-endian)");
        refused(new byte[] {1, 2, 3, 4}, start + "01 02 03 04");
    }

    @Test
    void theErrorNamesTheProblemAndItsPosition() {
        refused(
                header(0x07, 1),
                "data: at byte 2: type code 0x07; known are 08 (unsigned byte), 09 (byte), 0B (short), 0C (int),"
                        + " 0D (float), 0E (double)");
        refused(header(0x08), "data: at byte 3: 0 dimensions; an IDX file has 1 or more");
        refused(
                header(0x08, -1),
                "data: at byte 4: dimension 0 is 4294967295: a tensor holds at most 2147418112 elements");
        refused(
                header(0x08, 65536, 65536),
                "data: at byte 8: dimension 1 is 65536 after [65536]: a tensor holds at most 2147418112 elements");
        refused(
                header(0x08, 0, 65536, 65536),
                "data: at byte 12: dimension 2 is 65536 after [0, 65536]: a tensor holds at most 2147418112 elements");
        refused(
                join(header(0x08, 1), new byte[2]),
                "data: at byte 9: more bytes follow the last element of shape [1]: the dimensions are wrong, or this is"
                        + " more than one file");
    }
}
