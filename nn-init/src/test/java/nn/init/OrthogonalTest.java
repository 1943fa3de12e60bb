package nn.init;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.linalg.RandomOrthogonal;
import nn.tensor.linalg.SingularValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrthogonalTest {
    /**
     * Rounding elements of about 1/16 to float moves an inner product of 256 of them by some 2e-9; the largest of
     * 65,536 is 1.8e-8.
     */
    private static final double ROUNDED = 5e-8;

    @ParameterizedTest
    @CsvSource({"1,1", "2,2", "33,33", "256,256", "48,20", "256,64", "5,1", "1024,1024"})
    void columnsOfSquareAndTallMatricesAreOrthonormal(int rows, int columns) {
        assertThat(gramError(Sample.filled(Init.orthogonal(), rows, columns), 1))
                .isLessThan(unitError(rows));
    }

    @ParameterizedTest
    @CsvSource({"20,48", "64,256", "1,5", "33,33"})
    void rowsOfWideAndSquareMatricesAreOrthonormal(int rows, int columns) {
        Tensor w = Sample.filled(Init.orthogonal(), rows, columns);
        assertThat(gramError(w.transpose(), 1)).isLessThan(unitError(columns));
    }

    /** Few elements are large ones, with larger ulps. */
    private static double unitError(int length) {
        return length < 100 ? 2.5e-7 : ROUNDED;
    }

    @Test
    void gainIsEverySingularValue() {
        Tensor w = Sample.filled(Init.orthogonal(3), 40, 30);
        assertThat(gramError(w, 9)).isLessThan(9 * unitError(40));
        double[] values = SingularValues.of(w);
        assertThat(values[0]).isBetween(3 - 1e-6, 3 + 1e-6);
        assertThat(values[29]).isBetween(3 - 1e-6, 3 + 1e-6);
    }

    @Test
    void higherRanksAreFilledAsTheMatrixOfAllAxesByTheLast() {
        Tensor kernel = Sample.filled(Init.orthogonal(), 3, 5, 7);
        Tensor matrix = Sample.filled(Init.orthogonal(), 15, 7);
        assertThat(kernel.reshape(15, 7)).isBitEqualTo(matrix);
        assertThat(gramError(kernel.reshape(15, 7), 1)).isLessThan(unitError(15));
    }

    @Test
    void emptyMatricesStayEmpty() {
        assertThat(Sample.filled(Init.orthogonal(), 0, 5).size()).isZero();
        assertThat(Sample.filled(Init.orthogonal(), 5, 0).size()).isZero();
    }

    @Test
    void viewsAreFilledAndNothingOutside() {
        Tensor whole = Tensor.full(9, 5, 3);
        Init.orthogonal().fill(whole.rows(1, 4), Sample.FANS, Key.of(20260125));
        assertThat(whole.rows(1, 4).copy()).isBitEqualTo(Sample.filled(Init.orthogonal(), 3, 3));
        assertThat(whole.row(0).toArray()).containsOnly(9);
        assertThat(whole.row(4).toArray()).containsOnly(9);
    }

    /**
     * Without the correction of signs the first element is always negative, the mean trace -1.6 and the determinant
     * always -1. The bounds are five standard deviations: 0.5 for a share of one draw, 1 for the trace, and sqrt(2) for
     * its square, as the trace of a Haar matrix has variance 1 and nearly normal moments.
     */
    @Test
    void matricesAreUniformOverTheOrthogonalGroup() {
        int draws = 4000;
        int n = 8;
        int negative = 0;
        int rotations = 0;
        double traces = 0;
        double traceSquares = 0;
        for (int draw = 0; draw < draws; draw++) {
            Tensor q = Sample.filled(Init.orthogonal(), Key.of(31).child(draw), n, n);
            double trace = 0;
            for (int i = 0; i < n; i++) {
                trace += q.get(i, i);
            }
            traces += trace;
            traceSquares += trace * trace;
            negative += q.get(0, 0) < 0 ? 1 : 0;
            rotations += determinant(q) > 0 ? 1 : 0;
        }
        double five = 5 / Math.sqrt(draws);
        assertThat((double) negative / draws).as("P(Q00 < 0)").isCloseTo(0.5, within(0.5 * five));
        assertThat((double) rotations / draws).as("P(det > 0)").isCloseTo(0.5, within(0.5 * five));
        assertThat(traces / draws).as("E tr").isCloseTo(0, within(five));
        assertThat(traceSquares / draws).as("E tr^2").isCloseTo(1, within(Math.sqrt(2) * five));
    }

    @Test
    void fillIsTheRandomOrthogonalMatrixOfTheKeyTimesTheGain() {
        Key key = Key.of(5).child("recurrent");
        for (int[] shape : new int[][] {{6, 4}, {4, 6}}) {
            Tensor expected = Tensor.zeros(shape);
            RandomOrthogonal.fill(expected, 1.5, key);
            assertThat(Sample.filled(Init.orthogonal(1.5), key, shape)).isBitEqualTo(expected);
        }
    }

    @Test
    void vectorsAndScalarsAreRefusedWithASuggestion() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Sample.filled(Init.orthogonal(), 7))
                .withMessage(
                        "orthogonal: expected a tensor of rank 2 or more, got shape [7]; a bias has no directions to"
                                + " keep apart, give it zeros");
        assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Sample.filled(Init.orthogonal()));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e39})
    void gainsBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Init.orthogonal(bad))
                .withMessage("orthogonal: gain " + bad + " must be finite and in the range of float32");
    }

    @Test
    void negativeGainIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Orthogonal(-1))
                .withMessage("orthogonal: gain -1.0 must be 0 or more");
    }

    @Test
    void printsAsInASummary() {
        assertThat(Init.orthogonal()).hasToString("orthogonal");
        assertThat(Init.orthogonal(1.5)).hasToString("orthogonal(gain 1.5)");
    }

    /** The largest element of W'W - square * I. */
    private static double gramError(Tensor w, double square) {
        int n = w.dim(1);
        int length = w.dim(0);
        float[] columns = w.transpose().toArray(); // one right behind the other
        double largest = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = i == j ? -square : 0;
                for (int k = 0; k < length; k++) {
                    sum += (double) columns[i * length + k] * columns[j * length + k];
                }
                largest = Math.max(largest, Math.abs(sum));
            }
        }
        return largest;
    }

    /** By elimination with pivoting. */
    private static double determinant(Tensor q) {
        int n = q.dim(0);
        double[] a = widened(q);
        double determinant = 1;
        for (int j = 0; j < n; j++) {
            int pivot = j;
            for (int i = j + 1; i < n; i++) {
                pivot = Math.abs(a[i * n + j]) > Math.abs(a[pivot * n + j]) ? i : pivot;
            }
            for (int k = 0; pivot != j && k < n; k++) {
                double held = a[j * n + k];
                a[j * n + k] = a[pivot * n + k];
                a[pivot * n + k] = held;
            }
            determinant *= pivot == j ? a[j * n + j] : -a[j * n + j];
            for (int i = j + 1; i < n; i++) {
                double factor = a[i * n + j] / a[j * n + j];
                for (int k = j; k < n; k++) {
                    a[i * n + k] -= factor * a[j * n + k];
                }
            }
        }
        return determinant;
    }

    private static double[] widened(Tensor x) {
        double[] values = new double[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = x.array()[x.offset() + i];
        }
        return values;
    }
}
