package nn.tensor.internal.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.element.Elementwise;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.random.ScalarRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both implementations of the kernels on windows, against each other to the bit. */
class WindowKernelsTest {
    private static final WindowKernels SCALAR = new ScalarWindows();
    private static final WindowKernels VECTOR = new VectorWindows();
    private static final int[] COUNTS = {1, 3, 8, 13, 29};

    private static float[] numbers(long seed, int n) {
        float[] values = new float[n];
        ScalarRandom.normal(0, seed, 0, values, 0, n);
        return values;
    }

    /** Windows of a row of an image that is wide enough, with gaps between runs. */
    private static WindowRows windows(int count, int runs, int run, int apart, int result) {
        int[] at = IntStream.range(0, count).map(i -> apart * i).toArray();
        int[] to = IntStream.range(0, count).map(i -> i * result).toArray();
        int[] taps = IntStream.range(0, runs).map(q -> q * (run + 2)).toArray();
        return new WindowRows(at, to, taps, run);
    }

    /** A kernel that writes to its last argument. */
    private interface Kernel {
        void run(WindowKernels kernels, float[] c);
    }

    private static void assertSameBits(int size, Kernel kernel) {
        float[] scalar = numbers(9, size);
        float[] vector = scalar.clone();
        kernel.run(SCALAR, scalar);
        kernel.run(VECTOR, vector);
        assertThat(Arrays.compare(scalar, vector)).isZero();
        assertThat(scalar).isNotEqualTo(numbers(9, size));
    }

    private static WindowProduct product(int count, int n) {
        return WindowProduct.of(count, n).a(2).b(3, n + 1).row(1).c(1);
    }

    private static WindowProduct sums(int count, int n, boolean first) {
        return WindowProduct.of(count, n).a(2).b(1, n + 2).sums(1, n + 1, first);
    }

