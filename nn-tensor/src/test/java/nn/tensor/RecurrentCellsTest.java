package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Steps of gated cells against their equations in double; what they refuse. */
class RecurrentCellsTest {
    private static final int BATCH = 3;
    private static final int UNITS = 21;

    /** Some roundings of numbers around 1. */
    private static final double ROUNDINGS = 8 * 0x1p-24;

    private static Tensor normal(int seed, int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(seed).normal(x, 0, 1);
        return x;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void lstmFollowsItsEquations() {
        Tensor z = normal(1, BATCH, 4 * UNITS);
        Tensor before = normal(2, BATCH, UNITS);
        Tensor gates = z.copy();
        Tensor c = Tensor.zeros(BATCH, UNITS);
        Tensor tanh = Tensor.zeros(BATCH, UNITS);
        Tensor h = Tensor.zeros(BATCH, UNITS);
        RecurrentCells.lstm(gates, before, c, tanh, h);
        for (int r = 0; r < BATCH; r++) {
            for (int j = 0; j < UNITS; j++) {
                double i = sigmoid(z.get(r, j));
                double f = sigmoid(z.get(r, UNITS + j));
                double g = Math.tanh(z.get(r, 2 * UNITS + j));
                double o = sigmoid(z.get(r, 3 * UNITS + j));
                double cell = f * before.get(r, j) + i * g;
                assertThat((double) c.get(r, j)).isCloseTo(cell, within(ROUNDINGS));
                assertThat((double) tanh.get(r, j)).isCloseTo(Math.tanh(cell), within(ROUNDINGS));
                assertThat((double) h.get(r, j)).isCloseTo(o * Math.tanh(cell), within(ROUNDINGS));
                assertThat((double) gates.get(r, 3 * UNITS + j)).isCloseTo(o, within(ROUNDINGS));
            }
        }
        Tensor inPlace = before.copy();
        Tensor again = Tensor.zeros(BATCH, UNITS);
        RecurrentCells.lstm(z.copy(), inPlace, inPlace, again, again);
        assertThat(inPlace.bitEquals(c)).isTrue();
        assertThat(again.bitEquals(h)).isTrue();
    }

    @Test
    void aLinearStepFollowsItsEquation() {
        Tensor lambda = normal(1, 2, UNITS);
        Tensor before = normal(2, BATCH, 2 * UNITS);
        Tensor input = normal(3, BATCH, 2 * UNITS);
        Tensor h = input.copy();
        RecurrentCells.linear(lambda, before, h);
        for (int r = 0; r < BATCH; r++) {
            for (int j = 0; j < UNITS; j++) {
                double a = lambda.get(0, j);
                double b = lambda.get(1, j);
                double x = before.get(r, j);
                double y = before.get(r, UNITS + j);
                double size = (Math.abs(a) + Math.abs(b)) * (Math.abs(x) + Math.abs(y)) + 4;
                assertThat((double) h.get(r, j)).isCloseTo(input.get(r, j) + a * x - b * y, within(2 * 0x1p-24 * size));
                assertThat((double) h.get(r, UNITS + j))
                        .isCloseTo(input.get(r, UNITS + j) + a * y + b * x, within(2 * 0x1p-24 * size));
            }
        }
        assertThatThrownBy(() -> RecurrentCells.linear(normal(1, 2, 3), before, h))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "linear: expected lambda [2 x units] and states [batch x 2 units], got [2 x 3] and [3 x 42]");
        assertThatThrownBy(() -> RecurrentCells.linear(lambda, h, h))
                .hasMessage("linear: h shares memory with another operand; give a separate tensor");
    }

