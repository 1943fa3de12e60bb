package nn.tensor.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.math.ScalarMath;
import nn.tensor.internal.random.ScalarRandom;
import org.junit.jupiter.api.Test;

/** Both implementations of kernels for rows and columns, against each other to the bit and against their definition. */
class RowsTest {
    private static final RowKernels SCALAR = new ScalarKernels().rows();
    private static final RowKernels VECTOR = new VectorKernels().rows();
    private static final int MARGIN = 7;

    /** From n on, rows of columns begin this far apart. */
    private static final int GAP = 3;

    private static final int ROWS = 5;

    /** Reads x and y, each with its own margin; writes z, and doubles. */
    private interface Kernel {
        void run(RowKernels kernels, float[] x, float[] y, float[] z, double[] d, int n);
    }

    private static final Map<String, Kernel> KERNELS = new LinkedHashMap<>();

    static {
        KERNELS.put("largest", (k, x, y, z, d, n) -> z[0] = k.largest(x, MARGIN, n));
        KERNELS.put("shift", (k, x, y, z, d, n) -> k.shift(0.3f, x, MARGIN, z, 3, n));
        KERNELS.put("expLess", (k, x, y, z, d, n) -> k.expLess(k.largest(x, MARGIN, n), x, MARGIN, z, 3, n));
        KERNELS.put("sum", (k, x, y, z, d, n) -> k.sum(x, MARGIN, n, d));
        KERNELS.put("sumOfGroups", (k, x, y, z, d, n) -> k.sumOfGroups(x, MARGIN, n, d));
        KERNELS.put("sumOfSquares", (k, x, y, z, d, n) -> k.sumOfSquares(x, MARGIN, n, d));
        KERNELS.put("dot", (k, x, y, z, d, n) -> k.dot(x, MARGIN, y, 2, n, d));
        KERNELS.put("sumOfMagnitudes", (k, x, y, z, d, n) -> k.sumOfMagnitudes(x, MARGIN, n, d));
        KERNELS.put("sumOfHuber", (k, x, y, z, d, n) -> k.sumOfHuber(0.7, x, MARGIN, n, d));
        KERNELS.put("signs", (k, x, y, z, d, n) -> k.signs(0.1f, x, MARGIN, z, 3, n));
        KERNELS.put("softmaxGrad", (k, x, y, z, d, n) -> k.softmaxGrad(0.3f, x, MARGIN, y, 2, z, 3, n));
        KERNELS.put("crossEntropy", (k, x, y, z, d, n) -> k.crossEntropy(2.5f, x, MARGIN, y, 2, n, d));
        KERNELS.put("minusMagnitude", (k, x, y, z, d, n) -> k.minusMagnitude(x, MARGIN, z, 3, n));
        KERNELS.put("sigmoidLoss", (k, x, y, z, d, n) -> {
            float[] e = new float[n + 1];
            for (int i = 0; i < n; i++) {
                e[i + 1] = ScalarMath.exp(-Math.abs(x[MARGIN + i]));
            }
            d[0] = k.sigmoidLoss(0.1f, x, MARGIN, y, 2, e, 1, z, 3, n) ? 1 : 0;
            k.sum(e, 1, n, d);
        });
        KERNELS.put("weightedSigmoidLoss", (k, x, y, z, d, n) -> {
            float[] work = work(x, MARGIN, y, n);
            d[0] = k.weightedSigmoidLoss(0.1f, x, MARGIN, y, 2, work, z, 3, n) ? 1 : 0;
            k.sum(work, 0, n, d);
        });
        KERNELS.put("turnToTarget0", (k, x, y, z, d, n) -> {
            boolean inside = k.turnToTarget0(x, MARGIN, targets(y, n), 2, z, 3, n);
            d[0] = inside && !k.turnToTarget0(x, MARGIN, y, 2, z.clone(), 3, n) ? 1 : 0;
        });
        KERNELS.put("focalExponents", (k, x, y, z, d, n) -> {
            float[] work = work(x, MARGIN, y, n);
            k.focalExponents(1.5f, x, MARGIN, work, n);
            System.arraycopy(work, RowKernels.LOSS_BLOCK, z, 0, n);
            System.arraycopy(work, 2 * RowKernels.LOSS_BLOCK, z, n, n);
        });
        KERNELS.put("focalLoss", (k, x, y, z, d, n) -> {
            System.arraycopy(x, MARGIN, z, 3, n);
            float[] work = work(z, 3, y, n);
            k.focalLoss(1.5f, 0.75f, 0.25f, targets(y, n), 2, work, z, 3, n);
            k.sum(work, 0, n, d);
        });
        KERNELS.put("divergence", (k, x, y, z, d, n) -> k.divergence(x, MARGIN, y, 2, y, 5, z, 3, n));
        KERNELS.put("moments", (k, x, y, z, d, n) -> k.moments(x, MARGIN, n, d));
        KERNELS.put(
                "normalize",
                (k, x, y, z, d, n) ->
                        k.normalize(statistics(), 1, row(x, MARGIN - 1, n), row(y, 2, n), row(y, 1, n), row(z, 2, n)));
        KERNELS.put(
                "normalizeSums",
                (k, x, y, z, d, n) ->
                        k.normalizeSums(statistics(), 1, row(x, MARGIN - 1, n), row(y, 1, n), row(y, 1, n), d));
        KERNELS.put(
                "normalizeGrad",
                (k, x, y, z, d, n) -> k.normalizeGrad(
                        statistics(),
                        1,
                        row(x, MARGIN - 1, n),
                        row(y, 1, n),
                        row(y, 1, n),
                        z,
                        3,
                        row(z, 2 * n + 4, n)));
        KERNELS.put(
                "columnMoments",
                (k, x, y, z, d, n) -> k.columnMoments(part(n), constants(d, y, n), matrix(x, n), d, third(d, 2)));
        KERNELS.put(
                "columnDots",
                (k, x, y, z, d, n) ->
                        k.columnDots(part(n), constants(d, y, n), matrix(x, n), matrix(y, n), d, third(d, 2)));
        KERNELS.put(
                "normalizeColumns",
                (k, x, y, z, d, n) -> k.normalizeColumns(part(n), constants(d, y, n), matrix(x, n), matrix(z, n)));
        KERNELS.put(
                "normalizeColumnsGrad",
                (k, x, y, z, d, n) ->
                        k.normalizeColumnsGrad(part(n), constants(d, y, n), matrix(x, n), matrix(y, n), matrix(z, n)));
    }

