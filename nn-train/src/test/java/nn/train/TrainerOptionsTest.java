package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nn.layers.Context;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.Reduction;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.UpdateRule;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TrainerOptionsTest {
    private static final TrainerOptions NONE = TrainerOptions.NONE;

    private final Tensor x = Tensor.zeros(12, 5);
    private final Tensor labels = Tensor.zeros(12);

    {
        Key.of(3).uniform(x, -1f, 1f);
        for (int i = 0; i < 12; i++) {
            labels.set(i % 2, i);
        }
    }

    private static Affine model() {
        return Affine.of(5, 2, Key.of(1));
    }

    private static Trainer trainer(Affine model, Loss loss, TrainerOptions options) {
        return new Trainer(model, loss, Sgd.of(0.5), Key.of(2), options);
    }

    static final List<Loss> LOSSES = List.of(
            new SoftmaxCrossEntropy(),
            new SoftmaxCrossEntropy(Reduction.SUM),
            new SoftmaxCrossEntropy().withClassWeights(1, 3).ignoring(-100),
            new SoftmaxCrossEntropy().withSmoothing(0.1).ignoring(-100));

    @ParameterizedTest
    @FieldSource("LOSSES")
    void microBatchesGiveTheUpdateOfTheWholeBatch(Loss loss) {
        if (loss instanceof SoftmaxCrossEntropy entropy && entropy.ignored().isPresent()) {
            for (int i = 5; i < 11; i++) {
                labels.set(-100, i); // all of the second micro-batch, and one row of the third
            }
        }
        Affine whole = model();
        Affine parts = model();
        StepReport expected = trainer(whole, loss, NONE).step(x, labels);
        StepReport report = trainer(parts, loss, NONE.microBatch(5)).step(x, labels);
        assertThat(report.loss()).isCloseTo(expected.loss(), within(1e-6));
        assertThat(report.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-5));
        assertThat(report.batchSize()).isEqualTo(12);
        assertThat(parts.weight().value().subtract(whole.weight().value()).maxAbs())
                .isLessThan(1e-6f);
        assertThat(parts.bias().value().subtract(whole.bias().value()).maxAbs()).isLessThan(1e-6f);
    }

    /** Half the sum of the squared outputs; the gradient is the tensor that another loss gives. */
    private record Squares(Loss gradient) implements Loss {
        @Override
        public Value of(Tensor output, Tensor target, Context context) {
            return new Value(
                    output.dot(output) / 2, gradient.of(output, target, context).dOutput());
        }
    }

    @Test
    void aLossWhoseGradientIsItsOutputTrainsAlikeInMicroBatches() {
        Loss copying = new Squares((output, target, context) -> new Loss.Value(0, output.copy()));
        Loss handing = new Squares((output, target, context) -> new Loss.Value(0, output));
        Network copied = network();
        Network handed = network();
        for (int step = 0; step < 3; step++) {
            new Trainer(copied, copying, Sgd.of(0.1), Key.of(2), NONE.microBatch(5)).step(x, labels);
            new Trainer(handed, handing, Sgd.of(0.1), Key.of(2), NONE.microBatch(5)).step(x, labels);
        }
        copied.parametersByPath()
                .forEach((path, p) ->
                        assertThat(handed.parameter(path).value()).as(path).isBitEqualTo(p.value()));
    }

    /** The last layer reads its output in the backward pass. */
    private static Network network() {
        return Network.builder(Key.of(1)).input(5).dense("out", 2).tanh().build();
    }

    @Test
    void theGradientThatALossKeepsAndTheTargetStayUnchanged() {
        Tensor kept = Tensor.full(0.25f, 4, 2);
        Loss constant = (output, target, context) -> new Loss.Value(output.sum(), kept);
        new Trainer(network(), constant, Sgd.of(0.1), Key.of(2), NONE.microBatch(4)).step(x, labels);
        assertThat(kept).isBitEqualTo(Tensor.full(0.25f, 4, 2));
        Tensor y = Tensor.full(0.5f, 12, 2);
        Loss product = (output, target, context) -> new Loss.Value(output.dot(target), target);
        new Trainer(network(), product, Sgd.of(0.1), Key.of(2), NONE.microBatch(4)).step(x, y);
        assertThat(y).isBitEqualTo(Tensor.full(0.5f, 12, 2));
    }

    @Test
    void aBatchThatFitsIntoOneMicroBatchIsRunAsAWhole() {
        Affine whole = model();
        Affine one = model();
        trainer(whole, new SoftmaxCrossEntropy(), NONE).step(x, labels);
        trainer(one, new SoftmaxCrossEntropy(), NONE.microBatch(12)).step(x, labels);
        assertThat(one.fingerprint()).isEqualTo(whole.fingerprint());
    }

    @Test
    void aStatisticMovesByTheMeanOfItsMicroBatches() {
        Noisy whole = Noisy.of(5, 2, Key.of(1));
        Noisy parts = Noisy.of(5, 2, Key.of(1));
        whole.mean().value().fill(4f);
        parts.mean().value().fill(4f);
        new Trainer(whole, new SoftmaxCrossEntropy(), Sgd.of(0.5), Key.of(2)).step(x, labels);
        new Trainer(parts, new SoftmaxCrossEntropy(), Sgd.of(0.5), Key.of(2), NONE.microBatch(4)).step(x, labels);
        // The noise differs, of 5 inputs with weights below 1/2: two means over 12 rows. 5 standard deviations
        double stddev = Noisy.MOMENTUM * 0.1 * 0.5 * Math.sqrt(5 * 2.0 / 12);
        assertThat(parts.mean().value().subtract(whole.mean().value()).maxAbs()).isLessThan((float) (5 * stddev));
        assertThat(whole.mean().value().get(0)).isLessThan(3.7f);
    }

    @Test
    void aBatchWithoutTermsIsRefusedWithTheSameMessageInMicroBatches() {
        Affine model = model();
        Loss loss = new SoftmaxCrossEntropy().ignoring(-100);
        labels.fill(-100f);
        for (int rows : new int[] {0, 5}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> trainer(model, loss, NONE.microBatch(rows)).step(x, labels))
                    .withMessageEndingWith("rows are ignored or have weight 0, so there is nothing to learn from");
        }
        assertThat(model.fingerprint()).isEqualTo(model().fingerprint());
    }

    @Test
    void clippingByNormShortensTheStepAndKeepsItsDirection() {
        Affine free = model();
        Affine clipped = model();
        StepReport report = trainer(free, new SoftmaxCrossEntropy(), NONE).step(x, labels);
        assertThat(report.gradientNorm()).isGreaterThan(0.1);
        StepReport second = trainer(clipped, new SoftmaxCrossEntropy(), NONE.clipping(Clipping.norm(0.1)))
                .step(x, labels);
        assertThat(second.gradientNorm()).isEqualTo(report.gradientNorm()); // the one before clipping
        Tensor start = model().weight().value();
        Tensor longer = free.weight().value().subtract(start);
        longer.scaleInPlace((float) (0.1 / report.gradientNorm()));
        assertThat(clipped.weight().value().subtract(start).subtract(longer).maxAbs())
                .isLessThan(1e-6f);
    }

    @Test
    void clippingByValueLimitsEachElement() {
        Affine model = model();
        Tensor before = model.weight().value().copy();
        trainer(model, new SoftmaxCrossEntropy(Reduction.SUM), NONE.clipping(Clipping.value(0.01)))
                .step(x, labels);
        Tensor moved = model.weight().value().subtract(before);
        assertThat(moved.maxAbs()).isCloseTo(0.5f * 0.01f, within(1e-7f));
    }

    @Test
    void aCustomClippingMayReturnNoBoundAndEnlargeGradients() {
        Affine doubled = model();
        Affine plain = model();
        Clipping doubling = (gradients, norm) -> {
            gradients.parameters().forEach(parameter -> gradients.of(parameter).scaleInPlace(2f));
            return Double.POSITIVE_INFINITY;
        };
        trainer(doubled, new SoftmaxCrossEntropy(), NONE.clipping(doubling)).step(x, labels);
        new Trainer(plain, new SoftmaxCrossEntropy(), Sgd.of(1), Key.of(2)).step(x, labels);
        assertThat(doubled.fingerprint()).isEqualTo(plain.fingerprint());
    }

    @Test
    void aCustomClippingThatOverflowsFailsTheStepAndChangesNothing() {
        Affine model = model();
        String before = model.fingerprint();
        Clipping overflowing = (gradients, norm) -> {
            gradients.parameters().forEach(parameter -> gradients.of(parameter).fill(Float.POSITIVE_INFINITY));
            return Double.POSITIVE_INFINITY;
        };
        Trainer trainer = trainer(model, new SoftmaxCrossEntropy(), NONE.clipping(overflowing));
        assertThatExceptionOfType(NonFiniteException.class).isThrownBy(() -> trainer.step(x, labels));
        assertThat(model.fingerprint()).isEqualTo(before);
    }

    @Test
    void aCustomPenaltyAddsItsGradient() {
        Affine own = model();
        Affine builtIn = model();
        Penalty squares = (parameter, gradient) -> {
            if (parameter.kind() == Parameter.Kind.WEIGHT) {
                Tensor value = parameter.value();
                for (int i = 0; i < gradient.size(); i++) {
                    gradient.array()[gradient.offset() + i] += 0.5f * value.array()[value.offset() + i];
                }
            }
        };
        trainer(own, new SoftmaxCrossEntropy(), NONE.penalty(squares)).step(x, labels);
        trainer(builtIn, new SoftmaxCrossEntropy(), NONE.penalty(Penalty.of(0, 0.5)))
                .step(x, labels);
        assertThat(own.fingerprint()).isEqualTo(builtIn.fingerprint());
    }

    /** The change of a statistic is no gradient, and no optimizer would scale the penalty. */
    @Test
    void aPenaltyOfAllValuesLeavesStatisticsAlone() {
        List<String> statistics = new ArrayList<>();
        Penalty all = (parameter, gradient) -> gradient.fill(100);
        for (TrainerOptions options : List.of(NONE, NONE.penalty(all))) {
            Network network = Network.builder(Key.of(1))
                    .input(5)
                    .batchNorm("norm")
                    .dense("out", 3)
                    .build();
            new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2), options).step(x, labels);
            statistics.add(network.parameter("norm.mean").value().sha256()
                    + network.parameter("norm.variance").value().sha256());
        }
        assertThat(statistics.get(1)).isEqualTo(statistics.get(0));
    }

    @Test
    void microBatchesHaveTheSameBitsInDebugMode() {
        List<String> weights = new ArrayList<>();
        for (TrainerOptions options :
                List.of(NONE.microBatch(5), NONE.microBatch(5).debugging())) {
            Network network = network();
            Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2), options);
            trainer.step(x, labels);
            trainer.step(x, labels);
            network.parameters()
                    .forEach(parameter -> weights.add(parameter.value().sha256()));
        }
        int half = weights.size() / 2;
        assertThat(weights.subList(half, 2 * half)).isEqualTo(weights.subList(0, half));
    }

    @Test
    void aProblemOfAMicroBatchNamesIt() {
        Tensor bad = labels.copy();
        bad.set(7, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(model(), new SoftmaxCrossEntropy(), NONE.microBatch(5))
                        .step(x, bad))
                .withMessageStartingWith("in the micro-batch that begins with example 5 of the batch: softmax"
                        + " cross-entropy: label 7.0 in row 1");
    }

    @Test
    void penaltiesShrinkWeightsAndNotBiases() {
        Affine model = model();
        Tensor before = model.weight().value().copy();
        before.set(0f, 0, 0);
        model.weight().value().set(0f, 0, 0);
        Tensor bias = model.bias().value().copy();
        Loss flat = (output, target, context) -> {
            Tensor none = context.empty(output.shape());
            none.fill(0f);
            return new Loss.Value(0, none);
        };
        StepReport report =
                trainer(model, flat, NONE.penalty(Penalty.of(0.25, 0.5))).step(x, labels);
        assertThat(report.loss()).isZero(); // penalties are not part of it
        for (int i = 0; i < before.size(); i++) {
            float p = before.array()[i];
            float expected = p - 0.5f * (0.25f * Math.signum(p) + 0.5f * p);
            assertThat(model.weight().value().array()[i]).isCloseTo(expected, within(1e-7f));
        }
        assertThat(model.weight().value().get(0, 0)).isZero();
        assertThat(model.bias().value()).isBitEqualTo(bias);
    }

    @Test
    void anL2PenaltyIsTheWeightDecayOfSgd() {
        Affine penalty = model();
        Affine decay = model();
        trainer(penalty, new SoftmaxCrossEntropy(), NONE.penalty(Penalty.of(0, 0.125)))
                .step(x, labels);
        new Trainer(
                        decay,
                        new SoftmaxCrossEntropy(),
                        Sgd.of(0.5).withWeightDecay(0.125).withoutBiasDecay(),
                        Key.of(2))
                .step(x, labels);
        assertThat(penalty.fingerprint()).isEqualTo(decay.fingerprint());
    }

    @Test
    void theScheduleSetsTheRateOfEachStep() {
        List<Double> rates = new ArrayList<>();
        Affine model = model();
        Trainer trainer = trainer(model, new SoftmaxCrossEntropy(), NONE.schedule(Schedule.warmUp(4)));
        for (int i = 0; i < 5; i++) {
            rates.add(trainer.step(x, labels).rate());
        }
        assertThat(rates).containsExactly(0.125, 0.25, 0.375, 0.5, 0.5);
        Affine slow = model();
        Affine first = model();
        trainer(first, new SoftmaxCrossEntropy(), NONE.schedule(Schedule.warmUp(4)))
                .step(x, labels);
        new Trainer(slow, new SoftmaxCrossEntropy(), Sgd.of(0.125), Key.of(2)).step(x, labels);
        assertThat(first.fingerprint()).isEqualTo(slow.fingerprint());
    }

    @Test
    void invalidLimitsOfClippingAreNamed() {
        for (double bad : new double[] {Double.NaN, -1, 0, Double.POSITIVE_INFINITY}) {
            String text = "Clipping: max is " + bad + "; it must be finite as a float, and above 0";
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Clipping.norm(bad))
                    .withMessage(text);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Clipping.value(bad))
                    .withMessage(text);
        }
    }

    @Test
    void aScheduleWithAnInvalidFactorIsRefusedBeforeAnythingChanges() {
        for (double bad : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY}) {
            Affine model = model();
            Trainer trainer = trainer(model, new SoftmaxCrossEntropy(), NONE.schedule((steps, epochs) -> bad));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer.step(x, labels))
                    .withMessage("schedule a lambda gives " + bad
                            + " after 0 steps and 0 epochs; it must be finite, and" + " 0 or more");
            assertThat(model.fingerprint()).isEqualTo(model().fingerprint());
        }
    }

    @Test
    void aScheduledRateThatOverflowsIsRefusedWithBothFactors() {
        Affine model = model();
        Trainer trainer = trainer(model, new SoftmaxCrossEntropy(), NONE.schedule(Schedule.linear(1, 1e300, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(x, labels))
                .withMessageContainingAll(
                        "the learning rate of optimizer Sgd[rate=0.5,",
                        "0.5, times 1.0E300 by schedule Linear[steps=1, from=1.0E300, to=1.0] after 0 steps");
        assertThat(model.fingerprint()).isEqualTo(model().fingerprint());
    }

    private record RateOnly(double rate) implements Optimizer {
        @Override
        public UpdateRule ruleFor(Parameter parameter) {
            return Sgd.of(0.1).ruleFor(parameter);
        }
    }

    @Test
    void anOptimizerWithAnInvalidRateIsNamed() {
        for (double bad : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY, 1e39, 1e-60}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> new Trainer(model(), new SoftmaxCrossEntropy(), new RateOnly(bad), Key.of(1), NONE))
                    .withMessageStartingWith("optimizer RateOnly[rate=" + bad + "]: rate is " + bad
                            + "; it must be finite as a float, and 0 or more");
        }
    }

    @Test
    void aSequenceOfSchedulesCanCountEpochs() {
        Schedule schedule = Schedule.constant().then(2, Schedule.step(1, 0.5)).perEpoch();
        Batches data = Batches.inOrder(new Dataset(x, labels), 1);
        Trainer trainer = trainer(model(), new SoftmaxCrossEntropy(), NONE.schedule(schedule));
        assertThat(trainer.fit(data, 5).epochs().stream().map(EpochReport::rate))
                .containsExactly(0.5, 0.5, 0.5, 0.25, 0.125);
    }

    @Test
    void allMicroBatchesUseTheSameMemory() {
        Set<float[]> arrays = new HashSet<>();
        Loss watched = (output, target, context) -> {
            Loss.Value value = new SoftmaxCrossEntropy().of(output, target, context);
            arrays.add(output.array());
            arrays.add(value.dOutput().array());
            return value;
        };
        Trainer trainer = trainer(model(), watched, NONE.microBatch(6).clipping(Clipping.norm(1)));
        for (int i = 0; i < 3; i++) {
            trainer.step(x, labels);
        }
        assertThat(arrays).hasSize(2);
    }
}
