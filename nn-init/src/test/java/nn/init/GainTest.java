package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import nn.golden.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GainTest {
    @ParameterizedTest
    @CsvSource({"0, 1.4142135623730951", "0.01, 1.4141428569978354", "0.2, 1.3867504905630728", "1, 1", "-0.3, 1.3545709229571927"})
    void heGainMakesUpForTheNegativeHalf(double slope, double gain) {
        assertThat(Gain.he(slope)).isCloseTo(gain, within(1e-15));
    }

    @Test
    void conventionalGainsAreThoseOfAnotherFramework() {
        int compared = 0;
        for (JsonNode row : Golden.index().get("tables").get("calculate_gain")) {
            Nonlinearity nonlinearity = switch (row.get(0).asText()) {
                case "linear" -> Nonlinearity.LINEAR;
                case "sigmoid" -> Nonlinearity.SIGMOID;
                case "tanh" -> Nonlinearity.TANH;
                case "relu" -> Nonlinearity.RELU;
                // without an argument it takes 0.01
                case "leaky_relu" -> row.get(1).isNumber() || row.get(1).isNull()
                        ? Nonlinearity.leakyRelu(row.get(1).asDouble(0.01))
                        : null;
                default -> null;
            };
            if (nonlinearity != null) {
                assertThat(Gain.conventional(nonlinearity)).as("%s", row).isCloseTo(row.get(2).asDouble(), within(1e-15));
                compared++;
            }
        }
        assertThat(compared).isGreaterThanOrEqualTo(10);
    }

    @Test
    void conventionalGainOfAnythingElseIsRefusedWithTheTableAndTheWayOut() {
        Nonlinearity swish = Nonlinearity.of("swish", z -> z / (1 + Math.exp(-z)), z -> 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.conventional(swish))
                .withMessage("no conventional gain for nonlinearity 'swish': the table has linear 1, sigmoid 1, tanh 5/3,"
                        + " relu sqrt(2) and leaky relu sqrt(2 / (1 + slope^2)); Gain.secondMoment works for every"
                        + " nonlinearity");
    }

    @Test
    void secondMomentGainIsExactWhereTheMomentIsKnown() {
        assertThat(Gain.secondMoment(Nonlinearity.LINEAR)).isCloseTo(1, within(1e-13));
        assertThat(Gain.secondMoment(Nonlinearity.RELU)).isCloseTo(Math.sqrt(2), within(1e-13));
        assertThat(Gain.secondMoment(Nonlinearity.leakyRelu(0.2))).isCloseTo(Gain.he(0.2), within(1e-13));
        assertThat(Gain.secondMoment(Nonlinearity.TANH)).isCloseTo(1.5925374197228314, within(1e-13));
        assertThat(Gain.secondMoment(Nonlinearity.SIGMOID)).isCloseTo(1.8462285453386054, within(1e-13));
    }

    @Test
    void secondMomentGainWorksForFunctionsOfYourOwn() {
        Nonlinearity sine = Nonlinearity.of("sine", StrictMath::sin, StrictMath::cos);
        assertThat(Gain.secondMoment(sine)).isCloseTo(1 / Math.sqrt((1 - Math.exp(-2)) / 2), within(1e-13));
        Nonlinearity exponential = Nonlinearity.of("exp", StrictMath::exp, StrictMath::exp);
        assertThat(Gain.secondMoment(exponential)).isCloseTo(Math.exp(-1), within(1e-13));
        Nonlinearity hardTanh = Nonlinearity.of("hard tanh", z -> Math.clamp(z, -1, 1), z -> Math.abs(z) < 1 ? 1 : 0);
        assertThat(Gain.secondMoment(hardTanh)).isCloseTo(1 / Math.sqrt(0.516059), within(2e-6));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, Double.NaN, Double.POSITIVE_INFINITY})
    void functionWithoutAUsableMomentHasNoGain(double value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.secondMoment(Nonlinearity.of("odd", z -> value, z -> 0)))
                .withMessage("no gain for nonlinearity 'odd': E[f(z)^2] is " + value
                        + " for standard normal z; it must be finite and above 0");
    }

    @Test
    void slopeThatIsNoNumberIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.he(Double.NaN))
                .withMessage("he gain: negative slope NaN must be finite and in the range of float32");
    }
}
