package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalTest {
    @Test
    void valuesHaveTheMeanAndTheStandardDeviation() {
        Sample.of(new Normal(-3, 0.5)).hasMoments(-3, 0.5, Sample.NORMAL_KURTOSIS);
        Sample.of(Init.normal(0.01))
                .hasMoments(0, 0.01, Sample.NORMAL_KURTOSIS)
                .hasDistribution(Sample.normal(0.01))
                .hardlyRepeats();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1e39})
    void meansBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Normal(bad, 1))
                .withMessage("normal: mean " + bad + " must be finite and in the range of float32");
    }

    @Test
    void badStandardDeviationsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Normal(0, -1))
                .withMessage("normal: stddev -1.0 must be 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.normal(Double.NaN))
                .withMessage("normal: stddev NaN must be finite and in the range of float32");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.normal(0.01)).hasToString("normal(0, 0.01)");
        assertThat(new Normal(1.5, 2)).hasToString("normal(1.5, 2)");
    }
}
