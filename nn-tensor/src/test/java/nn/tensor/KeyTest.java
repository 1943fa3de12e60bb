package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyTest {
    @Test
    void drawingTwiceGivesTheSameNumbers() {
        Tensor a = Tensor.zeros(1000);
        Tensor b = Tensor.zeros(1000);
        Key.of(7).normal(a, 0f, 1f);
        Key.of(7).normal(b, 0f, 1f);
        assertThat(a).isBitEqualTo(b);
        Key.of(8).normal(b, 0f, 1f);
        assertThat(a).isNotBitEqualTo(b);
    }

    @Test
    void anElementDependsOnItsIndexAndNotOnTheSizeOfTheFill() {
        Tensor large = Tensor.zeros(777);
        Key.of(7).normal(large, 0f, 1f);
        for (int n : new int[] {1, 2, 15, 16, 17, 63, 64, 65, 300}) {
            Tensor small = Tensor.zeros(n);
            Key.of(7).normal(small, 0f, 1f);
            assertThat(small).isBitEqualTo(large.rows(0, n));
        }
        assertThat(Key.of(7).normal(776)).isEqualTo(large.get(776));
    }

    @Test
    void childrenByNameAndByNumberAreAllDifferent() {
        Set<Key> keys = new HashSet<>();
        keys.add(Key.of(1));
        for (int i = 0; i < 1000; i++) {
            keys.add(Key.of(1).child(i));
            keys.add(Key.of(1).child(Integer.toString(i)));
            keys.add(Key.of(1).child("a").child(i));
        }
        keys.add(Key.of(1).child(1L << 32));
        keys.add(Key.of(1).child(-1));
        assertThat(keys).hasSize(3003);
    }

    /** SHA-256 of eight zero bytes, 000000000000002a and "weight", computed outside of this library. */
    @Test
    void aChildByNameIsTheHashOfKeyAndName() {
        assertThat(Key.of(42).child("weight")).isEqualTo(new Key(0x5865A8A7F4C74994L, 0xA7E499527A368B46L));
    }

    @Test
    void uniformValuesStayInsideTheirBounds() {
        Tensor x = Tensor.zeros(100_000);
        Key.of(3).uniform(x, -0.3f, 0.3f);
        assertThat(x.maxAbs()).isLessThan(0.3f).isGreaterThan(0.2999f);
        Key.of(3).uniform(x, 2f, 5f);
        for (float v : x.toArray()) {
            assertThat(v).isBetween(2f, 5f);
        }
        // deviation of the mean of n uniform values over a width of 3: 3 / sqrt(12 n); five of them
        assertThat(Math.abs(x.mean() - 3.5)).isLessThan(5 * 3 / Math.sqrt(12 * 100_000.0));
    }

    @Test
    void normalValuesHaveTheGivenMeanAndStandardDeviation() {
        int n = 100_000;
        Tensor x = Tensor.zeros(n);
        Key.of(3).normal(x, 2f, 0.5f);
        assertThat(Math.abs(x.mean() - 2)).isLessThan(5 * 0.5 / Math.sqrt(n));
        assertThat(Math.abs(x.variance() / 0.25 - 1)).isLessThan(5 * Math.sqrt(2.0 / n));
    }

    @Test
    void badArgumentsAreRefusedByNameAndValue() {
        Tensor x = Tensor.zeros(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of(1).uniform(x, 1f, 0f))
                .withMessageContaining("1.0 and 0.0");
        assertThatIllegalArgumentException().isThrownBy(() -> Key.of(1).uniform(x, Float.NaN, 0f));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of(1).normal(x, 0f, -1f))
                .withMessageContaining("standard deviation -1.0");
        assertThatIllegalArgumentException().isThrownBy(() -> Key.of(1).normal(x, Float.NaN, 1f));
        assertThatIllegalArgumentException().isThrownBy(() -> Key.of(1).permutation(-1));
    }

    @Test
    void aPermutationHasEachIndexOnceAndFavoursNoPlace() {
        assertThat(Key.of(1).permutation(0)).isEmpty();
        assertThat(Key.of(1).permutation(1000))
                .doesNotHaveDuplicates()
                .contains(0, 999)
                .hasSize(1000);
        int draws = 12_000;
        int[] seen = new int[24];
        for (int i = 0; i < draws; i++) {
            int[] p = Key.of(5).child(i).permutation(4);
            seen[p[0] * 6 + (p[1] - (p[1] > p[0] ? 1 : 0)) * 2 + (p[2] < p[3] ? 0 : 1)]++;
        }
        double chiSquare = 0;
        for (int count : seen) {
            chiSquare += Math.pow(count - draws / 24.0, 2) / (draws / 24.0);
        }
        // 23 degrees of freedom: mean 23, deviation sqrt(46); five deviations
        assertThat(chiSquare).isLessThan(23 + 5 * Math.sqrt(46));
    }

    @Test
    void aKeyReadsBackFromItsText() {
        Key key = new Key(0x0123456789abcdefL, -2);
        assertThat(key.hex()).isEqualTo("0123456789abcdeffffffffffffffffe");
        assertThat(Key.parse(key.hex())).isEqualTo(key);
        assertThat(Key.parse("0123456789ABCDEFfffffffffffffffE")).isEqualTo(key);
        for (String bad : List.of("", "12", "+123456789abcdeffffffffffffffffe", key.hex() + "0", key.hex() + "\n")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Key.parse(bad))
                    .withMessage("a key is 32 hexadecimal digits, got '" + bad + "'");
        }
    }

    @Test
    void aNameWithHalfOfASurrogatePairIsRefused() {
        for (String bad : new String[] {"\ud800", "a\udfff", "\udc00\ud800", "\ud83d\ud83d\ude00", "x\ud83d?"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Key.of(1).child(bad))
                    .withMessageContaining("half of a surrogate pair");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of(1).child("layer" + "\udc00"))
                .withMessageContaining("U+DC00, at index 5");
        assertThat(Key.of(1).child("\ud83d\ude00")).isNotEqualTo(Key.of(1).child("?"));
        assertThat(Key.of(1).child("?")).isNotEqualTo(Key.of(1).child("??"));
    }

    @Test
    void normalValuesThatCouldBeInfiniteAreRefusedWithTheLargestStandardDeviation() {
        Tensor out = Tensor.zeros(100_000);
        for (float mean : new float[] {0, 3e38f, -3e38f}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Key.of(1).normal(out, mean, Float.MAX_VALUE))
                    .withMessageContaining("some values are infinite in float32");
            float most = (float) ((Float.MAX_VALUE - Math.abs((double) mean)) / 6.78);
            Key.of(1).normal(out, mean, most);
            assertThat(out.isFinite()).isTrue();
        }
        assertThat(out.maxAbs()).isGreaterThan(3e38f);
        Key.of(1).uniform(out, -Float.MAX_VALUE, Float.MAX_VALUE);
        assertThat(out.isFinite()).isTrue();
        Key.of(1).uniform(out, 0, Float.MAX_VALUE);
        assertThat(out.isFinite()).isTrue();
    }

    /** The bound in the documentation: the largest radius is that of the word whose u is smallest. */
    @Test
    void noNormalValueIsBeyond677StandardDeviations() {
        double largestRadius = Math.sqrt(-2 * Math.log(0x1p-33));
        assertThat(largestRadius).isBetween(6.76, 6.77);
    }

    @Test
    void anErrorAboutALongTextIsShort() {
        String text = "x".repeat(1_000_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.parse(text))
                .withMessage("a key is 32 hexadecimal digits, got '" + "x".repeat(40) + "...' of 1000000 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of(1).child(text + "\ud800"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250));
    }
}
