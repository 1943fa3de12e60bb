package nn.tensor.linalg;

import static nn.tensor.linalg.Matrices.difference;
import static nn.tensor.linalg.Matrices.gaussian;
import static nn.tensor.linalg.Matrices.hilbert;
import static nn.tensor.linalg.Matrices.identity;
import static nn.tensor.linalg.Matrices.norm;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QrTest {
    /** In units of epsilon, size and norm, as LAPACK's tests measure; theirs pass below 30. */
    private static final double GOOD = 10;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 10, 31, 32, 33, 50, 64, 65, 200})
    void squareMatricesAreFactorizedToTheLastDigits(int n) {
        assertFactors(gaussian(n, n, n), n, n);
    }

    @ParameterizedTest
    @CsvSource({"5,3", "3,0", "64,1", "33,32", "40,33", "100,64", "200,65", "1000,7"})
    void tallMatricesAreFactorizedToTheLastDigits(int rows, int columns) {
        assertFactors(gaussian(rows, columns, rows), rows, columns);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e30, 1e-30, 1e200, 1e-200, 1e300, 1e-300})
    void scaleDoesNotMatter(double scale) {
        assertFactors(scaled(gaussian(40, 33, 7), scale), 40, 33);
    }

    @Test
    void subnormalMatricesAreFactorized() {
        double[] a = scaled(gaussian(4, 4, 3), 0x1p-1060);
        Qr qr = Qr.of(a, 4, 4);
        assertOrthonormal(qr, 4, 4);
        assertThat(norm(difference(a, product(qr.qValues(), qr.rValues(), 4, 4, 4)), 4, 4))
                .isLessThan(40 * Double.MIN_VALUE);
    }

    @Test
    void aPowerOfTwoChangesNoBitOfQ() {
        double[] a = gaussian(40, 33, 7);
        assertThat(Qr.of(scaled(a, 0x1p100), 40, 33).qValues())
                .isEqualTo(Qr.of(a, 40, 33).qValues());
    }

    @Test
    void columnsOfVeryDifferentScaleEachKeepTheirDigits() {
        int n = 6;
        double[] a = gaussian(n, n, 11);
        double[] factors = {1, 1e-20, 1e-50, 1e-83, 1e-110, 1e-140};
        for (int i = 0; i < a.length; i++) {
            a[i] *= factors[i % n];
        }
        Qr qr = Qr.of(a, n, n);
        assertOrthonormal(qr, n, n);
        double[] back = product(qr.qValues(), qr.rValues(), n, n, n);
        for (int i = 0; i < a.length; i++) {
            assertThat(back[i]).as("element %d", i).isCloseTo(a[i], within(50 * Matrices.EPSILON * factors[i % n]));
        }
    }

    @Test
    void nearlySingularMatricesStillGiveAnOrthonormalQ() {
        int n = 50;
        double[] a = gaussian(n, n, 5);
        for (int i = 0; i < n; i++) {
            for (int j = 1; j < n; j++) {
                a[i * n + j] = a[i * n] + 1e-14 * a[i * n + j];
            }
        }
        assertFactors(a, n, n);
        assertFactors(hilbert(14), 14, 14);
    }

    @Test
    void rankOneMatricesStillGiveAnOrthonormalQ() {
        double[] a = new double[40 * 35];
        Arrays.fill(a, 0.1);
        assertFactors(a, 40, 35);
    }

    @Test
    void zeroMatrixGivesUnitVectorsAndZeros() {
        Qr qr = Qr.of(new double[6], 3, 2);
        assertThat(qr.qValues()).containsExactly(1, 0, 0, 1, 0, 0);
        assertThat(qr.rValues()).containsExactly(0, 0, 0, 0);
    }

    @Test
    void zeroColumnLeavesTheOthersAlone() {
        double[] a = gaussian(9, 5, 2);
        for (int i = 0; i < 9; i++) {
            a[i * 5 + 2] = 0;
        }
        assertFactors(a, 9, 5);
    }

    @Test
    void anUpperTriangleWithPositiveDiagonalIsItsOwnFactor() {
        Qr qr = Qr.of(new double[] {2, -3, 0, 5}, 2, 2);
        assertThat(qr.qValues()).containsExactly(1, 0, 0, 1);
        assertThat(qr.rValues()).containsExactly(2, -3, 0, 5);
    }

    @Test
    void oneNegativeNumberIsMinusOneTimesItsMagnitude() {
        Qr qr = Qr.of(new double[] {-4}, 1, 1);
        assertThat(qr.qValues()).containsExactly(-1);
        assertThat(qr.rValues()).containsExactly(4);
    }

    @Test
    void theGivenMatrixIsNotChanged() {
        double[] a = gaussian(5, 3, 1);
        double[] before = a.clone();
        Qr.of(a, 5, 3);
        assertThat(a).isEqualTo(before);
    }

    @Test
    void tensorsGiveTheSameFactorsRounded() {
        Tensor a = Tensor.of(new float[] {9, 9, 1, 2, 3, 4, 5, 7}, 4, 2).rows(1, 4);
        Qr ofTensor = Qr.of(a);
        Qr ofArray = Qr.of(new double[] {1, 2, 3, 4, 5, 7}, 3, 2);
        assertThat(ofTensor.qValues()).isEqualTo(ofArray.qValues());
        assertThat(ofTensor.q().shape().dims()).containsExactly(3, 2);
        assertThat(ofTensor.r().shape().dims()).containsExactly(2, 2);
        assertThat(ofTensor.q().get(2, 1)).isEqualTo((float) ofArray.qValues()[5]);
        assertThat(ofTensor.r().get(0, 1)).isEqualTo((float) ofArray.rValues()[1]);
    }

    @Test
    void factorsAgreeWithAnotherFramework() {
        Golden golden = Golden.load("linalg.safetensors");
        for (String name : golden.cases("orthogonal/")) {
            double[] a = golden.doubles(name, "in/gaussian");
            int rows = golden.config(name).get("rows").asInt();
            int columns = golden.config(name).get("cols").asInt();
            boolean wide = rows < columns;
            Qr qr = wide ? Qr.of(transposed(a, rows, columns), columns, rows) : Qr.of(a, rows, columns);
            // factors move by the condition number (at most 95 here) times rounding
            golden.assertClose(name, "out/Q_posdiag", qr.qValues(), 1e-12);
            golden.assertClose(name, "out/R_posdiag", qr.rValues(), 1e-12);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void numbersThatAreNotFiniteAreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Qr.of(new double[] {1, 2, bad, 3}, 2, 2))
                .withMessage("QR: the matrix has an element " + bad);
    }

    @Test
    void wideMatricesAreRefusedWithASuggestion() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Qr.of(Tensor.zeros(2, 3)))
                .withMessageContaining("[2 x 3]")
                .withMessageContaining("factorize the transpose");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Qr.of(Tensor.zeros(3)))
                .withMessageContaining("expected a matrix");
    }

    @ParameterizedTest
    @CsvSource({"2,3", "3,1", "-1,-1", "6,-1"})
    void sizesThatDoNotFitAreRefused(int rows, int columns) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Qr.of(new double[6], rows, columns))
                .withMessageStartingWith("QR: 6 elements as " + rows + " rows and " + columns + " columns");
    }

    private static void assertFactors(double[] a, int rows, int columns) {
        Qr qr = Qr.of(a, rows, columns);
        double[] r = qr.rValues();
        double[] residual = difference(a, product(qr.qValues(), r, rows, columns, columns));
        assertThat(norm(residual, rows, columns))
                .as("|A - QR|")
                .isLessThanOrEqualTo(GOOD * Matrices.EPSILON * rows * norm(a, rows, columns));
        assertOrthonormal(qr, rows, columns);
        for (int i = 0; i < columns; i++) {
            assertThat(r[i * columns + i]).as("diagonal of R").isGreaterThanOrEqualTo(0);
            for (int j = 0; j < i; j++) {
                assertThat(r[i * columns + j]).as("below the diagonal of R").isZero();
            }
        }
    }

    private static void assertOrthonormal(Qr qr, int rows, int columns) {
        double[] q = qr.qValues();
        double[] gram = product(transposed(q, rows, columns), q, columns, rows, columns);
        assertThat(norm(difference(gram, identity(columns)), columns, columns))
                .as("|Q'Q - I|")
                .isLessThanOrEqualTo(GOOD * Matrices.EPSILON * rows);
    }
}
