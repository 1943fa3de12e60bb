package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UniformTest {
    @Test
    void valuesFillTheIntervalEvenly() {
        Sample.of(new Uniform(2, 5))
                .hasMoments(3.5, 3 / Math.sqrt(12), Sample.UNIFORM_KURTOSIS)
                .staysWithin(2, 5)
                .comesNear(2, 5, 0.001)
                .hasDistribution(Sample.uniform(2, 5));
    }

    @Test
    void oneBoundGivesAnIntervalAroundZero() {
        Sample.of(Init.uniform(0.05))
                .hasMoments(0, 0.05 / Math.sqrt(3), Sample.UNIFORM_KURTOSIS)
                .staysWithin(-0.05, 0.05)
                .comesNear(-0.05, 0.05, 1e-4)
                .hasDistribution(Sample.uniform(-0.05, 0.05))
                .hardlyRepeats();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e39})
    void boundsBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Uniform(bad, 1))
                .withMessage("uniform: low " + bad + " must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Uniform(0, bad))
                .withMessage("uniform: high " + bad + " must be finite and in the range of float32");
    }

    @Test
    void boundsInTheWrongOrderAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Uniform(1, -1))
                .withMessage("uniform: low 1.0 is above high -1.0; swap them");
    }

    @Test
    void negativeBoundIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.uniform(-0.1))
                .withMessage("uniform: bound -0.1 must be 0 or more");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.uniform(0.05)).hasToString("uniform(-0.05, 0.05)");
        assertThat(new Uniform(0, 1)).hasToString("uniform(0, 1)");
    }
}
