package nn.tensor.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.random.ScalarRandom;
import org.junit.jupiter.api.Test;

/** Both implementations of operations down columns, against each other to the bit. */
class ColumnsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();
    private static final int MARGIN = 3;
    private static final int[] WIDTHS = IntStream.concat(IntStream.rangeClosed(0, 70), IntStream.of(127, 128, 130, 257))
            .toArray();

    /** A few values, so that many are equal, and special ones. */
    private static float[] values(long seed, int n) {
        float[] special = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
        float[] values = new float[n + 2 * MARGIN];
        ScalarRandom.normal(0, seed, 0, values, 0, values.length);
        for (int i = 0; i < values.length; i++) {
            int which = Math.floorMod(i * 7 + (int) seed, 11);
            values[i] = which < special.length ? special[which] : Math.round(2 * values[i]);
        }
        return values;
    }

    private static int[] steps(int n) {
        return IntStream.range(0, n + 2 * MARGIN).map(i -> i % 4).toArray();
    }

    /** With one NaN for all: which of two NaN operands survives is not defined. */
    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToIntBits(values[i]))
                .toArray();
    }

    @Test
    void sumsOfNarrowRowsAgree() {
        for (int rows : new int[] {0, 1, 2, 13}) {
            for (int n : WIDTHS) {
                float[] x = new float[rows * (n + 2) + MARGIN];
                ScalarRandom.normal(0, n, 0, x, 0, x.length);
                float[] expected = values(2, n);
                float[] actual = expected.clone();
                SCALAR.addRows(rows, n, x, 1, n + 2, expected, MARGIN);
                VECTOR.addRows(rows, n, x, 1, n + 2, actual, MARGIN);
                assertThat(bits(actual)).as("%d rows of %d", rows, n).isEqualTo(bits(expected));
            }
        }
    }

    @Test
    void largestValuesAndTheirRowsAgree() {
        for (int n : WIDTHS) {
            float[] expected = values(1, n);
            float[] actual = expected.clone();
            int[] rows = steps(n);
            int[] same = rows.clone();
            for (int row = 4; row < 9; row++) {
                float[] x = values(row, n);
                SCALAR.takeLarger(row, x, 1, expected, 2, rows, MARGIN, n);
                VECTOR.takeLarger(row, x, 1, actual, 2, same, MARGIN, n);
                assertThat(bits(actual)).as("%d columns", n).isEqualTo(bits(expected));
                assertThat(same).as("%d columns", n).isEqualTo(rows);
            }
        }
    }

    @Test
    void theFirstNaNOfAColumnStaysAndTheFirstOfEqualValuesCounts() {
        float[][] steps = {{1, 1, Float.NaN, 0f}, {1, Float.NaN, 5, -0f}, {2, Float.NaN, Float.NaN, 0f}};
        float[] most = steps[0].clone();
        int[] at = new int[4];
        for (int row = 1; row < steps.length; row++) {
            SCALAR.takeLarger(row, steps[row], 0, most, 0, at, 0, 4);
        }
        assertThat(most).containsExactly(2, Float.NaN, Float.NaN, 0f);
        assertThat(at).containsExactly(2, 1, 0, 0);
    }

    @Test
    void gradientsOfLargestValuesAgreeAndWriteNothingElse() {
        for (int n : WIDTHS) {
            for (int row = 0; row < 4; row++) {
                float[] dy = values(5, n);
                float[] expected = new float[n + 2 * MARGIN];
                Arrays.fill(expected, 7f);
                float[] actual = expected.clone();
                SCALAR.takeLargerGrad(row, steps(n), 1, dy, 2, expected, MARGIN, n);
                VECTOR.takeLargerGrad(row, steps(n), 1, dy, 2, actual, MARGIN, n);
                assertThat(bits(actual)).as("%d columns", n).isEqualTo(bits(expected));
                for (int i = 0; i < MARGIN; i++) {
                    assertThat(actual[i]).isEqualTo(7f);
                    assertThat(actual[n + MARGIN + i]).isEqualTo(7f);
                }
            }
        }
    }
}
