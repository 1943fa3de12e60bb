package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
    private static final Context CONTEXT = Context.inference();
    private static final Loss CROSS_ENTROPY = new SoftmaxCrossEntropy();
    private static final Loss SQUARES = new MeanSquaredError();

    private static Tensor uniform(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        Key.of(seed).uniform(t, -3f, 3f);
        return t;
    }

    @Test
    void logitsOfAnySizeAreRight() {
        Tensor logits = Tensor.of(new float[] {1e38f, -1e38f, 0, -3e38f, 3e38f, 3e38f}, 2, 3);
        Tensor labels = Tensor.of(new float[] {0, 2}, 2);
        assertThat(new SoftmaxCrossEntropy().perExample(logits, labels)).containsExactly(0, Math.log(2));
        Loss.Value value = new SoftmaxCrossEntropy(Reduction.SUM).of(logits, labels, CONTEXT);
        assertThat(value.value()).isEqualTo(Math.log(2));
        assertThat(value.dOutput().toArray()).containsExactly(0, 0, 0, 0, 0.5f, -0.5f);
        assertThat(CROSS_ENTROPY.of(logits, Tensor.of(new float[] {1, 2}, 2), CONTEXT).value())
                .isCloseTo(1e38, within(1e31));
    }

    @Test
    void oneRowOfOneClassHasNothingToLearn() {
        Loss.Value value = CROSS_ENTROPY.of(Tensor.full(7f, 1, 1), Tensor.zeros(1), CONTEXT);
        assertThat(value.value()).isZero();
        assertThat(value.dOutput().get(0, 0)).isZero();
    }

    @Test
    void whatIsNotFiniteStaysSo() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Tensor logits = Tensor.of(new float[] {0, bad, 1}, 1, 3);
            assertThat(CROSS_ENTROPY.of(logits, Tensor.zeros(1), CONTEXT).value()).isNaN();
        }
        Tensor nan = Tensor.full(Float.NaN, 2);
        assertThat(SQUARES.of(nan, Tensor.zeros(2), CONTEXT).value()).isNaN();
    }

    @Test
    void theMeanIsTheSumDividedByRowsOrByElements() {
        Tensor logits = uniform(1, 5, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0}, 5);
        double sum = new SoftmaxCrossEntropy(Reduction.SUM).of(logits, labels, CONTEXT).value();
        assertThat(CROSS_ENTROPY.of(logits, labels, CONTEXT).value()).isCloseTo(sum / 5, within(1e-14));
        Tensor target = uniform(2, 5, 4);
        double squares = new MeanSquaredError(Reduction.SUM).of(logits, target, CONTEXT).value();
        assertThat(SQUARES.of(logits, target, CONTEXT).value()).isCloseTo(squares / 20, within(1e-14));
    }

    @Test
    void aViewGivesTheBitsOfItsCopy() {
        Tensor logits = uniform(1, 7, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0, 1, 2}, 7);
        Tensor whole = new SoftmaxCrossEntropy(Reduction.SUM).of(logits, labels, CONTEXT).dOutput();
        Tensor part = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits.rows(3, 6), labels.rows(3, 6), CONTEXT)
                .dOutput();
        assertThat(part.bitEquals(whole.rows(3, 6))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(floats = {-1, 3, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, 1e30f, -0.25f})
    void labelsAreWholeNumbersInRange(float label) {
        Tensor labels = Tensor.of(new float[] {0, 1, label, 2}, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CROSS_ENTROPY.of(uniform(1, 4, 3), labels, CONTEXT))
                .withMessage("softmax cross-entropy: label " + label + " in row 2: allowed are the whole numbers 0 to 2,"
                        + " for the model gives 3 classes");
    }

    @Test
    void crossEntropyNamesShapesThatDoNotFit() {
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(5), "4 rows need labels of shape [4]");
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(4, 1), "got [4 x 1]; reshape(4) makes them so");
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(4, 3), "got [4 x 3]");
        refused(CROSS_ENTROPY, uniform(1, 4), Tensor.zeros(4), "expected logits of shape [batch x classes], got [4]");
        refused(CROSS_ENTROPY, uniform(1, 2, 4, 3), Tensor.zeros(2), "got [2 x 4 x 3]");
        refused(CROSS_ENTROPY, Tensor.zeros(0, 3), Tensor.zeros(0), "logits of shape [0 x 3] are empty");
        refused(CROSS_ENTROPY, Tensor.zeros(4, 0), Tensor.zeros(4), "logits of shape [4 x 0] are empty");
    }

    @Test
    void squaresNeverBroadcast() {
        refused(
                SQUARES,
                Tensor.zeros(4, 1),
                Tensor.zeros(4),
                "mean squared error: an output of shape [4 x 1] needs a target of the same shape, got [4]; nothing is"
                        + " broadcast, reshape the target");
        refused(SQUARES, Tensor.zeros(4), Tensor.zeros(4, 1), "output of shape [4] needs");
        refused(SQUARES, Tensor.zeros(4, 2), Tensor.zeros(2), "got [2]; nothing is broadcast");
        refused(SQUARES, Tensor.zeros(0, 2), Tensor.zeros(0, 2), "has no elements");
    }

    private static void refused(Loss loss, Tensor output, Tensor target, String part) {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> loss.of(output, target, CONTEXT))
                .withMessageContaining(part);
    }

    @Test
    void aLossWithoutReductionIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> new SoftmaxCrossEntropy(null)).withMessage("reduction");
        assertThatNullPointerException().isThrownBy(() -> new MeanSquaredError(null)).withMessage("reduction");
        assertThat(CROSS_ENTROPY.of(uniform(1, 2, 3), Tensor.zeros(2), CONTEXT).dOutput().shape())
                .isEqualTo(Shape.of(2, 3));
    }
}
