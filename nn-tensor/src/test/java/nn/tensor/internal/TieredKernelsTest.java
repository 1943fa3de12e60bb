package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import nn.tensor.internal.element.CellStep;
import nn.tensor.internal.element.Unary;
import nn.tensor.internal.product.DoubleMatmul;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ProductSums;
import nn.tensor.internal.product.TilePlan;
import nn.tensor.internal.product.TreeSteps;
import nn.tensor.internal.row.ColumnStatistics;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.row.RowStatistics;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.warmup.OnlyCompiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.window.PoolWindows;
import nn.tensor.internal.window.WindowKernels;
import nn.tensor.internal.window.WindowProduct;
import nn.tensor.internal.window.WindowRows;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Vector kernels replace scalar ones while a program runs: each operation in turn, once it has been used enough. The
 * tests wait until C2 has compiled it or the warm-up has given it up.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Tag("slow")
class TieredKernelsTest {
    private static final int N = 1 << 14;
    private static final Kernels SCALAR = new ScalarKernels();

    private interface Work {
        void run(Kernels kernels, float[] x, float[] z);
    }

    private record Named(Operation kernel, Work work) {}

    private static CellStep step() {
        return CellStep.of(N / 64, 16);
    }

    private interface WorkOnRows {
        void run(RowKernels kernels, float[] x, float[] z, double[] sums);
    }

    /** A sum is written to z as well. */
    private static Named rows(Operation kernel, WorkOnRows work) {
        return new Named(kernel, (k, x, z) -> {
            double[] sums = new double[RowKernels.SUMS];
            work.run(k.rows(), x, z, sums);
            z[1] += (float) sums[0];
            z[2] += (float) sums[RowKernels.LANES];
        });
    }

    private static Operand row(float[] x) {
        return new Operand(x, 0, 1, N);
    }

    private static Operand matrix(float[] x, int offset) {
        return new Operand(x, offset, 1, N);
    }

    /** All N elements, in rows of some columns. */
    private static Submatrix part(int columns) {
        return Submatrix.of(0, 0, N / columns, columns, columns);
    }

    private static RowStatistics statistics() {
        RowStatistics row = RowStatistics.of(0.05, 2);
        double[] sums = new double[RowKernels.SUMS];
        sums[0] = 0.1;
        sums[RowKernels.LANES] = 0.2;
        row.gradient(sums, 1);
        return row;
    }

    private static ColumnStatistics statistics(float[] x) {
        ColumnStatistics columns = ColumnStatistics.ofThread();
        double[] means = new double[64];
        double[] shifts = new double[64];
        for (int j = 0; j < means.length; j++) {
            means[j] = x[j];
            columns.origin[j] = x[64 + j];
            shifts[j] = x[192 + j];
        }
        columns.setMeans(0, 64, 1f, means);
        columns.setFactors(0, 64, means, new Operand(x, 128, 1, 64), new Operand(x, 256, 1, 64));
        columns.setGradient(0, 64, means, null, shifts, means);
        return columns;
    }

