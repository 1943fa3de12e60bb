package nn.tensor.internal.product;

import static nn.tensor.internal.product.DoubleMatmul.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Both implementations of each product in double, to the bit against the chains that define it. */
class DoubleMatmulTest {
    private static final DoubleMatmul[] IMPLEMENTATIONS = {new ScalarDoubleMatmul(), new VectorDoubleMatmul()};
    private static final double CANARY = Double.longBitsToDouble(0x7ff8_0000_0000_deadL);
    private static final int MARGIN = 5;

    private static final int[] AWKWARD = IntStream.concat(
                    IntStream.rangeClosed(0, 70), IntStream.of(127, 128, 129, 257))
            .toArray();

    /** Between canaries; reading one would make the result NaN. */
    private static double[] values(long seed, int n) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] x = new double[n + 2 * MARGIN];
        Arrays.fill(x, CANARY);
        for (int i = 0; i < n; i++) {
            x[MARGIN + i] = random.nextInt(8) == 0 ? -0.0 : random.nextGaussian();
        }
        return x;
    }

    /** {@code C += A B} one chain after the other. */
    private static double[] chains(int m, int k, double[] a, int ars, int aps, double[] b, double[] held) {
        double[] c = held.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < WIDTH; j++) {
                for (int p = 0; p < k; p++) {
                    int at = MARGIN + i * WIDTH + j;
                    c[at] = Math.fma(a[MARGIN + i * ars + p * aps], b[MARGIN + p * WIDTH + j], c[at]);
                }
            }
        }
        return c;
    }

    private static void assertSameBits(double[] actual, double[] expected, String what) {
        assertThat(Arrays.stream(actual).mapToLong(Double::doubleToRawLongBits).toArray())
                .as(what)
                .isEqualTo(Arrays.stream(expected)
                        .mapToLong(Double::doubleToRawLongBits)
                        .toArray());
    }

    private static void requirePlain(int m, int k) {
        double[] a = values(1, m == 1 ? k : m * WIDTH);
        double[] b = values(2, k * WIDTH);
        double[] held = values(3, m * WIDTH);
        double[] expected = chains(m, k, a, WIDTH, 1, b, held);
        for (DoubleMatmul kernels : IMPLEMENTATIONS) {
            double[] c = held.clone();
            kernels.add(m, k, a, MARGIN, b, MARGIN, c, MARGIN);
            assertSameBits(c, expected, kernels + " " + m + " rows, " + k + " steps");
        }
    }

    @Test
    void productIsItsChainsForEveryNumberOfRowsAndSteps() {
        for (int m : AWKWARD) {
            for (int k : new int[] {0, 1, 2, 5, 31, 32}) {
                requirePlain(m, k);
            }
        }
    }

    @Test
    void oneRowIsItsChainsForEveryNumberOfSteps() {
        for (int k : AWKWARD) {
            requirePlain(1, k);
        }
    }

    @Test
    void leftTransposedProductIsItsChainsForEveryNumberOfSteps() {
        for (int k : AWKWARD) {
            double[] a = values(1, k * WIDTH);
            double[] b = values(2, k * WIDTH);
            double[] held = values(3, WIDTH * WIDTH);
            double[] expected = chains(WIDTH, k, a, 1, WIDTH, b, held);
            for (DoubleMatmul kernels : IMPLEMENTATIONS) {
                double[] c = held.clone();
                kernels.addLeftTransposed(k, a, MARGIN, b, MARGIN, c, MARGIN);
                assertSameBits(c, expected, kernels + " " + k + " steps");
            }
        }
    }

    @Test
    void outerProductIsItsChainsForEveryNumberOfRows() {
        for (int m : AWKWARD) {
            double[] u = values(1, m);
            double[] w = values(2, WIDTH);
            double[] bareU = Arrays.copyOfRange(u, MARGIN, MARGIN + m);
            double[] bareW = Arrays.copyOfRange(w, MARGIN, MARGIN + WIDTH);
            double[] held = values(3, m * WIDTH);
            double[] expected = chains(m, 1, u, 1, 0, w, held);
            for (DoubleMatmul kernels : IMPLEMENTATIONS) {
                double[] c = held.clone();
                kernels.addOuter(m, bareU, bareW, c, MARGIN);
                assertSameBits(c, expected, kernels + " " + m + " rows");
            }
        }
    }
}
