package nn.tensor.linalg;

import static nn.tensor.linalg.Matrices.gaussian;
import static nn.tensor.linalg.Matrices.scaled;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.ScalarDoubleMatmul;
import nn.tensor.internal.product.VectorDoubleMatmul;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The factors against the plainest program that does the same arithmetic in the same order. Orthogonal initial weights
 * are promised for ever, so not one bit may differ, whatever the machine and however the loops are arranged.
 */
class QrBitsTest {
    private static final int BLOCK = 32;

    static IntStream everySmallSize() {
        return IntStream.rangeClosed(0, 70);
    }

    @ParameterizedTest
    @MethodSource("everySmallSize")
    void smallMatricesHaveTheBitsOfThePlainProgram(int n) {
        assertBits(gaussian(n, n, n), n, n);
        assertBits(gaussian(n + 1, n, n), n + 1, n);
        assertBits(gaussian(2 * n + 37, n, n), 2 * n + 37, n);
    }

    @ParameterizedTest
    @CsvSource({"100,100", "257,257", "257,100", "1000,1", "333,65"})
    void largerMatricesHaveTheBitsOfThePlainProgram(int rows, int columns) {
        assertBits(gaussian(rows, columns, rows), rows, columns);
    }

    @Test
    void matricesLargeEnoughForThreadsAndVectorsHaveTheBitsOfThePlainProgram() {
        double[] a = gaussian(520, 417, 1);
        assertSameBits(Qr.of(a, 520, 417), plain(a, 520, 417), "520 x 417");
    }

    @Test
    void zerosOfBothSignsHaveTheBitsOfThePlainProgram() {
        SplittableRandom random = new SplittableRandom(1);
        for (int columns : new int[] {5, 33, 64, 70}) {
            for (int rows : new int[] {columns, columns + 9}) {
                double[] a = new double[rows * columns];
                assertBits(a, rows, columns);
                Arrays.fill(a, -0.0);
                assertBits(a, rows, columns);
                Arrays.setAll(a, i -> random.nextInt(3) == 0 ? -0.0 : random.nextInt(3) - 1);
                assertBits(a, rows, columns);
            }
        }
    }

    @Test
    void numbersThatUnderflowHaveTheBitsOfThePlainProgram() {
        SplittableRandom random = new SplittableRandom(2);
        for (int columns : new int[] {5, 33, 64, 70}) {
            int rows = columns + 9;
            double[] a = gaussian(rows, columns, columns);
            assertBits(scaled(a, 0x1p-1060), rows, columns);
            assertBits(scaled(a, 0x1p1010), rows, columns);
            for (int i = 0; i < a.length; i++) {
                a[i] = Math.scalb(a[i], -random.nextInt(1060));
            }
            assertBits(a, rows, columns);
            assertBits(scaled(a, 0x1p-500), rows, columns);
        }
    }

    private static void assertBits(double[] a, int rows, int columns) {
        double[][] expected = plain(a, rows, columns);
        for (DoubleMatmul kernels : new DoubleMatmul[] {new ScalarDoubleMatmul(), new VectorDoubleMatmul()}) {
            assertSameBits(Qr.of(a, rows, columns, kernels), expected, kernels + " " + rows + " x " + columns);
        }
    }

    private static void assertSameBits(Qr qr, double[][] expected, String what) {
        assertThat(bits(qr.qValues())).as("Q, %s", what).isEqualTo(bits(expected[0]));
        assertThat(bits(qr.rValues())).as("R, %s", what).isEqualTo(bits(expected[1]));
    }

