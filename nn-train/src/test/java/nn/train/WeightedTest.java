package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Distillation;
import nn.train.loss.Huber;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.Reduction;
import nn.train.loss.SigmoidCrossEntropy;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.loss.SoftmaxFocalCrossEntropy;
import nn.train.loss.Weighted;
import nn.train.metric.Metrics;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class WeightedTest {
    private static final Context CONTEXT = Context.inference();
    private static final int ROWS = 6;
    private static final float[] WEIGHTS = {2, 1, 0, 3, 1, 2};

    /** With three features, and whether the target is a label. */
    record Case(Loss loss, boolean label) {}

    static final List<Case> CASES = List.of(
            new Case(new MeanSquaredError(), false),
            new Case(new MeanSquaredError(Reduction.SUM), false),
            new Case(new MeanAbsoluteError(), false),
            new Case(new Huber(0.5), false),
            new Case(new SigmoidCrossEntropy(), false),
            new Case(new SigmoidCrossEntropy().withPositiveWeights(1, 2, 3), false),
            new Case(new SoftmaxFocalCrossEntropy(2), true),
            new Case(new Distillation(2), false),
            new Case(new SoftmaxCrossEntropy(), true),
            new Case(new SoftmaxCrossEntropy(Reduction.SUM), true),
            new Case(new SoftmaxCrossEntropy().withClassWeights(1, 2, 5), true),
            new Case(new SoftmaxCrossEntropy().withSmoothing(0.1).ignoring(1), true),
            new Case(new Masked(new MeanSquaredError()), false));

    private static Tensor uniform(long seed, int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(seed).uniform(x, 0f, 1f);
        return x;
    }

    /**
     * Returns targets without weights: labels 0, 1, 2, 0, ... or numbers from 0 to 1, with a mask for a masked loss.
     */
    private static Tensor targets(Case one) {
        if (one.label()) {
            return Tensor.of(new float[] {0, 1, 2, 0, 1, 2}, ROWS);
        }
        Tensor targets = uniform(2, ROWS, one.loss() instanceof Masked ? 4 : 3);
        for (int i = 0; one.loss() instanceof Masked && i < ROWS; i++) {
            targets.set(i == 1 ? 0 : 1, i, 3);
        }
        return targets;
    }

    private static Tensor withWeights(Tensor targets, float... weights) {
        int numbers = targets.size() / weights.length;
        Tensor all = Tensor.zeros(weights.length, numbers + 1);
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < numbers; j++) {
                all.set(targets.array()[targets.offset() + i * numbers + j], i, j);
            }
            all.set(weights[i], i, numbers);
        }
        return all;
    }

    /** A whole weight equals the number of copies of a row in the batch. */
    @ParameterizedTest
    @FieldSource("CASES")
    void aRowOfWeightTwoCountsAsTwoRows(Case one) {
        Tensor output = uniform(1, ROWS, 3);
        Tensor targets = targets(one);
        int[] rows = {0, 0, 1, 3, 3, 3, 4, 5, 5};
        Dataset repeated = new Dataset(output, targets).take(rows);
        Loss.Value expected = one.loss().of(repeated.x(), repeated.y(), CONTEXT);
        Loss.Value actual = new Weighted(one.loss()).of(output, withWeights(targets, WEIGHTS), CONTEXT);
        assertThat(actual.value()).isCloseTo(expected.value(), within(1e-6 * Math.abs(expected.value())));
        float[] gradient = new float[ROWS * 3];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < 3; j++) {
                gradient[rows[i] * 3 + j] += expected.dOutput().get(i, j);
            }
        }
        for (int i = 0; i < gradient.length; i++) {
            assertThat(actual.dOutput().get(i / 3, i % 3)).isCloseTo(gradient[i], within(1e-5f));
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void equalWeightsChangeNothingInAMean(Case one) {
        Tensor output = uniform(1, ROWS, 3);
        Tensor targets = targets(one);
        double weighted = new Weighted(one.loss())
                .of(output, withWeights(targets, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f), CONTEXT)
                .value();
        double plain = one.loss().of(output, targets, CONTEXT).value();
        double factor = one.loss().reduction() == Reduction.MEAN ? 1 : 0.5;
        assertThat(weighted).isCloseTo(factor * plain, within(1e-6 * Math.abs(plain)));
    }

    /** Micro-batches of any size are weighted by their terms. */
    @ParameterizedTest
    @FieldSource("CASES")
    void microBatchesGiveTheUpdateOfTheWholeBatch(Case one) {
        Loss loss = new Weighted(one.loss());
        Dataset data = new Dataset(uniform(1, ROWS, 3), withWeights(targets(one), WEIGHTS));
        double whole = loss.of(data.x(), data.y(), CONTEXT).value();
        for (int size : new int[] {1, 2, 4}) {
            double total = 0;
            for (int from = 0; from < ROWS; from += size) {
                Dataset part = data.rows(from, Math.min(from + size, ROWS));
                double share = loss.reduction().share(loss.terms(part.y()), loss.terms(data.y()));
                total += share == 0
                        ? 0
                        : share * loss.of(part.x(), part.y(), CONTEXT).value();
            }
            assertThat(total).isCloseTo(whole, within(1e-6 * Math.abs(whole)));
        }
    }

    @Test
    void eachTimeStepMayHaveItsWeight() {
        Tensor logits = uniform(1, 2, 3, 4);
        Tensor targets = Tensor.of(new float[] {0, 1, 1, 2, 2, 0, 3, 0, 0, 1, 1, 1}, 2, 3, 2);
        double[] each = new SoftmaxCrossEntropy().perExample(logits, Tensor.of(new float[] {0, 1, 2, 3, 0, 1}, 2, 3));
        Loss.Value value = new Weighted(new SoftmaxCrossEntropy()).of(logits, targets, CONTEXT);
        assertThat(value.value()).isCloseTo((each[0] + 2 * each[1] + each[4] + each[5]) / 5, within(1e-12));
        assertThat(value.dOutput().shape()).isEqualTo(logits.shape());
        assertThat(new Weighted(new SoftmaxCrossEntropy()).targetShape(logits.shape()))
                .isEqualTo(Shape.of(2, 3, 2));
    }

    @Test
    void aRowOfWeightZeroHasNoEffect() {
        Tensor logits = Tensor.of(new float[] {1, 2, Float.NaN, 3}, 2, 2);
        Tensor targets = Tensor.of(new float[] {0, 1, 99, 0}, 2, 2);
        Loss.Value value = new Weighted(new SoftmaxCrossEntropy()).of(logits, targets, CONTEXT);
        Tensor first = Tensor.zeros(1);
        assertThat(value.value())
                .isEqualTo(new SoftmaxCrossEntropy()
                        .of(logits.rows(0, 1), first, CONTEXT)
                        .value());
        assertThat(value.dOutput().get(1, 0)).isZero();
        assertThat(value.dOutput().get(1, 1)).isZero();
    }

    /** Trained in micro-batches, measured in chunks, summed up over batches: the mean over all weights. */
    @Test
    void trainingAndValidationAgree() {
        int n = 1100;
        Tensor x = uniform(5, n, 5);
        Tensor y = Tensor.zeros(n, 2);
        for (int i = 0; i < n; i++) {
            y.set(i % 2, i, 0);
            y.set(i % 7, i, 1);
        }
        Loss loss = new Weighted(new SoftmaxCrossEntropy());
        Affine model = Affine.of(5, 2, Key.of(1));
        double expected =
                loss.of(model.forward(x, CONTEXT).output(), y, CONTEXT).value();
        assertThat(Metrics.loss(model, loss, x, y)).isCloseTo(expected, within(1e-9));
        Trainer trainer = new Trainer(model, loss, Sgd.of(0), Key.of(2), TrainerOptions.NONE.microBatch(64));
        History history = trainer.fit(Batches.inOrder(new Dataset(x, y), 300), 1);
        assertThat(history.last().loss()).isCloseTo(expected, within(1e-9));
    }

    @Test
    void badWeightsAndShapesAreRefused() {
        Loss loss = new Weighted(new SoftmaxCrossEntropy());
        Tensor logits = Tensor.zeros(2, 3);
        for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loss.of(logits, Tensor.of(new float[] {0, 1, 0, bad}, 2, 2), CONTEXT))
                    .withMessage("weighted loss: weight " + bad + " in row 1; it must be finite, and 0 or more");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loss.of(logits, Tensor.zeros(2, 2), CONTEXT))
                .withMessage("weighted loss: all 2 rows have weight 0 or do not count, so there is nothing to learn"
                        + " from");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> loss.of(logits, Tensor.zeros(2), CONTEXT))
                .withMessage("weighted loss: an output of shape [2 x 3] needs a target of shape [2 x 2], the weight at"
                        + " the end of each row; got [2]");
    }
}
