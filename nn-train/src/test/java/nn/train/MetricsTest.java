package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Key;
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

    @Test
    void theTopKHoldTheLabel() {
        Tensor x = Tensor.of(new float[] {3, 2, 1, 3, 2, 1, 3, 2, 1, 5, 5, 5}, 4, 3);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 1}, 4);
        assertThat(Metrics.topK(SAME, x, labels, 1)).isEqualTo(0.25);
        assertThat(Metrics.topK(SAME, x, labels, 2)).isEqualTo(0.75); // of equal ones the first comes first
        assertThat(Metrics.topK(SAME, x, labels, 3)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.topK(SAME, x, labels, 0))
                .withMessage("top k: k is 0; it must be 1 or more");
    }

    @Test
    void theConfusionMatrixCountsWhatWasTakenForWhat() {
        Tensor x = Tensor.zeros(600, 3);
        Tensor labels = Tensor.zeros(600);
        for (int i = 0; i < 600; i++) {
            int label = i % 2; // class 2 never occurs
            labels.set(label, i);
            x.set(1, i, i % 10 == 0 ? 2 : i % 10 == 1 ? 0 : label);
        }
        ConfusionMatrix matrix = Metrics.confusion(SAME, x, labels);
        assertThat(matrix.classes()).isEqualTo(3);
        assertThat(matrix.count(0, 0)).isEqualTo(240);
        assertThat(matrix.count(0, 2)).isEqualTo(60);
        assertThat(matrix.count(1, 0)).isEqualTo(60);
        assertThat(matrix.support(1)).isEqualTo(300);
        assertThat(matrix.accuracy()).isEqualTo(0.8).isEqualTo(Metrics.accuracy(SAME, x, labels));
        assertThat(matrix.precision(0)).isEqualTo(0.8);
        assertThat(matrix.recall(0)).isEqualTo(0.8);
        assertThat(matrix.precision(1)).isEqualTo(1);
        assertThat(matrix.recall(1)).isEqualTo(0.8);
        assertThat(matrix.f1(1)).isEqualTo(480.0 / 540);
        assertThat(matrix.precision(2)).isZero();
        assertThat(matrix.recall(2)).isNaN();
        assertThat(matrix.toString().lines()).hasSize(6);
        assertThat(matrix.toString()).contains("        0    240      0     60  0.8000\n");
    }

    @Test
    void rSquaredIsOneForTheTargetsAndZeroForTheirMean() {
        Tensor y = Tensor.of(new float[] {1, 2, 3, 6}, 4, 1);
        assertThat(Metrics.rSquared(SAME, y, y)).isEqualTo(1);
        assertThat(Metrics.rSquared(SAME, Tensor.full(3f, 4, 1), y)).isZero();
        assertThat(Metrics.rSquared(SAME, Tensor.of(new float[] {1, 2, 3, 5}, 4, 1), y)).isEqualTo(1 - 1.0 / 14);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.full(1f, 4, 1)))
                .withMessage("R squared: all 4 rows of y are the same, so there is nothing to explain");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.of(new float[] {1, 2, 3, 6}, 4)))
                .withMessageContaining("an output of shape [4 x 1] needs a target of the same shape, got [4]; nothing"
                        + " is"
                        + " broadcast");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.full(1f, 3, 1)))
                .withMessageContaining("differ in the number of rows");
    }

    @Test
    void theLossOfManyRowsIsThatOfAllAtOnce() {
        Tensor x = Tensor.zeros(1300, 3);
        Key.of(1).uniform(x, -2f, 2f);
        Tensor labels = Tensor.zeros(1300);
        for (int i = 0; i < 1300; i++) {
            labels.set(i < 600 ? -100 : i % 3, i); // the first of three chunks has none that counts
        }
        Loss loss = new SoftmaxCrossEntropy().ignoring(-100).withClassWeights(1, 2, 3);
        double all = loss.of(x, labels, Context.inference()).value();
        assertThat(Metrics.loss(SAME, loss, x, labels)).isCloseTo(all, within(1e-13));
    }
}
