package nn.init.nonlinearity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels for whole tensors, in float, against value and derivative, in double. */
class ElementwiseKernelTest {
    /** The example of the documentation. */
    private record SquaredRelu() implements Nonlinearity, ElementwiseKernel {
        @Override
        public String name() {
            return "squared relu";
        }

        @Override
        public double value(double z) {
            return Math.max(z, 0) * Math.max(z, 0);
        }

        @Override
        public double derivative(double z) {
            return 2 * Math.max(z, 0);
        }

        @Override
        public ElementwiseKernel newKernel() {
            return this;
        }

        @Override
        public void apply(Tensor x, Tensor y) {
            x.reluInto(y);
            y.multiplyInto(y, y);
        }

        @Override
        public void gradient(Tensor x, Tensor dy, Tensor dx) {
            x.reluInto(dx);
            dx.multiplyInto(dy, dx);
            dx.scaleInPlace(2);
        }
    }

    static Stream<Nonlinearity> all() {
        return Stream.concat(
                EveryNonlinearity.all(),
                Stream.of(
                        Nonlinearity.leakyRelu(-1),
                        Nonlinearity.elu(-0.5), // the output does not tell the sign of the input
                        Nonlinearity.of("square", z -> z * z, z -> 2 * z),
                        new SquaredRelu()));
    }

    /** From -20 to 20, and magnitudes down to 2^-30, in a tensor that begins within its array. */
    private static Tensor grid() {
        Tensor x = Tensor.zeros(1281 + 2 * 31 + 2);
        for (int i = 0; i < 1281; i++) {
            x.set((i - 640) / 32f, i);
        }
        for (int i = 0; i < 31; i++) {
            x.set(Math.scalb(1.1f, -i), 1281 + 2 * i);
            x.set(-Math.scalb(1.1f, -i), 1282 + 2 * i);
        }
        return x.rows(1, x.size() - 1);
    }

    /** A tensor within a larger array whose other values show whether they were written to. */
    private static Tensor within(int size) {
        return Tensor.full(Float.NaN, size + 5).rows(2, size + 2);
    }

    private static Tensor value(ElementwiseKernel kernel, Tensor x) {
        Tensor y = within(x.size());
        kernel.apply(x, y);
        return y;
    }

    private static Tensor gradient(ElementwiseKernel kernel, Tensor x, Tensor dy) {
        Tensor dx = within(x.size());
        kernel.gradient(kernel.gradientFromOutput() ? value(kernel, x) : x, dy, dx);
        return dx;
    }

    @ParameterizedTest
    @MethodSource("all")
    void valuesAndSlopesAreThoseOfTheFunctionToTheLastPlaces(Nonlinearity f) {
        Tensor x = grid();
        Tensor y = value(f.newKernel(), x);
        Tensor dx = gradient(f.newKernel(), x, Tensor.full(1, x.size()));
        for (int i = 0; i < x.size(); i++) {
            float z = x.get(i);
            float value = (float) f.value(z);
            assertThat(Math.abs(y.get(i) - value)).as("f(%s)", z).isLessThanOrEqualTo(4 * Math.ulp(value) + 0x1p-126f);
            float slope = (float) f.derivative(z);
            assertThat(Math.abs(dx.get(i) - slope))
                    .as("f'(%s)", z)
                    .isLessThanOrEqualTo(3 * Math.ulp(Math.max(1, Math.abs(slope))));
        }
    }

    /** Where exp(x) is subnormal in float, and 0. */
    @ParameterizedTest
    @MethodSource("all")
    void valuesFarFromZeroAreThoseOfTheFunction(Nonlinearity f) {
        Tensor x = Tensor.zeros(2 * 1281);
        for (int i = 0; i < 1281; i++) {
            x.set(-80 - i / 32f, 2 * i);
            x.set(80 + i / 32f, 2 * i + 1);
        }
        Tensor y = value(f.newKernel(), x);
        for (int i = 0; i < x.size(); i++) {
            float value = (float) f.value(x.get(i));
            assertThat(Math.abs(y.get(i) - value))
                    .as("f(%s)", x.get(i))
                    .isLessThanOrEqualTo(4 * Math.ulp(value) + 0x1p-126f);
        }
    }

