package nn.tensor.internal.driver;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.math.ScalarMath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TinyRowsTest {
    private static final float BELOW = Math.nextDown(Tensor.TINY);

    private static Tensor cleared(Tensor x) {
        Tensor y = x.copy();
        y.clearTinyRowsInPlace();
        return y;
    }

    @Test
    void rowsWithEveryMagnitudeBelowTheLimitBecomeZeros() {
        float[] values = {
            BELOW,
            -BELOW,
            0f, // cleared
            BELOW,
            -Tensor.TINY,
            0f, // kept
            1f,
            Float.MIN_VALUE,
            -0f, // kept, small elements included
            -Float.MIN_VALUE,
            -0f,
            0f // cleared
        };
        Tensor x = Tensor.of(values, 4, 3);
        assertThat(x.hasTinyRow()).isTrue();
        float[] expected = values.clone();
        Arrays.fill(expected, 0, 3, 0f);
        Arrays.fill(expected, 9, 12, 0f);
        assertThat(cleared(x)).isBitEqualTo(Tensor.of(expected, 4, 3));
        assertThat(cleared(x).hasTinyRow()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 519, 520, 521, 1033})
    void oneElementOfAnyPlaceKeepsItsRow(int n) {
        for (float kept : new float[] {Tensor.TINY, -Tensor.TINY, 0x1p-95f, 1f, Float.NaN, Float.NEGATIVE_INFINITY}) {
            for (int place = 0; place < n; place += 1 + n / 40) {
                Tensor x = Tensor.full(-BELOW, 3, n);
                x.set(kept, 1, place);
                Tensor expected = x.copy();
                expected.row(0).fill(0);
                expected.row(2).fill(0);
                assertThat(cleared(x)).as("%s at %s of %s", kept, place, n).isBitEqualTo(expected);
                assertThat(x.row(1).hasTinyRow()).isFalse();
            }
        }
    }

    /** Enough elements for several threads, which look at their own rows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 63, 64, 512, 1 << 20})
    void aTinyRowIsFoundAtTheEdgesOfEveryShare(int n) {
        int rows = (1 << 20) / n;
        Tensor x = Tensor.full(1, rows, n);
        assertThat(x.hasTinyRow()).isFalse();
        for (int row : new int[] {0, rows / 3, rows / 2 - 1, rows / 2, rows - 1}) {
            Tensor tiny = x.row(Math.max(0, row));
            tiny.fill(BELOW);
            assertThat(x.hasTinyRow()).as("row %s of %s", row, rows).isTrue();
            tiny.fill(1);
        }
    }

    @Test
    void rowsOfZerosAreNotTiny() {
        Tensor zeros = Tensor.full(-0f, 2, 700);
        assertThat(zeros.hasTinyRow()).isFalse();
        assertThat(cleared(zeros)).isBitEqualTo(zeros);
    }

    @Test
    void aVectorIsOneRowAndAnEmptyTensorHasNone() {
        assertThat(Tensor.of(new float[] {BELOW, 1}, 2).hasTinyRow()).isFalse();
        assertThat(Tensor.of(new float[] {BELOW, 0}, 2).hasTinyRow()).isTrue();
        assertThat(Tensor.full(BELOW).hasTinyRow()).isTrue();
        assertThat(Tensor.zeros(3, 0).hasTinyRow()).isFalse();
        assertThat(Tensor.zeros(0, 3).hasTinyRow()).isFalse();
    }

    @Test
    void aViewIsClearedWithoutItsNeighbours() {
        float[] array = new float[14];
        Arrays.fill(array, BELOW);
        Tensor.wrap(array, 1, Shape.of(3, 4)).clearTinyRowsInPlace();
        float[] expected = new float[14];
        expected[0] = BELOW;
        expected[13] = BELOW;
        assertThat(array).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 521, 5000})
    void magnitudesAreBelowALimitUnlessOneIsNot(int n) {
        Tensor x = Tensor.zeros(n);
        Key.of(1).normal(x, 0f, 0.01f);
        assertThat(x.isBelow(1)).isTrue();
        for (int place = 0; place < n; place += 1 + n / 50) {
            for (float large : new float[] {1, -1, 2, Float.NaN, Float.POSITIVE_INFINITY}) {
                Tensor y = x.copy();
                y.set(large, place);
                assertThat(y.isBelow(1)).as("%s at %s of %s", large, place, n).isFalse();
            }
        }
    }

    /** The scalar kernel and the vector kernel compute it for larger ones. */
    @Test
    void smallNumbersAreTheirOwnTanhBitForBit() {
        int count = 1000;
        Key key = Key.of(2);
        int below = Float.floatToRawIntBits(0x1p-12f);
        float[] x = new float[count + 2];
        for (int i = 0; i < count; i++) {
            int magnitude = Integer.remainderUnsigned(key.word(i), below);
            x[i] = Float.intBitsToFloat(magnitude | (i % 2 == 0 ? 0 : ScalarMath.SIGN_BIT));
        }
        x[count] = -0f;
        x[count + 1] = Math.nextDown(0x1p-12f);
        Tensor copied = Tensor.of(x, x.length).tanh();
        float[] scalar = new float[x.length];
        new ScalarKernels().function(Unary.TANH, 0, 0, x, 0, scalar, 0, x.length);
        float[] vector = new float[x.length];
        new VectorKernels().function(Unary.TANH, 0, 0, x, 0, vector, 0, x.length);
        assertThat(copied).isBitEqualTo(Tensor.of(x, x.length));
        assertThat(Tensor.of(scalar, x.length)).isBitEqualTo(copied);
        assertThat(Tensor.of(vector, x.length)).isBitEqualTo(copied);
    }
}