    private static final List<Named> OTHERS = List.of(
            new Named(Operation.ADD, (k, x, z) -> k.add(x, 0, x, 0, z, 0, N)),
            new Named(Operation.SUBTRACT, (k, x, z) -> k.subtract(z, 0, x, 0, z, 0, N)),
            new Named(Operation.MULTIPLY, (k, x, z) -> k.multiply(x, 0, x, 0, z, 0, N)),
            new Named(Operation.DIVIDE, (k, x, z) -> k.divide(x, 0, x, 1, z, 0, N - 1)),
            new Named(Operation.HAS_TINY, (k, x, z) -> z[0] = k.hasTiny(x, 0, N) ? 1 : 0),
            windows(
                    Operation.WINDOW_PRODUCTS,
                    (k, w, x, z) -> k.product(product(w, 17).c(0), w, x, x, null, z)),
            windows(
                    Operation.WINDOW_OUTER,
                    (k, w, x, z) -> k.outer(product(w, 17).sums(0, 17, true), w, x, x, z)),
            windows(
                    Operation.DEPTHWISE,
                    (k, w, x, z) -> k.depthwise(product(w, 16).c(0), w, x, x, null, z)),
            windows(
                    Operation.DEPTHWISE_OUTER,
                    (k, w, x, z) -> k.depthwiseOuter(product(w, 16).sums(0, 16, true), w, x, x, z)),
            windows(
                    Operation.WINDOW_MAX,
                    (k, w, x, z) -> k.max(pool(w), w.at().length, x, 0, 0, z, 0, new int[z.length], 0)),
            new Named(Operation.SCALE, (k, x, z) -> k.scale(1.3f, x, 0, z, 0, N)),
            new Named(Operation.ADD_SCALED, (k, x, z) -> k.addScaled(1.3f, x, 0, z, 0, N)),
            new Named(Operation.PRELU, (k, x, z) -> k.prelu(part(128), matrix(x, 7), matrix(x, 0), matrix(z, 0))),
            new Named(
                    Operation.PRELU_GRAD,
                    (k, x, z) -> k.preluGrad(
                            Submatrix.of(0, 0, N / 128 - 1, 128, 128),
                            matrix(x, 7),
                            matrix(x, 0),
                            matrix(x, 3),
                            matrix(z, 0),
                            z,
                            N - 128)),
            new Named(Operation.MAX_ABS, (k, x, z) -> z[0] = k.maxAbs(x, 0, N)),
            new Named(
                    Operation.LSTM_CELL,
                    (k, x, z) -> k.lstmCell(step().before(1).tanh(1), z, x, x.clone(), new float[N], new float[N])),
            new Named(
                    Operation.LSTM_GRAD,
                    (k, x, z) -> k.lstmGrad(step().tanh(1).dy(2).dh(3).dc(4), z, x, x, x, x, x.clone())),
            new Named(Operation.GRU_CANDIDATE, (k, x, z) -> k.gruCandidate(step().recurrent(1), x, x, z)),
            new Named(Operation.LINEAR_CELL, (k, x, z) -> k.linearCell(N / 64, 16, x, 0, x, 1, z, 0)),
            new Named(
                    Operation.GRU_OUTPUT,
                    (k, x, z) -> k.gruOutput(step().candidate(1).before(2), x, x, x, z)),
            new Named(
                    Operation.GRU_GRAD,
                    (k, x, z) -> k.gruGrad(
                            step().recurrent(1).before(2).dy(3).dh(4), z, x.clone(), x.clone(), x, x, x.clone())),
            new Named(Operation.TRANSPOSE, (k, x, z) -> k.transpose(N / 128, 128, x, 0, 128, z, 0, N / 128)),
            new Named(Operation.ADD_ROWS, (k, x, z) -> k.addRows(N / 32, 32, x, 0, 32, z, 0)),
            new Named(Operation.TAKE_LARGER, (k, x, z) -> k.takeLarger(1, x, 0, z, 1, new int[N], 0, N - 1)),
            new Named(Operation.TAKE_LARGER_GRAD, (k, x, z) -> k.takeLargerGrad(0, new int[N], 0, x, 0, z, 0, N)),
            new Named(
                    Operation.TRANSPOSED_PRODUCTS,
                    (k, x, z) -> k.matmul(
                            Product.of(3, N / 128, 128).rightTransposed().begin(true), x, x, z, z)),
            new Named(Operation.NARROW_PRODUCTS, (k, x, z) -> k.matmul(Product.of(64, 10, 128), x, x, z, null)),
            rows(Operation.ROW_LARGEST, (k, x, z, d) -> z[0] = k.largest(x, 0, N)),
            rows(Operation.ROW_SHIFT, (k, x, z, d) -> k.shift(0.5f, x, 0, z, 0, N)),
            rows(Operation.EXP_LESS, (k, x, z, d) -> k.expLess(0.5f, x, 0, z, 0, N)),
            rows(Operation.ROW_SUM, (k, x, z, d) -> k.sum(x, 0, N, d)),
            rows(Operation.ROW_GROUPS, (k, x, z, d) -> k.sumOfGroups(x, 0, N, d)),
            rows(Operation.ROW_SQUARES, (k, x, z, d) -> k.sumOfSquares(x, 0, N, d)),
            rows(Operation.ROW_DOT, (k, x, z, d) -> k.dot(x, 0, x, 0, N, d)),
            rows(Operation.ROW_MAGNITUDES, (k, x, z, d) -> k.sumOfMagnitudes(x, 0, N, d)),
            rows(Operation.ROW_HUBER, (k, x, z, d) -> k.sumOfHuber(1, x, 0, N, d)),
            rows(Operation.SIGNS, (k, x, z, d) -> k.signs(0.5f, x, 0, z, 0, N)),
            rows(Operation.SOFTMAX_GRAD, (k, x, z, d) -> k.softmaxGrad(0.5f, x, 0, x, 0, z, 0, N)),
            rows(Operation.CROSS_ENTROPY, (k, x, z, d) -> k.crossEntropy(3f, x, 0, x, 0, N, d)),
            rows(Operation.MINUS_MAGNITUDE, (k, x, z, d) -> k.minusMagnitude(x, 0, z, 0, N)),
            rows(Operation.SIGMOID_LOSS, (k, x, z, d) -> k.sigmoidLoss(1f, x, 0, x, 0, z, 0, x.clone(), 0, N)),
            rows(
                    Operation.WEIGHTED_SIGMOID_LOSS,
                    (k, x, z, d) -> k.weightedSigmoidLoss(1f, x, 0, x, 0, x.clone(), z, 0, RowKernels.LOSS_BLOCK)),
            rows(Operation.TURN_TO_TARGET_0, (k, x, z, d) -> k.turnToTarget0(x, 0, x, 0, z, 0, N)),
            rows(Operation.FOCAL_EXPONENTS, (k, x, z, d) -> k.focalExponents(1f, x, 0, z, RowKernels.LOSS_BLOCK)),
            rows(
                    Operation.FOCAL_LOSS,
                    (k, x, z, d) -> k.focalLoss(1f, 1f, 1f, x, 0, x.clone(), z, 0, RowKernels.LOSS_BLOCK)),
            rows(Operation.DIVERGENCE, (k, x, z, d) -> k.divergence(x, 0, x, 1, x, 0, z, 0, N - 1)),
            rows(Operation.ROW_MOMENTS, (k, x, z, d) -> k.moments(x, 0, N, d)),
            rows(Operation.NORMALIZE_ROW, (k, x, z, d) -> k.normalize(statistics(), 0, row(x), row(x), row(x), row(z))),
            rows(
                    Operation.NORMALIZE_ROW_SUMS,
                    (k, x, z, d) -> k.normalizeSums(statistics(), 0, row(x), row(x), row(x), d)),
            rows(
                    Operation.NORMALIZE_ROW_GRAD,
                    (k, x, z, d) ->
                            k.normalizeGrad(statistics(), 0, row(x), row(x), row(x), new float[2 * N], 0, row(z))),
            rows(
                    Operation.COLUMN_MOMENTS,
                    (k, x, z, d) -> k.columnMoments(part(64), statistics(x), matrix(x, 0), new double[64], d)),
            rows(
                    Operation.COLUMN_DOTS,
                    (k, x, z, d) ->
                            k.columnDots(part(64), statistics(x), matrix(x, 0), matrix(x, 0), new double[64], d)),
            rows(
                    Operation.NORMALIZE_COLUMNS,
                    (k, x, z, d) -> k.normalizeColumns(part(64), statistics(x), matrix(x, 0), matrix(z, 0))),
            rows(
                    Operation.NORMALIZE_COLUMNS_GRAD,
                    (k, x, z, d) ->
                            k.normalizeColumnsGrad(part(64), statistics(x), matrix(x, 0), matrix(x, 0), matrix(z, 0))),
            new Named(Operation.UNIFORM, (k, x, z) -> k.uniform(1, 2, 3, z, 0, N)),
            new Named(Operation.NORMAL, (k, x, z) -> k.normal(1, 2, 3, z, 0, N)));

