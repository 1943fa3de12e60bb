package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufTest {
    private static String hex(Consumer<ProtobufWriter> fields) {
        ProtobufWriter writer = new ProtobufWriter();
        fields.accept(writer);
        return HexFormat.of().formatHex(writer.toBytes());
    }

    private static ProtobufReader reader(String hex) {
        return new ProtobufReader(HexFormat.of().parseHex(hex), "f");
    }

    private static ProtobufReader atFirst(String hex) throws IOException {
        ProtobufReader reader = reader(hex);
        assertThat(reader.next()).isTrue();
        return reader;
    }

    /** The examples of the page that defines the format. */
    @Test
    void messagesAreWrittenAsThePageOfTheFormatShowsThem() {
        assertThat(hex(w -> w.varint(1, 150))).isEqualTo("089601");
        assertThat(hex(w -> w.text(2, "testing"))).isEqualTo("120774657374696e67");
        assertThat(hex(w -> w.message(3, m -> m.varint(1, 150)))).isEqualTo("1a03089601");
        assertThat(hex(w -> w.varint(1, -2))).isEqualTo("08feffffffffffffffff01");
        assertThat(hex(w -> w.text(4, "hello").packedVarints(6, 3, 270, 86942)))
                .isEqualTo("220568656c6c6f3206038e029ea705");
        assertThat(hex(w -> w.float32(1, 1f))).isEqualTo("0d0000803f");
        assertThat(hex(w -> w.float64(1, 1d))).isEqualTo("09000000000000f03f");
        assertThat(hex(w -> w.packedFloats(1, 1f, -2f))).isEqualTo("0a080000803f000000c0");
        assertThat(hex(w -> w.packedDoubles(1, 1d))).isEqualTo("0a08000000000000f03f");
        assertThat(hex(w -> w.packedFloats(1).packedVarints(2))).isEmpty();
        assertThat(hex(w -> w.varint((1 << 29) - 1, 0))).isEqualTo("f8ffffff0f00");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "127, 7f",
        "128, 8001",
        "16383, ff7f",
        "16384, 808001",
        "9223372036854775807, ffffffffffffffff7f",
        "-1, ffffffffffffffffff01",
        "-9223372036854775808, 80808080808080808001"
    })
    void aNumberIsWrittenAndReadInAsFewBytesAsItNeeds(long number, String bytes) throws IOException {
        assertThat(hex(w -> w.varint(1, number))).isEqualTo("08" + bytes);
        assertThat(atFirst("08" + bytes).varint("x")).isEqualTo(number);
    }

    @Test
    void everyKindOfFieldIsReadBackWithItsBits() throws IOException {
        byte[] large = new byte[5000];
        new Random(1).nextBytes(large);
        ProtobufWriter writer = new ProtobufWriter()
                .varint(1, Long.MIN_VALUE)
                .float32(2, -0f)
                .float64(3, Double.MIN_VALUE)
                .text(4, "größer 😀")
                .bytes(5, large)
                .message(6, m -> m.bytes(1, large).message(2, n -> n.varint(7, 7)))
                .packedVarints(7, 0, -1, Long.MAX_VALUE)
                .packedFloats(8, Float.NaN, Float.MIN_VALUE)
                .packedDoubles(9, Double.MAX_VALUE)
                .varint(10, 1);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        writer.writeTo(stream);
        assertThat(writer.toBytes()).isEqualTo(stream.toByteArray()).hasSize((int) writer.size());

        ProtobufReader reader = new ProtobufReader(writer.toBytes(), "f");
        LongStream.Builder numbers = LongStream.builder();
        DoubleStream.Builder floats = DoubleStream.builder();
        List<Integer> fields = new ArrayList<>();
        while (reader.next()) {
            fields.add(reader.field());
            switch (reader.field()) {
                case 1 -> assertThat(reader.varint("a")).isEqualTo(Long.MIN_VALUE);
                case 2 ->
                    assertThat(Float.floatToRawIntBits(reader.float32("b"))).isEqualTo(1 << 31);
                case 3 -> assertThat(reader.float64("c")).isEqualTo(Double.MIN_VALUE);
                case 4 -> assertThat(reader.text("d")).isEqualTo("größer 😀");
                case 5 -> {
                    byte[] read = new byte[large.length];
                    reader.bytes("e").get(read);
                    assertThat(read).isEqualTo(large);
                }
                case 6 -> {
                    ProtobufReader message = reader.message("m");
                    assertThat(message.next()).isTrue();
                    message.skip();
                    assertThat(message.next()).isTrue();
                    ProtobufReader inner = message.message("n[0]");
                    assertThat(inner.path()).isEqualTo("m.n[0]");
                    assertThat(inner.next()).isTrue();
                    assertThat(inner.int32("x")).isEqualTo(7);
                    assertThat(inner.next()).isFalse();
                    assertThat(message.next()).isFalse();
                }
                case 7 -> reader.varints("g", numbers);
                case 8 -> reader.floats("h", floats);
                case 9 -> reader.doubles("i", floats);
                default -> reader.skip();
            }
        }
        assertThat(fields).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        assertThat(numbers.build()).containsExactly(0L, -1L, Long.MAX_VALUE);
        assertThat(floats.build()).containsExactly(Double.NaN, (double) Float.MIN_VALUE, Double.MAX_VALUE);
        assertThat(reader.position()).isEqualTo(writer.size());
    }

    @Test
    void repeatedNumbersAreReadPackedOrOneByOne() throws IOException {
        ProtobufWriter writer = new ProtobufWriter()
                .varint(1, 5)
                .packedVarints(1, 6, 300)
                .varint(1, 7)
                .float32(2, 1)
                .packedFloats(2, 2, 3)
                .float64(3, 4)
                .packedDoubles(3, 5, 6);
        ProtobufReader reader = new ProtobufReader(writer.toBytes(), "f");
        LongStream.Builder whole = LongStream.builder();
        DoubleStream.Builder real = DoubleStream.builder();
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> reader.varints("a", whole);
                case 2 -> reader.floats("b", real);
                default -> reader.doubles("c", real);
            }
        }
        assertThat(whole.build()).containsExactly(5L, 6L, 300L, 7L);
        assertThat(real.build()).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    }

    @Test
    void aMessageIsReadFromTheMiddleOfAFile() throws IOException {
        ProtobufReader reader = new ProtobufReader(new byte[] {0x0a, 5}, "f", 1_000_000_000_000L);
        reader.next();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> reader.text("name"))
                .withMessage("f: at byte 1000000000000: name claims 5 bytes, but 0 follow in its message: the file was"
                        + " cut off or damaged");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "08 | at byte 0: the message ends inside a number: the file was cut off or damaged",
                "8896 | at byte 0: the message ends inside a number: the file was cut off or damaged",
                "08ffffffffffffffffff02 | at byte 0: a number has more than 64 bits",
                "08ffffffffffffffffffff01 | at byte 0: a number has more than 10 bytes",
                "0d000000 | at byte 0: field 1 takes 4 bytes, but 3 follow in its message: the file was cut off or"
                        + " damaged",
                "0900 | at byte 0: field 1 takes 8 bytes, but 1 follow in its message: the file was cut off or damaged",
                "080012ffffffff0f00 | at byte 2: field 2 claims 4294967295 bytes, but 1 follow in its message: the file"
                        + " was cut off or damaged",
                "0affffffffffffffffff01 | at byte 0: field 1 claims 18446744073709551615 bytes, but 0 follow in its"
                        + " message: the file was cut off or damaged",
                "0b | at byte 0: field 1 has wire type 3; 0, 1, 2 and 5 are read: the file is damaged, or of another"
                        + " kind",
                "0e | at byte 0: field 1 has wire type 6; 0, 1, 2 and 5 are read: the file is damaged, or of another"
                        + " kind",
                "00 | at byte 0: the tag 0 has no field number of 1 to 536870911",
                "8880808010 | at byte 0: the tag 4294967304 has no field number of 1 to 536870911",
                "ffffffffffffffffff01 | at byte 0: the tag 18446744073709551615 has no field number of 1 to 536870911",
            })
    void aFaultIsRefusedWithItsByte(String hex, String message) {
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> {
                    ProtobufReader reader = reader(hex);
                    while (reader.next()) {
                        reader.skip();
                    }
                })
                .withMessage("f: " + message);
    }

    @Test
    void aFieldOfAnotherTypeIsRefusedByItsPath() throws IOException {
        ProtobufReader message = atFirst("2a0408011501").message("graph");
        message.next();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> message.text("name"))
                .withMessage(
                        "f: at byte 2: graph.name (field 1) is encoded as VARINT, but must be LENGTH_DELIMITED: the"
                                + " file is damaged, or of another kind");
        message.skip();
        message.next();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> message.float32("alpha"))
                .withMessageStartingWith("f: at byte 4: graph.alpha takes 4 bytes, but 1 follow");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0802").floats("x", DoubleStream.builder()))
                .withMessageContaining("x (field 1) is encoded as VARINT");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0d00000000").varints("x", LongStream.builder()))
                .withMessageContaining("x (field 1) is encoded as FIXED32");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0a03000000").floats("x", DoubleStream.builder()))
                .withMessage("f: at byte 0: x has 3 bytes, not a multiple of 4");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0a0480808080").varints("x", LongStream.builder()))
                .withMessage("f: at byte 2: x: the message ends inside a number: the file was cut off or damaged");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0880808080808001").int32("x"))
                .withMessage("f: at byte 0: x is 4398046511104, beyond the range of an int32");
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> atFirst("0a02c328").text("x"))
                .withMessage("f: at byte 0: x is not UTF-8 text: the file is damaged, or of another kind");
    }

    @Test
    void messagesAreReadAHundredDeepAndNoDeeper() throws IOException {
        ProtobufWriter inner = new ProtobufWriter();
        for (int i = 0; i < ProtobufReader.DEEPEST; i++) {
            byte[] content = inner.toBytes();
            inner = new ProtobufWriter().bytes(1, content);
        }
        ProtobufReader reader = new ProtobufReader(inner.toBytes(), "f");
        for (int i = 1; i < ProtobufReader.DEEPEST; i++) {
            reader.next();
            reader = reader.message("m");
        }
        ProtobufReader deepest = reader;
        deepest.next();
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> deepest.message("m"))
                .withMessageEndingWith("m is nested more than 100 messages deep");
    }

    /** A changed byte gives other values or the one exception, never an endless loop or another exception. */
    @Test
    void aDamagedMessageIsReadOrRefused() {
        byte[] whole = new ProtobufWriter()
                .text(1, "name")
                .message(2, m -> m.packedVarints(1, 1, 1000, -1).float32(2, 3))
                .message(2, m -> m.packedFloats(3, 1, 2, 3).float64(4, 5))
                .varint(3, 1 << 20)
                .toBytes();
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, i < whole.length ? i : whole.length);
            for (int changes = i < whole.length ? 0 : 1 + random.nextInt(3); changes > 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                walk(new ProtobufReader(damaged, "f"));
            } catch (DataFormatException e) {
                assertThat(e.position()).isBetween(0L, (long) damaged.length);
            }
        }
    }

    private static void walk(ProtobufReader reader) throws DataFormatException {
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> reader.text("name");
                case 2 -> {
                    ProtobufReader part = reader.message("part");
                    while (part.next()) {
                        switch (part.field()) {
                            case 1 -> part.varints("numbers", LongStream.builder());
                            case 2 -> part.float32("x");
                            case 3 -> part.floats("floats", DoubleStream.builder());
                            case 4 -> part.float64("y");
                            default -> part.skip();
                        }
                    }
                }
                case 3 -> reader.int32("count");
                default -> reader.skip();
            }
        }
    }

    @Test
    void misuseIsRefused() throws IOException {
        ProtobufReader reader = reader("0801");
        assertThatIllegalStateException().isThrownBy(() -> reader.varint("x")).withMessageContaining("call next first");
        reader.next();
        assertThatIllegalStateException()
                .isThrownBy(reader::next)
                .withMessage("the value of field 1 was neither read nor skipped");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProtobufWriter().text(1, "\ud800"))
                .withMessageContaining("half of a surrogate pair");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1 << 29})
    void aFieldNumberBeyondTheFormatIsRefused(int field) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProtobufWriter().varint(field, 1))
                .withMessage("the number of a field is 1 to 536870911, not " + field);
    }
}
