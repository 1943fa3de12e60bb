package nn.init.nonlinearity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Field;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NonlinearityTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    static Stream<Nonlinearity> all() {
        return Stream.concat(EveryNonlinearity.all(), Stream.of(Nonlinearity.of("square", z -> z * z, z -> 2 * z)));
    }

    @Test
    void everyConstantIsAmongTheTested() throws IllegalAccessException {
        for (Field field : Nonlinearity.class.getFields()) {
            assertThat(EveryNonlinearity.all()).as(field.getName()).contains((Nonlinearity) field.get(null));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void derivativeIsTheSlope(Nonlinearity f) {
        double h = 0x1p-17;
        for (double z : new double[] {-7.5, -2, -0.3, 0.4, 0.9, 6}) {
            double slope = (f.value(z + h) - f.value(z - h)) / (2 * h);
            assertThat(f.derivative(z)).as("%s at %s", f, z).isCloseTo(slope, within(1e-9));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void nanStaysNan(Nonlinearity f) {
        assertThat(f.value(Double.NaN)).isNaN();
        assertThat(f.derivative(Double.NaN)).isNaN();
    }

    @Test
    void reluIsFlatAtZero() {
        assertThat(Nonlinearity.RELU.derivative(0)).isZero();
        assertThat(Nonlinearity.RELU.derivative(-0.0)).isZero();
        assertThat(Nonlinearity.RELU.value(-0.0)).isEqualTo(0.0);
        assertThat(Nonlinearity.RELU.derivative(Double.MIN_VALUE)).isEqualTo(1);
        assertThat(Nonlinearity.leakyRelu(0.2).derivative(0)).isEqualTo(0.2);
    }

    @Test
    void kinksHaveTheSlopeOfTheirLeft() {
        assertThat(Nonlinearity.HARD_TANH.derivative(-1)).isZero();
        assertThat(Nonlinearity.HARD_TANH.derivative(Math.nextUp(-1))).isEqualTo(1);
        assertThat(Nonlinearity.HARD_TANH.derivative(1)).isEqualTo(1);
        assertThat(Nonlinearity.HARD_TANH.derivative(Math.nextUp(1))).isZero();
        assertThat(Nonlinearity.elu(0.3).derivative(0)).isEqualTo(0.3);
        assertThat(Nonlinearity.elu(0.3).derivative(Double.MIN_VALUE)).isEqualTo(1);
        assertThat(Nonlinearity.SELU.derivative(0)).isCloseTo(1.7580993408473766, within(1e-15));
        assertThat(Nonlinearity.SELU.derivative(1)).isCloseTo(1.0507009873554805, within(1e-15));
    }

    /** With 20 digits of 30 computed. */
    @ParameterizedTest
    @CsvSource({
        "gelu, -30, -1.4720141781444561179e-196, -4.4160316907084943701e-195",
        "gelu, -8, -4.9767684594174272988e-15, -3.9796072610867959891e-14",
        "gelu, -1, -0.15865525393145705141, -0.083315470587686298383",
        "gelu, -0.001, -0.00049960105778608894781, 0.49920211570515859505",
        "gelu, 0.25, 0.14967658142073093106, 0.69537335488363602598",
        "gelu, 3, 2.9959503059051097164, 1.011945647204183927",
        "gelu, 37, 37.0, 1.0",
        "gelu tanh, -8, -3.107782937501111218e-21, -4.7147845041068415845e-20",
        "gelu tanh, -1, -0.15880800939172329522, -0.08296408384578255514",
        "gelu tanh, -0.001, -0.0004996010577864180343, 0.49920211570647498214",
        "gelu tanh, 0.25, 0.14967535070168500023, 0.69535409515106042949",
        "gelu tanh, 3, 2.9963626079182269812, 1.0115841666309697262",
        "gelu tanh, 37, 37.0, 1.0",
        "silu, -30, -2.8072868906517896862e-12, -2.7137106609631340013e-12",
        "silu, -8, -0.002682801043731824831, -0.0023465512355853156561",
        "silu, -1, -0.26894142136999512075, 0.072329488128513268211",
        "silu, -0.001, -0.00049975000002083334165, 0.49950000008333332082",
        "silu, 0.25, 0.14054412522144952601, 0.62371002157019769092",
        "silu, 3, 2.8577223804672996574, 1.0881041060151696171",
        "silu, 37, 36.999999999999996843, 1.0000000000000030719",
        "softplus, -30, 9.3576229688397367794e-14, 9.3576229688392989538e-14",
        "softplus, -8, 0.00033540637289576883157, 0.00033535013046647810388",
        "softplus, -1, 0.31326168751822283405, 0.26894142136999512075",
        "softplus, -0.001, 0.69264730555994010107, 0.49975000002083333124",
        "softplus, 0.25, 0.82593941987884356221, 0.56217650088579810403",
        "softplus, 3, 3.0485873515737420588, 0.95257412682243321912",
        "softplus, 37, 37.000000000000000085, 0.99999999999999991467",
        "erf, -30, -1.0, 1.5396476604099959446e-391",
        "erf, -8, -1.0, 1.8097067968559842597e-28",
        "erf, -1, -0.84270079294971486934, 0.41510749742059470334",
        "erf, -0.001, -0.0011283787909692364034, 1.1283780387169096678",
        "erf, 0.25, 0.27632639016823693299, 1.0600141293761142435",
        "erf, 3, 0.99997790950300141456, 0.00013925305194674785389",
        "erf, 37, 1.0, 3.1864663294527597967e-595",
        "selu, -30, -1.7580993408472123436, 1.6451630773416184706e-13",
        "selu, -8, -1.757509564222382525, 0.00058977662499433491643",
        "selu, -1, -1.1113307378125627618, 0.64676860303481409814",
        "selu, -0.001, -0.0017572205841202705252, 1.7563421202632565894",
        "selu, 0.25, 0.26267524683887012335, 1.0507009873554804934",
        "selu, 3, 3.1521029620664414803, 1.0507009873554804934",
        "selu, 37, 38.875936532152778257, 1.0507009873554804934",
        "elu(0.3), -30, -0.29999999999997192713, 2.8072868906520523815e-14",
        "elu(0.3), -8, -0.29989936121162924645, 0.00010063878837075355165",
        "elu(0.3), -1, -0.18963616764856730352, 0.11036383235143269648",
        "elu(0.3), -0.001, -0.00029985004998750250582, 0.29970014995001249749",
        "elu(0.3), 0.25, 0.25, 1.0",
        "elu(0.3), 3, 3.0, 1.0",
        "elu(0.3), 37, 37.0, 1.0"
    })
    void valuesAndDerivativesAreRightToTheLastDigits(String name, double z, double value, double derivative) {
        Nonlinearity f = EveryNonlinearity.named(name);
        assertThat(f.value(z)).isCloseTo(value, Percentage.withPercentage(1e-12));
        assertThat(f.derivative(z)).isCloseTo(derivative, Percentage.withPercentage(1e-12));
    }

    @ParameterizedTest
    @MethodSource("all")
    void hugeArgumentsGiveFiniteValues(Nonlinearity f) {
        for (double z : new double[] {40, 800, 1e10, 1e150}) {
            assertThat(f.value(z)).as("%s at %s", f, z).isFinite();
            assertThat(f.value(-z)).as("%s at %s", f, -z).isFinite();
            assertThat(f.derivative(z)).as("%s at %s", f, z).isFinite();
            assertThat(f.derivative(-z)).as("%s at %s", f, -z).isFinite();
        }
    }

    @Test
    void limitsAreReached() {
        assertThat(Nonlinearity.RELU.value(-INFINITY)).isZero();
        assertThat(Nonlinearity.RELU.value(INFINITY)).isEqualTo(INFINITY);
        assertThat(Nonlinearity.TANH.value(-INFINITY)).isEqualTo(-1);
        assertThat(Nonlinearity.TANH.derivative(INFINITY)).isZero();
        assertThat(Nonlinearity.SIGMOID.value(-INFINITY)).isZero();
        assertThat(Nonlinearity.SIGMOID.value(INFINITY)).isEqualTo(1);
        assertThat(Nonlinearity.SIGMOID.derivative(-INFINITY)).isZero();
        for (Nonlinearity gate : new Nonlinearity[] {
            Nonlinearity.GELU,
            Nonlinearity.SILU,
            Nonlinearity.SOFTPLUS,
            Nonlinearity.softplus(2),
            Nonlinearity.MISH,
            Nonlinearity.HARD_SWISH
        }) {
            assertThat(gate.value(-INFINITY)).as("%s", gate).isZero();
            assertThat(gate.value(INFINITY)).as("%s", gate).isEqualTo(INFINITY);
            assertThat(gate.derivative(-INFINITY)).as("%s", gate).isZero();
            assertThat(gate.derivative(INFINITY)).as("%s", gate).isEqualTo(1);
        }
        assertThat(Nonlinearity.elu(2).value(-INFINITY)).isEqualTo(-2);
        assertThat(Nonlinearity.elu(2).derivative(-INFINITY)).isZero();
        assertThat(Nonlinearity.ERF.value(-INFINITY)).isEqualTo(-1);
        assertThat(Nonlinearity.ERF.derivative(INFINITY)).isZero();
        assertThat(Nonlinearity.HARD_TANH.value(-INFINITY)).isEqualTo(-1);
    }

    @Test
    void derivativesKeepTheirDigitsWhereTheFunctionSaturates() {
        assertThat(Nonlinearity.TANH.derivative(30)).isCloseTo(4 * Math.exp(-60), Percentage.withPercentage(1e-10));
        assertThat(Nonlinearity.SIGMOID.derivative(60)).isCloseTo(Math.exp(-60), Percentage.withPercentage(1e-10));
        assertThat(Nonlinearity.SIGMOID.derivative(-60)).isEqualTo(Nonlinearity.SIGMOID.derivative(60));
    }

    @Test
    void equalOnesAreEqual() {
        assertThat(Nonlinearity.leakyRelu(0.2)).isEqualTo(Nonlinearity.leakyRelu(0.2));
        assertThat(Nonlinearity.leakyRelu(0.2)).isNotEqualTo(Nonlinearity.leakyRelu(0.1));
        assertThat(Nonlinearity.leakyRelu(0)).isEqualTo(Nonlinearity.RELU);
        assertThat(Nonlinearity.elu(0)).isEqualTo(Nonlinearity.RELU);
        assertThat(Nonlinearity.elu(1)).isEqualTo(Nonlinearity.elu(1)).isNotEqualTo(Nonlinearity.SELU);
        assertThat(Nonlinearity.RELU).isNotEqualTo(Nonlinearity.TANH);
        assertThat(Nonlinearity.softplus(1)).isEqualTo(Nonlinearity.SOFTPLUS).isNotEqualTo(Nonlinearity.softplus(2));
        assertThat(Nonlinearity.celu(1)).isEqualTo(Nonlinearity.elu(1)).isNotEqualTo(Nonlinearity.celu(2));
    }

    @Test
    void namesArePrinted() {
        assertThat(all().map(Nonlinearity::name))
                .containsExactly(
                        "linear",
                        "relu",
                        "leaky relu(0.2)",
                        "tanh",
                        "sigmoid",
                        "gelu",
                        "gelu tanh",
                        "silu",
                        "elu(1)",
                        "elu(0.3)",
                        "selu",
                        "softplus",
                        "softplus(2)",
                        "softplus(3)",
                        "log sigmoid",
                        "mish",
                        "celu(2)",
                        "celu(0.3)",
                        "erf",
                        "sin",
                        "hard tanh",
                        "hard sigmoid",
                        "hard swish",
                        "square");
        assertThat(all()).allSatisfy(f -> assertThat(f).hasToString(f.name()));
    }

    @Test
    void aSlopeThatIsNanIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nonlinearity.leakyRelu(Double.NaN))
                .withMessage("leaky relu: slope NaN must be finite and in the range of float32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nonlinearity.elu(Double.NaN))
                .withMessage("elu: alpha NaN must be finite and in the range of float32");
        for (double bad : new double[] {0, -1, 1e-10, 1e10, Double.NaN, INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Nonlinearity.softplus(bad))
                    .withMessageStartingWith("softplus: beta ")
                    .withMessageEndingWith(" must be from 1e-9 to 1e9");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Nonlinearity.celu(bad))
                    .withMessageStartingWith("celu: alpha ");
        }
    }

    @Test
    void missingPartsAreNamed() {
        assertThatNullPointerException()
                .isThrownBy(() -> Nonlinearity.of(null, z -> z, z -> 1))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> Nonlinearity.of("f", null, z -> 1))
                .withMessage("f");
        assertThatNullPointerException()
                .isThrownBy(() -> Nonlinearity.of("f", z -> z, null))
                .withMessage("df");
    }
}