    private interface OnWindows {
        void run(WindowKernels kernels, WindowRows w, float[] x, float[] z);
    }

    /** A kernel on windows of two runs of eight elements, 16 elements apart. */
    private static Named windows(Operation operation, OnWindows work) {
        int[] places = IntStream.range(0, N / 64).map(i -> 16 * i).toArray();
        int[] results = IntStream.range(0, N / 64).map(i -> 17 * i).toArray();
        WindowRows w = new WindowRows(places, results, new int[] {0, 8}, 8);
        return new Named(operation, (k, x, z) -> work.run(k.windows(), w, x, z));
    }

    private static WindowProduct product(WindowRows w, int n) {
        return WindowProduct.of(w.at().length, n).a(0).b(0, n).row(0);
    }

    private static PoolWindows pool(WindowRows w) {
        return new PoolWindows(16, 16, 1, w.taps(), w.taps());
    }

    /** All of {@link Unary} and the others. */
    private static List<Named> operations() {
        List<Named> all = new ArrayList<>(OTHERS);
        for (Unary f : Unary.values()) {
            all.add(new Named(f.operation, (k, x, z) -> k.function(f, 0.1f, 1, x, 0, z, 0, N)));
            if (f.hasGradient() && f.gradient() != f.operation) {
                all.add(new Named(f.gradient(), (k, x, z) -> k.gradient(f, 0.1f, 1, x, 0, x, 0, z, 0, N)));
            }
        }
        return all;
    }

