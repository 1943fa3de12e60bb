package nn.tensor.linalg;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.tensor.linalg.Matrices.product;
import static nn.tensor.linalg.Matrices.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.ScalarDoubleMatmul;
import nn.tensor.internal.product.VectorDoubleMatmul;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of random reflections: to the bit, to the last digits, and in distribution. */
class RandomOrthogonalTest {
    private static final int BLOCK = 32;
    private static final DoubleMatmul[] IMPLEMENTATIONS = {new ScalarDoubleMatmul(), new VectorDoubleMatmul()};

    /** Elements of at most 1 are rounded by at most 2^-25, so the product of two unit vectors by 2^-24 and a little. */
    private static final double ROUNDED = 0x1p-23;

    static IntStream everySmallSize() {
        return IntStream.rangeClosed(0, 70);
    }

    private static Tensor gaussian(int rows, int columns) {
        Tensor x = Tensor.zeros(rows, columns);
        Key.of(1000L * rows + columns).normal(x, 0, 1);
        return x;
    }

    private static Tensor made(Tensor numbers, DoubleMatmul kernels) {
        Tensor q = numbers.copy();
        RandomOrthogonal.ofGaussian(q, 1, kernels);
        return q;
    }

    @ParameterizedTest
    @MethodSource("everySmallSize")
    void smallMatricesHaveTheBitsOfThePlainProgram(int n) {
        assertBits(gaussian(n, n));
        assertBits(gaussian(n + 1, n));
        assertBits(gaussian(n, 2 * n + 37));
    }

    @ParameterizedTest
    @CsvSource({"100,100", "257,257", "257,100", "100,257", "1000,1", "1,1000", "333,65"})
    void largerMatricesHaveTheBitsOfThePlainProgram(int rows, int columns) {
        assertBits(gaussian(rows, columns));
    }

    @ParameterizedTest
    @CsvSource({"520,417", "417,520"})
    void matricesLargeEnoughForThreadsAndVectorsHaveTheBitsOfThePlainProgram(int rows, int columns) {
        Key key = Key.of(3);
        Tensor drawn = Tensor.zeros(rows, columns);
        key.normal(drawn, 0, 1);
        Tensor q = Tensor.zeros(rows, columns);
        RandomOrthogonal.fill(q, 1.5, key);
        assertThat(bits(q)).isEqualTo(bits(plain(drawn, 1.5)));
    }

