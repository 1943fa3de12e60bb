package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.schedule.Plateau;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fit with patience, best weights and a plateau, interrupted in every way at every step and resumed in a new trainer,
 * has the bits of an uninterrupted one.
 */
class InterruptedFitTest {
    private static final Dataset HELD = data(14, 4);
    private static final Batches BATCHES = Batches.shuffled(data(18, 3), 5, Key.of(4)); // four steps per epoch

    /** Three labels of eight are wrong, so the loss rises at times, and patience runs out before the epochs do. */
    private static final FitOptions FIT =
            FitOptions.epochs(14).validation(HELD).patience(3).keepBest();

    @TempDir
    private Path folder;

    private static Dataset data(int n, long seed) {
        Tensor x = Tensor.zeros(n, 3);
        Key.of(seed).uniform(x, -1f, 1f);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            boolean wrong = (Key.of(seed + 1).word(i) & 7) < 3;
            y.set(x.row(i).sum() > 0 ^ wrong ? 1 : 0, i);
        }
        return new Dataset(x, y);
    }

    private static Trainer trainer() {
        Network network = Network.builder(Key.of(1))
                .input(3)
                .dense("hidden", 6)
                .batchNorm("norm")
                .relu()
                .dropout("drop", 0.25)
                .dense("out", 2)
                .build();
        TrainerOptions options = TrainerOptions.NONE
                .plateau(Plateau.of(0.5, 1))
                .schedule(Schedule.cosine(60, 0.1))
                .microBatch(3);
        return new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(0.05), Key.of(2), options);
    }

    private static Map<String, String> prints(Trainer trainer) {
        TrainingState state = trainer.state();
        Map<String, String> prints = new LinkedHashMap<>(state.text());
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    /** Stands for the end of a JVM. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static TrainingObserver at(long step, Runnable action) {
        return new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                if (report.step() == step) {
                    action.run();
                }
            }
        };
    }

    private static List<EpochReport> withoutTime(List<EpochReport> reports) {
        return reports.stream()
                .map(e -> new EpochReport(
                        e.epoch(),
                        e.loss(),
                        e.gradientNorm(),
                        e.rate(),
                        e.steps(),
                        e.examples(),
                        0,
                        e.validationLoss(),
                        e.metrics(),
                        e.observations()))
                .toList();
    }

    /** A state saved after a step or an epoch, and the number of epochs done then. */
    private record Saved(TrainingState state, int epochs) {}

    @Test
    void everySavedStateLeadsToTheSameEnd() {
        Trainer straight = trainer();
        List<Saved> states = new ArrayList<>();
        History whole = straight.fit(BATCHES, FIT.observers(new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                states.add(new Saved(straight.state(), straight.epochs()));
            }

            @Override
            public void onEpoch(EpochReport report) {
                states.add(new Saved(straight.state(), straight.epochs()));
            }
        }));
        assertThat(whole.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        assertThat(whole.epochs())
                .extracting(EpochReport::rate)
                .doesNotHaveDuplicates(); // the plateau lowered the rate
        int epochs = whole.epochs().size();
        assertThat(epochs)
                .as("patience runs out after a best epoch that is not the first")
                .isBetween(6, 13);
        assertThat(states.size()).isEqualTo(5 * epochs);
        for (Saved saved : states) {
            Trainer resumed = trainer();
            resumed.restore(saved.state());
            History rest = resumed.fit(BATCHES, FIT);
            assertThat(rest.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
            assertThat(prints(resumed)).isEqualTo(prints(straight));
            assertThat(withoutTime(rest.epochs()))
                    .isEqualTo(withoutTime(whole.epochs()).subList(saved.epochs(), epochs));
        }
    }

    @Test
    void aFitCancelledInterruptedOrFailedAtRandomStepsEndsTheSame() throws IOException {
        Trainer straight = trainer();
        straight.fit(BATCHES, FIT);
        for (int run = 0; run < 40; run++) {
            Key key = Key.of(9).child(run);
            Path file = folder.resolve("run" + run);
            Trainer trainer = trainer();
            StopReason ending = StopReason.CANCELLED;
            for (int part = 0; ending != StopReason.STOPPED_EARLY; part++) {
                assertThat(part).as("every part takes a step").isLessThan(56);
                Trainer one = trainer;
                long stop = one.steps() + 1 + (key.word(2 * part) >>> 8) % 7;
                int how = (key.word(2 * part + 1) >>> 8) % 3;
                Runnable action = how == 0
                        ? one::cancel
                        : how == 1
                                ? Thread.currentThread()::interrupt
                                : () -> {
                                    throw new Killed();
                                };
                try {
                    ending = one.fit(BATCHES, FIT.observers(at(stop, action))).stopReason();
                    assertThat(ending)
                            .isIn(how == 0 ? StopReason.CANCELLED : StopReason.INTERRUPTED, StopReason.STOPPED_EARLY);
                } catch (Killed e) {
                    assertThat(how).isEqualTo(2);
                }
                assertThat(Thread.interrupted()).isEqualTo(how == 1 && one.steps() == stop);
                if ((part & 1) == 0) { // else it continues in the same trainer
                    Checkpoint.save(file, one);
                    trainer = trainer();
                    Checkpoint.resume(file, trainer);
                }
            }
            assertThat(prints(trainer)).as("run " + run).isEqualTo(prints(straight));
        }
    }

    /** With and without validation, in the middle of an epoch, in its last step, and in the last step of the fit. */
    @Test
    void anInterruptedFitLeavesItsLastStepOnTheDisk() throws IOException {
        for (boolean validated : new boolean[] {true, false}) {
            FitOptions fit = validated ? FitOptions.epochs(3).validation(HELD) : FitOptions.epochs(3);
            Trainer straight = trainer();
            straight.fit(BATCHES, fit);
            for (int step = 1; step <= 12; step++) {
                Path file = folder.resolve("interrupted" + validated + step);
                Trainer trainer = trainer();
                TrainingObserver saving = Checkpoint.everyEpoch(file, trainer);
                TrainingObserver interrupting = at(step, Thread.currentThread()::interrupt);
                History history = trainer.fit(BATCHES, fit.observers(interrupting, saving));
                assertThat(Thread.interrupted()).isTrue();
                boolean done = step == 12 && !validated;
                assertThat(history.stopReason()).isEqualTo(done ? StopReason.COMPLETED : StopReason.INTERRUPTED);
                assertThat(trainer.steps()).isEqualTo(step);
                Trainer resumed = trainer();
                Checkpoint.resume(file, resumed);
                assertThat(resumed.steps()).isEqualTo(step);
                assertThat(resumed.fit(BATCHES, fit).stopReason()).isEqualTo(StopReason.COMPLETED);
                assertThat(prints(resumed)).isEqualTo(prints(straight));
            }
        }
    }

    private static TrainingObserver failingAtTheEnd(RuntimeException failure) {
        return new TrainingObserver() {
            @Override
            public void onEnd(History history) {
                throw failure;
            }
        };
    }

    @Test
    void anExceptionAtTheEndLeavesTheFitAsItEnded() {
        Trainer straight = trainer();
        straight.fit(BATCHES, FIT);
        Trainer trainer = trainer();
        RuntimeException failure = new Killed();
        assertThatThrownBy(() -> trainer.fit(BATCHES, FIT.observers(failingAtTheEnd(failure))))
                .isSameAs(failure);
        assertThat(prints(trainer)).isEqualTo(prints(straight)); // the best weights, and no unfinished fit
        straight.fit(BATCHES, FIT);
        trainer.fit(BATCHES, FIT);
        assertThat(prints(trainer)).isEqualTo(prints(straight));
    }

    @Test
    void aFitThatWasCancelledIsContinuedAfterAnExceptionAtItsEnd() throws IOException {
        Trainer straight = trainer();
        straight.fit(BATCHES, FIT);
        Trainer trainer = trainer();
        Path file = folder.resolve("state");
        RuntimeException failure = new Killed();
        RuntimeException second = new IllegalStateException("second");
        assertThatThrownBy(() -> trainer.fit(
                        BATCHES,
                        FIT.observers(
                                at(6, trainer::cancel),
                                failingAtTheEnd(failure),
                                failingAtTheEnd(second),
                                Checkpoint.everyEpoch(file, trainer))))
                .isSameAs(failure)
                .hasSuppressedException(second);
        assertThat(trainer.steps()).isEqualTo(6);
        Trainer resumed = trainer();
        Checkpoint.resume(file, resumed); // which was told of the end all the same
        assertThat(prints(resumed)).isEqualTo(prints(trainer));
        for (Trainer continued : List.of(trainer, resumed)) {
            continued.fit(BATCHES, FIT);
            assertThat(prints(continued)).isEqualTo(prints(straight));
        }
    }
}
