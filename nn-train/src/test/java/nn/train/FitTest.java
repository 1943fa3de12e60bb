package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import nn.fixtures.FunctionPass;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metric;
import nn.train.metric.Metrics;
import nn.train.metric.Monitor;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Plateau;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FitTest {
    private static final Dataset TRAIN = data(40, 3);
    private static final Dataset HELD = data(20, 4);
    private static final Batches BATCHES = Batches.shuffled(TRAIN, 16, Key.of(4));

    private static Dataset data(int n, long seed) {
        Tensor x = Tensor.zeros(n, 5);
        Key.of(seed).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            y.set(x.row(i).sum() > 0 ? 1 : 0, i);
        }
        return new Dataset(x, y);
    }

    private static Trainer trainer(Affine model) {
        return trainer(model, TrainerOptions.NONE);
    }

    private static Trainer trainer(Affine model, TrainerOptions options) {
        return new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(0.05), Key.of(2), options);
    }

    private static Affine model() {
        return Affine.of(5, 2, Key.of(1));
    }

    private static TrainingObserver eachStep(Runnable action, long step) {
        return new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == step) {
                    action.run();
                }
            }
        };
    }

    @Test
    void validationIsMeasuredAfterEveryEpochAndNotTrainedOn() {
        Affine model = model();
        Affine plain = model();
        List<Double> expected = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                expected.add(Metrics.loss(model, new SoftmaxCrossEntropy(), HELD.x(), HELD.y()));
            }
        };
        History history = trainer(model)
                .fit(
                        BATCHES,
                        FitOptions.epochs(4)
                                .validation(HELD)
                                .metric("accuracy", Metrics::accuracy)
                                .observers(observer));
        trainer(plain).fit(BATCHES, 4);
        assertThat(history.epochs()).extracting(EpochReport::validationLoss).isEqualTo(expected);
        assertThat(history.last().metrics()).containsOnlyKeys("accuracy");
        assertThat(history.last().metrics().get("accuracy")).isEqualTo(Metrics.accuracy(model, HELD.x(), HELD.y()));
        assertThat(history.stopReason()).isEqualTo(StopReason.COMPLETED);
        assertThat(model.fingerprint()).isEqualTo(plain.fingerprint());
    }

    /** Cross-entropy in training; in validation the given losses, epoch by epoch. */
    private static Loss saying(double... losses) {
        AtomicInteger epoch = new AtomicInteger();
        Loss real = new SoftmaxCrossEntropy();
        return (output, target, context) -> {
            Loss.Value value = real.of(output, target, context);
            return context.training() ? value : new Loss.Value(losses[epoch.getAndIncrement()], value.dOutput());
        };
    }

    @Test
    void aFitStopsWhenPatienceRunsOutAndEndsWithTheBestWeights() {
        Affine model = model();
        List<String> weights = new ArrayList<>();
        TrainingObserver noting = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                weights.add(model.fingerprint());
            }
        };
        Trainer trainer = new Trainer(model, saying(5, 3, 4, Double.NaN, 3, 1), Sgd.of(0.1), Key.of(2));
        FitOptions fit =
                FitOptions.epochs(10).validation(HELD).patience(3).keepBest().observers(noting);
        History history = trainer.fit(BATCHES, fit);
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(history.epochs()).hasSize(5);
        assertThat(model.fingerprint()).isEqualTo(weights.get(1)).isNotEqualTo(weights.get(4));
    }

    @Test
    void anEpochIsBetterOnlyByMoreThanTheMargin() {
        Trainer trainer = new Trainer(model(), saying(5, 4.8, 4.6, 4.5), Sgd.of(0.1), Key.of(2));
        History history = trainer.fit(
                BATCHES,
                FitOptions.epochs(4)
                        .validation(HELD)
                        .earlyStopping(EarlyStopping.of(2).minDelta(0.45)));
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(history.epochs()).hasSize(3);
    }

    /** Returns the given numbers, epoch by epoch. */
    private static Metric measuring(double... values) {
        AtomicInteger epoch = new AtomicInteger();
        return (_, _, _) -> values[epoch.getAndIncrement()];
    }

    @Test
    void aFitStopsAndKeepsTheBestByTheHighestValueOfAMetric() {
        Affine model = model();
        List<String> weights = new ArrayList<>();
        TrainingObserver noting = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                weights.add(model.fingerprint());
            }
        };
        // the losses get better all the time, the metric does not
        Trainer trainer = new Trainer(model, saying(9, 8, 7, 6, 5, 4), Sgd.of(0.1), Key.of(2));
        FitOptions fit = FitOptions.epochs(6)
                .validation(HELD)
                .metric("score", measuring(-3, -1, Double.NaN, -1, -2, 5))
                .earlyStopping(EarlyStopping.of(3).monitor(Monitor.highest("score")))
                .keepBest()
                .observers(noting);
        History history = trainer.fit(BATCHES, fit);
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(history.epochs()).hasSize(5);
        assertThat(model.fingerprint()).isEqualTo(weights.get(1)).isNotEqualTo(weights.get(4));
    }

    @Test
    void aFitStopsByTheLowestValueOfAMetric() {
        Trainer trainer = new Trainer(model(), saying(9, 8, 7, 6, 5, 4), Sgd.of(0.1), Key.of(2));
        FitOptions fit = FitOptions.epochs(6)
                .validation(HELD)
                .metric("error", measuring(3, 2.5, 2.9, 2.4, 1, 0))
                .earlyStopping(
                        EarlyStopping.of(2).monitor(Monitor.lowest("error")).minDelta(1));
        assertThat(trainer.fit(BATCHES, fit).epochs()).hasSize(3);
    }

    @Test
    void aPlateauLowersTheRateByTheHighestValueOfAMetric() {
        Plateau plateau = Plateau.of(0.5, 0).monitor(Monitor.highest("score"));
        Trainer trainer =
                new Trainer(model(), saying(9, 8, 7, 6), Sgd.of(0.5), Key.of(2), TrainerOptions.NONE.plateau(plateau));
        History history =
                trainer.fit(BATCHES, FitOptions.epochs(4).validation(HELD).metric("score", measuring(-4, -3, -3, -2)));
        assertThat(history.epochs()).extracting(EpochReport::rate).containsExactly(0.5, 0.5, 0.5, 0.25);
    }

    @Test
    void aMonitoredMetricMustBeMeasured() {
        EarlyStopping rule = EarlyStopping.of(1).monitor(Monitor.highest("accuracy"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(1).validation(HELD).earlyStopping(rule))
                .withMessage("early stopping monitors the highest accuracy, but no metric is measured; call"
                        + " metric(\"accuracy\", ...) first");
        Trainer trainer =
                trainer(model(), TrainerOptions.NONE.plateau(Plateau.of(0.5, 1).monitor(Monitor.lowest("error"))));
        FitOptions fit = FitOptions.epochs(1).validation(HELD).metric("accuracy", Metrics::accuracy);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(BATCHES, fit))
                .withMessage("the plateau monitors the lowest error, but only [accuracy] are measured; call"
                        + " metric(\"error\", ...) first");
    }

    @Test
    void withoutValidationTheTrainingLossIsMonitored() {
        Trainer trainer = new Trainer(model(), new SoftmaxCrossEntropy(), Sgd.of(0), Key.of(2));
        History history =
                trainer.fit(Batches.inOrder(TRAIN, 16), FitOptions.epochs(10).patience(2));
        assertThat(history.epochs()).hasSize(3); // nothing ever gets better than the first
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
    }

    @Test
    void thePlateauLowersTheRate() {
        Trainer trainer = new Trainer(
                model(),
                saying(5, 5, 5, 4, 4),
                Sgd.of(0.1),
                Key.of(2),
                TrainerOptions.NONE.plateau(Plateau.of(0.5, 1)));
        History history = trainer.fit(BATCHES, FitOptions.epochs(5).validation(HELD));
        assertThat(history.epochs()).extracting(EpochReport::rate).containsExactly(0.1, 0.1, 0.1, 0.05, 0.05);
    }

    @Test
    void cancellationEndsTheFitAfterTheStep() {
        Trainer trainer = trainer(model());
        History history = trainer.fit(BATCHES, 10, eachStep(trainer::cancel, 4));
        assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
        assertThat(history.epochs()).hasSize(1);
        assertThat(trainer.steps()).isEqualTo(4);
        assertThat(trainer.fit(BATCHES, 1).stopReason()).isEqualTo(StopReason.COMPLETED); // it counts once
        assertThat(trainer.steps()).isEqualTo(6);
    }

    @Test
    void cancellationStopsAValidationAndResumingRepeatsIt() {
        Dataset held = data(2000, 4); // four parts
        for (int part : new int[] {2, 6}) { // of the loss, and of the metric after it
            Affine model = model();
            List<Trainer> trainers = new ArrayList<>();
            AtomicInteger parts = new AtomicInteger();
            Layer counting = new Layer() {
                @Override
                public Pass newPass() {
                    return FunctionPass.of(this, (x, context) -> {
                        if (!context.training() && parts.incrementAndGet() == part) {
                            trainers.getFirst().cancel();
                        }
                        return FunctionPass.Result.of(model.forward(x, context));
                    });
                }

                @Override
                public Shape outputShape(Shape in) {
                    return model.outputShape(in);
                }

                @Override
                public List<Parameter> parameters() {
                    return model.parameters();
                }
            };
            Trainer trainer = new Trainer(counting, new SoftmaxCrossEntropy(), Adam.of(0.05), Key.of(2));
            trainers.add(trainer);
            FitOptions fit = FitOptions.epochs(2).validation(held).metric("accuracy", Metrics::accuracy);
            History history = trainer.fit(BATCHES, fit);
            assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
            assertThat(history.epochs()).isEmpty();
            assertThat(parts).hasValue(part);
            assertThat(trainer.steps()).isEqualTo(3);
            assertThat(trainer.epochs()).isZero();

            History rest = trainer.fit(BATCHES, fit);
            Affine straight = model();
            History whole = trainer(straight).fit(BATCHES, fit);
            assertThat(model.fingerprint()).isEqualTo(straight.fingerprint());
            assertThat(rest.epochs())
                    .extracting(EpochReport::validationLoss)
                    .isEqualTo(whole.epochs().stream()
                            .map(EpochReport::validationLoss)
                            .toList());
        }
    }

    @Test
    void cancellationFromAnotherThreadBeforeTheFirstStepIsNotLost() {
        Trainer trainer = trainer(model());
        trainer.cancel();
        History history = trainer.fit(BATCHES, 1);
        assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
        assertThat(history.epochs()).isEmpty();
        assertThat(trainer.steps()).isZero();
    }

    @Test
    void anInterruptEndsTheFitAfterTheStepAndStays() {
        Affine model = model();
        Trainer trainer = trainer(model);
        History history =
                trainer.fit(BATCHES, 10, eachStep(() -> Thread.currentThread().interrupt(), 5));
        assertThat(Thread.interrupted()).isTrue(); // and is taken back here
        assertThat(history.stopReason()).isEqualTo(StopReason.INTERRUPTED);
        assertThat(trainer.steps()).isEqualTo(5);
        trainer.fit(BATCHES, 10 - trainer.epochs());
        Affine straight = model();
        trainer(straight).fit(BATCHES, 10);
        assertThat(model.fingerprint()).isEqualTo(straight.fingerprint());
    }

    @Test
    void observersAreNotifiedOfTheEnd() {
        List<History> heard = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onEnd(History history) {
                heard.add(history);
            }
        };
        assertThat(heard).isEmpty();
        History history = trainer(model()).fit(BATCHES, 2, observer);
        assertThat(heard).containsExactly(history);
    }

    @Test
    void aFitWithinAFitIsRefused() {
        Trainer trainer = trainer(model());
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.fit(BATCHES, 1, eachStep(() -> trainer.fit(BATCHES, 1), 1)))
                .withMessageStartingWith("fit was called by an observer");
        assertThat(trainer.fit(BATCHES, 1).stopReason()).isEqualTo(StopReason.COMPLETED);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, Double.POSITIVE_INFINITY})
    void aMarginIsFiniteAndNotNegative(double bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EarlyStopping.of(1).minDelta(bad))
                .withMessage("EarlyStopping: minDelta is " + bad + "; it must be finite, and 0 or more");
    }

    @Test
    void invalidOptionsOfAFitAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(0))
                .withMessage("epochs is 0; it must be 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(1).patience(-1))
                .withMessage("patience is -1; it must be 1 or more, or 0 for none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(1).metric("accuracy", Metrics::accuracy))
                .withMessage("metrics [accuracy] without validation data to measure them on; call validation(data)"
                        + " first");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(1).validation(HELD.rows(0, 0)))
                .withMessage("x of the validation data of shape [0 x 5] is an empty batch; give it at least one row");
        Tensor x = HELD.x().copy();
        x.set(Float.NaN, 3, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FitOptions.epochs(1).validation(new Dataset(x, HELD.y())))
                .withMessageStartingWith("x of the validation data of shape [20 x 5] has NaN in row 3, column 1;");
        assertThatNullPointerException()
                .isThrownBy(() -> FitOptions.epochs(1).validation(null))
                .withMessage("validation data");
        assertThatNullPointerException()
                .isThrownBy(() -> FitOptions.epochs(1).validation(HELD).metric("a", null))
                .withMessage("metric 'a'");
        assertThatNullPointerException().isThrownBy(() -> FitOptions.epochs(1).observers((TrainingObserver) null));
        assertThatNullPointerException()
                .isThrownBy(() -> trainer(model()).fit(BATCHES, (FitOptions) null))
                .withMessage("fit");
        assertThatNullPointerException()
                .isThrownBy(() -> TrainerOptions.NONE.schedule(null))
                .withMessage("schedule");
        assertThatNullPointerException()
                .isThrownBy(() -> TrainerOptions.NONE.clipping(null))
                .withMessage("clipping");
        assertThatNullPointerException()
                .isThrownBy(() -> TrainerOptions.NONE.plateau(null))
                .withMessage("plateau");
        assertThatNullPointerException()
                .isThrownBy(() -> TrainerOptions.NONE.penalty(null))
                .withMessage("penalty");
        assertThatNullPointerException()
                .isThrownBy(() -> trainer(model(), null))
                .withMessage("options");
    }

    /** Batches of 4 in order, of which the labels of one are all ignored. */
    @Test
    void aBatchInWhichNoRowCountsIsAStepWithoutEffect() {
        Tensor x = TRAIN.x().rows(0, 12);
        Tensor y = TRAIN.y().rows(0, 12).copy();
        y.rows(4, 8).fill(-100);
        y.set(-100, 1);
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy().ignoring(-100);
        Affine model = model();
        Trainer trainer = new Trainer(model, loss, Sgd.of(0.1).withMomentum(0.9), Key.of(2));
        List<Long> seen = new ArrayList<>();
        History history = trainer.fit(Batches.inOrder(new Dataset(x, y), 4), 1, new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                seen.add(report.step());
            }
        });
        Affine other = model();
        Trainer byHand = new Trainer(other, loss, Sgd.of(0.1).withMomentum(0.9), Key.of(2));
        double first = byHand.step(x.rows(0, 4), y.rows(0, 4)).loss();
        double last = byHand.step(x.rows(8, 12), y.rows(8, 12)).loss();
        assertThat(model.fingerprint()).isEqualTo(other.fingerprint());
        assertThat(seen).containsExactly(1L, 3L);
        assertThat(history.epochs().getFirst().loss()).isEqualTo((3 * first + 4 * last) / 7);
        assertThat(history.epochs().getFirst().steps()).isEqualTo(3);
    }

    @Test
    void anEpochInWhichNoRowCountsIsRefused() {
        Tensor y = Tensor.full(-100, 40);
        SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy().ignoring(-100);
        Affine model = model();
        Trainer trainer = new Trainer(model, loss, Adam.of(0.1), Key.of(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(Batches.inOrder(new Dataset(TRAIN.x(), y), 16), 1))
                .withMessageStartingWith(
                        "epoch 1: in none of its 3 batches is there a row that counts, by the terms() of"
                                + " the loss SoftmaxCrossEntropy[")
                .withMessageEndingWith("so there is nothing to learn from; are all rows ignored, or of weight 0?");
        assertThat(model.fingerprint()).isEqualTo(model().fingerprint());
    }
}
