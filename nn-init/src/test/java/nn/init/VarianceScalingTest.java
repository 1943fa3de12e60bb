package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import nn.golden.Golden;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VarianceScalingTest {
    private static final double IN = Sample.FANS.in();
    private static final double OUT = Sample.FANS.out();

    static Stream<Arguments> normalForms() {
        return Stream.of(
                Arguments.of(Init.xavierNormal(), 2 / (IN + OUT)),
                Arguments.of(Init.heNormal(), 2 / IN),
                Arguments.of(Init.heNormal(0.5), 1.6 / IN),
                Arguments.of(Init.lecunNormal(), 1 / IN),
                Arguments.of(new VarianceScaling(3, Fan.OUT, Distribution.NORMAL), 9 / OUT),
                Arguments.of(new VarianceScaling(2, Fan.GEOMETRIC, Distribution.NORMAL), 4 / Math.sqrt(IN * OUT)));
    }

    @ParameterizedTest
    @MethodSource("normalForms")
    void normalFormsHaveTheVarianceOfTheirFormula(Initializer initializer, double variance) {
        Sample.of(initializer)
                .hasMoments(0, Math.sqrt(variance), Sample.NORMAL_KURTOSIS)
                .hasDistribution(Sample.normal(Math.sqrt(variance)))
                .hardlyRepeats();
    }

    static Stream<Arguments> uniformForms() {
        return Stream.of(
                Arguments.of(Init.xavierUniform(), Math.sqrt(6 / (IN + OUT))),
                Arguments.of(Init.heUniform(), Math.sqrt(6 / IN)),
                Arguments.of(Init.heUniform(0.5), Math.sqrt(4.8 / IN)),
                Arguments.of(Init.lecunUniform(), Math.sqrt(3 / IN)),
                Arguments.of(new VarianceScaling(2, Fan.AVERAGE, Distribution.UNIFORM), Math.sqrt(24 / (IN + OUT))));
    }

    @ParameterizedTest
    @MethodSource("uniformForms")
    void uniformFormsHaveTheBoundOfTheirFormula(Initializer initializer, double bound) {
        Sample.of(initializer)
                .hasMoments(0, bound / Math.sqrt(3), Sample.UNIFORM_KURTOSIS)
                .staysWithin(-bound, bound)
                .comesNear(-bound, bound, bound / 500)
                .hasDistribution(Sample.uniform(-bound, bound))
                .hardlyRepeats();
    }

    @Test
    void truncatedFormHasTheVarianceOfItsFormulaToo() {
        double deviation = Math.sqrt(2 / IN);
        Sample.of(new VarianceScaling(Gain.he(0), Fan.IN, Distribution.TRUNCATED_NORMAL))
                .hasMoments(0, deviation, Sample.NORMAL_KURTOSIS)
                .hasDistribution(Sample.truncated(deviation / 0.87962566103423978, 2));
    }

    /** The formulas as another framework states them, over its own shapes, fans and gains. */
    @Test
    void boundsAndStandardDeviationsAgreeWithAnotherFramework() {
        int compared = 0;
        for (JsonNode target : Golden.index().get("tables").get("init_targets")) {
            JsonNode arguments = target.get("args");
            String scheme = target.get("init").asText();
            boolean kaiming = scheme.startsWith("kaiming");
            if ((!kaiming && !scheme.startsWith("xavier"))
                    || target.get("shape").size() != 2) {
                continue;
            }
            Fans fans = new Fans(
                    target.get("shape").get(1).asInt(),
                    target.get("shape").get(0).asInt());
            Fan fan = kaiming ? (arguments.get("mode").asText().equals("fan_in") ? Fan.IN : Fan.OUT) : Fan.AVERAGE;
            double gain = kaiming ? gain(arguments) : arguments.get("gain").asDouble();
            double expected = target.get("target_std").asDouble();
            assertThat(gain / Math.sqrt(fan.of(fans))).as("%s", target).isCloseTo(expected, within(1e-15));
            if (scheme.endsWith("uniform")) {
                Tensor out = Tensor.zeros(100_000);
                new VarianceScaling(gain, fan, Distribution.UNIFORM).fill(out, fans, Key.of(1));
                double bound = target.get("bound").asDouble();
                assertThat((double) out.maxAbs()).as("%s", target).isBetween(bound * 0.9995, bound);
            }
            compared++;
        }
        assertThat(compared).isGreaterThanOrEqualTo(8);
    }

    static double gain(JsonNode arguments) {
        String nonlinearity = arguments.get("nonlinearity").asText();
        return switch (nonlinearity) {
            case "relu" -> Gain.conventional(Nonlinearity.RELU);
            case "leaky_relu" ->
                Gain.conventional(Nonlinearity.leakyRelu(arguments.get("a").asDouble()));
            case "tanh" -> Gain.conventional(Nonlinearity.TANH);
            case "sigmoid" -> Gain.conventional(Nonlinearity.SIGMOID);
            case "linear" -> Gain.conventional(Nonlinearity.LINEAR);
            default -> throw new IllegalArgumentException(nonlinearity);
        };
    }

    @Test
    void gainZeroGivesZeros() {
        assertThat(Sample.filled(new VarianceScaling(0, Fan.IN, Distribution.NORMAL), 9)
                        .maxAbs())
                .isZero();
    }

    @Test
    void sameKeyGivesTheSameBitsAndAnotherKeyOthers() {
        Initializer initializer = Init.heNormal();
        Tensor one = Sample.filled(initializer, Key.of(1), 8, 8);
        assertThat(one).isBitEqualTo(Sample.filled(initializer, Key.of(1), 8, 8));
        assertThat(one).isNotBitEqualTo(Sample.filled(initializer, Key.of(2), 8, 8));
    }

    @Test
    void badGainsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VarianceScaling(-1, Fan.IN, Distribution.NORMAL))
                .withMessage("variance scaling: gain -1.0 must be 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VarianceScaling(Double.NaN, Fan.IN, Distribution.NORMAL))
                .withMessage("variance scaling: gain NaN must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VarianceScaling(Double.POSITIVE_INFINITY, Fan.IN, Distribution.NORMAL))
                .withMessage("variance scaling: gain Infinity must be finite and in the range of float32");
    }

    @Test
    void missingPartsAreNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> new VarianceScaling(1, null, Distribution.NORMAL))
                .withMessage("fan");
        assertThatNullPointerException()
                .isThrownBy(() -> new VarianceScaling(1, Fan.IN, null))
                .withMessage("distribution");
    }

    @Test
    void commonNamesArePrintedWhereTheArgumentsMatch() {
        assertThat(Init.xavierNormal()).hasToString("xavier normal");
        assertThat(Init.xavierUniform()).hasToString("xavier uniform");
        assertThat(Init.heNormal()).hasToString("he normal");
        assertThat(Init.heUniform()).hasToString("he uniform");
        assertThat(Init.lecunNormal()).hasToString("lecun normal");
        assertThat(Init.lecunUniform()).hasToString("lecun uniform");
        assertThat(new VarianceScaling(1, Fan.IN, Distribution.TRUNCATED_NORMAL))
                .hasToString("lecun truncated normal");
        assertThat(new VarianceScaling(2, Fan.AVERAGE, Distribution.UNIFORM))
                .hasToString("variance scaling(gain 2, fan average, uniform)");
        assertThat(new VarianceScaling(1.7, Fan.IN, Distribution.NORMAL))
                .hasToString("variance scaling(gain 1.7, fan in, normal)");
        assertThat(Init.torchDefault()).hasToString("torch default");
        assertThat(Init.torchRecurrent()).hasToString("torch recurrent");
        assertThat(Init.heNormal(0.2)).hasToString("he normal(slope 0.2)");
        assertThat(new VarianceScaling(1, Fan.OUT, Distribution.NORMAL))
                .hasToString("variance scaling(gain 1, fan out, normal)");
    }
}
