package nn.tensor.internal.product;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.OnlyCompiled;
import nn.tensor.internal.warmup.Operation;
import org.junit.jupiter.api.Test;

class ShortProductsTest {
    private static float[] uniform(long seed, int rows, int columns) {
        Tensor t = Tensor.zeros(rows, columns);
        Key.of(seed).uniform(t, -1, 1);
        return t.array();
    }

    @Test
    void productsOfEachShortInnerSizeHaveAnOperation() {
        for (int k = 1; k <= ShortProducts.MOST_STEPS; k++) {
            Operation operation = Operation.steps(k);
            assertThat(operation.kind).isEqualTo(Operation.Kind.STEPS);
            assertThat(operation.steps()).isEqualTo(k);
            assertThat(operation).hasToString("STEPS_" + k);
        }
    }

    @Test
    void aShortInnerSizeWithManyTransposedColumnsStaysWithinABuffer() {
        int n = 150_003;
        int m = 9;
        for (int k : new int[] {4, ShortProducts.MOST_STEPS}) {
            float[] a = uniform(1, m, k);
            float[] b = uniform(2, n, k);
            float[] scalar = new float[m * n];
            float[] vector = new float[m * n];
            new ScalarKernels().matmul(Product.of(m, n, k).rightTransposed(), a, b, scalar, null);
            Compiled strips = OnlyCompiled.tilesAnd(Operation.steps(k));
            VectorMatmul.multiply(strips, Product.of(m, n, k).rightTransposed(), a, b, vector, null);
            assertThat(Tensor.of(vector, m, n)).isBitEqualTo(Tensor.of(scalar, m, n));
        }
    }
}