    @Test
    void gruFollowsItsEquations() {
        Tensor z = normal(1, BATCH, 2 * UNITS);
        Tensor x = normal(2, BATCH, UNITS);
        Tensor q = normal(3, BATCH, UNITS);
        Tensor before = normal(4, BATCH, UNITS);
        Tensor candidate = x.copy();
        Tensor h = Tensor.zeros(BATCH, UNITS);
        RecurrentCells.gru(z.copy(), candidate, q, before, h);
        for (int r = 0; r < BATCH; r++) {
            for (int j = 0; j < UNITS; j++) {
                double n = Math.tanh(x.get(r, j) + sigmoid(z.get(r, j)) * q.get(r, j));
                double u = sigmoid(z.get(r, UNITS + j));
                assertThat((double) candidate.get(r, j)).isCloseTo(n, within(ROUNDINGS));
                assertThat((double) h.get(r, j)).isCloseTo((1 - u) * n + u * before.get(r, j), within(4 * ROUNDINGS));
            }
        }
    }

    /** One number for each of the gradients, by differences of the loss dy h + dc c in double. */
    @Test
    void lstmGradientIsTheSlope() {
        double[] x = {0.3, -0.7, 0.9, 0.2, 0.4}; // z of i, f, g, o, and the cell before
        double[] slopes = slopes(x, y -> {
            double c = sigmoid(y[1]) * y[4] + sigmoid(y[0]) * Math.tanh(y[2]);
            return 1.5 * sigmoid(y[3]) * Math.tanh(c) - 0.6 * c;
        });
        Tensor gates = matrix(x[0], x[1], x[2], x[3]);
        Tensor before = matrix(x[4]);
        Tensor tanh = matrix(0);
        RecurrentCells.lstm(gates, before, matrix(0), tanh, matrix(0));
        Tensor dc = matrix(-0.6);
        RecurrentCells.lstmGradient(gates, before, tanh, matrix(1), matrix(0.5), dc);
        assertClose(gates, slopes[0], slopes[1], slopes[2], slopes[3]);
        assertClose(dc, slopes[4]);
    }

    @Test
    void gruGradientIsTheSlope() {
        double[] x = {0.3, -0.7, 0.9, 0.2}; // z of r and u, that of n from the inputs, and q
        double state = 0.4;
        double[] slopes = slopes(x, y -> {
            double n = Math.tanh(y[2] + sigmoid(y[0]) * y[3]);
            return 1.5 * (n + sigmoid(y[1]) * (state - n));
        });
        Tensor gates = matrix(x[0], x[1]);
        Tensor candidate = matrix(x[2]);
        Tensor q = matrix(x[3]);
        Tensor before = matrix(state);
        RecurrentCells.gru(gates, candidate, q, before, matrix(0));
        Tensor dh = matrix(0.5);
        RecurrentCells.gruGradient(gates, candidate, q, before, matrix(1), dh);
        assertClose(gates, slopes[0], slopes[1]);
        assertClose(candidate, slopes[2]);
        assertClose(q, slopes[3]);
        assertClose(dh, 1.5 * sigmoid(x[1]));
    }

    private interface Loss {
        double of(double[] x);
    }

    /** By symmetric differences: errors of some 1e-10. */
    private static double[] slopes(double[] x, Loss loss) {
        double step = 1e-5;
        return IntStream.range(0, x.length)
                .mapToDouble(i -> {
                    double[] more = x.clone();
                    double[] less = x.clone();
                    more[i] += step;
                    less[i] -= step;
                    return (loss.of(more) - loss.of(less)) / (2 * step);
                })
                .toArray();
    }

    private static Tensor matrix(double... values) {
        Tensor row = Tensor.zeros(1, values.length);
        for (int i = 0; i < values.length; i++) {
            row.set((float) values[i], 0, i);
        }
        return row;
    }

