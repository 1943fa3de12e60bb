package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
    private static Tensor data() {
        Tensor data = Tensor.zeros(50, 3);
        Key.of(1).normal(data, 100, 1e-3f);
        return data;
    }

    @Test
    void textsRestoreEveryStepWithTheSameBits() {
        Standardizer standardizer = Standardizer.fit(data());
        SequencedMap<String, Double> means = new LinkedHashMap<>(Map.of("age\n", 1.0 / 3));
        Preprocessing steps = Preprocessing.NONE
                .with("x", standardizer)
                .with("a/b", Standardizer.of(new double[] {-0.0, 1e-300}, new double[] {Double.MIN_VALUE, 1e300}))
                .with("kind", Categories.of("no", "yes"))
                .with(
                        "city",
                        Categories.of("", "\\n", "\n", "a\\\r\nb", "K\u00f6ln").allowUnknown())
                .filling(means);
        Preprocessing restored = Preprocessing.parse(steps.texts());
        assertThat(restored).isEqualTo(steps).hasSameHashCodeAs(steps);
        assertThat(restored.standardizer("x").apply(data())).isBitEqualTo(standardizer.apply(data()));
        assertThat(restored.categories("city").names()).containsExactly("", "\\n", "\n", "a\\\r\nb", "K\u00f6ln");
        assertThat(restored.categories("city").unknownAllowed()).isTrue();
        assertThat(restored.categories("kind").unknownAllowed()).isFalse();
        assertThat(restored.fillings()).containsExactlyEntriesOf(means);
        assertThat(Preprocessing.NONE.texts()).isEmpty();
    }

    @Test
    void aNameThatIsNotThereIsNamedWithThoseThatAre() {
        Preprocessing steps = Preprocessing.NONE.with("kind", Categories.of("no", "yes"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> steps.categories("knd"))
                .withMessage("no categories have the name 'knd'; there are [kind]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> steps.standardizer("x"))
                .withMessage("no standardizer has the name 'x'; there are []");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "standardizer/x|1|line 1 must be a mean, a space and a standard deviation, and is '1'",
                "standardizer/x|1 a|'a' is not a number",
                "standardizer/x|NaN 1|feature 0 has mean NaN",
                "standardizer/x|1 -1|standard deviation -1.0; both must be finite, and the second above 0",
                "categories/x|yes|it must begin with 'unknown allowed' or 'unknown refused', and begins with 'yes'",
                "categories/x|unknown refused|there are no categories",
                "filling/x|Infinity|the filling of column 'x' is Infinity",
                "filling/x|one|'one' is not a number",
                "other/x|1|preprocessing 'other/x' is of no known kind",
            })
    void anInvalidTextIsRefused(String name, String text, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessing.parse(Map.of(name, text)))
                .withMessageContaining(problem);
    }

    @Test
    void anUnknownEscapeIsRefused() {
        for (String line : List.of("a\\x", "a\\")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Preprocessing.parse(Map.of("categories/x", "unknown refused\n" + line)))
                    .withMessageContaining("an unknown escape in");
        }
    }

    @Test
    void aStandardizerNeedsAMeanAndADeviationForEveryFeature() {
        assertThat(Standardizer.of(new double[] {1, 2}, new double[] {1, 2}))
                .hasToString("Standardizer of 2 features")
                .isNotEqualTo(Standardizer.of(new double[] {1, 2}, new double[] {1, 3}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Standardizer.of(new double[0], new double[0]))
                .withMessageContaining("0 means and 0 standard deviations");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Standardizer.of(new double[2], new double[1]))
                .withMessageContaining("2 means and 1 standard deviations");
    }
}
