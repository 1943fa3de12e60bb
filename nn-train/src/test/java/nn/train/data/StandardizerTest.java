package nn.train.data;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class StandardizerTest {
    /** Three features: mean 50 and deviation 3, the constant 0.1, mean -2 and deviation 0.01. */
    private static Tensor data(long seed, int n) {
        Tensor data = Tensor.zeros(n, 3);
        Key.of(seed).normal(data, 0, 1);
        for (int i = 0; i < n; i++) {
            data.set(50 + 3 * data.get(i, 0), i, 0);
            data.set(0.1f, i, 1);
            data.set(-2 + 0.01f * data.get(i, 2), i, 2);
        }
        return data;
    }

    private static Tensor column(Tensor data, int j) {
        Tensor column = Tensor.zeros(data.dim(0));
        for (int i = 0; i < data.dim(0); i++) {
            column.set(data.get(i, j), i);
        }
        return column;
    }

    @Test
    void theFittedDataGetMeanZeroAndVarianceOneAndConstantsZero() {
        Tensor data = data(1, 500);
        Tensor standard = Standardizer.fit(data).apply(data);
        for (int j : new int[] {0, 2}) {
            // Each of the n values is rounded by 2^-24 of its size, which is below 8.
            assertThat(column(standard, j).mean()).isCloseTo(0, Offset.offset(8 * 0x1p-24));
            assertThat(column(standard, j).variance()).isCloseTo(1, Offset.offset(16 * 0x1p-24));
        }
        assertThat(column(standard, 1).maxAbs()).isZero();
        assertThat(data).as("the data are left alone").isBitEqualTo(data(1, 500));
    }

    @Test
    void otherDataAreScaledByTheFittedMeanAndStandardDeviation() {
        Standardizer standardizer = Standardizer.fit(Tensor.of(new float[] {1, 10, 3, 10, 5, 10}, 3, 2));
        assertThat(standardizer.mean(0)).isEqualTo(3);
        assertThat(standardizer.stddev(0)).isEqualTo(Math.sqrt(8.0 / 3));
        assertThat(standardizer.mean(1)).isEqualTo(10);
        assertThat(standardizer.stddev(1)).isEqualTo(1);
        Tensor other = standardizer.apply(Tensor.of(new float[] {3, 12, 11, 10}, 2, 2));
        assertThat(other.toArray()).containsExactly(0, 2, (float) (8 / Math.sqrt(8.0 / 3)), 0);
    }

    @Test
    void invertRestoresTheDataUpToRounding() {
        Tensor data = data(1, 500);
        Standardizer standardizer = Standardizer.fit(data);
        Tensor back = standardizer.invert(standardizer.apply(data));
        for (int i = 0; i < 500; i++) {
            assertThat(back.get(i, 0)).isCloseTo(data.get(i, 0), Offset.offset(0x1p-17f)); // one ulp of 64
            assertThat(back.get(i, 1)).isEqualTo(0.1f);
            assertThat(back.get(i, 2)).isCloseTo(data.get(i, 2), Offset.offset(0x1p-22f));
        }
    }

    @Test
    void featuresAreTheLastAxis() {
        Tensor data = data(1, 500);
        Tensor sequences = data.reshape(50, 10, 3);
        assertThat(Standardizer.fit(sequences).apply(sequences).shape()).isEqualTo(Shape.of(50, 10, 3));
        assertThat(Standardizer.fit(sequences).apply(sequences).reshape(500, 3))
                .isBitEqualTo(Standardizer.fit(data).apply(data));
        Tensor part = data.rows(10, 20);
        assertThat(Standardizer.fit(part).apply(part))
                .isBitEqualTo(Standardizer.fit(part.copy()).apply(part.copy()));
    }

    @Test
    void badDataAreRefused() {
        Tensor data = data(1, 5);
        data.set(Float.NaN, 3, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Standardizer.fit(data))
                .withMessageStartingWith("standardize: NaN in row 3, feature 2 of data of shape [5 x 3]");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Standardizer.fit(Tensor.zeros(0, 3)));
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Standardizer.fit(Tensor.zeros()));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Standardizer.fit(data(1, 5)).apply(Tensor.zeros(5, 2)))
                .withMessage("standardize: expected [... x 3], as it was fitted on, got [5 x 2]");
        for (int feature : new int[] {-1, 3}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Standardizer.fit(data(1, 5)).mean(feature))
                    .withMessage("standardize: feature " + feature + "; there are 3, numbered from 0");
        }
    }

    /** As three features of one row, all of them would become 0. */
    @Test
    void dataWithoutRowsAreRefused() {
        Tensor data = Tensor.of(new float[] {1, 2, 3}, 3);
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Standardizer.fit(data))
                .withMessage(
                        "standardize: data of shape [3] have no rows; reshape one feature of n examples to [n x 1],"
                                + " by data.reshape(3, 1), or one example to [1 x features]");
        Tensor column = data.reshape(3, 1);
        Standardizer standardizer = Standardizer.fit(column);
        assertThat(standardizer.features()).isEqualTo(1);
        assertThat(standardizer.apply(column).toArray())
                .containsExactly((float) -Math.sqrt(1.5), 0, (float) Math.sqrt(1.5));
        assertThat(standardizer.apply(Tensor.of(new float[] {2}, 1)).toArray())
                .as("one example may have one axis")
                .containsExactly(0);
    }

    @Test
    void aFiniteValueNeverBecomesInfinite() {
        Standardizer tiny = Standardizer.fit(Tensor.of(new float[] {0, Float.MIN_VALUE}, 2, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny.apply(Tensor.of(new float[] {0, 1}, 2, 1)))
                .withMessageStartingWith("standardize: 1.0 in row 1, feature 0 becomes 1.4")
                .withMessageContaining("beyond the range of floats");
        Standardizer wide = Standardizer.fit(Tensor.of(new float[] {-Float.MAX_VALUE, Float.MAX_VALUE}, 2, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wide.invert(Tensor.full(2, 1, 1)))
                .withMessageContaining("beyond the range of floats");
    }
}
