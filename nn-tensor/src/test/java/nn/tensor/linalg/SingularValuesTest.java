package nn.tensor.linalg;

import static nn.tensor.linalg.Matrices.gaussian;
import static nn.tensor.linalg.Matrices.hilbert;
import static nn.tensor.linalg.Matrices.product;
import static nn.tensor.linalg.Matrices.scaled;
import static nn.tensor.linalg.Matrices.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import nn.golden.Golden;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SingularValuesTest {
    @Test
    void diagonalMatrixHasTheMagnitudesOfItsDiagonalLargestFirst() {
        double[] a = {1, 0, 0, 0, 0, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
        assertThat(SingularValues.of(a, 4, 4)).containsExactly(3, 2, 1, 0);
    }

    @Test
    void twoByTwoMatrixHasTheRootsOfItsQuadraticEquation() {
        double[] values = SingularValues.of(new double[] {1, 2, 3, 4}, 2, 2);
        assertThat(values[0]).isCloseTo(Math.sqrt(15 + Math.sqrt(221)), within(1e-15));
        assertThat(values[1]).isCloseTo(2 / Math.sqrt(15 + Math.sqrt(221)), within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 33, 100})
    void orthogonalMatrixHasSingularValuesOfOne(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        assertThat(SingularValues.of(Qr.of(gaussian(n, n, n), n, n).qValues(), n, n))
                .containsExactly(ones, within(1e-14));
    }

    @Test
    void rankIsTheNumberOfValuesAboveRounding() {
        double[] a = product(gaussian(20, 3, 1), gaussian(3, 12, 2), 20, 3, 12);
        double[] values = SingularValues.of(a, 20, 12);
        assertThat(values[2]).isGreaterThan(0.1);
        assertThat(values[3]).isLessThan(1e-14);
        assertThat(values).hasSize(12).isSortedAccordingTo((x, y) -> Double.compare(y, x));
    }

    @Test
    void outerProductHasTheProductOfTheLengths() {
        double[] a = product(new double[] {3, 4}, new double[] {1, 2, 2}, 2, 1, 3);
        assertThat(SingularValues.of(a, 2, 3)).satisfies(values -> {
            assertThat(values[0]).isCloseTo(15, within(1e-14));
            assertThat(values[1]).isCloseTo(0, within(1e-14));
        });
    }

    @Test
    void hilbertMatrixHasItsKnownValues() {
        assertThat(SingularValues.of(hilbert(3), 3, 3))
                .containsExactly(
                        new double[] {1.4083189271236540, 0.12232706585390585, 0.0026873403557735292}, within(1e-15));
        double[] ten = SingularValues.of(hilbert(10), 10, 10);
        assertThat(ten[0]).isCloseTo(1.7519196702651775, within(2e-15));
        assertThat(ten[5]).isCloseTo(4.7296892931823475e-6, within(1e-15));
        assertThat(ten[9]).isCloseTo(1.0931538193796658e-13, within(1e-15));
    }

    @Test
    void valuesFarBelowTheLargestKeepTheirRelativeAccuracy() {
        double[] a = {4, 1, 2, 1, 5, -1, -2, 1, 3};
        for (int i = 0; i < 9; i++) {
            a[i] *= new double[] {1, 0x1p-40, 0x1p-90}[i % 3];
        }
        double[] values = SingularValues.of(a, 3, 3);
        double[] exact = {4.5825756949558400, 4.5170552844718076e-12, 3.0168549932739488e-27};
        for (int i = 0; i < 3; i++) {
            assertThat(values[i]).isCloseTo(exact[i], Percentage.withPercentage(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e30, 1e-30, 1e200, 1e-200, 1e300, 1e-300})
    void scaleDoesNotMatter(double scale) {
        double[] a = gaussian(8, 8, 4);
        double[] values = SingularValues.of(a, 8, 8);
        double[] scaled = SingularValues.of(scaled(a, scale), 8, 8);
        for (int i = 0; i < 8; i++) {
            assertThat(scaled[i] / scale).isCloseTo(values[i], Percentage.withPercentage(1e-11));
        }
    }

    @ParameterizedTest
    @CsvSource({"7,7", "30,12", "12,30", "1,9", "9,1", "64,65"})
    void transposeHasTheSameValuesAndTheirSquaresAddUp(int rows, int columns) {
        double[] a = gaussian(rows, columns, 6);
        double[] values = SingularValues.of(a, rows, columns);
        double[] transposed = SingularValues.of(transposed(a, rows, columns), columns, rows);
        double squares = 0;
        for (double x : a) {
            squares += x * x;
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            assertThat(transposed[i]).isCloseTo(values[i], within(1e-13));
            sum += values[i] * values[i];
        }
        assertThat(values).hasSize(Math.min(rows, columns));
        assertThat(sum).isCloseTo(squares, Percentage.withPercentage(1e-11));
    }

    @Test
    void productOfTheValuesIsTheMagnitudeOfTheDeterminant() {
        double product = 1;
        for (double value : SingularValues.of(new double[] {2, 1, 0, 1, 3, 1, 0, 1, 4}, 3, 3)) {
            product *= value;
        }
        assertThat(product).isCloseTo(18, within(1e-13));
    }

    @Test
    void emptyMatrixHasNone() {
        assertThat(SingularValues.of(new double[0], 0, 5)).isEmpty();
        assertThat(SingularValues.of(new double[0], 5, 0)).isEmpty();
        assertThat(SingularValues.of(Tensor.zeros(0, 0))).isEmpty();
    }

    @Test
    void zeroMatrixHasZeros() {
        assertThat(SingularValues.of(Tensor.zeros(3, 2))).containsExactly(0, 0);
    }

    @Test
    void tensorsMayBeViews() {
        Tensor a = Tensor.of(new float[] {7, 7, 3, 0, 0, -4}, 3, 2).rows(1, 3);
        assertThat(SingularValues.of(a)).containsExactly(4, 3);
    }

    @Test
    void valuesAgreeWithAnotherFramework() {
        Golden golden = Golden.load("linalg.safetensors");
        for (String name : golden.cases("orthogonal/")) {
            int rows = golden.config(name).get("rows").asInt();
            int columns = golden.config(name).get("cols").asInt();
            double[] values = SingularValues.of(golden.doubles(name, "in/gaussian"), rows, columns);
            golden.assertClose(name, "out/singular_values_of_gaussian", values, 1e-13 * values[0]);
        }
    }

    @Test
    void otherRanksAreRefused() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> SingularValues.of(Tensor.zeros(2, 2, 2)))
                .withMessage("singular values: expected a matrix, got shape [2 x 2 x 2]");
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SingularValues.of(new double[5], 2, 3))
                .withMessage("singular values: 5 elements as 2 rows and 3 columns");
    }

    @Test
    void nanIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SingularValues.of(Tensor.of(new float[] {1, Float.NaN}, 1, 2)))
                .withMessage("singular values: the matrix has an element NaN");
    }

    @Test
    void aValueBeyondTheRangeOfDoubleIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SingularValues.of(new double[] {1.7e308, 0, 1.7e308, 1}, 2, 2))
                .withMessage(
                        "singular values: the largest is beyond the range of double, Infinity: divide the matrix by"
                                + " a power of 2 first");
    }

    @Test
    void aValueOf1e150thOfTheLargestKeepsItsAccuracy() {
        // a rotation of diag(1, 1e-150)
        double[] values = SingularValues.of(new double[] {0.6, -0.8e-150, 0.8, 0.6e-150}, 2, 2);
        assertThat(values[0]).isCloseTo(1, Percentage.withPercentage(1e-12));
        assertThat(values[1]).isCloseTo(1e-150, Percentage.withPercentage(1e-12));
    }
}