    /** Sizes at the ends of the pieces that some kernels work in. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 1024, 1100})
    void anElementHasTheSameBitsInEveryTensor(int size) {
        Tensor x = Tensor.zeros(size + 1).rows(1, size + 1);
        Tensor dy = Tensor.zeros(size);
        Key.of(1).normal(x, 0, 3);
        Key.of(2).normal(dy, 0, 1);
        all().forEach(f -> {
            ElementwiseKernel kernel = f.newKernel();
            Tensor y = value(kernel, x);
            Tensor dx = gradient(kernel, x, dy);
            for (int i = 0; i < size; i += 37) {
                assertThat(value(kernel, x.rows(i, i + 1)).get(0)).as(f.name()).isEqualTo(y.get(i));
                assertThat(gradient(kernel, x.rows(i, i + 1), dy.rows(i, i + 1)).get(0))
                        .as(f.name())
                        .isEqualTo(dx.get(i));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void onlyTheDestinationIsWritten(Nonlinearity f) {
        Tensor x = grid();
        Tensor dy = Tensor.full(2, x.size());
        Tensor y = Tensor.full(7, x.size() + 2);
        Tensor dx = Tensor.full(7, x.size() + 2);
        ElementwiseKernel kernel = f.newKernel();
        kernel.apply(x, y.rows(1, x.size() + 1));
        Tensor saved = kernel.gradientFromOutput() ? y.rows(1, x.size() + 1) : x;
        Tensor before = saved.copy();
        kernel.gradient(saved, dy, dx.rows(1, x.size() + 1));
        assertThat(x.bitEquals(grid())).isTrue();
        assertThat(saved.bitEquals(before)).isTrue();
        assertThat(dy.toArray()).containsOnly(2);
        assertThat(new float[] {y.get(0), y.get(x.size() + 1), dx.get(0), dx.get(x.size() + 1)})
                .containsOnly(7);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theGradientIsProportionalToThatOfTheOutput(Nonlinearity f) {
        Tensor x = grid();
        Tensor slopes = gradient(f.newKernel(), x, Tensor.full(1, x.size()));
        Tensor dx = gradient(f.newKernel(), x, Tensor.full(-4, x.size()));
        for (int i = 0; i < x.size(); i++) {
            assertThat(dx.get(i) == -4 * slopes.get(i)) // a zero has either sign
                    .as("at %s: %s for a slope of %s", x.get(i), dx.get(i), slopes.get(i))
                    .isTrue();
        }
    }

    @Test
    void kernelsWhoseGradientComesFromTheOutputWorkInPlace() {
        for (Nonlinearity f : new Nonlinearity[] {Nonlinearity.RELU, Nonlinearity.TANH, Nonlinearity.SIGMOID}) {
            Tensor x = grid();
            Tensor y = value(f.newKernel(), x);
            f.newKernel().apply(x, x);
            assertThat(x.bitEquals(y)).as(f.name()).isTrue();
        }
    }

    @Test
    void gradientsOfReluTanhSigmoidAndEluComeFromTheOutput() {
        assertThat(all().filter(f -> f.newKernel().gradientFromOutput()))
                .containsExactlyInAnyOrder(
                        Nonlinearity.RELU,
                        Nonlinearity.TANH,
                        Nonlinearity.SIGMOID,
                        Nonlinearity.SELU,
                        Nonlinearity.elu(1),
                        Nonlinearity.elu(0.3),
                        Nonlinearity.celu(2),
                        Nonlinearity.celu(0.3));
    }

    @ParameterizedTest
    @MethodSource("all")
    void limitsAreReachedAtInfinityAndNanStays(Nonlinearity f) {
        float infinity = Float.POSITIVE_INFINITY;
        Tensor x = Tensor.of(new float[] {infinity, -infinity, Float.NaN, 1e4f, -1e4f}, 5);
        Tensor y = value(f.newKernel(), x);
        Tensor slopes = gradient(f.newKernel(), x, Tensor.full(1, 5));
        for (int i = 0; i < x.size(); i++) {
            float value = (float) f.value(x.get(i));
            assertThat(y.get(i) == value
                            || Float.isNaN(y.get(i)) && Float.isNaN(value)
                            || Math.abs(y.get(i) - value) <= 2 * Math.ulp(value))
                    .as("f(%s) is %s, should be %s", x.get(i), y.get(i), value)
                    .isTrue();
            float slope = (float) f.derivative(x.get(i));
            // At NaN some kernels give the slope on the left: the value is NaN already, and the loss with it.
            assertThat(slopes.get(i) == slope || Float.isNaN(slope) || Math.abs(slopes.get(i) - slope) <= 0x1p-22f)
                    .as("f'(%s) is %s, should be %s", x.get(i), slopes.get(i), slope)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2",
        "1.4e-45, 2",
        "3.4028235e38, 2",
        "Infinity, 2",
        "0, 3",
        "-0, 3",
        "-1.4e-45, 3",
        "-1, 3",
        "-Infinity, 3",
        "NaN, 3"
    })
    void theFirstNumberIsChosenAboveZeroOnly(float v, float chosen) {
        assertThat(ElementwiseKernel.choose(v, 2, 3)).isEqualTo(chosen);
        assertThat(Float.floatToRawIntBits(ElementwiseKernel.choose(v, -0f, Float.NaN)))
                .isEqualTo(Float.floatToRawIntBits(chosen == 2 ? -0f : Float.NaN));
        int negativeNan = 0xffc00000;
        assertThat(ElementwiseKernel.choose(Float.intBitsToFloat(negativeNan), 2, 3))
                .isEqualTo(3);
    }

    @Test
    void lambdasAreCalledInDoubleForEachElement() {
        Tensor x = Tensor.of(new float[] {0.1f, -3, 1e30f}, 3);
        ElementwiseKernel kernel = Nonlinearity.of("cube root", Math::cbrt, z -> 1 / (3 * Math.pow(z, 2)))
                .newKernel();
        Tensor dx = gradient(kernel, x, Tensor.of(new float[] {2, 3, 4}, 3));
        for (int i = 0; i < 3; i++) {
            assertThat(value(kernel, x).get(i)).isEqualTo((float) Math.cbrt(x.get(i)));
            assertThat(dx.get(i)).isEqualTo((float) (1 / (3 * Math.pow(x.get(i), 2))) * (i + 2));
        }
    }
}