    @Test
    void zerosOfBothSignsAndSmallAndLargeNumbersHaveTheBitsOfThePlainProgram() {
        float[] odd = {
            0f, -0f, 1, -1, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE
        };
        SplittableRandom random = new SplittableRandom(1);
        for (int columns : new int[] {1, 5, 33, 64, 70}) {
            for (int rows : new int[] {columns, columns + 9}) {
                for (int kinds : new int[] {1, 2, 4, odd.length}) {
                    Tensor x = Tensor.zeros(rows, columns);
                    for (int i = 0; i < x.size(); i++) {
                        x.array()[i] = odd[random.nextInt(kinds)];
                    }
                    assertBits(x);
                    assertOrthonormal(made(x, IMPLEMENTATIONS[0]));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,7", "7,1", "2,2", "33,33", "40,33", "33,40", "100,64", "257,257", "450,450", "1000,7"})
    void theShorterSidesVectorsAreOrthonormal(int rows, int columns) {
        Tensor q = Tensor.zeros(rows, columns);
        RandomOrthogonal.fill(q, 1, Key.of(rows));
        assertOrthonormal(q);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.MIN_VALUE, 1e-30f, 1e30f})
    void theScaleOfTheNumbersDoesNotMatter(float scale) {
        Tensor x = gaussian(40, 33);
        x.scaleInPlace(scale);
        assertOrthonormal(made(x, IMPLEMENTATIONS[0]));
    }

    /** However small it is. */
    @Test
    void oneNumberGivesItsSign() {
        for (float x : new float[] {3, 0x1p-140f, 0f, -0f}) {
            assertThat(made(Tensor.of(new float[] {x}, 1, 1), IMPLEMENTATIONS[0])
                            .array())
                    .containsExactly(1);
            assertThat(made(Tensor.of(new float[] {-0x1p-140f - Math.abs(x)}, 1, 1), IMPLEMENTATIONS[0])
                            .array())
                    .containsExactly(-1);
        }
    }

    @Test
    void aColumnThatIsZeroBelowTheDiagonalGivesASignAndNoReflection() {
        Tensor q = made(Tensor.of(new float[] {-2, 7, 0, 3, 0, 0}, 3, 2), IMPLEMENTATIONS[0]);
        assertThat(q.array()).containsExactly(-1, 0, 0, 1, 0, 0);
    }

    @Test
    void matricesWithoutElementsAreAccepted() {
        for (Tensor empty : new Tensor[] {Tensor.zeros(0, 5), Tensor.zeros(5, 0), Tensor.zeros(0, 0)}) {
            assertThatCode(() -> RandomOrthogonal.fill(empty, 1, Key.of(1)))
                    .as("%s", empty.shape())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void nothingOutsideAViewIsTouched() {
        Tensor whole = Tensor.full(9, 5, 3);
        RandomOrthogonal.fill(whole.rows(1, 4), 1, Key.of(2));
        Tensor alone = Tensor.zeros(3, 3);
        RandomOrthogonal.fill(alone, 1, Key.of(2));
        assertThat(whole.rows(1, 4).copy()).isBitEqualTo(alone);
        assertThat(whole.row(0).toArray()).containsOnly(9);
        assertThat(whole.row(4).toArray()).containsOnly(9);
    }

    /**
     * Stewart's argument, backwards: the matrix whose elimination meets these columns from the diagonal down, whatever
     * it has above the diagonal, has this orthonormal factor.
     */
    @ParameterizedTest
    @CsvSource({"1,1", "2,2", "5,5", "40,40", "50,33"})
    void itIsTheOrthonormalFactorOfTheMatrixOfTheWrittenColumns(int rows, int columns) {
        Tensor x = gaussian(rows, columns);
        double[] a = new double[rows * columns];
        for (int i = 0; i < a.length; i++) {
            a[i] = x.array()[i];
        }
        for (int j = columns - 1; j >= 0; j--) { // reflections undone, the last first
            double[] u = new double[rows];
            double square = 0;
            for (int i = j; i < rows; i++) {
                u[i] = x.get(i, j);
                square += u[i] * u[i];
            }
            u[j] += Math.copySign(Math.sqrt(square), u[j]);
            square = Arrays.stream(u).map(value -> value * value).sum();
            for (int k = j + 1; k < columns && j < rows - 1; k++) {
                double dot = 0;
                for (int i = j; i < rows; i++) {
                    dot += u[i] * a[i * columns + k];
                }
                for (int i = j; i < rows; i++) {
                    a[i * columns + k] -= 2 * dot / square * u[i];
                }
            }
        }
        double[] expected = Qr.of(a, rows, columns).qValues();
        Tensor q = made(x, IMPLEMENTATIONS[0]);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) q.array()[i]).isCloseTo(expected[i], within(ROUNDED));
        }
    }

    /**
     * Of a uniform matrix of size n, every element has the mean 0, the mean square 1/n and the mean fourth power
     * 3 / (n (n + 2)); two elements of a row or column are uncorrelated, their squares have the mean product
     * 1 / (n (n + 2)), and (n + 1) / (n (n - 1) (n + 2)) if they share neither; the mean of tr Q^2 is 1. Each bound is
     * 5 standard deviations of the mean of the draws, or more.
     */
    @Test
    void elementsHaveTheMomentsOfAUniformMatrix() {
        int draws = 20_000;
        int n = 4;
        double[] mean = new double[n * n];
        double[] square = new double[n * n];
        double[] fourth = new double[n * n];
        double neighbours = 0;
        double strangers = 0;
        double turned = 0;
        Tensor q = Tensor.zeros(n, n);
        for (int draw = 0; draw < draws; draw++) {
            RandomOrthogonal.fill(q, 1, Key.of(11).child(draw));
            for (int i = 0; i < n * n; i++) {
                double x = q.array()[i];
                mean[i] += x / draws;
                square[i] += x * x / draws;
                fourth[i] += x * x * x * x / draws;
                turned += x * q.get(i % n, i / n) / draws;
            }
            double last = q.get(n - 1, n - 1);
            neighbours += last * last * q.get(n - 1, 0) * q.get(n - 1, 0) / draws;
            strangers += last * last * q.get(0, 0) * q.get(0, 0) / draws;
        }
        double five = 5 / Math.sqrt(draws);
        for (int i = 0; i < n * n; i++) {
            // variances: 1/n; 3/(n(n+2)) - 1/n^2 = 1/16; E x^8 = 105/(4*6*8*10) for n = 4
            assertThat(mean[i]).as("mean of %d", i).isCloseTo(0, within(five * Math.sqrt(1.0 / n)));
            assertThat(square[i]).as("square of %d", i).isCloseTo(1.0 / n, within(five * Math.sqrt(1.0 / 16)));
            assertThat(fourth[i]).as("fourth of %d", i).isCloseTo(3.0 / (n * (n + 2)), within(five * Math.sqrt(0.055)));
        }
        // E x^4 y^4 is at most E x^8
        assertThat(neighbours).as("in a row").isCloseTo(1.0 / (n * (n + 2)), within(five * Math.sqrt(0.055)));
        double expected = (n + 1.0) / (n * (n - 1) * (n + 2));
        assertThat(strangers).as("in neither").isCloseTo(expected, within(five * Math.sqrt(0.055)));
        // tr Q^2 is at most n
        assertThat(turned).as("tr Q^2").isCloseTo(1, within(five * n));
    }

    /** Were the last sign left out, the determinant would be the same in every draw. */
    @Test
    void bothDeterminantsAreEquallyLikely() {
        int draws = 2000;
        int[] positive = new int[3];
        for (int draw = 0; draw < draws; draw++) {
            Tensor one = Tensor.zeros(1, 1);
            RandomOrthogonal.fill(one, 1, Key.of(7).child(draw));
            positive[0] += one.get(0, 0) > 0 ? 1 : 0;
            Tensor two = Tensor.zeros(2, 2);
            RandomOrthogonal.fill(two, 1, Key.of(8).child(draw));
            positive[1] += two.get(0, 0) * two.get(1, 1) > two.get(0, 1) * two.get(1, 0) ? 1 : 0;
            Tensor column = Tensor.zeros(2, 1);
            RandomOrthogonal.fill(column, 1, Key.of(9).child(draw));
            positive[2] += column.get(1, 0) > 0 ? 1 : 0;
        }
        double fiveDeviations = 5 * Math.sqrt(draws) / 2;
        for (int count : positive) {
            assertThat((double) count).isCloseTo(draws / 2.0, within(fiveDeviations));
        }
    }

    @Test
    void tensorsThatAreNoMatrixAreRefused() {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> RandomOrthogonal.fill(Tensor.zeros(7), 1, Key.of(1)))
                .withMessage("random orthogonal: expected a matrix, got shape [7]; give it as [rows x columns]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void gainsThatAreNotFiniteAreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RandomOrthogonal.fill(Tensor.zeros(2, 2), bad, Key.of(1)))
                .withMessage("random orthogonal: gain " + bad + " must be finite");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e39, -1e300, 1e-60, -Double.MIN_VALUE})
    void gainsBeyondFloat32AreRefused(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RandomOrthogonal.fill(Tensor.zeros(2, 2), bad, Key.of(1)))
                .withMessageContaining("gain " + bad + " is " + (float) bad + " in float32");
    }