    @Test
    void anOperationIsCompiledAfterEnoughUseAndKeepsItsBits() {
        VectorWarmUp warmUp = new VectorWarmUp();
        TieredKernels tiered = new TieredKernels(warmUp);
        float[] x = new float[N];
        SCALAR.normal(1, 1, 0, x, 0, N);
        List<Operation> givenUp = new ArrayList<>();
        Set<Operation> ofWideVectors = EnumSet.of(Operation.TRANSPOSED_PRODUCTS, Operation.NARROW_PRODUCTS);
        for (Named named : operations()) {
            if (TilePlan.LANES < 16 && ofWideVectors.contains(named.kernel)) {
                continue; // never used, so never compiled
            }
            float[] expected = x.clone();
            named.work.run(SCALAR, x, expected);
            float[] before = x.clone();
            named.work.run(tiered, x, before);
            assertThat(warmUp.has(named.kernel, 0)).as("after %d elements", N).isFalse();
            while (!warmUp.has(named.kernel, 0) && !warmUp.hasGivenUp(named.kernel)) {
                named.work.run(tiered, x, x.clone());
            }
            if (!warmUp.has(named.kernel, 0)) {
                givenUp.add(named.kernel);
            }
            float[] after = x.clone();
            named.work.run(tiered, x, after);
            assertThat(before).isEqualTo(expected);
            assertThat(after).isEqualTo(expected);
        }
        assertThat(givenUp).isEmpty();
    }

    @Test
    void productsUseTheCompiledTilesAndKeepTheirBits() {
        VectorWarmUp warmUp = new VectorWarmUp();
        TieredKernels tiered = new TieredKernels(warmUp);
        int n = 69; // wide tiles and a narrow one, with vectors of 8 and of 16
        float[] x = new float[n * n];
        SCALAR.uniform(1, 1, 0, x, 0, x.length);
        List<Operation> missing;
        do {
            missing = OnlyCompiled.tiles()
                    .filter(tile -> !warmUp.has(tile, 0))
                    .filter(tile -> TilePlan.LANES >= 16 || tile != Operation.TALLEST_BLOCK)
                    .toList();
            for (int[] size : new int[][] {{n, n}, {2, n}, {61, 32}, {61, n}}) {
                for (int form = 0; form < 3; form++) {
                    float[] expected = new float[size[0] * size[1]];
                    float[] actual = expected.clone();
                    SCALAR.matmul(product(form, size[0], size[1], 61), x, x, expected, null);
                    tiered.matmul(product(form, size[0], size[1], 61), x, x, actual, null);
                    assertThat(actual).as("without %s", missing).isEqualTo(expected);
                }
            }
        } while (!missing.isEmpty());
    }

