package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NonlinearityTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    static Stream<Nonlinearity> all() {
        return Stream.of(
                Nonlinearity.LINEAR,
                Nonlinearity.RELU,
                Nonlinearity.TANH,
                Nonlinearity.SIGMOID,
                Nonlinearity.leakyRelu(0.2),
                Nonlinearity.of("square", z -> z * z, z -> 2 * z));
    }

    @ParameterizedTest
    @MethodSource("all")
    void derivativeIsTheSlope(Nonlinearity f) {
        double h = 0x1p-17;
        for (double z : new double[] {-7.5, -2, -0.3, 0.4, 1, 6}) {
            double slope = (f.value(z + h) - f.value(z - h)) / (2 * h);
            assertThat(f.derivative(z)).as("%s at %s", f, z).isCloseTo(slope, within(1e-9));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void notANumberStaysSo(Nonlinearity f) {
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
    void limitsAreReached() {
        assertThat(Nonlinearity.RELU.value(-INFINITY)).isZero();
        assertThat(Nonlinearity.RELU.value(INFINITY)).isEqualTo(INFINITY);
        assertThat(Nonlinearity.TANH.value(-INFINITY)).isEqualTo(-1);
        assertThat(Nonlinearity.TANH.derivative(INFINITY)).isZero();
        assertThat(Nonlinearity.SIGMOID.value(-INFINITY)).isZero();
        assertThat(Nonlinearity.SIGMOID.value(INFINITY)).isEqualTo(1);
        assertThat(Nonlinearity.SIGMOID.derivative(-INFINITY)).isZero();
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
        assertThat(Nonlinearity.RELU).isNotEqualTo(Nonlinearity.TANH);
    }

    @Test
    void namesArePrinted() {
        assertThat(all().map(Nonlinearity::name))
                .containsExactly("linear", "relu", "tanh", "sigmoid", "leaky relu(0.2)", "square");
        assertThat(all()).allSatisfy(f -> assertThat(f).hasToString(f.name()));
    }

    @Test
    void slopeThatIsNoNumberIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nonlinearity.leakyRelu(Double.NaN))
                .withMessage("leaky relu: slope NaN must be finite and in the range of float32");
    }

    @Test
    void missingPartsAreNamed() {
        assertThatNullPointerException().isThrownBy(() -> Nonlinearity.of(null, z -> z, z -> 1)).withMessage("name");
        assertThatNullPointerException().isThrownBy(() -> Nonlinearity.of("f", null, z -> 1)).withMessage("f");
        assertThatNullPointerException().isThrownBy(() -> Nonlinearity.of("f", z -> z, null)).withMessage("df");
    }
}
