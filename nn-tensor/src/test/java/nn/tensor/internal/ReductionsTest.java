package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ReductionsTest {
    private static final int OFFSET = 3;

    /** The scheme as it is told: 256 lanes in order, then a tree by halves over all of them. */
    private static long bits(int n, IntToDoubleFunction element) {
        double[] lanes = new double[256];
        for (int i = 0; i < n; i++) {
            lanes[i % 256] += element.applyAsDouble(i);
        }
        for (int half = 128; half > 0; half /= 2) {
            for (int l = 0; l < half; l++) {
                lanes[l] += lanes[l + half];
            }
        }
        return Double.doubleToRawLongBits(lanes[0]);
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
    void everySizeIsSummedByTheOneSchemeToTheBit() {
        for (int n = 1100; n >= 0; n--) { // large ones first: what they leave in a buffer is no part of small ones
            float[] x = values(Key.of(n), n);
            float[] y = values(Key.of(-n), n);
            double centre = 0.1;
            assertThat(Double.doubleToRawLongBits(Reductions.sum(x, OFFSET, n)))
                    .as("sum of " + n).isEqualTo(bits(n, i -> x[OFFSET + i]));
            assertThat(Double.doubleToRawLongBits(Reductions.dot(x, OFFSET, y, OFFSET, n)))
                    .as("dot of " + n).isEqualTo(bits(n, i -> (double) x[OFFSET + i] * y[OFFSET + i]));
            assertThat(Double.doubleToRawLongBits(Reductions.squaredDeviations(x, OFFSET, n, centre)))
                    .as("squared deviations of " + n)
                    .isEqualTo(bits(n, i -> (x[OFFSET + i] - centre) * (x[OFFSET + i] - centre)));
        }
    }

    @Test
    void whatIsNegativeZeroAllOverSumsToZeroAsInALane() {
        for (int n = 1; n < 520; n++) {
            float[] x = new float[n];
            Arrays.fill(x, -0f);
            assertThat(Double.doubleToRawLongBits(Reductions.sum(x, 0, n))).isZero();
        }
    }
}
