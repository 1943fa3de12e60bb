package nn.tensor.internal.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.driver.Matmul;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.OnlyCompiled;
import nn.tensor.internal.warmup.Operation;
import org.junit.jupiter.api.Test;

/** Both implementations of the product, against each other to the bit and against double arithmetic by bound. */
class MatmulTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final float CANARY = Float.intBitsToFloat(0x7fc0dead);
    private static final int MARGIN = 5;

    private static final int[] AWKWARD = IntStream.concat(
                    IntStream.rangeClosed(0, 130), IntStream.rangeClosed(255, 257))
            .toArray();
    private static final Compiled TILES_ONLY = OnlyCompiled.tilesAnd(Operation.TRANSPOSE);
    private static final int[] FEW = {1, 3, 4, 5, 17, 33};

    private static float[] values(long seed, int n) {
        float[] x = new float[n + 2 * MARGIN];
        Arrays.fill(x, CANARY); // reading a canary would make the result NaN
        ScalarRandom.uniform(0, seed, 0, x, MARGIN, n);
        return x;
    }

    /** Operands behind margins; sums begin with zeros, or with the values of C. */
    private static Product product(int m, int n, int k, boolean leftTransposed, boolean accumulate) {
        Product p = Product.of(m, n, k).at(MARGIN, MARGIN, MARGIN);
        return (leftTransposed ? p.leftTransposed() : p).begin(accumulate);
    }

    /** Runs both implementations on one problem; returns their common result. */
    private static float[] both(int m, int n, int k, boolean leftTransposed, boolean accumulate) {
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] held = values(3, m * n);
        float[] c = accumulate ? held.clone() : new float[held.length];
        if (!accumulate) {
            Arrays.fill(c, CANARY); // must not be read
        }
        float[] d = c.clone();
        float[] tiles = c.clone(); // whatever the inner size
        SCALAR.matmul(product(m, n, k, leftTransposed, accumulate), a, b, c, accumulate ? c : null);
        VectorMatmul.multiply(
                Compiled.ALL, product(m, n, k, leftTransposed, accumulate), a, b, d, accumulate ? d : null);
        VectorMatmul.multiply(
                TILES_ONLY, product(m, n, k, leftTransposed, accumulate), a, b, tiles, accumulate ? tiles : null);
        String what = "%d x %d x %d, left transposed %b, accumulate %b".formatted(m, n, k, leftTransposed, accumulate);
        requireSameBits(what, c, d);
        requireSameBits(what + ", tiles only", c, tiles);
        if (!leftTransposed) {
            float[] bt = new float[n * k];
            Matmul.transpose(k, n, b, MARGIN, bt, 0);
            for (boolean vectors : new boolean[] {false, true}) {
                float[] e = accumulate ? held.clone() : new float[held.length];
                if (!accumulate) {
                    Arrays.fill(e, CANARY);
                }
                Product p = product(m, n, k, false, accumulate).b(0, 1, k);
                if (vectors) {
                    VectorMatmul.multiply(Compiled.ALL, p, a, bt, e, accumulate ? e : null);
                } else {
                    SCALAR.matmul(p, a, bt, e, accumulate ? e : null);
                }
                requireSameBits(what + ", right transposed", c, e);
            }
        }
        for (int i = 0; i < MARGIN; i++) {
            assertThat(Float.floatToRawIntBits(d[i])).isEqualTo(Float.floatToRawIntBits(CANARY));
            assertThat(Float.floatToRawIntBits(d[d.length - 1 - i])).isEqualTo(Float.floatToRawIntBits(CANARY));
        }
        int ars = leftTransposed ? 1 : k;
        int aps = leftTransposed ? m : 1;
        requireBound(m, n, k, a, ars, aps, b, accumulate ? held : null, d);
        return d;
    }

    private static void requireSameBits(String what, float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                throw new AssertionError(
                        "%s: element %d is %s and %s".formatted(what, i - MARGIN, expected[i], actual[i]));
            }
        }
    }

    /** |error| <= (4 + 2 sqrt k) 2^-24 sum |a||b|, with what C held counted in. */
    private static void requireBound(
            int m, int n, int k, float[] a, int ars, int aps, float[] b, float[] held, float[] c) {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double exact = held == null ? 0 : held[MARGIN + i * n + j];
                double magnitude = Math.abs(exact);
                for (int p = 0; p < k; p++) {
                    double term = (double) a[MARGIN + i * ars + p * aps] * b[MARGIN + p * n + j];
                    exact += term;
                    magnitude += Math.abs(term);
                }
                double bound = (4 + 2 * Math.sqrt(k)) * 0x1p-24 * magnitude;
                if (!(Math.abs(c[MARGIN + i * n + j] - exact) <= bound)) {
                    throw new AssertionError("%d x %d x %d: element (%d, %d) is %s, exactly %s"
                            .formatted(m, n, k, i, j, c[MARGIN + i * n + j], exact));
                }
            }
        }
    }

    @Test
    void scalarAndVectorAgreeForEveryNumberOfRows() {
        for (int m : AWKWARD) {
            for (int n : FEW) {
                both(m, n, 33, false, false);
                both(m, n, 5, true, true);
            }
        }
    }

    @Test
    void scalarAndVectorAgreeForEveryNumberOfColumns() {
        for (int n : AWKWARD) {
            for (int m : new int[] {1, 4, 7, 52}) {
                both(m, n, 17, false, true);
                both(m, n, 3, true, false);
            }
        }
    }

    @Test
    void scalarAndVectorAgreeForALargeGradientOfAWeight() {
        for (boolean accumulate : new boolean[] {false, true}) {
            both(29, 18_101, 14, true, accumulate); // B in place
            both(107, 5_001, 13, true, accumulate); // B in panels
        }
    }

    @Test
    void scalarAndVectorAgreeForEveryNumberOfRowsOfACopyByTiles() {
        for (int m = 1; m <= 64; m++) {
            both(m, 128, 19, true, false); // B in place
            both(m + 99, 150, 9, true, true); // B in panels, the last of which is not full
        }
    }

    @Test
    void scalarAndVectorAgreeForALargeResultInSeveralInnerBlocks() {
        both(4_111, 64, 301, false, false); // all of them in one block of B
        both(911, 288, 1_030, false, true); // in two
    }

    @Test
    void scalarAndVectorAgreeForEveryInnerSize() {
        int[] inner = IntStream.concat(Arrays.stream(AWKWARD), IntStream.of(511, 512, 513, 1000))
                .toArray();
        for (int k : inner) {
            for (int m : new int[] {1, 5, 49}) {
                both(m, 35, k, false, false);
                both(m, 35, k, true, true);
            }
        }
    }

    @Test
    void narrowProductsAreTheSameInEitherOrientation() {
        for (int n : new int[] {1, 10, 15, 16}) {
            for (boolean accumulate : new boolean[] {false, true}) {
                int m = 130;
                int k = 70;
                float[] a = values(1, m * k);
                float[] b = values(2, k * n);
                float[] expected = values(3, m * n);
                float[] actual = expected.clone();
                SCALAR.matmul(product(m, n, k, true, accumulate), a, b, expected, accumulate ? expected : null);
                Matmul.leftTransposed(product(m, n, k, false, false), a, b, actual, accumulate);
                requireSameBits("130 x " + n, expected, actual);
            }
        }
    }

    @Test
    void scalarAndVectorAgreeAcrossTheEdgesOfBlocks() {
        both(203, 290, 250, false, true); // B in many pages
        both(300, 200, 600, false, false);
        both(519, 161, 257, true, true);
        both(256, 128, 512, true, false);
    }

    @Test
    void tilesThatAreNotCompiledYetAreNotUsed() {
        for (Operation tile : OnlyCompiled.tiles().toList()) {
            for (boolean columns : new boolean[] {false, true}) {
                for (int n : new int[] {10, 43, 150}) {
                    int m = 61;
                    int k = 300;
                    float[] a = values(1, m * k);
                    float[] b = values(2, k * n);
                    float[] expected = values(3, m * n);
                    float[] actual = expected.clone();
                    SCALAR.matmul(product(m, n, k, columns, true), a, b, expected, expected);
                    List<Compiled> some = List.of(
                            OnlyCompiled.of(tile),
                            new OnlyCompiled(EnumSet.range(Operation.BLOCK, tile)),
                            new OnlyCompiled(EnumSet.range(tile, Operation.TALLEST_BLOCK)));
                    for (Compiled compiled : some) {
                        float[] c = actual.clone();
                        VectorMatmul.multiply(compiled, product(m, n, k, columns, true), a, b, c, c);
                        requireSameBits(compiled.toString(), expected, c);
                    }
                }
            }
        }
    }

    @Test
    void nothingIsWrittenOutsideTheColumnsOfAWiderResult() {
        for (int n : new int[] {1, 9, 16, 31, 32, 70, 150}) {
            for (int m : new int[] {1, 3, 4, 11, 40, 110}) {
                for (int k : new int[] {3, 6, 40}) {
                    requireNothingBeside(m, n, k, n, 1);
                    requireNothingBeside(m, n, k, 1, k);
                }
            }
        }
    }

    private static void requireNothingBeside(int m, int n, int k, int bps, int bjs) {
        int ldc = n + 3;
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] c = new float[m * ldc + 2 * MARGIN];
        Arrays.fill(c, CANARY);
        Product p = product(m, n, k, false, false).b(MARGIN, bps, bjs).c(MARGIN, ldc);
        VectorMatmul.multiply(Compiled.ALL, p, a, b, c, null);
        for (int i = 0; i < c.length; i++) {
            int column = Math.floorMod(i - MARGIN, ldc);
            boolean inside = i >= MARGIN && i < MARGIN + m * ldc && column < n;
            assertThat(Float.isNaN(c[i])).as("element %d of %d x %d", i, m, n).isEqualTo(!inside);
        }
    }

    @Test
    void aProductPlusARowEqualsAProductAddedToTheFilledResult() {
        for (int m : new int[] {1, 3, 4, 13, 47, 110}) {
            for (int n : new int[] {1, 9, 16, 33, 75, 300}) {
                for (int k : new int[] {0, 1, 5, 40, 300}) {
                    float[] a = values(1, m * k);
                    float[] b = values(2, k * n);
                    float[] row = values(3, n);
                    float[] filled = new float[m * n + 2 * MARGIN];
                    Arrays.fill(filled, CANARY);
                    float[] scalar = filled.clone();
                    float[] vector = filled.clone();
                    float[] split = filled.clone();
                    for (int i = 0; i < m; i++) {
                        System.arraycopy(row, MARGIN, filled, MARGIN + i * n, n);
                    }
                    Matmul.plain(product(m, n, k, false, false), a, b, filled, true);
                    SCALAR.matmul(product(m, n, k, false, false).beginWithRow(MARGIN), a, b, scalar, row);
                    VectorMatmul.multiply(
                            Compiled.ALL, product(m, n, k, false, false).beginWithRow(MARGIN), a, b, vector, row);
                    Matmul.plusRow(product(m, n, k, false, false), a, b, row, MARGIN, split);
                    String what = "%d x %d x %d plus a row".formatted(m, n, k);
                    requireSameBits(what + ", scalar", filled, scalar);
                    requireSameBits(what + ", vectors", filled, vector);
                    requireSameBits(what + ", split", filled, split);
                }
            }
        }
    }

    /** The last columns of a row are read by whole vectors, of which the last ones may not end within the array. */
    @Test
    void aRowStaysWithinTheArrayOfB() {
        int most = 3 * RowProducts.HALF;
        for (int n = 1; n <= most; n += n < 40 ? 1 : 7) {
            for (int k : new int[] {1, 2, 5, 40, 300}) {
                for (int room : new int[] {0, 3}) {
                    float[] b = new float[k * n + room];
                    ScalarRandom.uniform(0, 2, 0, b, 0, k * n);
                    float[] a = values(1, k);
                    float[] row = values(3, n);
                    float[] expected = new float[n];
                    float[] actual = new float[n];
                    SCALAR.matmul(ofOneRow(n, k), a, b, expected, row);
                    VectorMatmul.multiply(Compiled.ALL, ofOneRow(n, k), a, b, actual, row);
                    requireSameBits("1 x %d x %d".formatted(n, k), expected, actual);
                }
            }
        }
    }

    private static Product ofOneRow(int n, int k) {
        return Product.of(1, n, k).at(MARGIN, 0, 0).beginWithRow(MARGIN);
    }

    @Test
    void aRowHasTheSameBitsInAStripOfAShortInnerSizeOrOutsideIt() {
        int m = 300; // more than one block of rows
        int n = 75; // and columns outside the strips
        for (int k = 1; k <= ShortProducts.MOST_STEPS; k++) {
            assertThat(ShortProducts.pays(Product.of(m, n, k))).isTrue();
            assertThat(ShortProducts.pays(Product.of(1, n, k))).isFalse();
            float[] whole = both(m, n, k, false, false);
            for (int row : new int[] {0, 127, 128, 299}) {
                float[] alone = new float[n];
                Product p = Product.of(1, n, k).at(MARGIN + row * k, MARGIN, 0);
                VectorMatmul.multiply(Compiled.ALL, p, values(1, m * k), values(2, k * n), alone, null);
                int at = MARGIN + row * n;
                assertThat(alone).isEqualTo(Arrays.copyOfRange(whole, at, at + n));
            }
            both(m, n, k, true, true);
        }
    }

    @Test
    void aRowHasTheSameBitsAloneOrOnTilesOfAnyHeight() {
        int m = 123;
        int n = 75;
        int k = 530;
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] whole = new float[m * n];
        VectorMatmul.multiply(Compiled.ALL, Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, whole, null);
        for (int row : new int[] {0, 11, 12, 97, 119, 122}) {
            float[] alone = new float[n];
            Product p = Product.of(1, n, k).at(MARGIN + row * k, MARGIN, 0);
            VectorMatmul.multiply(Compiled.ALL, p, a, b, alone, null);
            assertThat(alone).isEqualTo(Arrays.copyOfRange(whole, row * n, (row + 1) * n));
        }
    }

    @Test
    void theGeneratedTilesAreUpToDate() throws IOException {
        assertThat(Files.readString(TileWriter.FLOATS)).isEqualToNormalizingNewlines(TileWriter.floats());
        assertThat(Files.readString(TileWriter.STEPS)).isEqualToNormalizingNewlines(TileWriter.steps());
        assertThat(Files.readString(TileWriter.DOUBLES)).isEqualToNormalizingNewlines(TileWriter.doubles());
        assertThat(Files.readString(TileWriter.SQUARES)).isEqualToNormalizingNewlines(TileWriter.squares());
        assertThat(Files.readString(TileWriter.WINDOWS)).isEqualToNormalizingNewlines(TileWriter.windows());
        assertThat(Files.readString(TileWriter.TREES)).isEqualToNormalizingNewlines(TileWriter.trees());
    }

    @Test
    void aLargeProductIsTheSameHoweverItIsSplit() {
        int m = 130;
        int n = 300;
        int k = 257;
        float[] a = values(1, m * k);
        float[] b = values(2, k * n);
        float[] whole = new float[m * n];
        SCALAR.matmul(Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, whole, null);
        float[] split = new float[m * n];
        Matmul.plain(Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, split, false);
        assertThat(split).isEqualTo(whole);
        for (int row = 0; row < m; row += 13) {
            float[] alone = new float[n];
            Matmul.plain(Product.of(1, n, k).at(MARGIN + row * k, MARGIN, 0), a, b, alone, false);
            assertThat(alone).isEqualTo(Arrays.copyOfRange(whole, row * n, (row + 1) * n));
        }
    }

    @Test
    void aTransposeMovesEveryElement() {
        for (int rows : new int[] {0, 1, 7, 8, 9, 16, 17, 64, 100}) {
            for (int columns : new int[] {0, 1, 5, 16, 63, 64, 65, 130}) {
                int xs = columns + 2;
                int ys = rows + 1;
                float[] x = values(1, rows * xs);
                float[] expected = new float[columns * ys + 3];
                Arrays.fill(expected, CANARY);
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < columns; j++) {
                        expected[2 + j * ys + i] = x[MARGIN + i * xs + j];
                    }
                }
                for (Kernels kernels : List.of(SCALAR, new VectorKernels())) {
                    float[] y = new float[expected.length];
                    Arrays.fill(y, CANARY);
                    kernels.transpose(rows, columns, x, MARGIN, xs, y, 2, ys);
                    requireSameBits(kernels + ", " + rows + " x " + columns, expected, y);
                }
            }
        }
    }

    @Test
    void bothRightTransposedAlgorithmsGiveTheSameBits() {
        int[][] sizes = {
            {1, 9, 33}, {2, 300, 200}, {300, 40, 200}, {33, 33, 33}, {0, 3, 3}, {3, 4, 0}, {20, 90, 300}, {50, 70, 300}
        };
        for (int[] size : sizes) {
            int m = size[0];
            int n = size[1];
            int k = size[2];
            float[] a = values(1, m * k);
            float[] b = values(2, k * n);
            float[] bt = new float[n * k];
            Matmul.transpose(k, n, b, MARGIN, bt, 0);
            float[] c = new float[m * n];
            Arrays.fill(c, CANARY);
            Matmul.rightTransposed(Product.of(m, n, k).at(MARGIN, 0, 0), a, bt, c, false);
            float[] expected = new float[m * n];
            SCALAR.matmul(Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, expected, null);
            assertThat(c).isEqualTo(expected);
            Matmul.rightTransposed(Product.of(m, n, k).at(MARGIN, 0, 0), a, bt, c, true);
            Product p = Product.of(m, n, k).at(MARGIN, MARGIN, 0).beginWithC();
            SCALAR.matmul(p, a, b, expected, expected);
            assertThat(c).isEqualTo(expected);
        }
    }

    @Test
    void aProductSplitOneWayOrTheOtherHasTheSameBits() {
        for (int[] size : new int[][] {{100, 100, 600}, {40, 60, 2000}, {60, 40, 2000}, {8, 784, 700}, {784, 8, 700}}) {
            int m = size[0];
            int n = size[1];
            int k = size[2];
            float[] a = values(1, m * k);
            float[] b = values(2, k * n);
            float[] expected = new float[m * n];
            SCALAR.matmul(Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, expected, null);
            float[] split = new float[m * n];
            Matmul.plain(Product.of(m, n, k).at(MARGIN, MARGIN, 0), a, b, split, false);
            assertThat(split).isEqualTo(expected);
        }
    }
}