    /** exp(-|x|), and other numbers from the block's length on. */
    private static float[] work(float[] x, int xo, float[] others, int n) {
        float[] work = new float[3 * RowKernels.LOSS_BLOCK];
        for (int i = 0; i < n; i++) {
            work[i] = ScalarMath.exp(-Math.abs(x[xo + i]));
            work[RowKernels.LOSS_BLOCK + i] = Math.abs(others[i]);
            work[2 * RowKernels.LOSS_BLOCK + i] = others[i + 1];
        }
        return work;
    }

    /** Targets 0 and 1, from index 2 on. */
    private static float[] targets(float[] y, int n) {
        float[] targets = new float[n + 2];
        for (int i = 0; i < n; i++) {
            targets[2 + i] = y[i] > 0 ? 1 : 0;
        }
        return targets;
    }

    /** A row of n elements; kernels treat the one from index 1 of it on. */
    private static Operand row(float[] array, int offset, int n) {
        return new Operand(array, offset, 1, n);
    }

    private static RowStatistics statistics() {
        RowStatistics row = RowStatistics.of(0, 1);
        row.shrink = 0.5f;
        row.high = 0.3f;
        row.low = 1e-9f;
        row.factor = 1.7f;
        row.mean = 0.1f;
        row.dot = 0.2f;
        row.outer = 1.6f;
        return row;
    }

    private static Operand matrix(float[] array, int n) {
        return new Operand(array, 2, ROWS, n + GAP);
    }

    /** All rows, and n columns from the second on. */
    private static Submatrix part(int n) {
        return Submatrix.of(0, 1, ROWS, n, n + GAP);
    }

