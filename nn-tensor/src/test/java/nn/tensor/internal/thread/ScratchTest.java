package nn.tensor.internal.thread;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.tensor.Transposed;
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
    void aBufferBeyondTheBoundIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Scratch.RESULT.floats(Scratch.MOST + 1));
    }
}
