package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementTypeTest {
    /** The element's last bytes; those before it are zeros. */
    private static ByteBuffer element(ElementType type, long bits) {
        byte[] bytes = ByteBuffer.allocate(16).putLong(bits).array();
        return ByteBuffer.wrap(bytes, 8 - type.bytes(), type.bytes());
    }

    private static String problem(ElementType type, long bits) {
        ByteBuffer from = element(type, bits);
        int at = from.position();
        return type.problem(from, at, type.next(from));
    }

    @ParameterizedTest
    @EnumSource
    void anElementTakesItsBytes(ElementType type) {
        ByteBuffer from = element(type, 0);
        assertThat(type.next(from)).isZero();
        assertThat(from.hasRemaining()).isFalse();
        assertThat(type.bytes()).isIn(1, 2, 4, 8);
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 2, 1",
        "U8, 254, 254",
        "I8, 254, -2",
        "U16, 65534, 65534",
        "I16, 65534, -2",
        "U32, 4294967168, 4294967296", // 2^32 - 128 is halfway: to even
        "I32, 4294967294, -2",
        "U64, 6, 6",
        "U64, -9223372036854775808, 9223372036854775808",
        "I64, -2, -2",
        "F16, 15872, 1.5", // 0x3E00
        "BF16, 16320, 1.5", // 0x3FC0
        "F32, 1069547520, 1.5",
        "F64, 4609434218613702656, 1.5"
    })
    void anElementBecomesTheNearestFloat(ElementType type, long bits, float value) {
        assertThat(type.next(element(type, bits))).isEqualTo(value);
    }

    @ParameterizedTest
    @EnumSource
    void manyElementsBecomeWhatEachOfThemBecomes(ElementType type) {
        byte[] bytes = new byte[1000 * type.bytes()];
        new SplittableRandom(4).nextBytes(bytes);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer one = ByteBuffer.wrap(bytes).order(order);
            ByteBuffer many = ByteBuffer.wrap(bytes).order(order);
            float[] read = new float[999 + 2];
            type.next(one);
            type.next(many);
            type.next(many, 999, read, 1);
            assertThat(many.hasRemaining()).isFalse();
            for (int i = 1; i < 1000; i++) {
                assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(Float.floatToRawIntBits(type.next(one)));
            }
            assertThat(read[0]).isZero();
            assertThat(read[1000]).isZero();
        }
    }

    @Test
    void integersOf32BitsAndMoreAndDoublesAreRounded() {
        EnumSet<ElementType> rounding = EnumSet.noneOf(ElementType.class);
        for (ElementType type : ElementType.values()) {
            if (type.rounds()) {
                rounding.add(type);
            }
        }
        assertThat(rounding)
                .containsExactlyInAnyOrder(
                        ElementType.U32, ElementType.I32, ElementType.U64, ElementType.I64, ElementType.F64);
    }

    @ParameterizedTest
    @CsvSource({
        "I32, 16777215",
        "I32, 16777216",
        "I32, 16777218",
        "I32, -16777218",
        "U32, 4294967040", // 2^32 - 256, the largest float below
        "I64, -9223372036854775808",
        "U64, -9223372036854775808", // as unsigned 2^63
        "F64, 9218868437227405312", // the bits of an infinite double
        "F64, 4719772409517834240" // of 2^25 + 2^-2, which is rounded
    })
    void aNumberThatAFloatHoldsIsNoProblem(ElementType type, long bits) {
        assertThat(problem(type, bits)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "I32, 16777217, 16777217",
        "I32, -16777217, -16777217",
        "U32, 4294967295, 4294967295",
        "I64, 9223372036854775807, 9223372036854775807",
        "U64, -1, 18446744073709551615"
    })
    void aWholeNumberThatNoFloatHoldsIsNamed(ElementType type, long bits, String number) {
        assertThat(problem(type, bits)).startsWith(number + ", which float32 does not hold");
    }

    @Test
    void aDoubleBeyondTheRangeOfFloatsIsNamed() {
        for (double number : new double[] {1e39, -1e39}) {
            assertThat(problem(ElementType.F64, Double.doubleToRawLongBits(number)))
                    .isEqualTo(number + ", which is beyond the range of float32, 3.4e38");
        }
        assertThat(problem(ElementType.F64, Double.doubleToRawLongBits(Double.NaN)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "16777216", "16777217", "33554431", "33554434", "-33554434", "-33554433"})
    void aFloatHoldsAWholeNumberOf24BinaryDigitsAndZerosAfterThem(String number) {
        assertThat(ElementType.isFloat(new BigInteger(number)))
                .isEqualTo((double) Float.parseFloat(number) == Double.parseDouble(number));
    }

    /** The largest float is (2^24 - 1) 2^104. */
    @Test
    void aFloatHoldsNoNumberOfMoreThan128BinaryDigits() {
        BigInteger largest = BigInteger.valueOf((1 << 24) - 1).shiftLeft(104);
        assertThat(largest.floatValue()).isEqualTo(Float.MAX_VALUE);
        assertThat(ElementType.isFloat(largest)).isTrue();
        assertThat(ElementType.isFloat(largest.negate())).isTrue();
        assertThat(ElementType.isFloat(largest.shiftLeft(1))).isFalse();
    }
}
