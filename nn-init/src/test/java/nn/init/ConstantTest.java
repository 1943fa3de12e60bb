package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstantTest {
    @Test
    void everyElementIsTheValueRoundedOnce() {
        assertThat(Sample.filled(new Constant(0.1), 3, 4).toArray()).hasSize(12).containsOnly(0.1f);
        assertThat(Sample.filled(Init.zeros(), 5).toArray()).containsOnly(0);
        assertThat(Sample.filled(Init.ones(), 5).toArray()).containsOnly(1);
        assertThat(Sample.filled(Init.constant(-2), 2, 1, 2).toArray()).containsOnly(-2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.NEGATIVE_INFINITY, 1e39})
    void valuesBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Constant(bad))
                .withMessage("constant: value " + bad + " must be finite and in the range of float32");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.zeros()).hasToString("zeros");
        assertThat(new Constant(-0.0)).hasToString("constant(-0)");
        assertThat(Init.ones()).hasToString("ones");
        assertThat(Init.constant(0.1)).hasToString("constant(0.1)");
        assertThat(Init.constant(-250)).hasToString("constant(-250)");
        assertThat(Init.constant(1e-9)).hasToString("constant(1E-9)");
        assertThat(Init.constant(1.0 / 3)).hasToString("constant(0.3333333333333333)");
    }
}