    private static ColumnStatistics constants(double[] origin, float[] values, int n) {
        ColumnStatistics constants = new ColumnStatistics(n);
        constants.shrink = 0.5f;
        System.arraycopy(origin, 1, constants.origin, 0, n);
        System.arraycopy(values, 0, constants.minusHigh, 0, n);
        System.arraycopy(values, n, constants.minusLow, 0, n);
        System.arraycopy(values, 2 * n, constants.factor, 0, n);
        System.arraycopy(values, 3 * n, constants.bias, 0, n);
        System.arraycopy(values, 3 * n, constants.minusShift, 0, n);
        System.arraycopy(values, 4 * n, constants.minusSlope, 0, n);
        return constants;
    }

    private static double[] third(double[] d, int number) {
        return Arrays.copyOfRange(d, number * d.length / 3, (number + 1) * d.length / 3);
    }

    private static float[] normal(long seed, int n) {
        float[] values = new float[ROWS * (n + GAP) + 2 * MARGIN];
        ScalarRandom.normal(0, seed, 0, values, 0, values.length);
        return values;
    }

    /** With zeros, infinities and NaN. */
    private static float[] mixed(long seed, int n) {
        float[] special = {0f, -0f, Float.MIN_VALUE, -1e30f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN
        };
        float[] values = normal(seed, n);
        for (int i = (int) seed; i < values.length; i += 11) {
            values[i] = special[(i / 11 + (int) seed) % special.length];
        }
        return values;
    }

