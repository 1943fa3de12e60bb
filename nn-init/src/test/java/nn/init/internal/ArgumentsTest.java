package nn.init.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Ranges of arguments, and texts of numbers. */
class ArgumentsTest {
    @Test
    void aNumberHasTheFewestDigitsThatReadBack() {
        double[] values = {0, -0.0, 1, -2.5, 0.1, 1e-4, 9.9e-5, 9_999_999, 1e7, -1e7, Double.MIN_VALUE};
        String[] texts = {"0", "-0", "1", "-2.5", "0.1", "0.0001", "0.000099", "9999999", "1E+7", "-1E+7", "4.9E-324"};
        for (int i = 0; i < values.length; i++) {
            assertThat(Arguments.brief(values[i])).isEqualTo(texts[i]);
            assertThat(Double.parseDouble(Arguments.brief(values[i]))).isEqualTo(values[i]);
        }
    }

    @Test
    void aNumberThatIsNotFiniteHasItsName() {
        assertThat(Arguments.brief(Double.NaN)).isEqualTo("NaN");
        assertThat(Arguments.brief(Double.POSITIVE_INFINITY)).isEqualTo("Infinity");
        assertThat(Arguments.brief(Double.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
    }

    @Test
    void aTextOfUpToAHundredCharactersIsQuotedWhole() {
        assertThat(Arguments.shortened("a".repeat(100))).isEqualTo("a".repeat(100));
        assertThat(Arguments.shortened("a".repeat(101))).isEqualTo("a".repeat(97) + "...");
        assertThat(Arguments.quote("a".repeat(101))).isEqualTo("'" + "a".repeat(97) + "...'");
    }

    @Test
    void aNumberInItsRangeIsReturned() {
        assertThat(Arguments.finite("s", "n", -0.25)).isEqualTo(-0.25);
        assertThat(Arguments.finite("s", "n", Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
        assertThat(Arguments.notNegative("s", "n", 0.25)).isEqualTo(0.25);
        assertThat(Arguments.notNegative("s", "n", 0)).isZero();
    }

    @Test
    void aNumberOutOfItsRangeIsRefusedByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.finite("s", "n", 1e39))
                .withMessage("s: n 1.0E39 must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.finite("s", "n", -1e-46))
                .withMessage("s: n -1.0E-46 would be 0 in float32, whose smallest magnitude is 1.4E-45; take a larger"
                        + " one, or exactly 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.notNegative("s", "n", -1))
                .withMessage("s: n -1.0 must be 0 or more");
    }

    /** 3e38 and 7 times 5e36 are 3.35e38, below the largest float of 3.40e38; with 6e36 they are 3.42e38. */
    @Test
    void theLargestValueMustBeInTheRangeOfFloat() {
        Arguments.withinRange("s", -3e38, 5e36, 7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.withinRange("s", -3e38, 6e36, 7))
                .withMessage("s: mean -3E+38 and stddev 6E+36 give values beyond the range of float32, as some are 7"
                        + " standard deviations from the mean; take a smaller stddev");
    }

    @Test
    void aFactorScalesTheValuesOfAView() {
        float[] array = {9, 1, -2, 9};
        Arguments.scale("s", Tensor.wrap(array, 1, Shape.of(2)), 0.5, "base");
        assertThat(array).containsExactly(9, 0.5f, -1, 9);
        Tensor zeros = Tensor.zeros(2);
        Arguments.scale("s", zeros, 3, "base"); // they were 0 before
        assertThat(zeros.array()).containsExactly(0, 0);
        Tensor some = Tensor.of(new float[] {1, 2}, 2);
        Arguments.scale("s", some, 0, "base"); // as asked for
        assertThat(some.array()).containsExactly(0, 0);
        Tensor one = Tensor.of(new float[] {1e-40f, 1}, 2);
        Arguments.scale("s", one, 1e-10, "base"); // not all values become 0
        assertThat(one.array()).containsExactly(0, 1e-10f);
    }

    @Test
    void aFactorThatLosesAllValuesOrMakesThemInfiniteIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.scale("s", Tensor.of(new float[] {0, 1e-40f}, 2), 1e-10, "base"))
                .withMessage("s: factor 1E-10 makes all values of base 0 in float32, whose smallest magnitude is"
                        + " 1.4E-45; take a larger factor or larger values, or zeros");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.scale("s", Tensor.of(new float[] {1, 1e38f}, 2), 10, "base"))
                .withMessage("s: factor 10 makes values of base infinite in float32; take a smaller factor or smaller"
                        + " values");
        Arguments.scale(
                "s", Tensor.of(new float[] {1, Float.POSITIVE_INFINITY}, 2), 10, "base"); // it was infinite before
    }

    @Test
    void aMatrixHasTwoAxes() {
        Arguments.matrix("s", Shape.of(2, 3), "why");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Arguments.matrix("s", Shape.of(3), "why"))
                .withMessageContaining("s: expected a tensor of rank 2 or more, got shape [3]; why");
    }
}
