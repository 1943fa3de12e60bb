package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import nn.layers.Context;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Plateau;
import org.junit.jupiter.api.Test;

/** Best epoch, patience and plateau belong to one fit and its data. */
class SeparateFitsTest {
    private static final Dataset HELD = data(20, 4);
    private static final Dataset OTHER = data(20, 5);
    private static final Batches BATCHES = Batches.shuffled(data(40, 3), 16, Key.of(4)); // three steps an epoch

    private static Dataset data(int n, long seed) {
        Tensor x = Tensor.zeros(n, 5);
        Key.of(seed).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            y.set(x.row(i).sum() > 0 ? 1 : 0, i);
        }
        return new Dataset(x, y);
    }

    /** Cross-entropy in training; in validation the given losses, one after the other. */
    private record Scripted(List<Double> losses, AtomicInteger next) implements Loss {
        static Scripted of(Double... losses) {
            return new Scripted(Arrays.asList(losses), new AtomicInteger());
        }

        @Override
        public Value of(Tensor output, Tensor target, Context context) {
            Value value = new SoftmaxCrossEntropy().of(output, target, context);
            return context.training() ? value : new Value(losses.get(next.getAndIncrement()), value.dOutput());
        }

        @Override
        public String toString() {
            return "Scripted";
        }
    }

    private static Trainer trainer(Affine model, Loss loss, TrainerOptions options) {
        return new Trainer(model, loss, Sgd.of(0.1), Key.of(2), options);
    }

    /** Records the weights after every epoch. */
    private static final class Notes implements TrainingObserver {
        private final Affine model;
        private final List<String> weights = new ArrayList<>();

        Notes(Affine model) {
            this.model = model;
        }

        @Override
        public void onEpoch(EpochReport report) {
            weights.add(model.fingerprint());
        }
    }

    private static Affine model() {
        return Affine.of(5, 2, Key.of(1));
    }

    @Test
    void aFitOnOtherDataComparesOnlyItsOwnLosses() {
        Affine model = model();
        Notes notes = new Notes(model);
        Trainer trainer = trainer(model, Scripted.of(1.0, 2.0, 3.0, 9.0, 7.0, 8.0, 9.0), TrainerOptions.NONE);
        FitOptions fit = FitOptions.epochs(10).patience(2).keepBest().observers(notes);
        assertThat(trainer.fit(BATCHES, fit.validation(HELD)).epochs()).hasSize(3);
        Batches others = Batches.shuffled(data(40, 6), 16, Key.of(4));
        History second = trainer.fit(others, fit.validation(OTHER));
        assertThat(second.epochs()).hasSize(4); // 9, 7 and two that are not better
        assertThat(second.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(model.fingerprint()).isEqualTo(notes.weights.get(4)).isNotEqualTo(notes.weights.get(0));
    }

    @Test
    void theBestWeightsAreThoseOfTheCurrentFit() {
        Affine model = model();
        Notes notes = new Notes(model);
        Trainer trainer = trainer(model, Scripted.of(3.0, 1.0, 2.5, 2.0, 2.9), TrainerOptions.NONE);
        FitOptions plain = FitOptions.epochs(1).validation(HELD).observers(notes);
        trainer.fit(BATCHES, plain.keepBest());
        trainer.fit(BATCHES, plain); // better, but not kept
        trainer.fit(BATCHES, FitOptions.epochs(3).validation(HELD).keepBest().observers(notes));
        assertThat(model.fingerprint()).isEqualTo(notes.weights.get(3)); // of 2.5, 2.0, 2.9
    }

    @Test
    void aNewFitStartsWithANewPlateau() {
        Trainer trainer = trainer(
                model(), Scripted.of(1.0, 1.0, 1.0, 9.0, 8.0, 7.0), TrainerOptions.NONE.plateau(Plateau.of(0.5, 0)));
        assertThat(trainer.fit(BATCHES, FitOptions.epochs(3).validation(HELD)).epochs())
                .extracting(EpochReport::rate)
                .containsExactly(0.1, 0.1, 0.05);
        assertThat(trainer.fit(BATCHES, FitOptions.epochs(3).validation(OTHER)).epochs())
                .extracting(EpochReport::rate)
                .containsExactly(0.1, 0.1, 0.1);
    }

    private static Map<String, String> prints(TrainingState state) {
        Map<String, String> prints = new LinkedHashMap<>(state.text());
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    /** Returns the states after every epoch, as a checkpoint would hold them. */
    private static List<TrainingState> states(Trainer trainer, FitOptions fit) {
        List<TrainingState> states = new ArrayList<>();
        trainer.fit(BATCHES, fit.observers(new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                states.add(trainer.state());
            }
        }));
        return states;
    }

    @Test
    void aFitKilledAfterItsPatienceRanOutTakesNoMoreSteps() {
        FitOptions fit = FitOptions.epochs(10).validation(HELD).patience(2).keepBest();
        Affine straight = model();
        Trainer whole = trainer(straight, Scripted.of(5.0, 3.0, 4.0, 4.0), TrainerOptions.NONE);
        List<TrainingState> states = states(whole, fit);
        assertThat(states).hasSize(4);
        Affine model = model();
        Trainer resumed = trainer(model, Scripted.of(), TrainerOptions.NONE);
        resumed.restore(states.getLast());
        History rest = resumed.fit(BATCHES, fit);
        assertThat(rest.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(rest.epochs()).isEmpty();
        assertThat(model.fingerprint()).isEqualTo(straight.fingerprint());
        assertThat(prints(resumed.state())).isEqualTo(prints(whole.state()));
    }

    @Test
    void aFitKilledAfterItsLastEpochOnlyRestoresTheBestWeights() {
        FitOptions fit = FitOptions.epochs(3).validation(HELD).keepBest();
        Affine straight = model();
        Trainer whole = trainer(straight, Scripted.of(5.0, 3.0, 4.0), TrainerOptions.NONE);
        List<TrainingState> states = states(whole, fit);
        Affine model = model();
        Trainer resumed = trainer(model, Scripted.of(), TrainerOptions.NONE);
        resumed.restore(states.getLast());
        assertThat(model.fingerprint()).isNotEqualTo(straight.fingerprint());
        History rest = resumed.fit(BATCHES, fit);
        assertThat(rest.stopReason()).isEqualTo(StopReason.COMPLETED);
        assertThat(rest.epochs()).isEmpty();
        assertThat(model.fingerprint()).isEqualTo(straight.fingerprint());
        assertThat(prints(resumed.state())).isEqualTo(prints(whole.state()));
    }

    private static Trainer cancelledAfter(int steps, FitOptions fit, TrainerOptions options) {
        Trainer trainer = new Trainer(model(), new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2), options);
        History history = trainer.fit(BATCHES, fit.observers(new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == steps) {
                    trainer.cancel();
                }
            }
        }));
        assertThat(history.stopReason()).isEqualTo(StopReason.CANCELLED);
        return trainer;
    }

    /** In the middle of an epoch: other data of the same shapes, another batch size, another order. */
    @Test
    void anEpochIsNotCompletedWithOtherBatches() {
        Map<String, Batches> others = new LinkedHashMap<>();
        others.put("batch size was 16, now it is 20", Batches.shuffled(data(40, 3), 20, Key.of(4)));
        others.put("data was x [40 x 5], y [40], ", Batches.shuffled(data(40, 9), 16, Key.of(4)));
        others.put("order was shuffled by key ", Batches.shuffled(data(40, 3), 16, Key.of(5)));
        others.put("last batch was kept, now it is dropped if smaller", BATCHES.dropLast());
        others.put(
                "augmentation was none, now it is a lambda by key ",
                BATCHES.augmented((batch, key) -> batch, Key.of(1)));
        others.forEach((difference, batches) -> {
            Trainer trainer = cancelledAfter(4, FitOptions.epochs(5), TrainerOptions.NONE);
            Trainer restored = new Trainer(model(), new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2));
            restored.restore(trainer.state());
            for (Trainer one : List.of(trainer, restored)) {
                Map<String, String> before = prints(one.state());
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> one.fit(batches, 5))
                        .withMessageContaining("nothing was changed:\n  " + difference);
                assertThat(prints(one.state())).isEqualTo(before);
                one.abandonFit();
                assertThat(one.fit(batches, 1).epochs()).hasSize(1);
                assertThat(one.epochs()).isEqualTo(2);
            }
        });
        Trainer trainer = cancelledAfter(4, FitOptions.epochs(5), TrainerOptions.NONE);
        assertThat(trainer.fit(Batches.shuffled(data(40, 3), 16, Key.of(4)).prefetched(), 5)
                        .epochs())
                .hasSize(4);
    }

    @Test
    void anotherFitDoesNotDiscardTheComparisonsOfAnUnfinishedOne() {
        FitOptions fit = FitOptions.epochs(5).validation(HELD).patience(4);
        Trainer trainer = cancelledAfter(6, fit, TrainerOptions.NONE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.fit(BATCHES, fit.validation(OTHER).keepBest()))
                .withMessageContaining("after 1 epoch and 3 steps of the next")
                .withMessageContaining("\n  validation was x [20 x 5], y [20], ")
                .withMessageContaining("\n  keepBest was false, now it is true\n");
        assertThat(trainer.fit(BATCHES, fit.metric("accuracy", Metrics::accuracy))
                        .epochs())
                .hasSize(4);
        assertThat(trainer.epochs()).isEqualTo(5);

        Trainer lowering = cancelledAfter(7, FitOptions.epochs(5), TrainerOptions.NONE.plateau(Plateau.of(0.5, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lowering.fit(BATCHES, 3))
                .withMessageContaining("epochs was 5, now it is 3");
    }

    @Test
    void aResumedFitCountsEpochsFromItsBeginningAndANewFitFromItsCall() {
        Trainer trainer = cancelledAfter(7, FitOptions.epochs(5), TrainerOptions.NONE);
        assertThat(trainer.fit(BATCHES, 5).epochs())
                .extracting(EpochReport::epoch)
                .containsExactly(3, 4, 5);
        Trainer other = cancelledAfter(7, FitOptions.epochs(5), TrainerOptions.NONE);
        assertThat(other.fit(BATCHES, 4).epochs())
                .extracting(EpochReport::epoch)
                .containsExactly(3, 4, 5, 6);
    }
}