    /** Bits, with one NaN for all: which of two NaN operands survives is not defined. */
    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToIntBits(values[i]))
                .toArray();
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
    }

    private static int[] lengths() {
        IntStream small = IntStream.rangeClosed(1, 140);
        return IntStream.concat(small, IntStream.of(255, 256, 257, 383, 384, 511, 512, 700))
                .toArray();
    }

    @Test
    void scalarAndVectorAgreeAtEveryLength() {
        KERNELS.forEach((name, kernel) -> {
            for (int n : lengths()) {
                for (boolean special : new boolean[] {false, true}) {
                    float[] x = special ? mixed(1, n) : normal(1, n);
                    float[] y = special ? mixed(2, n) : normal(2, n);
                    float[] scalar = normal(3, n);
                    float[] vector = scalar.clone();
                    double[] sums = new double[3 * Math.max(RowKernels.SUMS, n + 1)];
                    Arrays.setAll(sums, i -> Math.sin(i));
                    double[] others = sums.clone();
                    kernel.run(SCALAR, x, y, scalar, sums, n);
                    kernel.run(VECTOR, x, y, vector, others, n);
                    assertThat(bits(vector)).as("%s of %d", name, n).isEqualTo(bits(scalar));
                    assertThat(bits(results(others)))
                            .as("sums of %s of %d", name, n)
                            .isEqualTo(bits(results(sums)));
                }
            }
        });
    }

    private static double[] results(double[] sums) {
        return new double[] {sums[0], sums[RowKernels.LANES]};
    }

    @Test
    void columnsOfBothAgreeInEverySum() {
        for (int n : lengths()) {
            float[] x = mixed(1, n);
            float[] y = normal(2, n);
            double[][] scalar = columns(SCALAR, x, y, n);
            double[][] vector = columns(VECTOR, x, y, n);
            for (int i = 0; i < scalar.length; i++) {
                assertThat(bits(vector[i])).as("sums %d of %d columns", i, n).isEqualTo(bits(scalar[i]));
            }
        }
    }

    private static double[][] columns(RowKernels kernels, float[] x, float[] y, int n) {
        double[] shift = new double[n + 3];
        Arrays.setAll(shift, i -> Math.sin(i));
        double[][] sums = new double[4][n + 2];
        ColumnStatistics constants = constants(shift, y, n);
        kernels.columnMoments(part(n), constants, matrix(x, n), sums[0], sums[1]);
        kernels.columnDots(part(n), constants, matrix(x, n), matrix(y, n), sums[2], sums[3]);
        return sums;
    }

    @Test
    void sumsAreThoseOfTheirDefinition() {
        for (RowKernels kernels : List.of(SCALAR, VECTOR)) {
            double[] sums = new double[RowKernels.SUMS];
            for (int n : lengths()) {
                float[] x = normal(1, n);
                float[] y = normal(2, n);
                kernels.sum(x, MARGIN, n, sums);
                assertThat(sums[0]).isCloseTo(total(n, i -> x[MARGIN + i]), within(1e-12));
                kernels.sumOfGroups(x, MARGIN, n, sums); // three sums in float
                double rounded = 3 * 0x1p-24 * total(n, i -> Math.abs(x[MARGIN + i]));
                assertThat(sums[0]).isCloseTo(total(n, i -> x[MARGIN + i]), within(rounded + 1e-12));
                kernels.sumOfSquares(x, MARGIN, n, sums);
                assertThat(sums[0]).isCloseTo(total(n, i -> (double) x[MARGIN + i] * x[MARGIN + i]), within(1e-11));
                kernels.sumOfMagnitudes(x, MARGIN, n, sums);
                assertThat(sums[0]).isCloseTo(total(n, i -> Math.abs(x[MARGIN + i])), within(1e-12));
                kernels.sumOfHuber(0.7, x, MARGIN, n, sums);
                assertThat(sums[0]).isCloseTo(total(n, i -> huber(x[MARGIN + i])), within(1e-11));
                // four products and three sums in float
                kernels.dot(x, MARGIN, y, 2, n, sums);
                double magnitudes = total(n, i -> Math.abs((double) x[MARGIN + i] * y[2 + i]));
                assertThat(sums[0])
                        .isCloseTo(total(n, i -> (double) x[MARGIN + i] * y[2 + i]), within(4 * 0x1p-24 * magnitudes));
                kernels.moments(x, MARGIN, n, sums);
                assertThat(sums[0]).isCloseTo(total(n, i -> (double) x[MARGIN + i] - x[MARGIN]), within(1e-11));
                assertThat(sums[RowKernels.LANES])
                        .isCloseTo(total(n, i -> Math.pow((double) x[MARGIN + i] - x[MARGIN], 2)), within(1e-10));
            }
        }
    }

    private static double huber(double x) {
        double d = Math.abs(x);
        return d <= 0.7 ? d * d / 2 : 0.7 * (d - 0.35);
    }

    private interface Term {
        double of(int i);
    }

    private static double total(int n, Term term) {
        return IntStream.range(0, n).mapToDouble(term::of).sum();
    }

    @Test
    void exponentialsOfDifferencesFromTheLargestHaveTheBitsOfTheFunction() {
        int n = 4096;
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = -i * 0.03125f + 3; // down to exp(-128): subnormal numbers and 0
        }
        x[77] = Float.NaN;
        x[78] = Float.intBitsToFloat(0xffc00000); // the NaN that processors make
        x[79] = Float.intBitsToFloat(0x7f800001);
        x[80] = Float.NEGATIVE_INFINITY;
        x[81] = -Float.MAX_VALUE;
        float[] expected = new float[n];
        for (int i = 0; i < n; i++) {
            expected[i] = ScalarMath.exp(x[i] - 3f);
        }
        for (RowKernels kernels : List.of(SCALAR, VECTOR)) {
            float[] y = new float[n];
            kernels.expLess(3f, x, 0, y, 0, n);
            assertThat(bits(y)).isEqualTo(bits(expected));
        }
    }

    @Test
    void theLargestElementIsFoundAtEveryPlace() {
        for (RowKernels kernels : List.of(SCALAR, VECTOR)) {
            for (int n : new int[] {1, 15, 16, 17, 31, 32, 33, 100}) {
                for (int at = 0; at < n; at++) {
                    float[] x = new float[n + 2];
                    Arrays.fill(x, -3f);
                    x[0] = 9f; // outside
                    x[n + 1] = 9f;
                    x[1 + at] = -2f;
                    x[1 + (at + 1) % n] = n == 1 ? -2f : Float.NaN;
                    assertThat(kernels.largest(x, 1, n)).isEqualTo(-2f);
                }
            }
            assertThat(kernels.largest(new float[] {Float.NaN}, 0, 1)).isEqualTo(Float.NEGATIVE_INFINITY);
        }
    }
}
