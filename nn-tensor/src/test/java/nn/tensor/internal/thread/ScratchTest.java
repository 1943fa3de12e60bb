package nn.tensor.internal.thread;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.product.Product;
import nn.tensor.internal.product.ShortProducts;
import nn.tensor.internal.product.VectorMatmul;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.OnlyCompiled;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.TileStage;
import org.junit.jupiter.api.Test;

class ScratchTest {
    private static Tensor uniform(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(seed).uniform(t, -1, 1);
        return t;
    }

    /** Both are made as a transposed result, which is larger than a buffer: several pieces, the last one smaller. */
    @Test
    void aLargeProductKeepsNoBufferBeyondTheBound() {
        Tensor a = uniform(1, 30, 64);
        Tensor b = uniform(2, 70_001, 64);
        Tensor held = uniform(3, 30, 70_001);
        assertThat(held.size()).isGreaterThan(Scratch.MOST);
        Tensor expected = a.matmul(b.transpose());
        assertThat(a.matmul(b, Transposed.RIGHT)).isBitEqualTo(expected);

        Tensor added = held.copy();
        a.matmulAddInto(b, Transposed.RIGHT, added);
        Tensor alsoAdded = held.copy();
        a.matmulAddInto(b.transpose(), Transposed.NONE, alsoAdded);
        assertThat(added).isBitEqualTo(alsoAdded);

        Tensor x = uniform(4, 64, 150_001);
        Tensor y = uniform(5, 64, 9);
        assertThat(x.matmul(y, Transposed.LEFT)).isBitEqualTo(x.transpose().matmul(y));

        assertThat(Scratch.held()).isLessThanOrEqualTo((long) Scratch.values().length * Scratch.MOST);
    }

    @Test
    void aShortInnerSizeWithManyTransposedColumnsStaysWithinABuffer() {
        int n = 150_003;
        int m = 9;
        for (int k : new int[] {4, ShortProducts.MOST_STEPS}) {
            float[] a = uniform(1, m, k).array();
            float[] b = uniform(2, n, k).array();
            float[] scalar = new float[m * n];
            float[] vector = new float[m * n];
            new ScalarKernels().matmul(Product.of(m, n, k).rightTransposed(), a, b, scalar, null);
            Compiled strips = OnlyCompiled.of(TileStage.ALL, Operation.steps(k));
            VectorMatmul.multiply(strips, Product.of(m, n, k).rightTransposed(), a, b, vector, null);
            assertThat(Tensor.of(vector, m, n)).isBitEqualTo(Tensor.of(scalar, m, n));
        }
    }

    @Test
    void aBufferBeyondTheBoundIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Scratch.RESULT.floats(Scratch.MOST + 1));
    }
}
