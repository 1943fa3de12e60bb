package nn.init.testing;

import static org.assertj.core.api.Assertions.assertThat;

import nn.init.Fans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each factor of a variance is named after its mistake. */
class CommonMistakesTest {
    /** The fans 3 and 7: their average is 5. The standard deviation is 0.1. Swapped fans would give 3/7. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0.4286 | fan in and fan out are swapped
        3      | a uniform bound, sqrt(3) standard deviations, was widened by sqrt(3) twice
        0.3333 | a standard deviation was taken for a uniform bound, which is sqrt(3) times that
        2      | a factor 2 too many: the gain of ReLU counted twice, or a bound sqrt(2) too wide
        0.5    | a factor 2 is missing: the gain of ReLU, or fans added up and not averaged
        0.7737 | truncation is not corrected: a cut at 2 leaves 0.774 of the variance
        1.2925 | truncation is corrected twice
        0.01   | the variance is taken for the standard deviation
        10     | the standard deviation is taken for the variance
        0.6    | the average fan is taken for fan in
        1.6667 | fan in is taken for the average fan
        1.4    | a wrong formula for the variance
        """)
    void aFactorHasItsMistake(double ratio, String mistake) {
        assertThat(CommonMistakes.likely(ratio, 0.99, 1.01, 0.1, 3 / 7.0, new Fans(3, 7), new Fans(3, 7), 1, 1))
                .isEqualTo("likely mistake: " + mistake);
    }

    /** 2.4 is 0.8 times 3 and 1.2 times 2: nearer to 2, whose logarithm differs less. */
    @Test
    void theNearestOfSeveralMistakesIsNamed() {
        assertThat(CommonMistakes.likely(2.4, 0.75, 1.25, 1, 1, new Fans(1, 1), new Fans(1, 1), 1, 1))
                .contains("a factor 2 too many");
        assertThat(CommonMistakes.likely(2.5, 0.75, 1.25, 1, 1, new Fans(1, 1), new Fans(1, 1), 1, 1))
                .contains("widened by sqrt(3) twice");
    }

    /** With a standard deviation of 1 and equal fans, half of the mistakes would change nothing. */
    @Test
    void aMistakeThatChangesNothingIsNotNamed() {
        assertThat(CommonMistakes.likely(1.1, 0.95, 1.2, 1, 1, new Fans(4, 4), new Fans(4, 4), 1, 1))
                .isEqualTo("likely mistake: a wrong formula for the variance");
    }

    /** 2 is within limits of 1 to 1 around itself. */
    @Test
    void theLimitsAreInclusive() {
        assertThat(CommonMistakes.likely(2, 1, 1, 0.1, 1, new Fans(1, 1), new Fans(1, 1), 1, 1))
                .contains("a factor 2 too many");
    }

    /** A third of the variance: a bound taken for a deviation would give that too, so the shape comes first. */
    @Test
    void fansOfTheShapeAreNamedWithTheLayersOwn() {
        assertThat(CommonMistakes.likely(1 / 3.0, 0.9, 1.1, 0.1, 2, new Fans(18, 36), new Fans(18, 144), 54 / 162.0, 1))
                .isEqualTo("likely mistake: the fans are read off the shape, (in 18, out 144), and not those of the"
                        + " layer, (in 18, out 36): a shape does not show groups, strides, or matrices side by side"
                        + " such as gates or query, key and value");
    }

    /** Xavier for 3 x 3 taps, 16 inputs and 32 outputs: (144 + 288) / (3 + 3 + 16 + 32) is 8. */
    @Test
    void dimensionsThatAreAddedUpAreNamed() {
        assertThat(CommonMistakes.likely(8, 0.95, 1.05, 0.07, 1, new Fans(144, 288), new Fans(144, 288), 1, 8))
                .isEqualTo("likely mistake: the dimensions of a kernel are added up; its taps multiply the fans");
    }

    @Test
    void aWholeNumberOfTimesIsAlsoADivisionThatIsMissing() {
        assertThat(CommonMistakes.likely(24, 0.99, 1.01, 0.1, 3 / 7.0, new Fans(3, 7), new Fans(3, 7), 1, 1))
                .isEqualTo(
                        "likely mistake: a wrong formula for the variance, which is 24 times the promised one: values"
                                + " are not divided by sqrt(24), such as the root of the number of residual branches");
        assertThat(CommonMistakes.likely(10_000, 0.99, 1.01, 1, 3 / 7.0, new Fans(3, 7), new Fans(3, 7), 1, 1))
                .isEqualTo("likely mistake: a wrong formula for the variance");
    }
}
