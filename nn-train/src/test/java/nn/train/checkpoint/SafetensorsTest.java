package nn.train.checkpoint;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import nn.golden.Golden;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.internal.io.AtomicFile;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    private Path folder;

    private static byte[] resource(String file) throws IOException {
        try (InputStream in = SafetensorsTest.class.getResourceAsStream("/golden/" + file)) {
            return in.readAllBytes();
        }
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("file.safetensors"), content);
    }

    private static byte[] bytes(String header, byte... data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }

    static List<Arguments> verdicts() throws IOException {
        List<Arguments> verdicts = new ArrayList<>();
        for (JsonNode file : new ObjectMapper()
                .readTree(resource("malformed/malformed.json"))
                .get("safetensors")) {
            verdicts.add(
                    Arguments.of(file.get("file").asText(), file.get("ours").asText(), file));
        }
        assertThat(verdicts).hasSizeGreaterThan(80);
        return verdicts;
    }

    @ParameterizedTest
    @MethodSource("verdicts")
    @Timeout(60) // only against a reader that never ends
    void everyFileIsAcceptedOrRefusedAsItsVerdictSaysWithLittleMemory(String name, String verdict, JsonNode file)
            throws IOException {
        Path path = file(resource("malformed/" + name));
        long allocated = Allocation.soFar();
        boolean accepted;
        try {
            Safetensors read = Safetensors.read(path);
            accepted = true;
            JsonNode reference = file.get("reference_detail");
            if (reference.isArray()) { // [name, type, shape] of each tensor
                assertThat(read.tensors()).hasSize(reference.size());
                for (JsonNode tensor : reference) {
                    int[] dims = new ObjectMapper().convertValue(tensor.get(2), int[].class);
                    assertThat(read.tensors().get(tensor.get(0).asText()).shape())
                            .isEqualTo(Shape.of(dims));
                }
            }
        } catch (DataFormatException e) {
            accepted = false;
            assertThat(e).hasMessageStartingWith(path + ": at byte " + e.position() + ": ");
            assertThat(e.position()).isBetween(0L, Files.size(path));
        }
        assertThat(Allocation.soFar() - allocated).isLessThan(16 * MEGABYTE);
        if (!verdict.equals("EITHER")) {
            assertThat(accepted).isEqualTo(verdict.startsWith("ACCEPT"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bad_wrong_magic_zip|a zip archive, such as .npz, .xlsx or PyTorch's .pt",
                "bad_wrong_magic_pickle|a Python pickle",
                "bad_wrong_magic_hdf5|an HDF5 file",
                "bad_wrong_magic_java_ser|a serialized Java object"
            })
    void aFileOfAnotherKindIsNamed(String name, String kind) throws IOException {
        Path path = file(resource("malformed/" + name + ".safetensors"));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(path))
                .withMessageContaining("this looks like " + kind);
    }

    @Test
    void aTensorThatChangesWhileItIsWrittenIsNoticed() throws IOException {
        Tensor tensor = Tensor.zeros(3);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("a", tensor);
        AtomicFile.Content content = new Safetensors(tensors, new LinkedHashMap<>()).content();
        content.writeTo(OutputStream.nullOutputStream());
        tensor.set(1f, 2);
        assertThatThrownBy(() -> content.writeTo(OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("another thread changed a tensor while it was written");
    }

    @Test
    void gzipDataAreNamed() throws IOException {
        Path path = file(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(path))
                .withMessageContaining("this looks like gzip data");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'t':{'dtype':'F8_E4M3','shape':[1],'data_offsets':[0,1]}}"
                        + "|tensor \"t\": elements of type \"F8_E4M3\" cannot be read; those of BOOL, U8,",
                "{'t':{'dtype':'U8','shape':[2],'data_offsets':[0,1]}}"
                        + "|tensor \"t\": U8 elements of shape [2] take 2 bytes; data_offsets are 0 and 1",
                "{'t':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}"
                        + "|begins at offset 1, but the tensors before it end at 0: there is a gap",
                "{}|the tensors take 0 bytes, but 1 follow the header: something was appended to the file",
                "{'t':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'t':{}}|the name \"t\" occurs twice in one"
                        + " object",
                "{'t':{'dtype':'U8','shape':[3000000000],'data_offsets':[0,1]}}"
                        + "|tensor \"t\": dimension 0 is 3000000000: a tensor holds at most 2147418112 elements",
                "{'t':{'dtype':'U8','shape':[1.0],'data_offsets':[0,1]}}|a fraction or an exponent",
                "{'t':{'shape':[1],'data_offsets':[0,1]}}|tensor \"t\": dtype is missing",
                "{'t':{'dtype':'U8','data_offsets':[0,1]}}|tensor \"t\": shape is missing",
                "{'t':{'dtype':'U8','shape':[1],'data_offsets':[0]}}|data_offsets must be a begin and an end",
                "{'t':{'dtype':'U8','shape':[1]}}|tensor \"t\": data_offsets must be a begin and an end",
                "{'__metadata__':{'a':1}}|expected a string, got '1'",
                "{'__metadata__':{'nn.crc32c':'12'}}|nn.crc32c is not 8 hexadecimal digits"
            })
    void theErrorNamesTheTensorAndTheProblem(String header, String problem) throws IOException {
        Path path = file(bytes(header.replace('\'', '"'), (byte) 0));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(path))
                .withMessageContaining("header: ")
                .withMessageContaining(problem);
    }

    @Test
    void everyPrefixOfAFileIsRefused() throws IOException {
        byte[] whole = bytes("{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]);
        assertThat(Safetensors.read(file(whole)).tensors()).hasSize(1);
        for (int length = 0; length < whole.length; length++) {
            Path cut = file(Arrays.copyOf(whole, length));
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Safetensors.read(cut));
        }
        Path cutHeader = file(Arrays.copyOf(bytes("{}"), 9));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(cutHeader))
                .withMessageContaining(
                        "a header of 2 bytes, but the file has 9 bytes in all: it was cut off, or is another kind"
                                + " of file");
    }

    @Test
    void aLongHeaderIsRefusedWithLittleMemory() throws IOException {
        for (String inside : List.of("[", "{\"a\":", "\"a\",", "1", " ", "\\", "\u00e9")) {
            Path path = file(bytes("{\"t\":" + inside.repeat(4_000_000 / inside.length()) + "}"));
            long allocated = Allocation.soFar();
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Safetensors.read(path));
            assertThat(Allocation.soFar() - allocated).isLessThan(Files.size(path) * 3 + 16 * MEGABYTE);
        }
    }

    @Test
    void aTensorLargerThanTheHeapIsRefusedWithBothSizes() throws IOException {
        long elements = Runtime.getRuntime().maxMemory() / 4 + 1;
        assumeTrue(elements <= Integer.MAX_VALUE, "a heap that holds every tensor");
        byte[] start =
                bytes("{\"t\":{\"dtype\":\"U8\",\"shape\":[" + elements + "],\"data_offsets\":[0," + elements + "]}}");
        Path path = file(start);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(start.length + elements); // takes no room on the disk
        }
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(path))
                .withMessageContaining("takes " + 4 * elements + " bytes as float32, but the heap has only "
                        + Runtime.getRuntime().maxMemory() + "; give the JVM more by -Xmx");
    }

    /** The bytes of some elements of each type, and their values. */
    static Stream<Arguments> elements() {
        return Stream.of(
                Arguments.of("BOOL", "000102", new float[] {0, 1, 1}),
                Arguments.of("U8", "00ff80", new float[] {0, 255, 128}),
                Arguments.of("I8", "00ff80", new float[] {0, -1, -128}),
                Arguments.of("U16", "ffff0100", new float[] {65535, 1}),
                Arguments.of("I16", "ffff0080", new float[] {-1, -32768}),
                Arguments.of("U32", "ffffffff01000000", new float[] {0x1p32f, 1}),
                Arguments.of("I32", "ffffffff01000001", new float[] {-1, 0x1p24f}), // 2^24 + 1 is halfway: to even
                Arguments.of("U64", "ffffffffffffffff0100000000000080", new float[] {0x1p64f, 0x1p63f}),
                // 2^63 + 2^39 + 1 is above the middle of two floats: the last bit decides
                Arguments.of("U64", "0100000080000080", new float[] {0x1.000002p63f}),
                Arguments.of("I64", "ffffffffffffffff0000000000000080", new float[] {-1, -0x1p63f}),
                Arguments.of("F16", "003c0100ff7b00fc", new float[] {1, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY}),
                Arguments.of("BF16", "803f0100", new float[] {1, 0x1p-133f}),
                Arguments.of("F32", "0000803f0000c07f", new float[] {1, Float.NaN}),
                Arguments.of("F64", "000000000000f03f9a9999999999b93f", new float[] {1, 0.1f}));
    }

    @ParameterizedTest
    @MethodSource("elements")
    void everyTypeOfElementBecomesTheNearestFloat(String type, String hex, float[] expected) throws IOException {
        byte[] data = HexFormat.of().parseHex(hex);
        String header = "{\"t\":{\"dtype\":\"" + type + "\",\"shape\":[" + expected.length + "],\"data_offsets\":[0,"
                + data.length + "]}}";
        assertThat(Safetensors.read(file(bytes(header, data)))
                        .tensors()
                        .get("t")
                        .toArray())
                .isEqualTo(expected);
    }

    @Test
    void filesOfAnotherFrameworkAreReadBitForBit() throws IOException {
        Golden golden = Golden.load("mlp.safetensors");
        Safetensors read = Safetensors.read(file(resource("mlp.safetensors")));
        String name = golden.cases("").getFirst();
        assertThat(read.tensors().get(name + "/in/x")).isBitEqualTo(golden.tensor(name, "in/x"));
    }

    private static SequencedMap<String, Tensor> tensors() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        Tensor large = Tensor.zeros(3, 50_001); // several chunks
        Key.of(4).normal(large, 0, 1);
        tensors.put("large", large);
        tensors.put("", Tensor.zeros(0, 3));
        tensors.put("h\u00e9\"\\/\n\u0001\ud83d\ude00", Tensor.full(-0f));
        tensors.put("row", large.row(1));
        tensors.put("odd", Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MIN_VALUE}, 3));
        return tensors;
    }

    @Test
    void tensorsAndTextsAreReadBackBitForBitAndInOrder() throws IOException {
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        metadata.put("z", "several\nlines \u00e9\ud83d\ude00");
        metadata.put("", "");
        Path path = folder.resolve("file.safetensors");
        new Safetensors(tensors(), metadata).write(path);
        Safetensors read = Safetensors.read(path);
        assertThat(read.metadata()).isEqualTo(metadata);
        assertThat(List.copyOf(read.metadata().keySet())).isEqualTo(List.copyOf(metadata.keySet()));
        assertThat(List.copyOf(read.tensors().keySet()))
                .isEqualTo(List.copyOf(tensors().keySet()));
        tensors()
                .forEach((name, tensor) ->
                        assertThat(read.tensors().get(name)).as(name).isBitEqualTo(tensor));
        new Safetensors(new LinkedHashMap<>(), new LinkedHashMap<>()).write(path);
        assertThat(Safetensors.read(path).tensors()).isEmpty();
    }

    /** Read by another JSON reader, as the description of the format requires. */
    @Test
    void theFileFollowsTheFormat() throws IOException {
        Path path = folder.resolve("file.safetensors");
        new Safetensors(tensors(), new LinkedHashMap<>()).write(path);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[(int) file.getLong()];
        file.get(header);
        assertThat((8 + header.length) % 8).isZero();
        JsonNode json = new ObjectMapper().readTree(header);
        int offset = 0;
        for (var entry : tensors().entrySet()) {
            JsonNode node = json.get(entry.getKey());
            Tensor tensor = entry.getValue();
            assertThat(node.get("dtype").asText()).isEqualTo("F32");
            assertThat(new ObjectMapper().convertValue(node.get("shape"), int[].class))
                    .isEqualTo(tensor.shape().dims());
            assertThat(node.get("data_offsets").get(0).asInt()).isEqualTo(offset);
            for (float value : tensor.toArray()) {
                assertThat(file.getInt()).isEqualTo(Float.floatToRawIntBits(value));
            }
            offset += 4 * tensor.size();
            assertThat(node.get("data_offsets").get(1).asInt()).isEqualTo(offset);
        }
        assertThat(file.hasRemaining()).isFalse();
    }

    @Test
    void theChecksumIsThatOfTheFileWithZerosInsteadOfItsDigits() throws IOException {
        Path path = folder.resolve("file.safetensors");
        new Safetensors(tensors(), new LinkedHashMap<>()).write(path);
        String text = Files.readString(path, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("nn.crc32c") + "nn.crc32c\":\"".length();
        String zeros = text.substring(0, at) + "0".repeat(8) + text.substring(at + 8);
        CRC32C checksum = new CRC32C();
        checksum.update(zeros.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(text.substring(at, at + 8)).isEqualTo(String.format(Locale.ROOT, "%08x", checksum.getValue()));
    }

    @Test
    void everyChangedBitIsDetected() throws IOException {
        SequencedMap<String, Tensor> small = new LinkedHashMap<>();
        small.put("t", Tensor.of(new float[] {1, 2}, 2));
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        metadata.put("key", "value");
        Path path = folder.resolve("file.safetensors");
        new Safetensors(small, metadata).write(path);
        byte[] whole = Files.readAllBytes(path);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] changed = whole.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Path damaged = file(changed);
            assertThatExceptionOfType(DataFormatException.class)
                    .as("byte " + bit / 8 + " of\n" + new String(whole, StandardCharsets.ISO_8859_1))
                    .isThrownBy(() -> Safetensors.read(damaged));
        }
        whole[whole.length - 1] ^= 1;
        Path damaged = Files.write(folder.resolve("damaged"), whole);
        Files.write(folder.resolve("damaged.previous"), whole);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Safetensors.read(damaged))
                .satisfies(e -> assertThat(new String(whole, (int) e.position(), 8, StandardCharsets.ISO_8859_1))
                        .as("the digits at that position")
                        .matches("[0-9a-f]{8}"))
                .withMessageContaining("the file says that its CRC-32C is ")
                .withMessageContaining("or the previous file, " + damaged + ".previous");
    }

    @Test
    void onlyTheFileAndThePreviousOneRemain() throws IOException {
        Path path = folder.resolve("file.safetensors");
        for (int i = 0; i < 3; i++) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("i", Tensor.full(i));
            new Safetensors(tensors, new LinkedHashMap<>()).write(path);
        }
        assertThat(Safetensors.read(path).tensors().get("i").get()).isEqualTo(2);
        Path previous = folder.resolve("file.safetensors.previous");
        assertThat(Safetensors.read(previous).tensors().get("i").get()).isEqualTo(1);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(path, previous);
        }
    }

    @Test
    void aFileThatCannotBeWrittenLeavesTheOldOne() throws IOException {
        Path path = folder.resolve("file.safetensors");
        Safetensors empty = new Safetensors(new LinkedHashMap<>(), new LinkedHashMap<>());
        empty.write(path);
        byte[] before = Files.readAllBytes(path);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> AtomicFile.writeKeepingPrevious(path, out -> {
                    out.write(new byte[100]);
                    throw new IOException("No space left on device");
                }))
                .withMessage(path + ": No space left on device");
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> empty.write(folder.resolve("none").resolve("file")))
                .withMessageContaining("create it");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> empty.write(folder))
                .withMessageContaining("is a folder");
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Safetensors.read(folder.resolve("none")));
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path path = folder.resolve("file.safetensors");
        Safetensors empty = new Safetensors(new LinkedHashMap<>(), new LinkedHashMap<>());
        empty.write(path);
        Path link = Files.createSymbolicLink(folder.resolve("latest"), path);
        empty.write(link);
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(folder.resolve("file.safetensors.previous")).exists();
    }

    @Test
    void namesAndTextsThatNoFileCanHoldAreRefused() {
        SequencedMap<String, Tensor> none = new LinkedHashMap<>();
        for (String name : List.of("__metadata__", "\ud800")) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put(name, Tensor.zeros(1));
            assertThatIllegalArgumentException().isThrownBy(() -> new Safetensors(tensors, new LinkedHashMap<>()));
        }
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        metadata.put("nn.crc32c", "");
        assertThatIllegalArgumentException().isThrownBy(() -> new Safetensors(none, metadata));
        metadata.clear();
        for (String[] text : new String[][] {{"\ud800", "text"}, {"name", "\ud800"}}) {
            metadata.put(text[0], text[1]);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Safetensors(none, metadata))
                    .withMessageContaining("has half of a surrogate pair, which no file can hold");
            metadata.clear();
        }
        SequencedMap<String, Tensor> noTensor = new LinkedHashMap<>();
        noTensor.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> new Safetensors(noTensor, metadata))
                .withMessage("tensor 'a'");
        metadata.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> new Safetensors(none, metadata))
                .withMessage("text 'a'");
    }

    @Test
    void aTensorOfMoreDimensionsThanCanBeReadIsRefused() {
        int[] dims = new int[256];
        Arrays.fill(dims, 1);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("deep", Tensor.zeros(dims));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Safetensors(tensors, new LinkedHashMap<>()))
                .withMessageContaining("tensor 'deep' has 256 dimensions; a file holds at most 255");
        assertThatNullPointerException()
                .isThrownBy(() -> new Safetensors(null, null))
                .withMessage("tensors");
    }
}
