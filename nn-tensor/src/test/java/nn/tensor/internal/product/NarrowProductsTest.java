package nn.tensor.internal.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.random.ScalarRandom;
import nn.tensor.internal.warmup.Compiled;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NarrowProductsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final int[] ROWS = {32, 33, 64, 95, 130};
    private static final int[] INNER = {16, 31, 270, 530};

    private static float[] uniform(long seed, int n) {
        float[] x = new float[n];
        ScalarRandom.uniform(0, seed, 0, x, 0, n);
        return x;
    }

    private static Product product(int m, int n, int k, boolean leftTransposed) {
        Product p = Product.of(m, n, k);
        return leftTransposed ? p.leftTransposed() : p;
    }

    private interface Begin {
        Product of(Product p);
    }

    /** Of both layouts of A; B and C end with their arrays. */
    private static void requireScalarBits(int m, int n, int k, Begin begin, float @Nullable [] row) {
        for (boolean leftTransposed : new boolean[] {false, true}) {
            float[] a = uniform(1, m * k);
            float[] b = uniform(2, k * n);
            float[] expected = uniform(3, m * n);
            float[] actual = expected.clone();
            boolean withC = begin.of(product(m, n, k, false)).ss == n;
            SCALAR.matmul(begin.of(product(m, n, k, leftTransposed)), a, b, expected, withC ? expected : row);
            Product p = begin.of(product(m, n, k, leftTransposed));
            VectorMatmul.multiply(Compiled.ALL, p, a, b, actual, withC ? actual : row);
            assertThat(actual)
                    .as("%d x %d x %d, left transposed %b", m, n, k, leftTransposed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void sumsThatBeginWithZerosHaveTheScalarBits() {
        for (int n = 1; n < 16; n++) {
            for (int m : ROWS) {
                for (int k : INNER) {
                    requireScalarBits(m, n, k, Product::beginWithZeros, null);
                }
            }
        }
    }

    @Test
    void sumsThatBeginWithTheResultHaveTheScalarBits() {
        for (int n = 1; n < 16; n++) {
            requireScalarBits(75, n, 270, Product::beginWithC, null);
        }
    }

    @Test
    void sumsThatBeginWithARowHaveTheScalarBits() {
        for (int n = 1; n < 16; n++) {
            requireScalarBits(75, n, 270, p -> p.beginWithRow(3), uniform(4, n + 3));
        }
    }

    @Test
    void aPartOfAWiderRightSideHasTheScalarBits() {
        int m = 64;
        int k = 40;
        int width = 50;
        for (int j : new int[] {0, 40}) { // the second ends with the array
            float[] a = uniform(1, m * k);
            float[] b = uniform(2, k * width);
            float[] expected = new float[m * 10];
            float[] actual = new float[m * 10];
            SCALAR.matmul(Product.of(m, 10, k).b(j, width, 1), a, b, expected, null);
            VectorMatmul.multiply(Compiled.ALL, Product.of(m, 10, k).b(j, width, 1), a, b, actual, null);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void rowsBelowTheProductStayAsTheyAre() {
        int m = 64;
        float[] c = new float[(m + 2) * 3];
        Arrays.fill(c, Float.NaN);
        VectorMatmul.multiply(Compiled.ALL, Product.of(m, 3, 20), uniform(1, m * 20), uniform(2, 60), c, null);
        for (int i = 0; i < c.length; i++) {
            assertThat(Float.isNaN(c[i])).as("element %d", i).isEqualTo(i >= 3 * m);
        }
    }
}