    private static Product product(int form, int m, int n, int k) {
        Product p = Product.of(m, n, k);
        return form == 1 ? p.leftTransposed() : form == 2 ? p.rightTransposed() : p;
    }

    @Test
    void productsOfAShortInnerSizeWaitForTheirStrips() {
        VectorWarmUp warmUp = new VectorWarmUp();
        TieredKernels tiered = new TieredKernels(warmUp);
        int n = 90;
        for (int k : new int[] {1, 6}) { // with vectors of any width there are strips of up to 6
            float[] x = new float[n * k];
            SCALAR.uniform(1, 1, 0, x, 0, x.length);
            float[] expected = new float[n * n];
            SCALAR.matmul(Product.of(n, n, k).rightTransposed(), x, x, expected, null);
            boolean compiled;
            do {
                compiled = warmUp.has(Operation.steps(k), 0);
                float[] actual = new float[n * n];
                tiered.matmul(Product.of(n, n, k).rightTransposed(), x, x, actual, null);
                assertThat(actual).as("compiled: %b", compiled).isEqualTo(expected);
            } while (!compiled);
        }
    }

    @Test
    void sumsOfProductsWaitForTheirTiles() {
        VectorWarmUp warmUp = new VectorWarmUp();
        TieredKernels tiered = new TieredKernels(warmUp);
        int n = 61;
        float[] x = new float[3 * n * n];
        SCALAR.uniform(1, 1, 0, x, 0, x.length);
        ProductSums sums = new ProductSums(3, n, n);
        for (int leaf = 0; leaf < 3; leaf++) {
            sums.set(leaf, x, leaf * n * n, x, leaf * n * n, n);
        }
        TreeSteps steps = TreeSteps.of(sums, 0, 2);
        Submatrix all = Submatrix.of(0, 0, n, n, n);
        float[] expected = new float[n * n];
        SCALAR.sumProducts(sums, steps, all, expected, 0);
        boolean compiled;
        do {
            compiled = warmUp.has(Operation.PRODUCT_SUMS, 0) && warmUp.has(Operation.EDGES, 0);
            float[] actual = new float[n * n];
            tiered.sumProducts(sums, steps, all, actual, 0);
            assertThat(actual).as("compiled: %b", compiled).isEqualTo(expected);
        } while (!compiled);
    }

    @Test
    void productsInDoubleKeepTheirBitsToo() {
        VectorWarmUp warmUp = new VectorWarmUp();
        TieredKernels tiered = new TieredKernels(warmUp);
        int rows = 200;
        double[] x = new double[rows * DoubleMatmul.WIDTH];
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.sin(i);
        }
        double[] expected = products(SCALAR.doubles(), rows, x);
        assertThat(products(tiered.doubles(), rows, x)).isEqualTo(expected);
        while (!warmUp.has(Operation.DOUBLES, 0)) {
            products(tiered.doubles(), rows, x);
        }
        assertThat(products(tiered.doubles(), rows, x)).isEqualTo(expected);
    }

    private static double[] products(DoubleMatmul kernels, int rows, double[] x) {
        double[] c = x.clone();
        kernels.add(rows, DoubleMatmul.WIDTH, x, 0, x, 0, c, 0);
        kernels.addLeftTransposed(rows, x, 0, x, 0, c, 0);
        kernels.addOuter(rows, x, x, c, 0);
        return c;
    }
}
