package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Largest values and means over time, against loops element by element; what is refused. */
class TimePoolingTest {
    private static final int TIME = 5;

    /** Few values, so that many are equal. */
    private static Tensor steps(int batch, int features) {
        Tensor x = Tensor.zeros(TIME, batch, features);
        Key.of(3).normal(x, 0, 1);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = Math.round(x.array()[i]);
        }
        return x;
    }

    @Test
    void paddingIsLeftOutAndTheFirstOfEqualValuesGetsTheGradient() {
        int[] lengths = {5, 5, 2, 1, 3, 3, 3};
        int features = 300; // with seven sequences, more than a strip
        int batch = lengths.length;
        Tensor x = steps(batch, features);
        Tensor y = Tensor.zeros(batch, features);
        int[] at = new int[batch * features];
        TimePooling.max(x, lengths, y, at);
        Tensor dy = Tensor.zeros(batch, features);
        Key.of(4).normal(dy, 0, 1);
        Tensor dx = Tensor.full(9, TIME, batch, features);
        TimePooling.maxGradient(dy, at, dx);
        Tensor expected = Tensor.zeros(batch, features);
        Tensor gradient = Tensor.zeros(TIME, batch, features);
        for (int b = 0; b < batch; b++) {
            for (int i = 0; i < features; i++) {
                int first = 0;
                for (int t = 1; t < lengths[b]; t++) {
                    first = x.get(t, b, i) > x.get(first, b, i) ? t : first;
                }
                expected.set(x.get(first, b, i), b, i);
                gradient.set(dy.get(b, i), first, b, i);
            }
        }
        assertThat(y).isBitEqualTo(expected);
        assertThat(dx).isBitEqualTo(gradient);
    }

    /** 2500 steps are more than a chain of float additions has. */
    @ParameterizedTest
    @ValueSource(ints = {5, 2500})
    void aMeanIsTheSumOfTheRowsOfASequenceWithoutItsPadding(int time) {
        int[] lengths = {time, time, 2, 1, time - 1, time - 1, 3};
        int features = 300; // with seven sequences, more than a strip
        int batch = lengths.length;
        Tensor x = Tensor.zeros(time, batch, features);
        Key.of(3).normal(x, 1, 1);
        Tensor y = Tensor.full(9, batch, features);
        TimePooling.mean(x, lengths, y);
        Tensor dy = Tensor.zeros(batch, features);
        Key.of(4).normal(dy, 0, 1);
        Tensor dx = Tensor.full(9, time, batch, features);
        TimePooling.meanGradient(dy, lengths, dx);
        Tensor expected = Tensor.zeros(batch, features);
        Tensor gradient = Tensor.zeros(time, batch, features);
        for (int b = 0; b < batch; b++) {
            Tensor rows = Tensor.zeros(lengths[b], features);
            Tensor each = dy.row(b).copy();
            for (int i = 0; i < features; i++) {
                each.set(dy.get(b, i) / lengths[b], i);
            }
            for (int t = 0; t < lengths[b]; t++) {
                rows.row(t).copyFrom(x.row(t).row(b));
                gradient.row(t).row(b).copyFrom(each);
            }
            Tensor sums = expected.row(b);
            rows.addSumOfRowsInto(sums);
            for (int i = 0; i < features; i++) {
                sums.set(sums.get(i) / lengths[b], i);
            }
        }
        assertThat(y).isBitEqualTo(expected);
        assertThat(dx).isBitEqualTo(gradient);
    }

    @Test
    void anEmptyBatchIsLeftAlone() {
        Tensor x = Tensor.zeros(TIME, 0, 4);
        Tensor y = Tensor.zeros(0, 4);
        TimePooling.max(x, new int[0], y, new int[0]);
        TimePooling.maxGradient(y, new int[0], x);
        TimePooling.mean(x, new int[0], y);
        TimePooling.meanGradient(y, new int[0], x);
        assertThat(y.size()).isZero();
    }

    @Test
    void shapesLengthsAndArraysThatDoNotFitAreRefused() {
        Tensor x = steps(2, 3);
        Tensor y = Tensor.zeros(2, 3);
        int[] all = {TIME, TIME};
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> TimePooling.max(x, all, Tensor.zeros(3, 2), new int[6]))
                .withMessage("max: expected [time x batch x ...], time >= 1, and [batch x ...], got [5 x 2 x 3] and"
                        + " [3 x 2]");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> TimePooling.max(Tensor.zeros(0, 2, 3), all, y, new int[6]));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> TimePooling.maxGradient(y, new int[6], Tensor.zeros(TIME, 2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.max(x, new int[] {2, 6}, y, new int[6]))
                .withMessage("max: sequence 1 has length 6; it must be from 1 to the number of steps, 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.max(x, new int[] {0, 1}, y, new int[6]))
                .withMessageContaining("sequence 0 has length 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.max(x, new int[1], y, new int[6]))
                .withMessage("max: expected at least 2 lengths, got 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.maxGradient(y, new int[5], x))
                .withMessage("maxGradient: expected at least 6 steps, got 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.mean(x, new int[] {2, 0}, y))
                .withMessage("mean: sequence 1 has length 0; it must be from 1 to the number of steps, 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimePooling.meanGradient(y, new int[] {6, 1}, x))
                .withMessage("meanGradient: sequence 0 has length 6; it must be from 1 to the number of steps, 5");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> TimePooling.mean(x, all, Tensor.zeros(3, 2)));
    }
}
