package nn.layers.recurrent;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.layers.Carry;
import nn.layers.Context;
import nn.layers.Recurrent;
import nn.layers.RecurrentPass;
import nn.layers.WeightMapping;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearRecurrenceTest {
    private static final Key KEY = Key.of(29);
    private static final int FEATURES = 3;
    private static final int STATES = 4;

    private static LinearRecurrence layer() {
        return LinearRecurrence.states(STATES).ring(new Ring(0.5, 0.99, 3)).create(FEATURES, KEY);
    }

    private static double value(LinearRecurrence layer, String name, int... index) {
        return layer.parameter(name).value().get(index);
    }

    /** The paper's equations in double. */
    private static double[][][] truth(LinearRecurrence layer, Tensor x) {
        int time = x.dim(0);
        int batch = x.dim(1);
        double[][][] y = new double[time][batch][FEATURES];
        for (int b = 0; b < batch; b++) {
            for (int n = 0; n < STATES; n++) {
                double magnitude = Math.exp(-Math.exp(value(layer, "nu_log", n)));
                double phase = Math.exp(value(layer, "theta_log", n));
                double gamma = Math.exp(value(layer, "gamma_log", n));
                double real = 0;
                double imaginary = 0;
                for (int t = 0; t < time; t++) {
                    double before = real;
                    real = magnitude * (Math.cos(phase) * before - Math.sin(phase) * imaginary);
                    imaginary = magnitude * (Math.sin(phase) * before + Math.cos(phase) * imaginary);
                    for (int i = 0; i < FEATURES; i++) {
                        real += gamma * value(layer, "B_re", i, n) * x.get(t, b, i);
                        imaginary += gamma * value(layer, "B_im", i, n) * x.get(t, b, i);
                    }
                    for (int o = 0; o < FEATURES; o++) {
                        y[t][b][o] += value(layer, "C_re", n, o) * real - value(layer, "C_im", n, o) * imaginary;
                    }
                }
            }
            for (int t = 0; t < time; t++) {
                for (int o = 0; o < FEATURES; o++) {
                    y[t][b][o] += value(layer, "D", o) * x.get(t, b, o);
                }
            }
        }
        return y;
    }

    /** Phases in all quarters of the circle, and beyond it. */
    @ParameterizedTest
    @ValueSource(doubles = {0.001, 1, 2, 3, 4, 5, 6, 7, 100})
    void theOutputIsThatOfThePapersEquations(double phase) {
        LinearRecurrence layer = layer();
        layer.parameter("theta_log").value().fill((float) Math.log(phase));
        Tensor x = normal("x", 12, 2, FEATURES);
        Tensor y = layer.forward(x, Context.inference()).output();
        double[][][] truth = truth(layer, x);
        for (int t = 0; t < 12; t++) {
            for (int b = 0; b < 2; b++) {
                for (int o = 0; o < FEATURES; o++) {
                    // Some dozens of roundings of numbers of a few units.
                    assertThat((double) y.get(t, b, o)).isCloseTo(truth[t][b][o], within(100 * 0x1p-24));
                }
            }
        }
    }

    /**
     * The layer is linear, so for white inputs E|h_T|^2 is the energy of its responses to an impulse at each input, up
     * to T steps: here exactly |b|^2 (1 - |lambda|^(2 T)), with |b|^2 of mean 1 over the first weights.
     */
    @Test
    void theVarianceOfTheStateStaysAtOneForTenThousandSteps() {
        int states = 64;
        LinearRecurrence layer = LinearRecurrence.states(states)
                .ring(new Ring(0.9, 0.999, Math.PI / 10))
                .create(FEATURES, KEY);
        Tensor impulses = Tensor.zeros(1, FEATURES, FEATURES);
        for (int i = 0; i < FEATURES; i++) {
            impulses.set(1, 0, i, i);
        }
        Tensor silence = Tensor.zeros(1, FEATURES, FEATURES);
        double[] energy = new double[states];
        Recurrent.State state = Recurrent.State.of(Tensor.zeros(FEATURES, 2 * states));
        for (int t = 1; t <= 10_000; t++) {
            RecurrentPass pass = layer.run(t == 1 ? impulses : silence, state, Context.inference());
            state = pass.lastState();
            for (int i = 0; i < FEATURES; i++) {
                for (int n = 0; n < states; n++) {
                    double real = state.part(0).get(i, n);
                    double imaginary = state.part(0).get(i, states + n);
                    energy[n] += real * real + imaginary * imaginary;
                }
            }
            if (t == 10 || t == 100 || t == 1000 || t == 10_000) {
                assertEnergy(layer, t, energy);
            }
        }
    }

    private static void assertEnergy(LinearRecurrence layer, int steps, double[] energy) {
        double mean = 0;
        for (int n = 0; n < energy.length; n++) {
            double squares = 0;
            for (int i = 0; i < FEATURES; i++) {
                squares += Math.pow(value(layer, "B_re", i, n), 2) + Math.pow(value(layer, "B_im", i, n), 2);
            }
            double fading = Math.exp(-2 * steps * Math.exp(value(layer, "nu_log", n)));
            assertThat(energy[n] / squares).as("state %d", n).isCloseTo(1 - fading, within(0.001));
            mean += energy[n] / squares / energy.length;
        }
        if (steps >= 10_000) { // ten times the longest memory
            assertThat(mean).isCloseTo(1, within(0.001));
        }
    }

    /** The sum of 2 features numbers of variance 1 / (2 features), over many states: five deviations of their mean. */
    @Test
    void theFirstInputWeightsKeepTheVarianceOfWhiteInputs() {
        int states = 2000;
        LinearRecurrence layer = LinearRecurrence.states(states).create(FEATURES, KEY);
        double squares = layer.parameter("B_re")
                        .value()
                        .dot(layer.parameter("B_re").value())
                + layer.parameter("B_im").value().dot(layer.parameter("B_im").value());
        assertThat(squares / states).isCloseTo(1, within(5 * Math.sqrt(2.0 / (2 * FEATURES * states))));
    }

    @Test
    void aSequenceInChunksHasTheBitsOfTheWholeOne() {
        LinearRecurrence layer = layer();
        Tensor x = normal("x", 9, 2, FEATURES);
        Tensor whole = layer.forward(x, Context.inference()).output();
        Carry carry = new Carry();
        for (int from = 0; from < 9; from += 3) {
            Tensor y = layer.forward(x.rows(from, from + 3), carry.over(Context.inference()))
                    .output();
            carry.advance();
            assertThat(y).isBitEqualTo(whole.rows(from, from + 3));
        }
    }

    @Test
    void aStateThatFadesEndsAtZeroAndNotInSubnormalNumbers() {
        LinearRecurrence layer =
                LinearRecurrence.states(STATES).ring(new Ring(0.5, 0.6, 1)).create(FEATURES, KEY);
        Recurrent.State state = Recurrent.State.of(Tensor.full(1, 1, 2 * STATES));
        for (int chunk = 0; chunk < 3; chunk++) {
            state = layer.run(Tensor.zeros(100, 1, FEATURES), state, Context.inference())
                    .lastState();
        }
        assertThat(state.part(0)).isBitEqualTo(Tensor.zeros(1, 2 * STATES));
    }

    private static Tensor drawn(Initializer initializer, int n) {
        Tensor values = Tensor.zeros(n);
        initializer.fill(values, new Fans(n, n), KEY);
        return values;
    }

    /** Areas of a ring are proportional to the squares of radii: moments of a uniform number, five deviations wide. */
    @Test
    void theFirstLambdasAreUniformOnTheRing() {
        int n = 20_000;
        Ring ring = new Ring(0.4, 0.8, 2);
        Tensor nus = drawn(ring.magnitudes(), n);
        Tensor thetas = drawn(ring.phases(), n);
        double[] sums = new double[4];
        for (int i = 0; i < n; i++) {
            double square = Math.exp(-2 * Math.exp(nus.get(i)));
            double phase = Math.exp(thetas.get(i));
            assertThat(square).isBetween(0.16 - 1e-6, 0.64 + 1e-6);
            assertThat(phase).isBetween(0.0, 2 + 1e-6);
            double u = (square - 0.16) / 0.48;
            sums[0] += u / n;
            sums[1] += u * u / n;
            sums[2] += phase / 2 / n;
            sums[3] += phase * phase / 4 / n;
        }
        double five = 5 / Math.sqrt(n);
        for (int i = 0; i < 4; i += 2) {
            assertThat(sums[i]).isCloseTo(1.0 / 2, within(five * Math.sqrt(1.0 / 12)));
            assertThat(sums[i + 1]).isCloseTo(1.0 / 3, within(five * Math.sqrt(4.0 / 45)));
        }
    }

    @Test
    void anyRingOfTheDiskGivesFiniteParameters() {
        for (Ring ring : List.of(new Ring(0, 1, 2 * Math.PI), new Ring(0.999, 1, 1e-3), new Ring(0.5, 0.5, 1))) {
            LinearRecurrence layer = LinearRecurrence.states(500).ring(ring).create(FEATURES, KEY);
            layer.parameters().forEach(p -> assertThat(p.value().isFinite()).isTrue());
        }
    }

    @Test
    void theFirstGainIsThatOfUnitVariance() {
        LinearRecurrence layer = layer();
        for (int n = 0; n < STATES; n++) {
            double square = Math.exp(-2 * Math.exp(value(layer, "nu_log", n)));
            assertThat(Math.exp(2 * value(layer, "gamma_log", n))).isCloseTo(1 - square, within(1e-6));
        }
        Tensor again = Tensor.zeros(STATES);
        layer.parameter("gamma_log")
                .initializer()
                .fill(
                        again,
                        new Fans(STATES, STATES),
                        layer.parameter("gamma_log").key());
        assertThat(again).isBitEqualTo(layer.parameter("gamma_log").value());
    }

    @Test
    void everyParameterIsDrawnAgainFromTheTextOfItsInitializer() {
        layer().parameters().forEach(p -> {
            Initializer read = Init.parse(p.initializer().toString());
            assertThat(read).isEqualTo(p.initializer());
            Tensor again = Tensor.zeros(p.value().shape());
            read.fill(again, p.fans(), p.key());
            assertThat(again).as("%s by '%s'", p.name(), read).isBitEqualTo(p.value());
        });
        assertThat(layer().parameter("nu_log").initializer()).hasToString("ring magnitudes(inner 0.5, outer 0.99)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.parse("ring gains(0.5, 0.99, magnitudes 12)"))
                .withMessage("ring gains: the key of the magnitudes: a key is 32 hexadecimal digits, got '12'");
    }

    @Test
    void filesHaveTheNamesOfThePaper() {
        assertThat(layer().torchMapping().stream().map(WeightMapping::name))
                .containsExactly("nu_log", "theta_log", "gamma_log", "B_re", "B_im", "C_re", "C_im", "D");
        assertThat(layer()).hasToString("LinearRecurrence 3 (4 states)");
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ring(1, 1, 1))
                .withMessage("ring: the radii are 1.0 and 1.0; they must be 0 <= inner <= outer <= 1, with inner below"
                        + " 1 and outer above 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Ring(0.5, 0.4, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Ring(0, Double.NaN, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Ring(0, 1, 7))
                .withMessage("ring: the phase 7.0 must be above 0 and at most 2 pi");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearRecurrence.states(0).create(3, KEY))
                .withMessage("LinearRecurrence 3 (0 states): a layer has at least one feature and one state");
    }
}
