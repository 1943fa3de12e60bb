package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import nn.init.LooksLinear.Mirror;
import nn.tensor.Key;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LooksLinearTest {
    @Test
    void twentyLayersOfPlainReluAreALinearMapThatKeepsTheLength() {
        int n = 16;
        Tensor x = Sample.filled(Init.normal(1), Key.of(1), 5, n);
        Tensor h = x;
        Tensor product = x;
        for (int layer = 0; layer < 20; layer++) {
            Mirror mirror = layer == 0 ? Mirror.OUTPUTS : layer == 19 ? Mirror.INPUTS : Mirror.BOTH;
            Tensor w = Tensor.full(Float.NaN, layer == 0 ? n : 2 * n, layer == 19 ? n : 2 * n);
            Init.looksLinear(mirror)
                    .fill(w, new Fans(w.dim(0), w.dim(1)), Key.of(2).child(layer));
            Tensor block = Tensor.zeros(n, n);
            Init.orthogonal().fill(block, new Fans(n, n), Key.of(2).child(layer));
            h = h.matmul(w);
            product = product.matmul(block);
            if (layer < 19) {
                for (int i = 0; i < h.size(); i++) {
                    h.array()[h.offset() + i] = Math.max(0, h.array()[h.offset() + i]);
                }
            }
        }
        for (int i = 0; i < h.size(); i++) {
            // 20 products of 16 terms in float: 20 * 16 * 2^-24 of numbers up to about 4, at the very most
            assertThat((double) h.toArray()[i]).isCloseTo(product.toArray()[i], within(20 * 16 * 0x1p-24 * 4));
        }
        assertThat(h.norm() / x.norm()).isCloseTo(1, within(20 * 16 * 0x1p-24));
    }

    @Test
    void theBlockSeesHalfOfEveryMirroredFan() {
        for (Mirror mirror : Mirror.values()) {
            Initializer says = (out, fans, key) -> out.fill((float) (1000 * fans.in() + fans.out()));
            Tensor w = Tensor.zeros(4, 6);
            new LooksLinear(mirror, says).fill(w, new Fans(40, 60), Key.of(1));
            int in = mirror == Mirror.OUTPUTS ? 40 : 20;
            int out = mirror == Mirror.INPUTS ? 60 : 30;
            assertThat(w.get(0, 0)).isEqualTo(1000f * in + out);
            assertThat(w.get(3, 0)).isEqualTo(mirror == Mirror.OUTPUTS ? w.get(0, 0) : -w.get(0, 0));
            assertThat(w.get(0, 5)).isEqualTo(mirror == Mirror.INPUTS ? w.get(0, 0) : -w.get(0, 0));
            assertThat(w.get(3, 5)).isEqualTo(mirror == Mirror.BOTH ? w.get(0, 0) : -w.get(0, 0));
        }
    }

    @Test
    void aConvolutionMirrorsItsChannelsAtEveryPlace() {
        Tensor kernel = Tensor.zeros(2, 3, 4, 6);
        new LooksLinear(Mirror.BOTH, Init.heNormal()).fill(kernel, new Fans(24, 36), Key.of(1));
        for (int place = 0; place < 6; place++) {
            for (int i = 0; i < 2; i++) {
                for (int o = 0; o < 3; o++) {
                    float value = kernel.get(place / 3, place % 3, i, o);
                    assertThat(kernel.get(place / 3, place % 3, i + 2, o))
                            .isEqualTo(-value)
                            .isNotZero();
                    assertThat(kernel.get(place / 3, place % 3, i, o + 3)).isEqualTo(-value);
                    assertThat(kernel.get(place / 3, place % 3, i + 2, o + 3)).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void oddAxesAreRefused() {
        assertThatThrownBy(() -> Init.looksLinear(Mirror.INPUTS).fill(Tensor.zeros(3, 4), new Fans(4, 4), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "looks linear: expected mirrored axes (inputs) of even length, got shape [3 x 4]; the second"
                                + " half mirrors the first");
    }

    @Test
    void aVectorIsRefused() {
        assertThatThrownBy(() -> Init.looksLinear(Mirror.BOTH).fill(Tensor.zeros(4), new Fans(4, 4), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("looks linear: expected a tensor of rank 2 or more, got shape [4]; a bias has no mirrored"
                        + " inputs, give it zeros");
    }

    /** Only the axis that is mirrored must be even. */
    @Test
    void theAxisThatIsNotMirroredMayBeOdd() {
        Tensor inputs = Tensor.zeros(4, 3);
        new LooksLinear(Mirror.INPUTS, Init.ones()).fill(inputs, new Fans(4, 3), Key.of(1));
        assertThat(inputs.toArray()).containsExactly(1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1);
        Tensor outputs = Tensor.zeros(3, 4);
        new LooksLinear(Mirror.OUTPUTS, Init.ones()).fill(outputs, new Fans(3, 4), Key.of(1));
        assertThat(outputs.toArray()).containsExactly(1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1);
        assertThatThrownBy(() -> new LooksLinear(Mirror.OUTPUTS, Init.ones())
                        .fill(outputs.reshape(4, 3), new Fans(4, 3), Key.of(1)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("mirrored axes (outputs) of even length, got shape [4 x 3]");
    }

    /** Each place of a kernel has its own block, in the order of the kernel. */
    @Test
    void blocksOfAKernelAreTakenInOrder() {
        Initializer counting = (out, fans, key) -> {
            for (int i = 0; i < out.size(); i++) {
                out.array()[out.offset() + i] = i;
            }
        };
        Tensor kernel = Tensor.zeros(2, 2, 4);
        new LooksLinear(Mirror.BOTH, counting).fill(kernel, new Fans(4, 4), Key.of(1));
        assertThat(kernel.toArray())
                .containsExactly(0f, 1f, -0f, -1f, -0f, -1f, 0f, 1f, 2f, 3f, -2f, -3f, -2f, -3f, 2f, 3f);
        Tensor larger = Tensor.zeros(2, 4, 4);
        new LooksLinear(Mirror.BOTH, counting).fill(larger, new Fans(8, 8), Key.of(1));
        assertThat(larger.get(1, 1, 1)).isEqualTo(7);
        assertThat(larger.get(1, 3, 0)).isEqualTo(-6);
    }
}
