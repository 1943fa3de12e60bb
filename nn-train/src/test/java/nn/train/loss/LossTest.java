package nn.train.loss;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
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
    void crossEntropyIsCorrectForLogitsOfAnySize() {
        Tensor logits = Tensor.of(new float[] {1e38f, -1e38f, 0, -3e38f, 3e38f, 3e38f}, 2, 3);
        Tensor labels = Tensor.of(new float[] {0, 2}, 2);
        assertThat(new SoftmaxCrossEntropy().perExample(logits, labels)).containsExactly(0, Math.log(2));
        Loss.Value value = new SoftmaxCrossEntropy(Reduction.SUM).of(logits, labels, CONTEXT);
        assertThat(value.value()).isEqualTo(Math.log(2));
        assertThat(value.dOutput().toArray()).containsExactly(0, 0, 0, 0, 0.5f, -0.5f);
        assertThat(CROSS_ENTROPY
                        .of(logits, Tensor.of(new float[] {1, 2}, 2), CONTEXT)
                        .value())
                .isCloseTo(1e38, within(1e31));
    }

    @Test
    void theLossOfTheOnlyClassIsZero() {
        Loss.Value value = CROSS_ENTROPY.of(Tensor.full(7f, 1, 1), Tensor.zeros(1), CONTEXT);
        assertThat(value.value()).isZero();
        assertThat(value.dOutput().get(0, 0)).isZero();
    }

    @Test
    void aNonFiniteOutputGivesANonFiniteLoss() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Tensor logits = Tensor.of(new float[] {0, bad, 1}, 1, 3);
            assertThat(CROSS_ENTROPY.of(logits, Tensor.zeros(1), CONTEXT).value())
                    .isNaN();
        }
        Tensor nan = Tensor.full(Float.NaN, 2);
        assertThat(SQUARES.of(nan, Tensor.zeros(2), CONTEXT).value()).isNaN();
    }

    @Test
    void theMeanIsTheSumDividedByRowsOrByElements() {
        Tensor logits = uniform(1, 5, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0}, 5);
        double sum = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits, labels, CONTEXT)
                .value();
        assertThat(CROSS_ENTROPY.of(logits, labels, CONTEXT).value()).isCloseTo(sum / 5, within(1e-14));
        Tensor target = uniform(2, 5, 4);
        double squares =
                new MeanSquaredError(Reduction.SUM).of(logits, target, CONTEXT).value();
        assertThat(SQUARES.of(logits, target, CONTEXT).value()).isCloseTo(squares / 20, within(1e-14));
    }

    @Test
    void aViewGivesTheBitsOfItsCopy() {
        Tensor logits = uniform(1, 7, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0, 1, 2}, 7);
        Tensor whole = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits, labels, CONTEXT)
                .dOutput();
        Tensor part = new SoftmaxCrossEntropy(Reduction.SUM)
                .of(logits.rows(3, 6), labels.rows(3, 6), CONTEXT)
                .dOutput();
        assertThat(part).isBitEqualTo(whole.rows(3, 6));
    }

    @ParameterizedTest
    @ValueSource(floats = {-1, 3, 0.5f, Float.NaN, Float.POSITIVE_INFINITY, 1e30f, -0.25f})
    void aLabelThatIsNotAClassIsRefused(float label) {
        Tensor labels = Tensor.of(new float[] {0, 1, label, 2}, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CROSS_ENTROPY.of(uniform(1, 4, 3), labels, CONTEXT))
                .withMessage("softmax cross-entropy: label " + label + " in row 2: labels must be whole numbers from"
                        + " 0 to 2, as the model returns 3 classes");
    }

    @Test
    void crossEntropyNamesShapesThatDoNotFit() {
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(5), "4 rows need labels of shape [4]");
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(4, 1), "got [4 x 1]; use reshape(4)");
        refused(CROSS_ENTROPY, uniform(1, 4, 3), Tensor.zeros(4, 3), "got [4 x 3]");
        refused(CROSS_ENTROPY, uniform(1, 4), Tensor.zeros(4), "expected logits of shape [batch x classes] or [time");
        refused(CROSS_ENTROPY, uniform(1, 2, 4, 3), Tensor.zeros(2), "8 rows need labels of shape [2 x 4]");
        refused(CROSS_ENTROPY, uniform(1, 2, 4, 3), Tensor.zeros(8), "got [8]; use reshape(2,4)");
        refused(CROSS_ENTROPY, Tensor.zeros(0, 3), Tensor.zeros(0), "logits of shape [0 x 3] are empty");
        refused(CROSS_ENTROPY, Tensor.zeros(4, 0), Tensor.zeros(4), "logits of shape [4 x 0] are empty");
    }

    @Test
    void squaredErrorsNeverBroadcast() {
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

    @Test
    void noElementwiseLossBroadcasts() {
        for (Loss loss : List.of(
                new MeanAbsoluteError(),
                new Huber(1),
                new SigmoidCrossEntropy(),
                new SigmoidFocalCrossEntropy(2),
                new KullbackLeibler(),
                new Distillation(2))) {
            refused(loss, Tensor.zeros(4, 1), Tensor.zeros(4), "needs a target of the same shape, got [4]; nothing is");
            refused(loss, Tensor.zeros(3, 2), Tensor.zeros(2), "got [2]; nothing is broadcast");
            assertThatExceptionOfType(ShapeException.class)
                    .isThrownBy(() -> loss.of(Tensor.zeros(0, 2), Tensor.zeros(0, 2), CONTEXT))
                    .withMessageMatching(".*(has no elements|are empty; give at least one row and one class)");
        }
        refused(
                new SoftmaxCrossEntropy().ofProbabilities(),
                Tensor.zeros(4, 3),
                Tensor.zeros(3),
                "an output of shape [4 x 3] needs a target of the same shape, got [3]; nothing is broadcast");
    }

    /** All losses are sums in double, so central differences are accurate. */
    @Test
    void gradientsMatchCentralDifferences() {
        Tensor output = uniform(5, 6, 4);
        Tensor target = uniform(6, 6, 4);
        Tensor shares = Tensor.zeros(6, 4);
        Key.of(7).uniform(shares, 0f, 1f);
        Tensor distributions = shares.copy();
        for (int i = 0; i < 6; i++) {
            distributions.row(i).scaleInPlace((float) (1 / distributions.row(i).sum()));
        }
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, -100, 1}, 6);
        SoftmaxCrossEntropy entropy = new SoftmaxCrossEntropy();
        SoftmaxCrossEntropy weighted = entropy.withClassWeights(1, 0.5, 2, 0).withSmoothing(0.2);
        Tensor masked = Tensor.zeros(6, 5);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 4; j++) {
                masked.set(target.get(i, j), i, j);
            }
            masked.set(i % 3 == 0 ? 0 : 1, i, 4);
        }
        for (Reduction reduction : Reduction.values()) {
            requireGradient(new MeanSquaredError(reduction), output, target);
            requireGradient(new MeanAbsoluteError(reduction), output, target);
            requireGradient(new Huber(0.75, reduction), output, target);
            requireGradient(new SigmoidCrossEntropy(reduction), output, shares);
            requireGradient(new Masked(new MeanSquaredError(reduction)), output, masked);
            requireGradient(new SoftmaxCrossEntropy(reduction).ignoring(-100), output, labels);
            requireGradient(new KullbackLeibler(reduction, false), output, distributions);
            requireGradient(new Distillation(2, reduction), output, target);
        }
        requireGradient(new SigmoidCrossEntropy().withPositiveWeights(0, 0.5, 1, 3), output, shares);
        Tensor bits = Tensor.zeros(6, 4);
        Tensor allLabels = Tensor.of(new float[] {0, 1, 2, 3, 0, 1}, 6);
        for (int i = 0; i < bits.size(); i++) {
            bits.array()[i] = i % 3 == 0 ? 1 : 0;
        }
        for (double gamma : new double[] {0, 0.5, 2}) {
            requireGradient(new SigmoidFocalCrossEntropy(gamma).withAlpha(0.25), output, bits);
            requireGradient(new SoftmaxFocalCrossEntropy(gamma).withClassWeights(1, 0.5, 2, 0), output, allLabels);
        }
        requireGradient(weighted.ignoring(-100), output, labels);
        requireGradient(weighted.ofProbabilities(), output, distributions);
    }

    private static void requireGradient(Loss loss, Tensor output, Tensor target) {
        Tensor gradient = loss.of(output, target, CONTEXT).dOutput();
        float step = 0x1p-8f;
        for (int i = 0; i < output.size(); i++) {
            Tensor moved = output.copy();
            moved.array()[i] = output.array()[i] + step;
            double above = loss.of(moved, target, CONTEXT).value();
            moved.array()[i] = output.array()[i] - step;
            double below = loss.of(moved, target, CONTEXT).value();
            // The third derivatives are below 2, so the truncation error is below 2^-16 / 3. Exponentials are right to
            // 2^-22, which the quotient multiplies by 2^7. Both are 4e-5 together.
            assertThat(gradient.array()[i])
                    .as("%s, element %d", loss, i)
                    .isCloseTo((float) ((above - below) / (2 * step)), within(1e-4f));
        }
    }

    @Test
    void huberIsQuadraticForSmallDifferencesAndLinearForLargeOnes() {
        Tensor output = Tensor.of(new float[] {0.5f, -3, 2}, 3);
        Loss.Value value = new Huber(2, Reduction.SUM).of(output, Tensor.zeros(3), CONTEXT);
        assertThat(value.value()).isEqualTo(0.125 + 2 * (3 - 1) + 2);
        assertThat(value.dOutput().toArray()).containsExactly(0.5f, -2, 2);
        Loss.Value mean = new MeanAbsoluteError().of(output, Tensor.of(new float[] {0.5f, 0, 0}, 3), CONTEXT);
        assertThat(mean.value()).isCloseTo(5.0 / 3, within(1e-15));
        assertThat(mean.dOutput().toArray()).containsExactly(0, -1 / 3f, 1 / 3f);
    }

    @Test
    void sigmoidCrossEntropyIsCorrectForLogitsOfAnySize() {
        Tensor logits = Tensor.of(new float[] {3e38f, -3e38f, 0}, 3);
        Loss loss = new SigmoidCrossEntropy(Reduction.SUM);
        assertThat(loss.of(logits, Tensor.of(new float[] {1, 0, 1}, 3), CONTEXT).value())
                .isCloseTo(Math.log(2), within((double) Math.ulp(0.5f))); // a term is a float
        Loss.Value wrong = loss.of(logits, Tensor.of(new float[] {0, 1, 0}, 3), CONTEXT);
        assertThat(wrong.value()).isCloseTo(6e38, within(1e32));
        assertThat(wrong.dOutput().toArray()).containsExactly(1, -1, 0.5f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(logits, Tensor.of(new float[] {0, 1.5f, 0}, 3), CONTEXT))
                .withMessage("sigmoid cross-entropy: target 1.5 in row 1; a probability is from 0 to 1");
    }

    /** PyTorch 2.13: cross_entropy(logits, labels, weight=[1, 0.5, 2]) divides by the sum of the labels' weights. */
    @Test
    void aWeightedMeanIsDividedByTheWeights() {
        Tensor logits = uniform(1, 3, 3);
        Tensor labels = Tensor.of(new float[] {0, 1, 2}, 3);
        double[] each = new SoftmaxCrossEntropy().perExample(logits, labels);
        double value = new SoftmaxCrossEntropy()
                .withClassWeights(1, 0.5, 2)
                .of(logits, labels, CONTEXT)
                .value();
        assertThat(value).isCloseTo((each[0] + 0.5 * each[1] + 2 * each[2]) / 3.5, within(1e-14));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new SoftmaxCrossEntropy().withClassWeights(1, 2).of(logits, labels, CONTEXT))
                .withMessage("softmax cross-entropy: 2 class weights, but the model gives 3 classes");
    }

    @Test
    void rowsAreIgnoredOnlyWhenAskedFor() {
        Tensor logits = uniform(1, 4, 3);
        Tensor labels = Tensor.of(new float[] {0, -100, 2, -100}, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CROSS_ENTROPY.of(logits, labels, CONTEXT))
                .withMessage("softmax cross-entropy: label -100.0 in row 1: labels must be whole numbers from 0 to 2,"
                        + " as the model returns 3 classes. If it marks rows to be ignored, use new"
                        + " SoftmaxCrossEntropy().ignoring(-100)");
        SoftmaxCrossEntropy ignoring = new SoftmaxCrossEntropy().ignoring(-100);
        Loss.Value value = ignoring.of(logits, labels, CONTEXT);
        double[] each = ignoring.perExample(logits, labels);
        assertThat(value.value()).isCloseTo((each[0] + each[2]) / 2, within(1e-14));
        assertThat(each[1]).isZero();
        assertThat(value.dOutput().row(1).toArray()).containsOnly(0f);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ignoring.of(logits, Tensor.full(-100f, 4), CONTEXT))
                .withMessage("softmax cross-entropy: all 4 rows are ignored or have weight 0, so there is nothing to"
                        + " learn"
                        + " from");
        assertThatIllegalArgumentException()
                .isThrownBy(ignoring::ofProbabilities)
                .withMessageContaining("label -100 is to be ignored, but targets are probabilities");
    }

    @Test
    void aSequenceHasTheLossOfItsStepsAsRows() {
        Tensor logits = uniform(1, 3, 2, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0, 1}, 3, 2);
        Loss.Value steps = CROSS_ENTROPY.of(logits, labels, CONTEXT);
        Loss.Value rows = CROSS_ENTROPY.of(logits.reshape(6, 4), labels.reshape(6), CONTEXT);
        assertThat(steps.value()).isEqualTo(rows.value());
        assertThat(steps.dOutput().reshape(6, 4)).isBitEqualTo(rows.dOutput());
        labels.set(4, 2, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CROSS_ENTROPY.of(logits, labels, CONTEXT))
                .withMessageContaining("label 4.0 in row 2, column 0: labels must be");
    }

    /** The means of focal losses are over elements and rows, whatever the weights. */
    @Test
    void aFocalLossWithoutPowerIsTheCrossEntropy() {
        Tensor output = uniform(1, 5, 3);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 0, 1}, 5);
        Loss.Value plain = CROSS_ENTROPY.of(output, labels, CONTEXT);
        Loss.Value focal = new SoftmaxFocalCrossEntropy(0).of(output, labels, CONTEXT);
        assertThat(focal.value()).isEqualTo(plain.value());
        assertThat(focal.dOutput()).isBitEqualTo(plain.dOutput());
        Tensor bits = Tensor.of(new float[] {0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0}, 5, 3);
        double binary = new SigmoidCrossEntropy().of(output, bits, CONTEXT).value();
        assertThat(new SigmoidFocalCrossEntropy(0).of(output, bits, CONTEXT).value())
                .isCloseTo(binary, within(1e-6 * binary));
        double half = new SigmoidFocalCrossEntropy(0)
                .withAlpha(0.5)
                .of(output, bits, CONTEXT)
                .value();
        assertThat(half).isCloseTo(binary / 2, within(1e-6 * binary));
    }

    /** With logits of x, the gradient of a log-softmax and the divergence together is softmax(x) - q. */
    @Test
    void crossEntropyHasTheDivergenceAndTheEntropyOfTheTargets() {
        Tensor logits = uniform(1, 2, 2);
        Tensor targets = Tensor.of(new float[] {0.25f, 0.75f, 1, 0}, 2, 2);
        Tensor logs = Tensor.zeros(2, 2);
        for (int i = 0; i < 2; i++) {
            double sum = Math.exp(logits.get(i, 0)) + Math.exp(logits.get(i, 1));
            logs.set((float) (logits.get(i, 0) - Math.log(sum)), i, 0);
            logs.set((float) (logits.get(i, 1) - Math.log(sum)), i, 1);
        }
        double entropy = -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)) / 2;
        double cross = new SoftmaxCrossEntropy()
                .ofProbabilities()
                .of(logits, targets, CONTEXT)
                .value();
        double divergence = new KullbackLeibler().of(logs, targets, CONTEXT).value();
        assertThat(divergence).isCloseTo(cross - entropy, within(1e-6));
        logs.set(Float.NEGATIVE_INFINITY, 1, 1); // its target is 0
        assertThat(new KullbackLeibler().of(logs, targets, CONTEXT).value()).isCloseTo(divergence, within(1e-12));
        logs.set(Float.NaN, 1, 1);
        assertThat(new KullbackLeibler().of(logs, targets, CONTEXT).value()).isNaN();
    }

    @Test
    void badTargetsOfTheseLossesAreRefused() {
        Tensor output = uniform(1, 2, 3);
        Tensor bad = Tensor.of(new float[] {0, 1, 0, 0, 0.5f, 0}, 2, 3);
        refusedTarget(
                new SigmoidFocalCrossEntropy(2),
                output,
                bad,
                "sigmoid focal cross-entropy: target 0.5 in row 1, column 1; a target is 0 or 1. For probabilities"
                        + " take SigmoidCrossEntropy");
        refusedTarget(
                new KullbackLeibler(),
                output,
                bad,
                "Kullback-Leibler divergence: the target probabilities in row 1 add up to 0.5; they must add up to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KullbackLeibler().ofLogTargets().of(output, bad, CONTEXT))
                .withMessageContaining("the target probabilities in row 0 add up to 4.7");
        refusedTarget(
                new SoftmaxFocalCrossEntropy(2),
                output,
                Tensor.of(new float[] {0, 3}, 2),
                "softmax focal cross-entropy: label 3.0 in row 1: labels must be whole numbers from 0 to 2, as the"
                        + " model returns 3 classes");
        refusedTarget(
                new SigmoidCrossEntropy().withPositiveWeights(1, 2),
                output,
                bad,
                "sigmoid cross-entropy: 2 class weights, but the model gives 3 classes");
    }

    private static void refusedTarget(Loss loss, Tensor output, Tensor target, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(output, target, CONTEXT))
                .withMessage(message);
    }

    @Test
    void aLossSaysEverythingItComputesWith() {
        assertThat(new SigmoidCrossEntropy().withPositiveWeights(2, 3))
                .hasToString("SigmoidCrossEntropy[reduction=MEAN, positiveWeights=[2.0, 3.0]]")
                .isEqualTo(new SigmoidCrossEntropy(Reduction.MEAN, List.of(2.0, 3.0)));
        assertThat(new SigmoidFocalCrossEntropy(2).withAlpha(0.25))
                .hasToString("SigmoidFocalCrossEntropy[reduction=MEAN, gamma=2.0, classWeights=[0.75, 0.25]]");
    }

    @Test
    void probabilitiesAreCheckedByElementAndByRow() {
        Loss loss = new SoftmaxCrossEntropy().ofProbabilities();
        Tensor logits = uniform(1, 2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(logits, Tensor.of(new float[] {0.5f, 0.5f, -0.5f, 1.5f}, 2, 2), CONTEXT))
                .withMessageContaining("target -0.5 in row 1, column 0; a probability is from 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(logits, Tensor.of(new float[] {0.5f, 0.5f, 0.5f, 0.25f}, 2, 2), CONTEXT))
                .withMessageContaining("the target probabilities in row 1 add up to 0.75; they must add up to 1");
    }

    @Test
    void aMaskedRowHasNoEffect() {
        Tensor output = uniform(1, 3, 2, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, 0, 1}, 3, 2);
        float[] mask = {1, 1, 1, 0, 1, 0};
        Tensor target = Tensor.zeros(3, 2, 2);
        int[] kept = {0, 1, 2, 4};
        Tensor some = Tensor.zeros(4, 4);
        Tensor someLabels = Tensor.zeros(4);
        for (int i = 0; i < 6; i++) {
            target.set(labels.reshape(6).get(i), i / 2, i % 2, 0);
            target.set(mask[i], i / 2, i % 2, 1);
        }
        for (int i = 0; i < 4; i++) {
            some.row(i).copyFrom(output.reshape(6, 4).row(kept[i]));
            someLabels.set(labels.reshape(6).get(kept[i]), i);
        }
        output.reshape(6, 4).row(3).fill(Float.NaN); // ignored
        Loss.Value masked = new Masked(new SoftmaxCrossEntropy()).of(output, target, CONTEXT);
        Loss.Value expected = CROSS_ENTROPY.of(some, someLabels, CONTEXT);
        assertThat(masked.value()).isEqualTo(expected.value());
        Tensor gradient = masked.dOutput().reshape(6, 4);
        for (int i = 0; i < 4; i++) {
            assertThat(gradient.row(kept[i])).isBitEqualTo(expected.dOutput().row(i));
        }
        assertThat(gradient.row(3).toArray()).containsOnly(0f);
        assertThat(gradient.row(5).toArray()).containsOnly(0f);
    }

    @Test
    void badMasksAreRefused() {
        Loss loss = new Masked(new MeanSquaredError());
        Tensor output = uniform(1, 3, 2);
        refused(loss, output, Tensor.zeros(3, 2), "targets of 2 numbers and the mask in a row, got [3 x 2]", 1);
        refused(loss, output, Tensor.zeros(2, 3), "needs a target of as many rows, with the mask (0 or 1) at", 0);
        refused(loss, output, Tensor.zeros(3), "needs a target of as many rows", 0);
        Tensor target = Tensor.zeros(3, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(output, target, CONTEXT))
                .withMessage("masked loss: the mask leaves none of 3 rows, so there is nothing to learn from");
        target.set(0.5f, 1, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(output, target, CONTEXT))
                .withMessageContaining("mask 0.5 in row 1; it is 1 for a row that counts and 0 for one that does not");
        assertThatNullPointerException().isThrownBy(() -> new Masked(null)).withMessage("loss");
    }

    private static void refused(Loss loss, Tensor output, Tensor target, String part, float mask) {
        if (mask != 0) {
            target.fill(mask);
        }
        refused(loss, output, target, part);
    }

    /** As for micro-batches. */
    @Test
    void theLossesOfThePartsTimesTheirSharesAddUpToTheLossOfTheBatch() {
        Tensor output = uniform(1, 6, 4);
        Tensor target = uniform(2, 6, 4);
        Tensor labels = Tensor.of(new float[] {0, 1, 2, 3, -100, -100}, 6);
        Tensor masked = Tensor.zeros(6, 5);
        for (int i = 0; i < 6; i++) {
            masked.set(i < 3 ? 1 : 0, i, 4);
        }
        requireParts(new MeanSquaredError(), output, target);
        requireParts(new MeanSquaredError(Reduction.SUM), output, target);
        requireParts(new Huber(1), output, target);
        requireParts(new SoftmaxCrossEntropy().withClassWeights(1, 2, 3, 4).ignoring(-100), output, labels);
        requireParts(new SoftmaxCrossEntropy(Reduction.SUM).ignoring(-100), output, labels);
        requireParts(new Masked(new MeanSquaredError()), output, masked);
        requireParts(
                (o, t, c) -> new MeanSquaredError().of(o, t, c),
                output,
                target); // a loss with the default terms and reduction
    }

    private static void requireParts(Loss loss, Tensor output, Tensor target) {
        double total = 0;
        for (int from = 0; from < 6; from += 2) {
            Tensor part = target.rows(from, from + 2);
            double share = loss.reduction().share(loss.terms(part), loss.terms(target));
            total += share == 0
                    ? 0
                    : share
                            * loss.of(output.rows(from, from + 2), part, CONTEXT)
                                    .value();
        }
        assertThat(total).isCloseTo(loss.of(output, target, CONTEXT).value(), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void hyperparametersAreRefusedByNameAndValue(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Huber(bad))
                .withMessage("Huber: delta is " + bad + "; it must be finite as a float, and above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SoftmaxCrossEntropy().withSmoothing(bad))
                .withMessage("SoftmaxCrossEntropy: smoothing is " + bad + "; it must be 0 or more, and below 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SigmoidCrossEntropy().withPositiveWeights(1, bad))
                .withMessage("SigmoidCrossEntropy: a class weight is " + bad + "; it must be finite as a float, and 0"
                        + " or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SigmoidFocalCrossEntropy(bad))
                .withMessageContaining("gamma is " + bad);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SigmoidFocalCrossEntropy(2).withAlpha(bad))
                .withMessageContaining("alpha is " + bad);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SoftmaxFocalCrossEntropy(bad))
                .withMessageContaining("gamma is " + bad);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Distillation(bad))
                .withMessageContaining("temperature is " + bad);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SoftmaxCrossEntropy().withClassWeights(1, bad))
                .withMessage("SoftmaxCrossEntropy: a class weight is " + bad + "; it must be finite as a float, and 0"
                        + " or more");
    }

    private static void refused(Loss loss, Tensor output, Tensor target, String part) {
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> loss.of(output, target, CONTEXT))
                .withMessageContaining(part);
    }

    @Test
    void aLossWithoutReductionIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> new SoftmaxCrossEntropy(null))
                .withMessage("reduction");
        assertThatNullPointerException()
                .isThrownBy(() -> new MeanSquaredError(null))
                .withMessage("reduction");
        assertThatNullPointerException()
                .isThrownBy(() -> new MeanAbsoluteError(null))
                .withMessage("reduction");
        assertThatNullPointerException().isThrownBy(() -> new Huber(1, null)).withMessage("reduction");
        assertThatNullPointerException()
                .isThrownBy(() -> new SigmoidCrossEntropy(null))
                .withMessage("reduction");
        assertThat(CROSS_ENTROPY
                        .of(uniform(1, 2, 3), Tensor.zeros(2), CONTEXT)
                        .dOutput()
                        .shape())
                .isEqualTo(Shape.of(2, 3));
    }
}