    @Test
    void theLargestGainGivesFiniteValuesAndZeroGivesZeros() {
        Tensor q = Tensor.zeros(3, 3);
        RandomOrthogonal.fill(q, Float.MAX_VALUE, Key.of(1));
        assertThat(q.isFinite()).isTrue();
        RandomOrthogonal.fill(q, 0, Key.of(1));
        assertThat(q.maxAbs()).isZero();
    }

    private static void assertOrthonormal(Tensor q) {
        boolean wide = q.dim(0) < q.dim(1);
        int rows = Math.max(q.dim(0), q.dim(1));
        int columns = Math.min(q.dim(0), q.dim(1));
        double[] tall = new double[rows * columns];
        for (int i = 0; i < tall.length; i++) {
            tall[i] = wide ? q.get(i % columns, i / columns) : q.array()[i];
        }
        double[] gram = product(transposed(tall, rows, columns), tall, columns, rows, columns);
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < columns; j++) {
                assertThat(gram[i * columns + j]).isCloseTo(i == j ? 1 : 0, within(ROUNDED));
            }
        }
    }

    private static void assertBits(Tensor numbers) {
        int[] expected = bits(plain(numbers, 1));
        for (DoubleMatmul kernels : IMPLEMENTATIONS) {
            assertThat(bits(made(numbers, kernels)))
                    .as("%s of %s", kernels, numbers.shape())
                    .isEqualTo(expected);
        }
    }

    private static int[] bits(Tensor x) {
        return IntStream.range(0, x.size())
                .map(i -> Float.floatToRawIntBits(x.array()[i]))
                .toArray();
    }

    /** The same arithmetic in the same order, one column after the other. */
    private static Tensor plain(Tensor numbers, double gain) {
        boolean wide = numbers.dim(0) < numbers.dim(1);
        Tensor a = wide ? numbers.transpose() : numbers;
        int rows = a.dim(0);
        int columns = a.dim(1);
        int blocks = (columns + BLOCK - 1) / BLOCK;
        double[][] v = new double[blocks][];
        double[][] t = new double[blocks][];
        double[] q = new double[rows * columns];
        for (int b = 0; b < blocks; b++) {
            int top = b * BLOCK;
            int width = Math.min(BLOCK, columns - top);
            v[b] = new double[rows * width];
            double[] tau = new double[width];
            for (int j = 0; j < width; j++) {
                int corner = top + j;
                double squares = 0;
                for (int i = corner + 1; i < rows; i++) {
                    double x = a.get(i, corner);
                    v[b][i * width + j] = x;
                    squares = Math.fma(x, x, squares);
                }
                double alpha = a.get(corner, corner);
                double beta = alpha;
                if (squares != 0) {
                    beta = -Math.copySign(Math.sqrt(Math.fma(alpha, alpha, squares)), alpha);
                    tau[j] = 1 / (beta * (beta - alpha));
                }
                v[b][corner * width + j] = alpha - beta;
                q[corner * columns + corner] = beta < 0 ? -1 : 1;
            }
            t[b] = QrBitsTest.triangle(v[b], tau, rows, top, width);
        }
        for (int b = blocks - 1; b >= 0; b--) {
            int top = b * BLOCK;
            QrBitsTest.apply(v[b], t[b], false, q, rows, columns, top, Math.min(BLOCK, columns - top), top);
        }
        Tensor result = Tensor.zeros(rows, columns);
        for (int i = 0; i < q.length; i++) {
            result.array()[i] = (float) (gain * q[i]);
        }
        return wide ? result.transpose() : result;
    }
}