    private static void assertClose(Tensor actual, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual.get(0, i)).isCloseTo(expected[i], within(ROUNDINGS));
        }
    }

    @Test
    void statesAndTheirGradientsBecomeZeroBelowTiny() {
        float tiny = Math.nextDown(Tensor.TINY);
        for (float value : new float[] {tiny, -tiny, Float.MIN_VALUE, Tensor.TINY, -Tensor.TINY, Float.NaN}) {
            float expected = Math.abs(value) < Tensor.TINY ? 0f : value;
            Tensor open = matrix(1e9, 1e9, 0, 1e9); // i = f = o = 1, g = 0
            Tensor c = matrix(0);
            Tensor h = matrix(0);
            RecurrentCells.lstm(open, matrix(value), c, h, h);
            assertBits(c, expected);
            assertBits(h, expected);
            Tensor kept = matrix(0, 1e9); // u = 1
            Tensor state = matrix(0);
            RecurrentCells.gru(kept, matrix(0), matrix(0), matrix(value), state);
            assertBits(state, expected);
            Tensor dh = matrix(value);
            RecurrentCells.gruGradient(kept, matrix(0), matrix(0), matrix(0), matrix(0), dh);
            assertBits(dh, expected);
            Tensor dc = matrix(value);
            RecurrentCells.lstmGradient(open, matrix(0), matrix(0), matrix(0), matrix(0), dc);
            assertBits(dc, expected);
        }
    }

    private static void assertBits(Tensor actual, float expected) {
        assertThat(Float.floatToIntBits(actual.get(0, 0))).isEqualTo(Float.floatToIntBits(expected));
    }

    private record Step(String name, int gates, Consumer<Tensor[]> run, int states, List<Integer> written) {}

    private static final List<Step> STEPS = List.of(
            new Step("lstm", 4, t -> RecurrentCells.lstm(t[0], t[1], t[2], t[3], t[4]), 4, List.of(0, 2, 3, 4)),
            new Step(
                    "lstmGradient",
                    4,
                    t -> RecurrentCells.lstmGradient(t[0], t[1], t[2], t[3], t[4], t[5]),
                    5,
                    List.of(0, 5)),
            new Step("gru", 2, t -> RecurrentCells.gru(t[0], t[1], t[2], t[3], t[4]), 4, List.of(0, 1, 4)),
            new Step(
                    "gruGradient",
                    2,
                    t -> RecurrentCells.gruGradient(t[0], t[1], t[2], t[3], t[4], t[5]),
                    5,
                    List.of(0, 1, 2, 5)));

    private static Tensor[] operands(Step step) {
        Tensor[] tensors = new Tensor[step.states + 1];
        for (int i = 0; i < tensors.length; i++) {
            tensors[i] = Tensor.full(0.5f, BATCH, i == 0 ? step.gates * UNITS : UNITS);
        }
        return tensors;
    }

    @TestFactory
    Stream<DynamicTest> tensorsThatShareMemoryAreRefusedBeforeAnythingIsWritten() {
        return STEPS.stream()
                .map(step -> DynamicTest.dynamicTest(step.name, () -> {
                    for (int written : step.written) {
                        for (int other = 0; other <= step.states; other++) {
                            if (other != written) {
                                Tensor[] tensors = operands(step);
                                Tensor room = Tensor.full(0.5f, 2 * BATCH * 4 * UNITS);
                                tensors[written] = Tensor.wrap(room.array(), 0, tensors[written].shape());
                                int last = tensors[written].size() - 1;
                                tensors[other] = Tensor.wrap(room.array(), last, tensors[other].shape());
                                assertThatThrownBy(() -> step.run.accept(tensors))
                                        .as("%s: %d and %d", step.name, written, other)
                                        .isExactlyInstanceOf(IllegalArgumentException.class)
                                        .hasMessageEndingWith("give a separate tensor");
                                assertThat(room.bitEquals(Tensor.full(0.5f, 2 * BATCH * 4 * UNITS)))
                                        .isTrue();
                            }
                        }
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> otherShapesAreRefused() {
        return STEPS.stream()
                .map(step -> DynamicTest.dynamicTest(step.name, () -> {
                    for (int other = 0; other <= step.states; other++) {
                        Tensor[] tensors = operands(step);
                        tensors[other] = Tensor.zeros(BATCH + 1, tensors[other].dim(1));
                        assertThatThrownBy(() -> step.run.accept(tensors))
                                .isExactlyInstanceOf(ShapeException.class)
                                .hasMessageStartingWith(step.name + ": ");
                    }
                }));
    }
}
