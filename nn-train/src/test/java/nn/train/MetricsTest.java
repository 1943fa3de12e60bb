package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MetricsTest {
    /** The inputs are the logits. */
    private static final Layer SAME = new Layer() {
        @Override
        public Pass forward(Tensor x, Context context) {
            assertThat(context.training()).isFalse();
            return new Pass(x, (dy, into) -> dy);
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    };

    @Test
    void countsRowsOverAllChunks() {
        int n = 1300;
        Tensor x = Tensor.zeros(n, 3);
        Tensor labels = Tensor.zeros(n);
        int right = 0;
        for (int i = 0; i < n; i++) {
            x.set(1f, i, i % 3);
            labels.set(i % 7 == 0 ? (i + 1) % 3 : i % 3, i);
            right += i % 7 == 0 ? 0 : 1;
        }
        assertThat(Metrics.accuracy(SAME, x, labels)).isEqualTo((double) right / n);
    }

    @Test
    void badInputIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, Tensor.zeros(0, 3), Tensor.zeros(0)))
                .withMessageContaining("empty batch");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, Tensor.zeros(600, 3), Tensor.zeros(599)))
                .withMessage("accuracy: 600 rows need labels of shape [600], one class number each; got [599]");
        Tensor labels = Tensor.zeros(600);
        labels.set(3f, 599);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, Tensor.zeros(600, 3), labels))
                .withMessage("accuracy: label 3.0 in row 599: allowed are the whole numbers 0 to 2, for the model gives"
                        + " 3 classes");
    }
}
