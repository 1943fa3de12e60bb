package nn.tensor;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Normalization of columns: statistics, outputs and gradients against the formulas in double. */
class BatchNormalizationTest {
    private static final double ROUNDING = 0x1p-24;
    private static final double EPSILON = 1e-5;

    private static Tensor normal(int seed, double mean, double deviation, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Key.of(seed).normal(tensor, (float) mean, (float) deviation);
        return tensor;
    }

    private static double sum(int n, IntToDoubleFunction of) {
        return IntStream.range(0, n).mapToDouble(of).sum();
    }

    /** Few rows, more columns than are processed together, rows that are no multiple of four, and wide rows. */
    private static final List<int[]> SHAPES =
            List.of(new int[] {2, 3}, new int[] {37, 1100}, new int[] {501, 70}, new int[] {16, 256});

    @Test
    void columnsFarFromZeroAreNormalizedAndDifferentiated() {
        for (int[] dims : SHAPES) {
            int rows = dims[0];
            int n = dims[1];
            Tensor x = normal(1, 1e4, 2, rows, n);
            Tensor dy = normal(2, 0.5, 1, rows, n);
            Tensor scale = normal(3, 1, 0.5, n);
            Tensor bias = normal(4, 0, 1, n);
            Tensor y = Tensor.zeros(rows, n);
            Tensor dx = Tensor.zeros(rows, n);
            Tensor dScale = Tensor.full(0.25f, n);
            Tensor dBias = Tensor.full(-0.5f, n);
            BatchNormalization columns = new BatchNormalization(n, EPSILON);
            columns.forward(x, scale, bias, y);
            columns.backward(x, dy, scale, dScale, dBias, dx);
            for (int j = 0; j < n; j++) {
                int c = j;
                double mean = sum(rows, i -> x.get(i, c)) / rows;
                double squares = sum(rows, i -> Math.pow(x.get(i, c) - mean, 2));
                double factor = 1 / Math.sqrt(squares / rows + EPSILON);
                assertThat(columns.means()[j]).isCloseTo(mean, within(1e-8));
                assertThat(columns.variances()[j]).isCloseTo(squares / (rows - 1), within(1e-9 * squares));
                double shift = sum(rows, i -> dy.get(i, c)) / rows;
                double slope = sum(rows, i -> dy.get(i, c) * (x.get(i, c) - mean) * factor) / rows;
                double magnitudes = sum(rows, i -> Math.abs(dy.get(i, c)));
                double ofScale = slope * rows; // no normal is above 5
                assertThat(dScale.get(j) - 0.25)
                        .isCloseTo(ofScale, within(8 * ROUNDING * (5 * magnitudes + Math.abs(ofScale) + 1)));
                assertThat(dBias.get(j) + 0.5)
                        .isCloseTo(shift * rows, within(3 * ROUNDING * (magnitudes + Math.abs(shift * rows) + 1)));
                double outer = Math.abs(factor * scale.get(j));
                for (int i = 0; i < rows; i++) {
                    double z = (x.get(i, j) - mean) * factor;
                    double expected = z * scale.get(j) + bias.get(j);
                    double size = Math.abs(z * scale.get(j)) + Math.abs(bias.get(j));
                    assertThat((double) y.get(i, j)).isCloseTo(expected, within(5 * ROUNDING * size));
                    double gradient = (dy.get(i, j) - shift - z * slope) * factor * scale.get(j);
                    size = Math.abs(dy.get(i, j)) + Math.abs(shift) + Math.abs(z * slope) + 5 * magnitudes / rows;
                    assertThat((double) dx.get(i, j)).isCloseTo(gradient, within(10 * ROUNDING * size * outer));
                }
            }
        }
    }

