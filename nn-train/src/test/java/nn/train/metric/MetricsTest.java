package nn.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import nn.fixtures.FunctionPass;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.History;
import nn.train.StopReason;
import nn.train.data.Dataset;
import nn.train.data.OneHot;
import nn.train.internal.Labels;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;

class MetricsTest {
    /** A model that returns its inputs. */
    private static final Layer SAME = new Layer() {
        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                assertThat(context.training()).isFalse();
                return new FunctionPass.Result(x, (dy, into) -> dy);
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }
    };

    @Test
    void accuracyCountsTheRowsOfAllChunks() {
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
                .withMessage("accuracy: label 3.0 in row 599: labels must be whole numbers from 0 to 2, as the model"
                        + " returns 3 classes");
    }

    @Test
    void topKCountsRowsWhoseLabelIsAmongTheKLargest() {
        Tensor x = Tensor.of(new float[] {3, 2, 1, 3, 2, 1, 3, 2, 1, 5, 5, 5}, 4, 3);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 1}, 4);
        assertThat(Metrics.topK(SAME, x, labels, 1)).isEqualTo(0.25);
        assertThat(Metrics.topK(SAME, x, labels, 2)).isEqualTo(0.75); // of equal ones the first comes first
        assertThat(Metrics.topK(SAME, x, labels, 3)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.topK(SAME, x, labels, 4))
                .withMessage(
                        "top k: k is 4, but the model gives 3 classes, so every row would be right; give a smaller k");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.topK(SAME, x, labels, 0))
                .withMessage("top k: k is 0; it must be 1 or more");
    }

    @Test
    void theConfusionMatrixCountsPredictedClassesOfEachTrueClass() {
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
        assertThat(Metrics.rSquared(SAME, Tensor.of(new float[] {1, 2, 3, 5}, 4, 1), y))
                .isEqualTo(1 - 1.0 / 14);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.full(1f, 4, 1)))
                .withMessage("R squared: all 4 rows of y are equal, so there is no variance to explain");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.of(new float[] {1, 2, 3, 6}, 4)))
                .withMessageContaining("an output of shape [4 x 1] needs a target of the same shape, got [4]; nothing"
                        + " is"
                        + " broadcast");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, y, Tensor.full(1f, 3, 1)))
                .withMessageContaining("differ in the number of examples");
    }

    @Test
    void rSquaredRefusesEqualRowsWhoseMeanIsRounded() {
        Tensor y = Tensor.full(0.1f, 7, 2); // the sum of seven sevenths is not 0.1 in double
        for (int i = 0; i < 7; i++) {
            y.set(0.7f, i, 1);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.rSquared(SAME, Tensor.zeros(7, 2), y))
                .withMessage("R squared: all 7 rows of y are equal, so there is no variance to explain");
    }

    @Test
    void theLossInChunksEqualsTheLossOfAllRowsAtOnce() {
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

    private static Tensor of(float... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor column(float... values) {
        return Tensor.of(values, values.length, 1);
    }

    @Test
    void nanOutputsAreNoPredictions() {
        Tensor nan = Tensor.full(1f, 10, 3);
        Tensor labels = of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2);
        Layer broken = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(
                        this,
                        (x, context) -> new FunctionPass.Result(
                                Tensor.full(Float.NaN, x.shape().dims()), (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }
        };
        assertThat(Metrics.accuracy(broken, nan, labels)).isNaN();
        assertThat(Metrics.topK(broken, nan, labels, 2)).isNaN();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.confusion(broken, nan, labels))
                .withMessage("confusion matrix: the model's output for a row of label 0 is NaN, so no class is"
                        + " predicted; check the model with InitReport, or check its loss");
        assertThat(Metrics.binaryAccuracy(broken, column(1, 2), column(0, 1))).isNaN();
        assertThat(Metrics.auc(broken, column(1, 2), column(0, 1))).isNaN();
    }

    @Test
    void countsThatTheHeapCannotHoldAreRefused() {
        Tensor logits = Tensor.zeros(1, 2_000_000); // the counts would take 32 TB
        long ofThePrediction = Allocation.least(0, () -> Metrics.accuracy(SAME, logits, Tensor.zeros(1)));
        long limit = ofThePrediction + 8L * 2_000_000; // not one row of them is made: a full heap stops other threads
        long allocated = Allocation.least(
                limit,
                () -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> Metrics.confusion(SAME, logits, Tensor.zeros(1)))
                        .withMessageStartingWith(
                                "confusion matrix: 2000000 classes need 32000000000000 bytes of counts"));
        assertThat(allocated).isLessThan(limit);
    }

    @Test
    void everyStepOfASequenceIsARow() {
        Tensor logits = Tensor.of(new float[] {1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1}, 3, 2, 2); // 0 1, 0 1, 0 1
        Tensor labels = Tensor.of(new float[] {0, 1, 1, 1, -100, -100}, 3, 2);
        OptionalInt padding = OptionalInt.of(-100);
        assertThat(Metrics.accuracy(SAME, logits.rows(0, 2), labels.rows(0, 2))).isEqualTo(0.75);
        assertThat(Metrics.accuracy(SAME, logits, labels, padding)).isEqualTo(0.75);
        assertThat(Metrics.topK(SAME, logits, labels, 2, padding)).isEqualTo(1);
        ConfusionMatrix matrix = Metrics.confusion(SAME, logits, labels, padding);
        assertThat(matrix.count(1, 0)).isEqualTo(1);
        assertThat(matrix.count(1, 1)).isEqualTo(2);
        assertThat(matrix.support(0)).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, logits, labels))
                .withMessageContaining("label -100.0 in row 2, column 0: labels must be whole numbers from 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, logits.rows(2, 3), labels.rows(2, 3), padding))
                .withMessage("accuracy: all 2 labels are -100, which is ignored, so there is nothing to measure");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, logits, Tensor.zeros(3)))
                .withMessage("accuracy: 6 rows need labels of shape [3 x 2], one class number each; got [3]; for one"
                        + " label per example the model must return [3 x classes]: put a Flatten before its"
                        + " dense layers or, for sequences, a LastStep or MeanOverTime");
    }

    /** More time steps than examples that go through a model at once, with a state from step to step. */
    @Test
    void accuracyRunsLongSequencesAsAWhole() {
        Network model = Network.builder(Key.of(1))
                .sequence(1)
                .rnn("rnn", 4)
                .dense("out", 2)
                .build();
        Tensor x = Tensor.zeros(1200, 2, 1);
        Key.of(2).normal(x, 0, 1);
        Tensor logits = model.forward(x, Context.inference()).output();
        Tensor labels = Tensor.zeros(1200, 2);
        for (int row = 0; row < 2400; row++) {
            boolean second = logits.array()[logits.offset() + 2 * row + 1] > logits.array()[logits.offset() + 2 * row];
            labels.array()[row] = second ? 1 : 0;
        }
        assertThat(Metrics.accuracy(model, x, labels)).isEqualTo(1);
    }

    @Test
    void binaryAccuracyComparesOutputsWithTheThreshold() {
        Tensor logits = column(-1, 0, 0.5f, 3, -0.1f);
        Tensor targets = column(0, 0, 1, 0, 1);
        assertThat(Metrics.binaryAccuracy(SAME, logits, targets)).isEqualTo(0.6);
        assertThat(Metrics.binaryAccuracy(SAME, column(0.2f, 0.5f, 0.7f), column(0, 0, 1), 0.5))
                .isEqualTo(1);
        assertThat(Metrics.binaryAccuracy(SAME, column(0.2f, 0.5f, 0.7f), column(0, 0, 1)))
                .isEqualTo(1.0 / 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.accuracy(SAME, logits, of(0, 0, 1, 0, 1)))
                .withMessage("accuracy: the model returns one output, so there is one class only; for targets 0 and 1"
                        + " use Metrics::binaryAccuracy or Metrics::auc");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.binaryAccuracy(SAME, logits, column(0, 0, 1, 0.5f, 1)))
                .withMessage("binary accuracy: target 0.5 in row 3, column 0; it must be 0 or 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.binaryAccuracy(SAME, logits, of(0, 0, 1, 0, 1)))
                .withMessageContaining("needs a target of the same shape, got [5]; nothing is broadcast, reshape");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.binaryAccuracy(SAME, logits, targets, Double.NaN))
                .withMessage("binary accuracy: the threshold is NaN; it must be finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SoftmaxCrossEntropy().of(logits, of(0, 0, 1, 0, 1), Context.inference()))
                .withMessageContaining("label 1.0 in row 2: labels must be whole numbers from 0 to 0")
                .withMessageEndingWith("use SigmoidCrossEntropy and Metrics::binaryAccuracy");
    }

    @Test
    void aucIsTheShareOfPairsInOrder() {
        // 0.4 is above 0.1 and below 0.5; 0.5 is equal to 0.5 and above 0.1: 1 + 0 + 1 + 1/2 of 4 pairs.
        assertThat(Metrics.auc(SAME, column(0.4f, 0.5f, 0.1f, 0.5f), column(1, 1, 0, 0)))
                .isEqualTo(2.5 / 4);
        assertThat(Metrics.auc(SAME, column(-3, 5, 1, -4), column(0, 1, 1, 0))).isEqualTo(1);
        assertThat(Metrics.auc(SAME, column(3, -5, -1, 4), column(0, 1, 1, 0))).isZero();
        assertThat(Metrics.auc(SAME, column(-0f, 0, 0), column(0, 1, 0))).isEqualTo(0.5);
        int n = 1500;
        Tensor scores = Tensor.zeros(n, 1);
        Key.of(4).normal(scores, 0, 1);
        Tensor targets = Tensor.zeros(n, 1);
        double pairs = 0;
        double inOrder = 0;
        for (int i = 0; i < n; i++) {
            scores.array()[i] = Math.round(4 * scores.array()[i]); // ties
            targets.array()[i] = i % 3 == 0 ? 1 : 0;
        }
        for (int i = 0; i < n; i += 3) {
            for (int j = 0; j < n; j++) {
                if (j % 3 != 0) {
                    float difference = scores.array()[i] - scores.array()[j];
                    inOrder += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
                    pairs++;
                }
            }
        }
        assertThat(Metrics.auc(SAME, scores, targets)).isEqualTo(inOrder / pairs);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.auc(SAME, column(1, 2), column(1, 1)))
                .withMessage("AUC: all 2 targets are 1; it compares examples of both, so give at least one of each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.auc(SAME, Tensor.zeros(2, 2), Tensor.zeros(2, 2)))
                .withMessageContaining("are 2 answers for each example; measure one output at a time, [n x 1]");
    }

    /** A float above 2^24 stands for several whole numbers: 16,777,217 is rounded to 16,777,216. */
    @Test
    void labelsThatFloatsCannotDistinguishAreRefused() {
        int classes = 16_777_218;
        Tensor label = of(16_777_217);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Labels.at("accuracy", label, 0, classes))
                .withMessage("accuracy: label 1.6777216E7 in row 0: floats distinguish neighbouring whole numbers only"
                        + " below 2^24, 16777216, so this may be another label; use fewer classes");
        assertThat(Labels.at("accuracy", of(16_777_215), 0, classes)).isEqualTo(16_777_215);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dataset.of(new float[][] {{1}}, new int[] {16_777_217}))
                .withMessageStartingWith("label 16777217 at 0: labels are kept as floats");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SoftmaxCrossEntropy().ignoring(-16_777_217))
                .withMessageStartingWith("SoftmaxCrossEntropy: label -16777217 is to be ignored");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHot.of(label, classes))
                .withMessageStartingWith("one-hot: label 1.6777216E7 at element 0 of [1]: a float tells");
    }

    @Test
    void tablesHaveTheSameDigitsInEveryLocale() {
        ConfusionMatrix matrix = Metrics.confusion(SAME, Tensor.of(new float[] {1, 2, 2, 1}, 2, 2), of(1, 1));
        String text = matrix.toString();
        Locale before = Locale.getDefault();
        try {
            for (String tag : List.of("ar-EG", "tr-TR", "de-DE", "hi-IN-u-nu-deva")) {
                Locale.setDefault(Locale.forLanguageTag(tag));
                assertThat(matrix.toString()).isEqualTo(text);
                assertThat(new History(List.of(), StopReason.COMPLETED).toString())
                        .isASCII();
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Shape.of(1 << 30, 1 << 30))
                        .withMessageContaining("1.153e+18 elements");
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