    /** Sizes of windows: runs of every length modulo the steps of a turn, and so many that a panel holds only some. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6, 8, 15, 16, 17, 31, 32, 33, 50})
    void productsAndSumsOverWindowsHaveTheSameBits(int n) {
        for (int count : COUNTS) {
            for (int[] size : new int[][] {{1, 1}, {25, 1}, {3, 8}, {2, 17}, {4, 3}, {2, 10}, {1, 40}, {3, 1500}}) {
                for (int apart : new int[] {5, 1}) {
                    float[] a = numbers(1, 2 + 5 * count + size[0] * (size[1] + 2));
                    float[] b = numbers(2, 3 + size[0] * size[1] * (n + 1));
                    float[] row = numbers(3, n + 1);
                    for (int result : new int[] {n + 3, n}) { // with gaps between results, and without
                        WindowRows w = windows(count, size[0], size[1], apart, result);
                        int room = 1 + count * result + (result == n ? 0 : 64);
                        assertSameBits(room, (k, c) -> k.product(product(count, n), w, a, b, row, c));
                        assertSameBits(room, (k, c) -> k.product(product(count, n), w, a, b, null, c));
                    }
                    WindowRows w = windows(count, size[0], size[1], apart, n);
                    float[] rows = numbers(4, 1 + count * (n + 2));
                    for (boolean first : new boolean[] {true, false}) {
                        assertSameBits(1 + w.size() * (n + 1), (k, c) -> k.outer(sums(count, n, first), w, a, rows, c));
                    }
                }
            }
        }
    }

    @Test
    void soManySingleElementsThatAPanelHoldsOnlySomeHaveTheSameBits() {
        int runs = 4200;
        for (int n : new int[] {6, 16, 17}) {
            WindowRows w = windows(13, runs, 1, 1, n);
            float[] a = numbers(1, 2 + 13 + 3 * runs);
            float[] b = numbers(2, 3 + runs * (n + 1));
            assertSameBits(1 + 13 * n, (k, c) -> k.product(product(13, n), w, a, b, null, c));
        }
    }

    /** What is computed with other parts of a result, here by two threads, keeps out of them. */
    @Test
    void aProductWritesItsOwnResultsOnly() {
        for (int n : new int[] {1, 6, 17, 32}) {
            int count = 29;
            WindowRows w = windows(count, 3, 8, 5, n);
            float[] a = numbers(1, 2 + 5 * count + 3 * 10);
            float[] b = numbers(2, 3 + w.size() * (n + 1));
            float[] c = numbers(9, 1 + count * n + 64);
            VECTOR.product(product(count, n), w, a, b, null, c);
            float[] before = numbers(9, c.length);
            assertThat(c[0]).isEqualTo(before[0]);
            int end = 1 + count * n;
            assertThat(Arrays.copyOfRange(c, end, c.length)).isEqualTo(Arrays.copyOfRange(before, end, c.length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6, 15, 16, 17, 32, 50})
    void kernelsThatGoChannelByChannelHaveTheSameBits(int n) {
        for (int count : COUNTS) {
            for (int runs : new int[] {1, 4, 9, 11, 25}) {
                WindowRows w = windows(count, runs, 1, 5, n + 3);
                float[] a = numbers(1, 2 + 5 * count + 3 * runs + n);
                a[a.length / 2] = Float.NaN;
                float[] b = numbers(2, 3 + runs * n);
                float[] row = numbers(3, n + 1);
                int room = 1 + count * (n + 3);
                assertSameBits(room, (k, c) -> k.depthwise(product(count, n), w, a, b, row, c));
                assertSameBits(room, (k, c) -> k.depthwise(product(count, n), w, a, b, null, c));
                float[] rows = numbers(4, 1 + count * n);
                for (boolean first : new boolean[] {true, false}) {
                    assertSameBits(1 + runs * n, (k, c) -> k.depthwiseOuter(sums(count, n, first), w, a, rows, c));
                }
                PoolWindows pool = new PoolWindows(n, 5, 3, w.taps(), w.taps());
                int[] scalarPlaces = new int[count * n + 1];
                int[] vectorPlaces = new int[count * n + 1];
                assertSameBits(1 + count * n, (k, c) -> {
                    int[] places = k == SCALAR ? scalarPlaces : vectorPlaces;
                    k.max(pool, count, a, 2, 7, c, 1, places, 1);
                });
                assertThat(vectorPlaces).isEqualTo(scalarPlaces);
            }
        }
    }

    /** Windows of 3 x 3 pixels, one and two pixels apart, in rows of an image. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 11, 20})
    void productsThatAreAddedToWindowsHaveTheSameBits(int channels) {
        int columns = 5;
        int pitch = 13;
        for (int rows : new int[] {1, 8, 11}) {
            for (int stride : new int[] {1, 2}) {
                int[] at = IntStream.range(0, rows * columns)
                        .map(i -> (i / columns * stride * pitch + i % columns * stride) * channels)
                        .toArray();
                int[] taps = {0, pitch * channels, 2 * pitch * channels};
                WindowRows w = new WindowRows(at, at, taps, 3 * channels);
                for (int k : new int[] {2, 16, 19}) {
                    float[] a = numbers(1, 2 + rows * columns * (k + 1));
                    float[] b = numbers(2, 3 + k * w.size());
                    int room = 1 + (rows * stride + 3) * pitch * channels + 64;
                    assertSameBits(room, (kernels, c) -> {
                        WindowProduct p =
                                WindowProduct.of(rows * columns, w.size()).columns(columns);
                        kernels.scatter(p.a(2, k, k + 1).b(3, w.size()).c(1), w, a, b, c);
                    });
                }
            }
        }
    }

    @Test
    void noTapsLeaveTheInitialValues() {
        WindowRows w = new WindowRows(new int[] {0}, new int[] {0}, new int[0], 1);
        float[] row = {1, 2};
        for (WindowKernels kernels : new WindowKernels[] {SCALAR, VECTOR}) {
            float[] c = {7, 7, 7};
            WindowProduct p = WindowProduct.of(1, 2).a(0).b(0, 2).row(0).c(0);
            kernels.product(p, w, new float[1], new float[1], row, c);
            assertThat(c).containsExactly(1, 2, 7);
        }
    }

    @Test
    void additionsOfRowsQuotientsRootsAndTinyElementsHaveTheSameBits() {
        Kernels scalar = new ScalarKernels();
        Kernels vector = new VectorKernels();
        for (int n : new int[] {0, 1, 7, 15, 16, 17, 33, 130}) {
            float[] x = numbers(1, 5 * n + 1);
            float[] y = numbers(2, n + 2);
            if (n > 2) {
                y[3] = 0f;
                x[1] = Float.NaN;
            }
            float[][] results = new float[2][];
            for (Kernels k : new Kernels[] {scalar, vector}) {
                float[] sums = numbers(3, n + 2);
                k.addRows(4, n, x, 1, n, sums, 2);
                float[] quotients = new float[n];
                k.divide(x, 1, y, 2, quotients, 0, n);
                float[] roots = new float[n];
                k.function(Unary.SQRT, 0, 0, x, 1, roots, 0, n);
                float[] all = Arrays.copyOf(sums, 3 * n + 2);
                System.arraycopy(quotients, 0, all, n + 2, n);
                System.arraycopy(roots, 0, all, 2 * n + 2, n);
                results[k == scalar ? 0 : 1] = all;
            }
            assertThat(Arrays.compare(results[0], results[1])).isZero();
            for (float value :
                    new float[] {0f, -0f, Float.MIN_VALUE, -Math.nextDown(Elementwise.TINY), Elementwise.TINY}) {
                boolean tiny = value != 0 && Math.abs(value) < Elementwise.TINY;
                for (int at = 0; at < n; at++) {
                    float[] z = new float[n + 1];
                    Arrays.fill(z, 1f);
                    z[1 + at] = value;
                    assertThat(scalar.hasTiny(z, 1, n)).isEqualTo(tiny);
                    assertThat(vector.hasTiny(z, 1, n)).isEqualTo(tiny);
                }
            }
        }
    }
}
