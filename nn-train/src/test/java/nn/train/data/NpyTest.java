package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.checkpoint.Child;
import nn.train.checkpoint.Safetensors;
import nn.train.io.DataFormatException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    @TempDir
    private Path folder;

    private static byte[] bytes(int version, String header, byte... data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        for (int i = 0; i < (version == 1 ? 2 : 4); i++) {
            file.write(text.length >>> 8 * i);
        }
        file.writeBytes(text);
        file.writeBytes(data);
        return file.toByteArray();
    }

    private static Tensor read(byte[] bytes) throws IOException {
        return Npy.read(new ByteArrayInputStream(bytes), "data");
    }

    private static String header(String descr, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    }

    /** An archive of 65536 of them took seconds: a buffer of 64 KB and a decompressor for each. */
    @Test
    void aTinyArrayOfAnArchiveIsReadInLittleMemory() throws IOException {
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            arrays.put("a" + i, Tensor.full(i, 1));
        }
        Path file = folder.resolve("many.npz");
        Npy.writeAll(file, arrays);
        Npy.readAll(file); // classes are loaded, and threads have their buffers
        long before = Allocation.soFar();
        SequencedMap<String, Tensor> read = Npy.readAll(file);
        long each = (Allocation.soFar() - before) / arrays.size();
        assertThat(each).isLessThan(1 << 14); // three buffers of 64 KB for all of them are 1 KB each
        assertThat(read.keySet()).containsExactlyElementsOf(arrays.keySet());
        assertThat(read.get("a199")).isBitEqualTo(arrays.get("a199"));
    }

    /** The bytes that {@code numpy.save} of numpy 2.4 writes for {@code arange(6, dtype='<f4').reshape(2, 3)}. */
    @Test
    void aFileOfNumPyIsRead() throws IOException {
        byte[] file = HexFormat.of()
                .parseHex("934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e"
                        + "5f6f72646572273a2046616c73652c20277368617065273a2028322c2033292c207d" + "20".repeat(58)
                        + "0a"
                        + "000000000000803f0000004000004040000080400000a040");
        Tensor array = read(file);
        assertThat(array.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(array.toArray()).containsExactly(0, 1, 2, 3, 4, 5);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Path path = folder.resolve("array.npy");
        Npy.write(path, array);
        written.writeBytes(Files.readAllBytes(path));
        assertThat(written.toByteArray()).as("the written file").isEqualTo(file);
    }

    @ParameterizedTest
    @CsvSource({
        "|b1, 000102, '0,1,1'",
        "|u1, 00ff80, '0,255,128'",
        "|i1, 00ff80, '0,-1,-128'",
        "<u2, ffff0100, '65535,1'",
        ">u2, ffff0001, '65535,1'",
        "<i2, ffff0080, '-1,-32768'",
        "<u4, 00000080ffffff00, '2147483648,16777215'",
        ">i4, fffffffe00000002, '-2,2'",
        "<i8, feffffffffffffff0200000000000000, '-2,2'",
        ">u8, 8000000000000000, '9223372036854775808'",
        "<f2, 003c00c0, '1,-2'",
        ">f4, 3f800000c0000000, '1,-2'",
        ">f8, 3fb999999999999a, '0.1'",
        "<f8, 9a9999999999b93f, '0.1'"
    })
    void everyElementTypeIsReadInEitherByteOrder(String descr, String hex, String expected) throws IOException {
        String[] texts = expected.split(",");
        Tensor array = read(bytes(
                1, header(descr, "(" + texts.length + ",)"), HexFormat.of().parseHex(hex)));
        assertThat(array.shape()).isEqualTo(Shape.of(texts.length));
        for (int i = 0; i < texts.length; i++) {
            assertThat(array.get(i)).isEqualTo(Float.parseFloat(texts[i]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyVersionAndAnyOrderOfHeaderEntriesIsRead(int version) throws IOException {
        String header = "{\"shape\": (2,1) , 'fortran_order':False,'descr':'|u1'}   \n";
        assertThat(read(bytes(version, header, (byte) 7, (byte) 8)).toArray()).containsExactly(7, 8);
        assertThat(read(bytes(version, header("|u1", "()"), (byte) 7)).shape()).isEqualTo(Shape.of());
        assertThat(read(bytes(version, header("|u1", "(0, 3)"))).shape()).isEqualTo(Shape.of(0, 3));
        assertThat(read(bytes(version, header("|u1", "(10, 9)"), new byte[90])).shape())
                .isEqualTo(Shape.of(10, 9));
    }

    /** From a file in parts of rows, parts of a row, or at once; from a stream always at once. */
    @ParameterizedTest
    @CsvSource({"7, 90000", "300000, 3", "600, 500, 3", "3, 1000, 400", "1, 300000, 2", "70, 1, 80, 90", "5, 0"})
    void aLargeArrayInFortranOrderIsPutIntoRowMajorOrder(ArgumentsAccessor sizes) throws IOException {
        int[] dims = IntStream.range(0, sizes.size()).map(sizes::getInteger).toArray();
        Shape shape = Shape.of(dims);
        ByteBuffer data = ByteBuffer.allocate(4 * shape.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < shape.size(); i++) {
            data.putInt(i);
        }
        String axes = Arrays.stream(dims).mapToObj(String::valueOf).collect(Collectors.joining(","));
        byte[] bytes = bytes(1, header("<i4", "(" + axes + ")").replace("False", "True"), data.array());
        Path file = Files.write(folder.resolve("fortran.npy"), bytes);
        Tensor fromFile = Npy.read(file);
        assertThat(fromFile.shape()).isEqualTo(shape);
        int[] index = new int[dims.length];
        for (int i = 0; i < shape.size(); i++) {
            int place = 0; // in the file
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                place = place * dims[axis] + index[axis];
            }
            if (fromFile.array()[i] != place) { // an assertion for each would take minutes
                assertThat(fromFile.array()[i]).as(Arrays.toString(index)).isEqualTo(place);
            }
            for (int axis = dims.length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--) {
                index[axis] = 0;
            }
        }
        assertThat(read(bytes)).isBitEqualTo(fromFile);
    }

    @Test
    void fortranOrderIsPutIntoRowMajorOrder() throws IOException {
        byte[] data = new byte[2 * 3 * 4];
        int at = 0;
        for (int k = 0; k < 4; k++) {
            for (int j = 0; j < 3; j++) {
                for (int i = 0; i < 2; i++) {
                    data[at++] = (byte) (100 * i + 10 * j + k);
                }
            }
        }
        Tensor array = read(bytes(1, header("|u1", "(2, 3, 4)").replace("False", "True"), data));
        assertThat(array.shape()).isEqualTo(Shape.of(2, 3, 4));
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 4; k++) {
                    assertThat(array.get(i, j, k)).isEqualTo(100 * i + 10 * j + k);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            quoteCharacter = '`',
            value = {
                "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}@ elements of type '|O' cannot be read: they"
                        + " are Python objects, pickled; save numbers",
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}@ elements of type '<c8' cannot be read;",
                "{'descr': '=f4', 'fortran_order': False, 'shape': (1,)}@ elements of type '=f4' cannot be read;",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}@ an array of records",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}@ expected a dimension",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1)}@ (3) is a number; a shape of one dimension is"
                        + " (3,)",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1.0,)}@ expected a dimension",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1 1)}@ expected a dimension",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536)}@ dimension 1 is 65536 after"
                        + " [65536]: a tensor holds at most",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}@ a tensor holds at most",
                "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}@ expected True or False",
                "{'descr': '|u1', 'shape': (1,)}@ the header needs the entries descr, fortran_order and shape",
                "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}@ the entry 'descr' is"
                        + " unknown or repeated",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': 1}@ the entry 'more' is unknown",
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x@ more text follows",
                "{'descr': '|u1@ expected a string",
                "{'descr':@ expected a string",
                "{'shape': (1@ expected a dimension",
                "{'shape': (999999999999999999,)@ dimension 0 is 999999999999999999: a tensor holds at most",
                "[1]@ expected '{'",
                "{@ expected a string"
            })
    void aMalformedHeaderIsRefused(String header, String problem) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes(1, header, (byte) 0)))
                .withMessageStartingWith("data: at byte ")
                .withMessageContaining("header: ")
                .withMessageContaining(problem);
    }

    @Test
    void theErrorNamesTheByteInTheFile() {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes(1, "{'shape': (x)}")))
                .withMessageStartingWith("data: at byte 21: header: expected a dimension, a whole number");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Arrays.copyOf(bytes(2, header("|u1", "()")), 30)))
                .withMessage("data: at byte 30: the file ends inside the header, which would end at byte "
                        + bytes(2, header("|u1", "()")).length);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Arrays.copyOf(bytes(2, header("|u1", "()")), 10)))
                .withMessage("data: at byte 10: the file ends inside the length of the header");
    }

    @Test
    void aHeaderHasAtMost65536Bytes() throws IOException {
        String header = header("|u1", "()");
        String longest = header + " ".repeat(65536 - header.length());
        assertThat(read(bytes(2, longest, (byte) 7)).get()).isEqualTo(7);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes(2, longest + " ", (byte) 7)))
                .withMessage("data: at byte 12: a header of 65537 bytes; at most 65536 are read");
    }

    @Test
    void aFileOfAnotherLengthVersionOrKindIsRefused() {
        byte[] whole = bytes(2, header("<f8", "(2,)"), new byte[16]);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(cut));
        }
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(Arrays.copyOf(whole, whole.length + 1)))
                .withMessageContaining("more bytes follow");
        whole[6] = 4;
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(whole))
                .withMessage("data: at byte 6: version 4.0; known are 1.0, 2.0 and 3.0");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0}))
                .withMessageContaining("this looks like a zip archive");
    }

    @Test
    void aFalseClaimAllocatesNoMemory() {
        byte[] file = bytes(1, header("|u1", "(2147418112,)"), new byte[20]);
        byte[] longHeader = bytes(2, "");
        longHeader[11] = 0x7F;
        long allocated = Allocation.soFar();
        assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(file));
        assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> read(longHeader));
        assertThat(Allocation.soFar() - allocated).isLessThan(16 << 20);
    }

    private static SequencedMap<String, Tensor> arrays() {
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        Tensor large = Tensor.zeros(300, 100);
        Key.of(1).normal(large, 0, 1);
        arrays.put("weights/large", large);
        arrays.put("scalar", Tensor.full(Float.NaN));
        arrays.put("../up", large.row(3));
        arrays.put("none", Tensor.zeros(0, 2));
        return arrays;
    }

    @Test
    void namedArraysAreReadBackBitForBit() throws IOException {
        Path file = folder.resolve("arrays.npz");
        Npy.writeAll(file, arrays());
        SequencedMap<String, Tensor> read = Npy.readAll(file);
        assertThat(List.copyOf(read.keySet())).isEqualTo(List.copyOf(arrays().keySet()));
        arrays().forEach((name, array) -> assertThat(read.get(name)).as(name).isBitEqualTo(array));
        byte[] first = Files.readAllBytes(file);
        Npy.writeAll(file, arrays());
        assertThat(Files.readAllBytes(file))
                .as("the same arrays, the same bytes")
                .isEqualTo(first);
        assertThat(ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getInt(10))
                .as("no time of writing, but the first one that an archive can have")
                .isEqualTo(1 << 21 | 1 << 16);
        Npy.writeAll(file, new LinkedHashMap<>());
        assertThat(Npy.readAll(file)).isEmpty();
    }

    @Test
    void arraysAreWrittenUncompressed() throws IOException {
        SequencedMap<String, Tensor> zeros = new LinkedHashMap<>();
        zeros.put("zeros", Tensor.zeros(100_000));
        Path file = folder.resolve("zeros.npz");
        Npy.writeAll(file, zeros);
        assertThat(file.toFile().length()).isGreaterThan(400_000);
    }

    @Test
    void aDamagedArchiveIsRefused() throws IOException {
        Path file = folder.resolve("arrays.npz");
        Npy.writeAll(file, arrays());
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 997) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Npy.readAll(file));
        }
        whole[1000] ^= 1; // a value of the first array
        Files.write(file, whole);
        assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Npy.readAll(file));
        Files.write(file, new byte[] {(byte) 0x80, 4, (byte) 0x95, 0, 0});
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readAll(file))
                .withMessageContaining("this looks like a Python pickle");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Npy.readAll(folder.resolve("none")))
                .withMessage(folder.resolve("none") + ": there is no such file");
        Path relative = Path.of("no-such-folder", "none.npy");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Npy.readAll(relative))
                .withMessage(relative + ": there is no such file; its full path is " + relative.toAbsolutePath());
    }

    @Test
    void anArchiveOfOtherFilesIsRefused() throws IOException {
        Path file = folder.resolve("other.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("data.pkl"));
        }
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readAll(file))
                .withMessageContaining("entry 'data.pkl' is not an array");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("a.npy"));
            zip.write(bytes(1, header("|u1", "(2147418112,)"), new byte[100]));
        }
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readAll(file))
                .withMessageContaining(file + "(a.npy): at byte ")
                .withMessageContaining("cut off");
    }

    private Path archive(SequencedMap<String, byte[]> entries, int method) throws IOException {
        Path file = folder.resolve("arrays.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var e : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(e.getKey());
                entry.setMethod(method);
                CRC32 checksum = new CRC32();
                checksum.update(e.getValue());
                entry.setCrc(checksum.getValue());
                entry.setSize(e.getValue().length);
                zip.putNextEntry(entry);
                zip.write(e.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    private Path mixedArchive(int method) throws IOException {
        SequencedMap<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("x.npy", bytes(1, header("|u1", "(2,)"), (byte) 1, (byte) 2));
        entries.put("names.npy", bytes(1, header("<U3", "(1,)"), new byte[12]));
        entries.put("y.npy", bytes(1, header("|u1", "(1,)"), (byte) 3));
        return archive(entries, method);
    }

    @ParameterizedTest
    @ValueSource(ints = {ZipEntry.STORED, ZipEntry.DEFLATED})
    void numbersAreReadByNameFromAnArchiveThatHasTextsToo(int method) throws IOException {
        Path file = mixedArchive(method);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readAll(file))
                .withMessageStartingWith(file + "(names.npy): at byte ")
                .withMessageContaining("elements of type '<U3' cannot be read")
                .withMessageEndingWith("; Npy.readNamed reads the other arrays, by their names");
        assertThat(Npy.names(file)).containsExactly("x", "names", "y");
        SequencedMap<String, Tensor> read = Npy.readNamed(file, "y", "x");
        assertThat(List.copyOf(read.keySet())).containsExactly("y", "x");
        assertThat(read.get("x").toArray()).containsExactly(1, 2);
        assertThat(read.get("y").toArray()).containsExactly(3);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readNamed(file, "z"))
                .withMessage(file + ": at byte 0: no array is named 'z'; there are [x, names, y]");
    }

    @Test
    void filesInsideAZipFileSystemAreReadAndWritten() throws IOException {
        Path zip = folder.resolve("outer.zip");
        try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path file = inside.getPath("/arrays.npz");
            Npy.writeAll(file, arrays());
            Npy.readAll(file)
                    .forEach((name, array) -> assertThat(array).as(name).isBitEqualTo(arrays().get(name)));
            Npy.write(inside.getPath("/one.npy"), arrays().get("weights/large"));
            assertThat(Npy.read(inside.getPath("/one.npy"))).isBitEqualTo(arrays().get("weights/large"));
        }
    }

    /** The end of the directory once more, in 64 bits, as archives with numbers beyond 32 bits have it. */
    private static byte[] withA64BitEnd(byte[] archive, long countBeyond) {
        int end = archive.length - 22; // without a comment
        ByteBuffer small = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer large = ByteBuffer.allocate(archive.length + 76).order(ByteOrder.LITTLE_ENDIAN);
        large.put(archive, 0, end);
        large.putInt(0x06064B50).putLong(44).putInt(0).putLong(0); // versions and disks
        large.putLong(small.getShort(end + 10)).putLong(small.getShort(end + 10) + countBeyond);
        large.putLong(small.getInt(end + 12)).putLong(small.getInt(end + 16));
        large.putInt(0x07064B50).putInt(0).putLong(end).putInt(1);
        large.putInt(0x06054B50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
        return large.array();
    }

    @Test
    void anArchiveWithA64BitDirectoryIsRead() throws IOException {
        Path file = mixedArchive(ZipEntry.STORED);
        byte[] archive = Files.readAllBytes(file);
        Files.write(file, withA64BitEnd(archive, 0));
        assertThat(Npy.names(file)).containsExactly("x", "names", "y");
        assertThat(Npy.readNamed(file, "x").get("x").toArray()).containsExactly(1, 2);

        byte[] misplaced = withA64BitEnd(archive, 0);
        misplaced[archive.length - 22 + 56 + 8]++; // the locator
        Files.write(file, misplaced);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.names(file))
                .withMessageStartingWith(file + ": at byte " + (archive.length - 22 + 56))
                .withMessageContaining("the end of its directory is not where its locator states");

        Files.write(file, withA64BitEnd(archive, 1L << 40));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.names(file))
                .withMessageContaining("1099511627779 entries; at most");
    }

    /** The header before the data has another name than the directory. */
    @Test
    void anEntryWithTwoNamesIsRefused() throws IOException {
        Path file = mixedArchive(ZipEntry.STORED);
        byte[] whole = Files.readAllBytes(file);
        whole[30] = 'z'; // the local header has 30 bytes, then the name
        Files.write(file, whole);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readNamed(file, "x"))
                .withMessage(file + ": at byte 0: the archive is damaged or cut off (the directory calls an entry"
                        + " 'x.npy', its own header calls it 'z.npy'); fetch it again");
    }

    /** The directory gives the last entry the place of the first. */
    @Test
    void entriesThatShareBytesAreRefused() throws IOException {
        Path file = mixedArchive(ZipEntry.STORED);
        byte[] whole = Files.readAllBytes(file);
        int directory = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("PK\1\2");
        Arrays.fill(whole, directory + 42, directory + 46, (byte) 0); // the last entry's place
        Files.write(file, whole);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.names(file))
                .withMessageContaining("overlap");
    }

    @Test
    void aDimensionWithALeadingZeroIsRefused() {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes(1, header("|u1", "(03,)"), new byte[3])))
                .withMessageContaining("a whole number of 0 or more without leading zeros");
    }

    @ParameterizedTest
    @CsvSource({
        "<i4, 01000001, 16777217",
        ">i8, 0000000001000001, 16777217",
        "<i8, ffffffffffffff7f, 9223372036854775807",
        ">i4, feffffff, -16777217",
        "<u4, ffffffff, 4294967295",
        "<u8, ffffffffffffffff, 18446744073709551615"
    })
    void aWholeNumberThatFloat32DoesNotHoldIsRefused(String descr, String hex, String number) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() ->
                        read(bytes(1, header(descr, "(1,)"), HexFormat.of().parseHex(hex))))
                .withMessageContaining("element 0 of shape [1] is " + number + ", which float32 does not hold")
                .withMessageEndingWith("; to have it rounded, save 64-bit floats, as by astype(numpy.float64)");
    }

    @Test
    void aDoubleBeyondTheRangeIsRefusedAndOthersAreRounded() throws IOException {
        byte[] data = new byte[24];
        ByteBuffer.wrap(data)
                .putDouble(16777217)
                .putDouble(Double.POSITIVE_INFINITY)
                .putDouble(1e39);
        byte[] two = bytes(1, header(">f8", "(2,)"), Arrays.copyOf(data, 16));
        assertThat(read(two).toArray()).containsExactly(16777216, Float.POSITIVE_INFINITY);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> read(bytes(1, header(">f8", "(3,)"), data)))
                .withMessageContaining("element 2 of shape [3] is 1.0E39, which is beyond the range of float32");
    }

    @Test
    void arraysThatCannotBeWrittenLeaveTheOldFile() throws IOException {
        Path file = folder.resolve("arrays.npz");
        Npy.writeAll(file, arrays());
        byte[] before = Files.readAllBytes(file);
        for (String bad : List.of("n".repeat(70_000), "\ud800")) {
            SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("good", Tensor.zeros(1));
            arrays.put(bad, Tensor.zeros(1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Npy.writeAll(file, arrays))
                    .withMessageContaining("a name is Unicode and has at most 32767 bytes");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        SequencedMap<String, Tensor> longest = new LinkedHashMap<>();
        longest.put("n".repeat(32_767), Tensor.zeros(1));
        Npy.writeAll(file, longest);
        assertThat(Npy.readAll(file)).hasSize(1);
    }

    /** Like on a full disk: the shell allows this process files of 64 blocks of 512 bytes. */
    @Test
    void aFullDiskLeavesTheOldFile() throws Exception {
        Path file = folder.resolve("array.npy");
        Npy.write(file, Tensor.full(7, 3));
        try (Child child = Child.runLimited(64, WriteArray.class, file.toString())) {
            assertThat(child.number()).as("an IOException").isEqualTo(1);
        }
        assertThat(Npy.read(file).toArray()).containsExactly(7, 7, 7);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    /** In a heap of 128 megabytes. */
    @ParameterizedTest
    @CsvSource({"<f4, 19000000, 19000000", "<f8, 19000000, 19000000", "|u1, 19000000, 19000000", "<f4, 33000000, 0"})
    void anArrayOfSixtyPercentOfTheHeapIsReadAndALargerOneIsRefused(String descr, int elements, long read)
            throws IOException {
        Path file = folder.resolve("file.npy");
        byte[] start = bytes(1, header(descr, "(" + elements + ",)"));
        Files.write(file, start);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(start.length + (long) elements * (descr.charAt(2) - '0')); // takes no room on the disk
        }
        try (Child child = Child.run("-XX:+UseSerialGC", ReadLargeFile.class, file.toString())) {
            assertThat(child.number()).isEqualTo(read);
        }
    }

    @Test
    void aTableLargerThanTheHeapIsRefused() throws IOException {
        Path file = folder.resolve("file.csv");
        byte[] lines = "1,2,3,4,5,6,7,8\n".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 8; i++) { // 4 million numbers of 4 bytes
                out.write(lines);
            }
        }
        try (Child child = Child.run("-Xmx14m", ReadLargeFile.class, file.toString())) {
            assertThat(child.number()).isZero();
        }
    }

    @Test
    void aFolderIsRefusedAsSuch() {
        for (ThrowingCallable reading : List.<ThrowingCallable>of(
                () -> Npy.read(folder),
                () -> Npy.readAll(folder),
                () -> Idx.read(folder),
                () -> Csv.withHeader().read(folder),
                () -> Safetensors.read(folder))) {
            assertThatIOException()
                    .isThrownBy(reading)
                    .withMessage(folder + ": this is a folder; give the name of a file");
        }
    }

    @Test
    void nullIsRefusedBeforeAFileIsTouched() {
        assertThatNullPointerException()
                .isThrownBy(() -> Npy.write(folder.resolve("a"), null))
                .withMessage("array");
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("a", null);
        assertThatNullPointerException()
                .isThrownBy(() -> Npy.writeAll(folder.resolve("a"), arrays))
                .withMessage("array 'a'");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void anArchiveWhoseSizesOverflowALongIsRefused() throws IOException {
        long most = (1L << 62) - 1; // twice that, and the header, is negative
        ByteBuffer bytes = ByteBuffer.allocate(200)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x04034B50)
                .position(30);
        bytes.putInt(0x02014B50).position(30 + 20); // an entry of the directory, with its sizes in the extension
        bytes.putInt(-1).putInt(-1).putShort((short) 5).putShort((short) 28).position(30 + 42);
        bytes.putInt(-1).put("a.npy".getBytes(StandardCharsets.US_ASCII));
        bytes.putShort((short) 1)
                .putShort((short) 24)
                .putLong(most)
                .putLong(most)
                .putLong(most);
        int size = bytes.position() - 30;
        bytes.putInt(0x06054B50).putInt(0).putShort((short) 1).putShort((short) 1);
        bytes.putInt(size).putInt(30).putShort((short) 0);
        Path file = Files.write(folder.resolve("arrays.npz"), Arrays.copyOf(bytes.array(), bytes.position()));
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.readAll(file))
                .withMessageContaining(file.toString())
                .withMessageContaining("entry 'a.npy' has an impossible size or offset");
    }

    @Test
    void moreArraysThanCanBeReadAreNotWritten() throws IOException {
        Path file = folder.resolve("arrays.npz");
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        for (int i = 0; i <= 65536; i++) {
            arrays.put("a" + i, Tensor.zeros());
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Npy.writeAll(file, arrays))
                .withMessage("65537 arrays; one file holds at most 65536, so write several files");
        assertThat(file).doesNotExist();
        arrays.pollLastEntry();
        Npy.writeAll(file, arrays);
        assertThat(Npy.names(file)).hasSize(65536);
    }

    @Test
    @Timeout(60) // a reader would wait forever for a pipe that nobody writes
    void anArchiveIsNotReadFromAPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo");
        for (ThrowingCallable reading : List.<ThrowingCallable>of(
                () -> Npy.readAll(pipe), () -> Npy.names(pipe), () -> Safetensors.read(pipe))) {
            assertThatIOException()
                    .isThrownBy(reading)
                    .withMessage(pipe + ": this is a pipe or a device, whose size is"
                            + " unknown before it is read; save its content as a file, and read that");
        }
    }

    @Test
    void anArrayOfMoreDimensionsThanCanBeReadIsNotWritten(@TempDir Path folder) throws IOException {
        int[] dims = new int[256];
        Arrays.fill(dims, 1);
        Tensor deep = Tensor.zeros(dims);
        Path file = folder.resolve("deep");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Npy.write(file, deep))
                .withMessageContaining("256 dimensions; a file holds at most 255");
        SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("a", deep);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Npy.writeAll(file, arrays))
                .withMessageContaining("array 'a' has 256 dimensions");
        assertThat(file).doesNotExist();
        Tensor shallower = Tensor.zeros(Arrays.copyOf(dims, 255));
        Npy.write(file, shallower);
        assertThat(Npy.read(file).shape()).isEqualTo(shallower.shape());
    }
}
