package nn.tensor.internal.element;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.Submatrix;
import org.junit.jupiter.api.Test;

/** Both element-wise implementations, against each other to the bit and against their definition. */
class ElementwiseTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();
    private static final int MARGIN = 7;
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        0.5f,
        -3f
    };

    /** Reads x and y, both with a margin of their own, and writes z. */
    private interface Operation {
        void run(Kernels kernels, float[] x, float[] y, float[] z, int n);
    }

    private static final List<Operation> OTHERS = List.of(
            (k, x, y, z, n) -> k.add(x, MARGIN, y, 2, z, 3, n),
            (k, x, y, z, n) -> k.subtract(x, MARGIN, y, 2, z, 3, n),
            (k, x, y, z, n) -> k.multiply(x, MARGIN, y, 2, z, 3, n),
            (k, x, y, z, n) -> k.scale(1.7f, x, MARGIN, z, 3, n),
            (k, x, y, z, n) -> k.addScaled(-0.3f, x, MARGIN, z, 3, n),
            (k, x, y, z, n) -> z[3] = k.maxAbs(x, MARGIN, n));

    /** All of {@link Unary} and the others. */
    private static List<Operation> operations() {
        List<Operation> all = new ArrayList<>(OTHERS);
        for (Unary f : Unary.values()) {
            all.add((k, x, y, z, n) -> k.function(f, -0.5f, 0.7f, x, MARGIN, z, 3, n));
            if (f.hasGradient()) {
                all.add((k, x, y, z, n) -> k.gradient(f, -0.5f, 0.7f, x, MARGIN, y, 2, z, 3, n));
            }
        }
        return all;
    }

    private static float[] mixed(long seed, int n) {
        float[] values = new float[n + 2 * MARGIN];
        ScalarRandom.normal(0, seed, 0, values, 0, values.length);
        for (int i = (int) seed; i < values.length; i += 5) {
            values[i] = SPECIAL[(i / 5 + (int) seed) % SPECIAL.length];
        }
        return values;
    }

    /** Bits, with one NaN for all: which of two NaN operands survives is not defined. */
    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToIntBits(values[i]))
                .toArray();
    }

    @Test
    void scalarAndVectorAgreeAtEveryLengthAndWriteNothingElse() {
        int[] lengths = IntStream.concat(IntStream.rangeClosed(0, 130), IntStream.rangeClosed(255, 257))
                .toArray();
        for (int n : lengths) {
            float[] x = mixed(1, n);
            float[] y = mixed(2, n);
            for (Operation operation : operations()) {
                float[] scalar = mixed(3, n);
                float[] vector = scalar.clone();
                float[] before = scalar.clone();
                operation.run(SCALAR, x, y, scalar, n);
                operation.run(VECTOR, x, y, vector, n);
                assertThat(bits(vector)).isEqualTo(bits(scalar));
                assertThat(Arrays.copyOf(bits(vector), 3)).isEqualTo(Arrays.copyOf(bits(before), 3));
                int end = 3 + Math.max(n, 1);
                assertThat(Arrays.copyOfRange(bits(vector), end, vector.length))
                        .isEqualTo(Arrays.copyOfRange(bits(before), end, before.length));
            }
        }
    }

    @Test
    void slopesOfColumnsGiveTheSameBitsAtEveryWidthAndWriteNothingElse() {
        for (int n = 1; n <= 70; n++) {
            int rows = 3;
            float[] slopes = mixed(1, n);
            float[] x = mixed(2, rows * n);
            float[] dy = mixed(3, rows * n);
            int[][] results = new int[2][];
            for (Kernels kernels : List.of(SCALAR, VECTOR)) {
                float[] y = mixed(4, rows * n);
                float[] sums = mixed(1, n);
                Operand slope = new Operand(slopes, 2, 1, n);
                Operand in = new Operand(x, MARGIN, rows, n);
                kernels.prelu(Submatrix.of(0, 0, rows, n, n), slope, in, new Operand(y, 3, rows, n));
                Operand gradient = new Operand(dy, 1, rows, n);
                Operand dx = new Operand(y, 3 + n, rows, n);
                kernels.preluGrad(Submatrix.of(0, 0, rows - 1, n, n), slope, in, gradient, dx, sums, 1);
                float[] all = Arrays.copyOf(y, y.length + sums.length);
                System.arraycopy(sums, 0, all, y.length, sums.length);
                results[kernels == SCALAR ? 0 : 1] = bits(all);
            }
            assertThat(results[1]).as("%d columns", n).isEqualTo(results[0]);
            assertThat(Arrays.copyOf(results[0], 3)).isEqualTo(Arrays.copyOf(bits(mixed(4, rows * n)), 3));
        }
    }

    @Test
    void theLargestMagnitudeIsFoundAtEveryPlace() {
        for (Kernels kernels : List.of(SCALAR, VECTOR)) {
            for (int n : new int[] {1, 15, 16, 17, 64, 100}) {
                BiConsumer<Float, Float> planted = (value, expected) -> {
                    for (int at = 0; at < n; at++) {
                        float[] x = new float[n + MARGIN];
                        Arrays.fill(x, -0.25f);
                        x[MARGIN + at] = value;
                        x[MARGIN - 1] = 9f; // outside
                        assertThat(kernels.maxAbs(x, MARGIN, n)).isEqualTo(expected);
                    }
                };
                planted.accept(-3f, 3f);
                planted.accept(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
                planted.accept(Float.intBitsToFloat(0xffc01234), Float.NaN);
                planted.accept(-Float.MIN_VALUE, n == 1 ? Float.MIN_VALUE : 0.25f);
            }
            assertThat(kernels.maxAbs(new float[3], 1, 0)).isZero();
        }
    }

    @Test
    void anOperationMayWorkInPlace() {
        for (Kernels kernels : List.of(SCALAR, VECTOR)) {
            for (Unary f : Unary.values()) {
                float[] x = mixed(4, 50);
                float[] apart = new float[x.length];
                kernels.function(f, -0.5f, 0.7f, x, 0, apart, 0, x.length);
                kernels.function(f, -0.5f, 0.7f, x, 0, x, 0, x.length);
                assertThat(bits(x)).as("%s", f).isEqualTo(bits(apart));
                if (f.hasGradient()) {
                    kernels.gradient(f, -0.5f, 0.7f, x, 0, x, 0, apart, 0, x.length);
                    kernels.gradient(f, -0.5f, 0.7f, x, 0, x, 0, x, 0, x.length);
                    assertThat(bits(x)).as("gradient of %s", f).isEqualTo(bits(apart));
                }
            }
        }
    }
}