    private static long[] bits(double[] x) {
        return Arrays.stream(x).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    /** Q and R. */
    private static double[][] plain(double[] a, int rows, int columns) {
        double largest = Arrays.stream(a).map(Math::abs).max().orElse(0);
        int exponent = largest == 0 ? 0 : Math.getExponent(largest);
        double[] x = Arrays.stream(a).map(value -> Math.scalb(value, -exponent)).toArray();
        int blocks = (columns + BLOCK - 1) / BLOCK;
        double[][] v = new double[blocks][];
        double[][] t = new double[blocks][];
        for (int b = 0; b < blocks; b++) {
            int top = b * BLOCK;
            int width = Math.min(BLOCK, columns - top);
            v[b] = new double[rows * width];
            double[] tau = new double[width];
            for (int j = 0; j < width; j++) {
                tau[j] = reflect(x, rows, columns, top, width, j, v[b]);
            }
            t[b] = triangle(v[b], tau, rows, top, width);
            apply(v[b], t[b], true, x, rows, columns, top, width, top + width);
        }
        double[] q = new double[rows * columns];
        for (int i = 0; i < columns; i++) {
            q[i * columns + i] = 1;
        }
        for (int b = blocks - 1; b >= 0; b--) {
            apply(v[b], t[b], false, q, rows, columns, b * BLOCK, Math.min(BLOCK, columns - b * BLOCK), b * BLOCK);
        }
        double[] r = new double[columns * columns];
        for (int i = 0; i < columns; i++) {
            for (int j = i; j < columns; j++) {
                r[i * columns + j] = Math.scalb(x[i * columns + j], exponent);
            }
            if (r[i * columns + i] < 0) {
                for (int j = i; j < columns; j++) {
                    r[i * columns + j] = -r[i * columns + j];
                }
                for (int k = 0; k < rows; k++) {
                    q[k * columns + i] = -q[k * columns + i];
                }
            }
        }
        return new double[][] {q, r};
    }

    /** Finds reflection j of a block, applies it to the rest of the block; gives its tau. */
    private static double reflect(double[] x, int rows, int columns, int top, int width, int j, double[] v) {
        int corner = top + j;
        double squares = 0;
        for (int i = corner + 1; i < rows; i++) {
            squares = Math.fma(x[i * columns + corner], x[i * columns + corner], squares);
        }
        v[corner * width + j] = 1;
        if (squares == 0) {
            return 0;
        }
        double alpha = x[corner * columns + corner];
        double beta = -Math.copySign(Math.sqrt(Math.fma(alpha, alpha, squares)), alpha);
        double tau = (beta - alpha) / beta;
        x[corner * columns + corner] = beta;
        for (int i = corner + 1; i < rows; i++) {
            v[i * width + j] = x[i * columns + corner] / (alpha - beta);
        }
        for (int c = corner + 1; c < top + width; c++) {
            double w = 0;
            for (int i = corner; i < rows; i++) {
                w = Math.fma(tau * v[i * width + j], x[i * columns + c], w);
            }
            for (int i = corner; i < rows; i++) {
                x[i * columns + c] = Math.fma(-v[i * width + j], w, x[i * columns + c]);
            }
        }
        return tau;
    }

    static double[] triangle(double[] v, double[] tau, int rows, int top, int width) {
        double[] t = new double[width * width];
        for (int j = 0; j < width; j++) {
            for (int i = 0; i < j; i++) {
                double sum = 0;
                for (int k = i; k < j; k++) {
                    double inner = 0;
                    for (int p = top; p < rows; p++) {
                        inner = Math.fma(v[p * width + k], v[p * width + j], inner);
                    }
                    sum = Math.fma(t[i * width + k], inner, sum);
                }
                t[i * width + j] = -tau[j] * sum;
            }
            t[j * width + j] = tau[j];
        }
        return t;
    }

    /** Columns from {@code from} on of x become (I - V T V') x, or with T' when {@code transposed}. */
    static void apply(
            double[] v,
            double[] t,
            boolean transposed,
            double[] x,
            int rows,
            int columns,
            int top,
            int width,
            int from) {
        for (int c = from; c < columns; c++) {
            double[] w = new double[width];
            double[] tw = new double[width];
            for (int i = 0; i < width; i++) {
                for (int p = top; p < rows; p++) {
                    w[i] = Math.fma(v[p * width + i], x[p * columns + c], w[i]);
                }
            }
            for (int i = 0; i < width; i++) {
                for (int p = 0; p < width; p++) {
                    tw[i] = Math.fma(transposed ? t[p * width + i] : t[i * width + p], w[p], tw[i]);
                }
            }
            for (int i = top; i < rows; i++) {
                for (int p = 0; p < width; p++) {
                    x[i * columns + c] = Math.fma(-v[i * width + p], tw[p], x[i * columns + c]);
                }
            }
        }
    }
}