    @Test
    void aGivenMeanAndVarianceHaveNoGradient() {
        for (int[] dims : SHAPES) {
            int rows = dims[0];
            int n = dims[1];
            Tensor x = normal(1, 3, 2, rows, n);
            Tensor dy = normal(2, 0.5, 1, rows, n);
            Tensor scale = normal(3, 1, 0.5, n);
            Tensor bias = normal(4, 0, 1, n);
            Tensor mean = normal(5, 3, 0.1, n);
            Tensor variance = Tensor.zeros(n);
            Key.of(6).uniform(variance, 1f, 5f);
            Tensor y = Tensor.zeros(rows, n);
            Tensor dx = Tensor.zeros(rows, n);
            Tensor dScale = Tensor.zeros(n);
            Tensor dBias = Tensor.zeros(n);
            BatchNormalization columns = new BatchNormalization(n, EPSILON);
            columns.forward(x, normal(7, 1, 1, n), bias, y); // another pass by the batch's own statistics
            columns.forward(x, mean, variance, scale, bias, y);
            columns.backward(x, dy, scale, dScale, dBias, dx);
            for (int j = 0; j < n; j++) {
                int c = j;
                double factor = 1 / Math.sqrt(variance.get(j) + EPSILON);
                double dot = sum(rows, i -> dy.get(i, c) * (x.get(i, c) - mean.get(c)) * factor);
                double magnitudes = sum(rows, i -> Math.abs(dy.get(i, c)));
                assertThat(columns.means()[j]).isEqualTo(mean.get(j));
                assertThat(columns.variances()[j]).isEqualTo(variance.get(j));
                assertThat((double) dScale.get(j))
                        .isCloseTo(dot, within(8 * ROUNDING * 10 * magnitudes)); // no normal is above 10
                for (int i = 0; i < rows; i++) {
                    double z = (x.get(i, j) - mean.get(j)) * factor * scale.get(j);
                    double size = Math.abs(z) + Math.abs(bias.get(j)) + Math.abs(mean.get(j) * factor * scale.get(j));
                    assertThat((double) y.get(i, j)).isCloseTo(z + bias.get(j), within(5 * ROUNDING * size));
                    double gradient = dy.get(i, j) * factor * scale.get(j);
                    assertThat((double) dx.get(i, j)).isCloseTo(gradient, within(3 * ROUNDING * Math.abs(gradient)));
                }
            }
        }
    }

    /** A scale of 0, as in blocks that begin as the identity, has no part in how tiny inputs are read. */
    @Test
    void aScaleOfZeroLeavesTheOtherColumnsAsTheyAre() {
        Tensor x = Tensor.of(new float[] {1e-25f, 1, -1e-25f, 2}, 2, 2);
        Tensor y = Tensor.zeros(2, 2);
        BatchNormalization columns = new BatchNormalization(2, 1e-60);
        columns.forward(x, Tensor.of(new float[] {1, 0}, 2), Tensor.zeros(2), y);
        assertThat(y.toArray()).containsExactly(new float[] {1, 0, -1, 0}, within(1e-6f));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchNormalization(0, EPSILON))
                .withMessage("batch normalization: 0 features; there is at least one");
        BatchNormalization columns = new BatchNormalization(3, EPSILON);
        Tensor row = Tensor.zeros(3);
        Tensor x = Tensor.zeros(4, 3);
        assertThatThrownBy(() -> columns.forward(Tensor.zeros(4, 2), row, row, Tensor.zeros(4, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("normalizeColumns: expected [... x 3], got [4 x 2]");
        assertThatThrownBy(() -> columns.forward(x, row, Tensor.zeros(2), x.copy()))
                .isInstanceOf(ShapeException.class)
                .hasMessage("normalizeColumns: for a tensor of shape [4 x 3] expected a row of shape [3], got [2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> columns.forward(x, row, row, x))
                .withMessage("normalizeColumns: the destination shares memory with x; give a separate tensor");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> columns.backward(x, x, row, row.copy(), x.row(0), x.copy()))
                .withMessage("normalizeColumnsGrad: the destination shares memory with x; give a separate tensor");
        Tensor gradient = row.copy();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> columns.backward(x, x, row, gradient, gradient, x.copy()))
                .withMessageContaining("the other gradient");
    }
}
