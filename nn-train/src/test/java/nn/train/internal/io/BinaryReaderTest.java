package nn.train.internal.io;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.internal.io.BinaryReader.Rounding;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinaryReaderTest {
    private static final int MEGABYTE = 1 << 20;

    private static BinaryReader reader(byte... bytes) {
        return new BinaryReader(new ByteArrayInputStream(bytes), "f");
    }

    /** The numbers 0 to n - 1, big-endian. */
    private static byte[] ints(int n) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * n);
        for (int i = 0; i < n; i++) {
            bytes.putInt(i);
        }
        return bytes.array();
    }

    private static Tensor elements(BinaryReader reader, ElementType type, int n) throws IOException {
        return reader.elements(type, ByteOrder.BIG_ENDIAN, Shape.of(n), Rounding.REFUSED);
    }

    @Test
    void thePositionCountsTheBytesRead() throws IOException {
        BinaryReader reader = reader(new byte[] {1, 2, 3, 4, 5, 6, 7});
        assertThat(reader.position()).isZero();
        assertThat(reader.bytes(2)).containsExactly(1, 2);
        assertThat(reader.position()).isEqualTo(2);
        assertThat(elements(reader, ElementType.U8, 3).toArray()).containsExactly(3, 4, 5);
        assertThat(reader.position()).isEqualTo(5);
        assertThat(reader.bytes(10)).as("as many as there are").containsExactly(6, 7);
        assertThat(reader.position()).isEqualTo(7);
        assertThat(reader.problem("p")).hasMessage("f: at byte 7: p");

        BinaryReader later = new BinaryReader(new ByteArrayInputStream(new byte[3]), "f", 100);
        later.bytes(3);
        assertThat(later.position()).isEqualTo(103);
    }

    /** A buffer holds 65536 bytes, and the first array 262144 elements. */
    @Test
    void elementsOfManyBuffersAreRead() throws IOException {
        int n = 400_001;
        Tensor read = elements(reader(ints(n)), ElementType.I32, n);
        for (int i = 0; i < n; i++) {
            if (read.get(i) != i) {
                assertThat(read.get(i)).isEqualTo(i);
            }
        }
        assertThat(elements(reader(ints(16384)), ElementType.I32, 16384).get(16383))
                .isEqualTo(16383);
    }

    @Test
    void anErrorBehindTheFirstBufferNamesItsByteAndItsElement() {
        byte[] bytes = ints(20_000);
        ByteBuffer.wrap(bytes).putInt(4 * 17_000, 16_777_217);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> {
                    BinaryReader reader = reader(bytes);
                    reader.bytes(8);
                    elements(reader, ElementType.I32, 19_998);
                })
                .withMessageStartingWith("f: at byte 68000: element 16998 of shape [19998] is 16777217, which float32");
    }

    @Test
    void aFileThatEndsInsideItsElementsIsRefusedWithBothEnds() {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> {
                    BinaryReader reader = reader(ints(17_000));
                    reader.bytes(8);
                    elements(reader, ElementType.I32, 20_000);
                })
                .withMessage("f: at byte 68000: the data end here; I32 elements of shape [20000] would end at byte"
                        + " 80008: the file was cut off");
    }

    @Test
    void numbersAreRoundedIfThatIsAsked() throws IOException {
        byte[] number = ByteBuffer.allocate(4).putInt(16_777_217).array();
        assertThat(reader(number)
                        .elements(ElementType.I32, ByteOrder.BIG_ENDIAN, Shape.of(), Rounding.NEAREST)
                        .get())
                .isEqualTo(16_777_216);
        assertThat(reader((byte) 2, (byte) 1)
                        .knownElements(ElementType.U16, ByteOrder.LITTLE_ENDIAN, Shape.of(1), Rounding.REFUSED)
                        .get(0))
                .isEqualTo(0x0102);
    }

    /** The shape claims 4 gigabytes. */
    @Test
    void memoryIsAllocatedForTheElementsThatAFileHas() {
        for (int length : new int[] {1000, 300_000}) {
            byte[] bytes = new byte[length];
            long before = Allocation.soFar();
            assertThatExceptionOfType(DataFormatException.class)
                    .isThrownBy(() -> elements(reader(bytes), ElementType.U8, 1 << 30));
            assertThat(Allocation.soFar() - before).isLessThan(16 * MEGABYTE);
        }
    }

    @Test
    void aFileOfKnownSizeThatClaimsMoreThanItHasGetsLittleMemory() {
        byte[] bytes = new byte[4 * MEGABYTE];
        BinaryReader reader = BinaryReader.ofSize(new ByteArrayInputStream(bytes), "f", bytes.length);
        long before = Allocation.soFar();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> elements(reader, ElementType.F64, 16 * MEGABYTE));
        assertThat(Allocation.soFar() - before).isLessThan(16 * MEGABYTE);
    }

    private static long allocatedFor(BinaryReader reader) throws IOException {
        reader.bytes(8);
        long before = Allocation.soFar();
        assertThat(elements(reader, ElementType.U8, MEGABYTE).get(MEGABYTE - 1)).isEqualTo(7);
        return Allocation.soFar() - before;
    }

    /** 4 megabytes at once; in pieces, a megabyte and then these 4. */
    @Test
    void memoryIsAllocatedAtOnceIfTheFileIsKnownToHaveTheElements() throws IOException {
        byte[] bytes = new byte[8 + MEGABYTE];
        bytes[bytes.length - 1] = 7;
        allocatedFor(reader(bytes)); // classes are loaded
        assertThat(allocatedFor(reader(bytes))).isBetween(5L * MEGABYTE, 5L * MEGABYTE + MEGABYTE / 2);
        BinaryReader known = BinaryReader.ofSize(new ByteArrayInputStream(bytes), "f", bytes.length);
        assertThat(allocatedFor(known)).isBetween(4L * MEGABYTE, 4L * MEGABYTE + MEGABYTE / 2);
    }

    @Test
    void fewElementsTakeASmallBuffer() throws IOException {
        BinaryReader reader = BinaryReader.ofSize(new ByteArrayInputStream(ints(100)), "f", 400);
        elements(reader(ints(100)), ElementType.I32, 100); // classes are loaded
        long before = Allocation.soFar();
        elements(reader, ElementType.I32, 100);
        assertThat(Allocation.soFar() - before).isLessThan(1 << 13);
    }

    /** No heap holds an array of its whole size. */
    @Test
    void elementsThatTheHeapCannotHoldAreRefusedWithItsSize() {
        long most = Runtime.getRuntime().maxMemory();
        assumeTrue(most / 4 < Shape.MAX_SIZE, "a heap that holds every tensor");
        int size = (int) (most / 4);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> reader().allocate(size, Shape.of(size)))
                .satisfies(e -> {
                    Matcher message = Pattern.compile("f: at byte 0: a tensor of shape \\[" + size + "] takes "
                                    + 4L * size + " bytes as float32, but the heap has only (\\d+) free of " + most
                                    + "; give the JVM more by -Xmx")
                            .matcher(e.getMessage());
                    assertThat(message.matches()).as(e.getMessage()).isTrue();
                    assertThat(Long.parseLong(message.group(1))).isLessThan(most);
                });
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> reader().allocate(size + 1, Shape.of(size + 1)))
                .withMessage("f: at byte 0: a tensor of shape [" + (size + 1) + "] takes " + 4L * (size + 1)
                        + " bytes as float32, but the heap has only " + most + "; give the JVM more by -Xmx");
    }

    @Test
    void bytesAfterTheLastElementAreRefused() throws IOException {
        BinaryReader reader = reader((byte) 1, (byte) 2, (byte) 0);
        Tensor two = elements(reader, ElementType.U8, 2);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> reader.requireEnd(two.shape()))
                .withMessage("f: at byte 2: more bytes follow the last element of shape [2]: the dimensions are wrong,"
                        + " or this is more than one file");
        reader.requireEnd(two.shape()); // that byte was read
    }

    @Test
    void onlyARegularFileIsOpenedWhereItsSizeIsNeeded(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[] {5});
        try (InputStream in = BinaryReader.openRegular(file)) {
            assertThat(in.read()).isEqualTo(5);
        }
        assertThatIOException()
                .isThrownBy(() -> BinaryReader.openRegular(folder))
                .withMessage(folder + ": this is a folder; give the name of a file");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> BinaryReader.openRegular(folder.resolve("none")));
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device), "a device");
        assertThatIOException()
                .isThrownBy(() -> BinaryReader.openRegular(device))
                .withMessageStartingWith(device + ": this is a pipe or a device, whose size is unknown");
        try (InputStream in = BinaryReader.open(device)) {
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
