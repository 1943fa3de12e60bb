package nn.tensor.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.internal.thread.Parallel;
import org.junit.jupiter.api.Test;

class ReductionsTest {
    private static final int OFFSET = 3;

    /** The documented scheme: blocks in order. */
    private static long bits(int n, IntToDoubleFunction element) {
        double total = block(0, Math.min(n, 32_768), element);
        for (int from = 32_768; from < n; from += 32_768) {
            total += block(from, Math.min(n - from, 32_768), element);
        }
        return Double.doubleToRawLongBits(total);
    }

    /** 256 lanes in order, then a tree by halves over all of them. */
    private static double block(int from, int n, IntToDoubleFunction element) {
        double[] lanes = new double[256];
        for (int i = 0; i < n; i++) {
            lanes[i % 256] += element.applyAsDouble(from + i);
        }
        for (int half = 128; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return lanes[0];
    }

    private static float[] values(Key key, int n) {
        Tensor values = Tensor.zeros(OFFSET + n);
        key.normal(values, 0, 1);
        for (int i = OFFSET; i < values.size(); i += 5) {
            values.array()[i] = -0f;
        }
        return values.array();
    }

    @Test
    void everySizeIsSummedByTheSameTree() {
        for (int n : new int[] {200_000, 98_304, 65_537, 32_769, 32_768, 32_767}) { // on several threads, if there are
            requireScheme(n);
        }
        for (int n = 1100; n >= 0; n--) { // large ones first: what they leave in a buffer is no part of small ones
            requireScheme(n);
        }
    }

    private static void requireScheme(int n) {
        float[] x = values(Key.of(n), n);
        float[] y = values(Key.of(-n), n);
        double centre = 0.1;
        assertThat(Double.doubleToRawLongBits(Reductions.sum(x, OFFSET, n)))
                .as("sum of " + n)
                .isEqualTo(bits(n, i -> x[OFFSET + i]));
        assertThat(Double.doubleToRawLongBits(Reductions.dot(x, OFFSET, y, OFFSET, n)))
                .as("dot of " + n)
                .isEqualTo(bits(n, i -> (double) x[OFFSET + i] * y[OFFSET + i]));
        assertThat(Double.doubleToRawLongBits(Reductions.dot(x, OFFSET, x, OFFSET, n)))
                .as("squares of " + n)
                .isEqualTo(bits(n, i -> (double) x[OFFSET + i] * x[OFFSET + i]));
        assertThat(Double.doubleToRawLongBits(Reductions.squaredDeviations(x, OFFSET, n, centre)))
                .as("squared deviations of " + n)
                .isEqualTo(bits(n, i -> (x[OFFSET + i] - centre) * (x[OFFSET + i] - centre)));
    }

    @Test
    void theLargestMagnitudeIsFoundInEveryPart() {
        float[] x = values(Key.of(1), 200_000);
        for (int place : new int[] {OFFSET, OFFSET + 99_999, OFFSET + 100_000, OFFSET + 199_999}) {
            float before = x[place];
            x[place] = -77;
            assertThat(Reductions.maxAbs(x, OFFSET, 200_000)).isEqualTo(77);
            x[place] = Float.NaN;
            assertThat(Reductions.maxAbs(x, OFFSET, 200_000)).isNaN();
            x[place] = before;
        }
        assertThat(Reductions.maxAbs(x, OFFSET, 0)).isZero();
    }

    @Test
    void negativeZerosSumToZeroAsInALane() {
        for (int n = 1; n < 520; n++) {
            float[] x = new float[n];
            Arrays.fill(x, -0f);
            assertThat(Double.doubleToRawLongBits(Reductions.sum(x, 0, n))).isZero();
        }
    }

    @Test
    void theLargestTensorsAreCutIntoBlocksWithoutAnOverflow() {
        assertThat(Reductions.blocks(32_768)).isEqualTo(1);
        assertThat(Reductions.blocks(32_769)).isEqualTo(2);
        assertThat(Reductions.blocks(2_147_450_881)).isEqualTo(65_536);
        assertThat(Reductions.blocks(Integer.MAX_VALUE)).isEqualTo(65_536);
        assertThat(Matmul.edge(nn.tensor.Shape.MAX_SIZE, 8, 2, 3)).isPositive();
        assertThat(Parallel.edge(nn.tensor.Shape.MAX_SIZE, 1023, 1024)).isPositive();
    }
}
