package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Normalization of groups against its formula in double; what it refuses. */
class GroupNormalizationTest {
    private static final double EPSILON = 1e-3;
    private static final double ROUNDING = 0x1p-24;

    private static Tensor normal(int seed, double mean, double stddev, int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(seed).normal(x, (float) mean, (float) stddev);
        return x;
    }

    /** One place, a few, more channels than a strip of columns, a group for each channel, and one for all. */
    @ParameterizedTest
    @CsvSource({"3, 1, 8, 4", "2, 7, 6, 3", "2, 5, 1026, 3", "4, 9, 5, 5", "3, 4, 10, 1", "70, 40, 64, 8"})
    void valuesAndGradientsAreThoseOfTheFormula(int examples, int places, int channels, int groups) {
        Tensor x = normal(1, 300, 2, examples, places, channels);
        Tensor dy = normal(2, 0.5, 1, examples, places, channels);
        Tensor scale = normal(3, 1, 0.5, channels);
        scale.set(0, 0); // no division by it
        Tensor bias = normal(4, 0, 1, channels);
        Tensor y = Tensor.zeros(x.shape());
        Tensor dx = Tensor.zeros(x.shape());
        Tensor dScale = Tensor.full(0.25f, channels);
        Tensor dBias = Tensor.full(-0.5f, channels);
        GroupNormalization normalization = new GroupNormalization(groups, EPSILON);
        normalization.forward(x, scale, bias, y);
        normalization.backward(x, dy, scale, dScale, dBias, dx);
        double[] ofScale = new double[channels];
        double[] ofBias = new double[channels];
        int width = channels / groups;
        double count = (double) places * width;
        for (int e = 0; e < examples; e++) {
            for (int g = 0; g < groups; g++) {
                double mean = 0;
                double variance = 0;
                for (int p = 0; p < places; p++) {
                    for (int c = g * width; c < (g + 1) * width; c++) {
                        mean += x.get(e, p, c) / count;
                    }
                }
                for (int p = 0; p < places; p++) {
                    for (int c = g * width; c < (g + 1) * width; c++) {
                        variance += Math.pow(x.get(e, p, c) - mean, 2) / count;
                    }
                }
                double factor = 1 / Math.sqrt(variance + EPSILON);
                double a = 0;
                double b = 0;
                for (int p = 0; p < places; p++) {
                    for (int c = g * width; c < (g + 1) * width; c++) {
                        double z = (x.get(e, p, c) - mean) * factor;
                        double d = (double) dy.get(e, p, c) * scale.get(c);
                        a += d / count;
                        b += d * z / count;
                        ofScale[c] += dy.get(e, p, c) * z;
                        ofBias[c] += dy.get(e, p, c);
                    }
                }
                for (int p = 0; p < places; p++) {
                    for (int c = g * width; c < (g + 1) * width; c++) {
                        double z = (x.get(e, p, c) - mean) * factor;
                        double d = (double) dy.get(e, p, c) * scale.get(c);
                        double scaled = z * scale.get(c);
                        double size = Math.abs(scaled) + Math.abs(bias.get(c));
                        assertThat((double) y.get(e, p, c))
                                .isCloseTo(scaled + bias.get(c), within(5 * ROUNDING * size));
                        double terms = Math.abs(d) + Math.abs(a) + Math.abs(z * b) + 2;
                        assertThat((double) dx.get(e, p, c))
                                .isCloseTo((d - a - z * b) * factor, within(10 * ROUNDING * terms * factor));
                    }
                }
            }
        }
        for (int c = 0; c < channels; c++) { // four products of at most 25 in float, all else in double
            double bound = 4 * ROUNDING * 25 * examples * places;
            assertThat(dScale.get(c) - 0.25).isCloseTo(ofScale[c], within(bound));
            assertThat(dBias.get(c) + 0.5).isCloseTo(ofBias[c], within(bound));
        }
    }

    @Test
    void hugeAndConstantExamplesAreNormalized() {
        Tensor x = Tensor.of(new float[] {3e38f, -3e38f, 2e38f, 2e38f, 1e-38f, 3e-38f}, 3, 2);
        Tensor y = Tensor.zeros(3, 2);
        new GroupNormalization(1, EPSILON).forward(x, Tensor.full(1, 2), Tensor.zeros(2), y);
        assertThat(y.row(0).toArray()).containsExactly(new float[] {1, -1}, within(1e-6f));
        assertThat(y.row(1).toArray()).containsExactly(0, 0);
        assertThat(y.row(2).toArray()).containsExactly(new float[] {0, 0}, within(1e-30f));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        GroupNormalization four = new GroupNormalization(4, EPSILON);
        Tensor x = Tensor.zeros(2, 6);
        Tensor row = Tensor.zeros(6);
        assertThatThrownBy(() -> four.forward(x, row, row, x.copy()))
                .isInstanceOf(ShapeException.class)
                .hasMessage("normalizeGroups: expected [examples x ... x channels], with a multiple of 4 channels, got"
                        + " [2 x 6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupNormalization(0, EPSILON))
                .withMessage("group normalization: 0 groups; there is at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new GroupNormalization(2, EPSILON).backward(x, x.copy(), row, row.copy(), row.copy(), x.copy()))
                .withMessage("normalizeGroupsGrad: 2 examples, but statistics of 0; call forward with this x first");
    }

    @Test
    void noExamplesGiveNothing() {
        Tensor none = Tensor.zeros(0, 4);
        Tensor row = Tensor.zeros(4);
        GroupNormalization normalization = new GroupNormalization(2, EPSILON);
        normalization.forward(none, row, row, Tensor.zeros(0, 4));
        normalization.backward(none, none.copy(), row, row.copy(), row.copy(), Tensor.zeros(0, 4));
    }
}
