package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import nn.golden.Golden;
import nn.init.nonlinearity.EveryNonlinearity;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.Criticality;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GainTest {
    @ParameterizedTest
    @CsvSource({
        "0, 1.4142135623730951",
        "0.01, 1.4141428569978354",
        "0.2, 1.3867504905630728",
        "1, 1",
        "-0.3, 1.3545709229571927"
    })
    void heGainMakesUpForTheNegativeHalf(double slope, double gain) {
        assertThat(Gain.he(slope)).isCloseTo(gain, within(1e-15));
    }

    @Test
    void conventionalGainsAreThoseOfPyTorch() {
        int compared = 0;
        for (JsonNode row : Golden.index().get("tables").get("calculate_gain")) {
            if (!row.get(2).isNumber()) {
                continue; // its errors, for arguments that our types rule out
            }
            String name = row.get(0).asText();
            Nonlinearity nonlinearity = switch (name) {
                case "linear" -> Nonlinearity.LINEAR;
                case "sigmoid" -> Nonlinearity.SIGMOID;
                case "tanh" -> Nonlinearity.TANH;
                case "selu" -> Nonlinearity.SELU;
                case "relu" -> Nonlinearity.RELU;
                // without an argument it takes 0.01
                case "leaky_relu" -> Nonlinearity.leakyRelu(row.get(1).asDouble(0.01));
                default -> {
                    assertThat(name).startsWith("conv"); // which is a linear layer
                    yield Nonlinearity.LINEAR;
                }
            };
            assertThat(Gain.conventional(nonlinearity))
                    .as("%s", row)
                    .isCloseTo(row.get(2).asDouble(), within(1e-15));
            compared++;
        }
        assertThat(compared).isEqualTo(18);
    }

    @Test
    void conventionalGainOfAnotherFunctionIsRefusedWithTheTable() {
        Nonlinearity swish = Nonlinearity.of("swish", z -> z / (1 + Math.exp(-z)), z -> 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.conventional(swish))
                .withMessage("no conventional gain for nonlinearity 'swish': the table has linear 1, sigmoid 1, tanh"
                        + " 5/3, selu 3/4, relu sqrt(2) and leaky relu sqrt(2 / (1 + slope^2)); Gain.secondMoment"
                        + " works for every nonlinearity");
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
    void secondMomentGainWorksForCustomFunctions() {
        Nonlinearity sine = Nonlinearity.of("sine", StrictMath::sin, StrictMath::cos);
        assertThat(Gain.secondMoment(sine)).isCloseTo(1 / Math.sqrt((1 - Math.exp(-2)) / 2), within(1e-13));
        Nonlinearity exponential = Nonlinearity.of("exp", StrictMath::exp, StrictMath::exp);
        assertThat(Gain.secondMoment(exponential)).isCloseTo(Math.exp(-1), within(1e-13));
        Nonlinearity hardTanh = Nonlinearity.of("hard tanh", z -> Math.clamp(z, -1, 1), z -> Math.abs(z) < 1 ? 1 : 0);
        assertThat(Gain.secondMoment(hardTanh)).isCloseTo(Gain.secondMoment(Nonlinearity.HARD_TANH), within(1e-6));
    }

    /** The documented table, to its digits; 0 where there is none. */
    @ParameterizedTest
    @CsvSource({
        "linear, 1, 1, 1",
        "relu, 1.4142, 1.4142, 1.4142",
        "tanh, 1.5925, 1, 1",
        "sigmoid, 1.8462, 10.1493, 4",
        "hard sigmoid, 1.8978, 10.3295, 6",
        "selu, 1, 0.6905, 1",
        "elu(1), 1.2452, 1, 1.2452",
        "gelu, 1.5335, 0, 1.5335",
        "silu, 1.6765, 0, 1.6765",
        "softplus, 1.0419, 0, 1.0419",
        "erf, 1.4672, 0.8862, 0.8862",
        "sin, 1.5209, 1, 1",
        "hard tanh, 1.3920, 1, 1"
    })
    void gainsAreThoseOfTheDocumentedTable(String name, double secondMoment, double critical, double suitable) {
        Nonlinearity f = EveryNonlinearity.named(name);
        assertThat(Gain.secondMoment(f)).isCloseTo(secondMoment, within(5e-5));
        assertThat(Gain.suitable(f)).isCloseTo(suitable, within(5e-5));
        if (critical == 0) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Criticality.of(f, 0).gain());
        } else {
            assertThat(Criticality.of(f, 0).gain()).isCloseTo(critical, within(5e-5));
        }
    }

    /** Why 1 / slope is right for them: but for a bias, their layers are those of tanh and hard tanh at gain 1. */
    @Test
    void sigmoidsAtTheirGainAreShiftedTanhsAtTheGainOne() {
        double soft = Gain.suitable(Nonlinearity.SIGMOID);
        double hard = Gain.suitable(Nonlinearity.HARD_SIGMOID);
        for (double z = -5; z <= 5; z += 0.25) {
            assertThat(soft * (Nonlinearity.SIGMOID.value(2 * z) - 0.5) / 2)
                    .isCloseTo(Nonlinearity.TANH.value(z), within(1e-12));
            assertThat(hard * (Nonlinearity.HARD_SIGMOID.value(3 * z) - 0.5) / 3)
                    .isCloseTo(Nonlinearity.HARD_TANH.value(z), within(1e-12));
        }
    }

    @Test
    void criticalGainOfALeakyReluIsThatOfHe() {
        assertThat(Criticality.of(Nonlinearity.leakyRelu(0.2), 0).gain()).isCloseTo(Gain.he(0.2), within(1e-15));
        Nonlinearity own = Nonlinearity.of("mine", z -> Math.max(z, 0.2 * z), z -> z > 0 ? 1 : 0.2);
        assertThat(Criticality.of(own, 0).gain()).isCloseTo(Gain.he(0.2), within(1e-12));
    }

    @Test
    void theSuitableGainOfOwnFunctionsFollowsTheRule() {
        Nonlinearity rectifier = Nonlinearity.of("mine", z -> Math.max(z, 0.2 * z), z -> z > 0 ? 1 : 0.2);
        assertThat(Gain.suitable(rectifier)).isEqualTo(Gain.he(0.2));
        Nonlinearity shifted = Nonlinearity.of(
                "shifted", z -> 3 + Math.atan(z / 2), z -> 0.5 / (1 + z * z / 4)); // odd but for its constant
        assertThat(Gain.suitable(shifted)).isEqualTo(2);
        Nonlinearity cube = Nonlinearity.of("cube", z -> z * z * z, z -> 3 * z * z); // odd, with slope 0
        assertThat(Gain.suitable(cube)).isCloseTo(1 / Math.sqrt(15), within(1e-6)); // E z^6 = 15
        Nonlinearity square = Nonlinearity.of("square", z -> z * z, z -> 2 * z);
        assertThat(Gain.suitable(square)).isCloseTo(1 / Math.sqrt(3), within(1e-6)); // E z^4 = 3
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.suitable(Nonlinearity.of("zero", z -> 0, z -> 0)))
                .withMessageContaining("'zero'");
    }

    @Test
    void conventionalGainOfACustomRectifierIsThatOfHe() {
        Nonlinearity own = Nonlinearity.of("mine", z -> Math.max(z, 0.2 * z), z -> z > 0 ? 1 : 0.2);
        assertThat(Gain.conventional(own)).isEqualTo(Gain.he(0.2));
    }

    /** E exp(2 a z^2) = 1 / sqrt(1 - 4 a) for a below 1/4, and infinite from there on. */
    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.3, 1})
    void aFunctionWhoseSecondMomentIsInfiniteHasNoGain(double a) {
        Nonlinearity f = Nonlinearity.of("fast", z -> Math.exp(a * z * z), z -> 2 * a * z * Math.exp(a * z * z));
        assertThat(f.moments(1).secondMoment()).isInfinite();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.suitable(f))
                .withMessage("no gain for nonlinearity 'fast': E[f(z)^2] is Infinity for standard normal z; it must be"
                        + " finite and above 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Gain.secondMoment(f));
    }

    @Test
    void functionsThatGrowFastButNotTooFastHaveAGain() {
        Nonlinearity slower = Nonlinearity.of("slower", z -> Math.exp(z * z / 8), z -> z / 4 * Math.exp(z * z / 8));
        assertThat(Gain.secondMoment(slower)).isCloseTo(Math.pow(0.5, 0.25), within(1e-9));
        Nonlinearity exponential = Nonlinearity.of("exp", Math::exp, Math::exp);
        assertThat(Gain.secondMoment(exponential)).isCloseTo(Math.exp(-1), within(1e-12));
        Nonlinearity power = Nonlinearity.of("power", z -> Math.pow(z, 9), z -> 9 * Math.pow(z, 8));
        assertThat(power.moments(1).secondMoment()).isCloseTo(34459425.0, within(1e-3)); // 17!!
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
    void aSlopeThatIsNanIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Gain.he(Double.NaN))
                .withMessage("he gain: negative slope NaN must be finite and in the range of float32");
    }
}
