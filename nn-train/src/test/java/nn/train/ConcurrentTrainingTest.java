package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.checkpoint.Layout;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metric;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only one trainer on one thread may train a model at a time; others are refused. */
class ConcurrentTrainingTest {
    private static final String TEXT = "'weight' is being trained by another trainer, or by this one on another thread;"
            + " only one may train a model at a time, so give each its own model";

    private static final String WITHIN = "step was called by an observer, a layer, a loss, a metric or another thread"
            + " while step of this trainer runs: call it when step has returned";

    private static final String READING =
            "'weight' is being trained, so the state of a trainer cannot be read now: read"
                    + " it when the step or the fit has returned, or in an observer, on the thread of the fit";

    private final Tensor x = Tensor.full(0.5f, 4, 5);
    private final Tensor labels = Tensor.zeros(4);

    @Test
    void aSecondTrainingOfAModelIsRefusedWithoutEffectOnTheFirst() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Loss slow = (output, target, context) -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new SoftmaxCrossEntropy().of(output, target, context);
        };
        Affine model = Affine.of(5, 2, Key.of(1));
        Affine alone = Affine.of(5, 2, Key.of(1));
        new Trainer(alone, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2)).step(x, labels);
        Trainer first = new Trainer(model, slow, Adam.of(0.1), Key.of(2));
        Trainer second = new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(3));
        TrainingState other = second.state();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<StepReport> step = thread.submit(() -> first.step(x, labels));
            inside.await();
            try {
                assertThatIllegalStateException()
                        .isThrownBy(() -> second.step(x, labels))
                        .withMessage(TEXT);
                assertThatIllegalStateException()
                        .isThrownBy(() -> first.step(x, labels))
                        .withMessage(WITHIN);
                assertThatIllegalStateException().isThrownBy(first::state).withMessage(READING);
                assertThatIllegalStateException()
                        .isThrownBy(() -> second.restore(other))
                        .withMessage(TEXT);
            } finally {
                go.countDown(); // also after a failed assertion, or the executor would wait for ever
            }
            assertThat(step.get().step()).isEqualTo(1);
        }
        assertThat(model.fingerprint()).isEqualTo(alone.fingerprint());
        assertThat(second.step(x, labels).step()).isEqualTo(1); // it is free again
    }

    @Test
    void aStepThatFailsLeavesTheModelFree() {
        Affine model = Affine.of(5, 2, Key.of(1));
        Loss failing = (output, target, context) -> {
            throw new UnsupportedOperationException();
        };
        Trainer trainer = new Trainer(model, failing, Sgd.of(0.1), Key.of(2));
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> trainer.step(x, labels));
        }
        assertThat(new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(2))
                        .step(x, labels)
                        .step())
                .isEqualTo(1);
    }

    @Test
    void aStepWithinAStepIsRefused() {
        Affine model = Affine.of(5, 2, Key.of(1));
        Trainer[] trainer = new Trainer[1];
        Loss nested = (output, target, context) -> {
            trainer[0].step(x, labels);
            return new SoftmaxCrossEntropy().of(output, target, context);
        };
        trainer[0] = new Trainer(model, nested, Sgd.of(0.1), Key.of(2));
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer[0].step(x, labels))
                .withMessage(WITHIN);
    }

    private interface Writing {
        void run() throws IOException;
    }

    /** From the start of a fit to its end, in a step and between steps, the weights are the fit's alone. */
    @Test
    void whoWritesWeightsDuringAFitIsRefusedAndTheFitIsNotDisturbed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights");
        Checkpoint.saveWeights(file, Affine.of(5, 2, Key.of(9)));
        Affine alone = Affine.of(5, 2, Key.of(1));
        Dataset data = new Dataset(x, labels);
        Batches batches = Batches.inOrder(data, 2); // two steps an epoch
        FitOptions fit = FitOptions.epochs(2).validation(data);
        new Trainer(alone, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2)).fit(batches, fit);

        Affine model = Affine.of(5, 2, Key.of(1));
        Trainer second = new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(0.1), Key.of(3));
        TrainingState other = second.state();
        List<Writing> all = List.of(
                () -> Checkpoint.loadWeights(file, model),
                () -> Checkpoint.loadWeights(file, model, Layout.NN),
                () -> second.step(x, labels),
                () -> second.restore(other),
                () -> second.fit(batches, 1));
        List<String> refusals = new ArrayList<>();
        Runnable attempt = () -> all.forEach(writing -> {
            try {
                writing.run();
            } catch (IllegalStateException e) {
                refusals.add(e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Loss loss = (output, target, context) -> {
            attempt.run();
            return new SoftmaxCrossEntropy().of(output, target, context);
        };
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onStart(int epochs, int steps, int completedSteps) {
                attempt.run();
            }

            @Override
            public void onStep(StepReport report) {
                attempt.run();
            }

            @Override
            public void onEpoch(EpochReport report) {
                attempt.run();
            }

            @Override
            public void onEnd(History history) {
                attempt.run();
            }
        };
        Metric metric = (trained, inputs, targets) -> {
            attempt.run();
            return 0;
        };
        new Trainer(model, loss, Adam.of(0.1), Key.of(2))
                .fit(batches, fit.metric("m", metric).observers(observer));
        // the start, the end, four steps with a loss and an observer, two epochs with a loss, a metric and an observer
        assertThat(refusals)
                .hasSize(all.size() * (2 + 4 * 2 + 2 * 3))
                .contains("'weight' is being trained, so weights cannot be loaded, and nothing was changed: load them"
                        + " before the fit or after it")
                .allMatch(text -> text.startsWith("'weight' is being trained"));
        assertThat(model.fingerprint()).isEqualTo(alone.fingerprint());
        Checkpoint.loadWeights(file, model);
        assertThat(second.step(x, labels).step()).isEqualTo(1); // it is free again
    }

    /** Also between two steps: what the fit counts and compares there is not whole. */
    @Test
    void anotherThreadCannotReadTheStateDuringAFitWhichGoesOn(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("state");
        Affine alone = Affine.of(5, 2, Key.of(1));
        Batches batches = Batches.inOrder(new Dataset(x, labels), 2); // two steps an epoch
        new Trainer(alone, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2)).fit(batches, 2);
        Affine model = Affine.of(5, 2, Key.of(1));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2));
        List<String> refusals = new ArrayList<>();
        List<Long> steps = new ArrayList<>();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            TrainingObserver observer = new TrainingObserver() {
                @Override
                public void onStep(StepReport report) {
                    for (Writing reading : List.<Writing>of(trainer::state, () -> Checkpoint.save(file, trainer))) {
                        Future<?> other = thread.submit(() -> {
                            reading.run();
                            return null;
                        });
                        assertThatExceptionOfType(ExecutionException.class)
                                .isThrownBy(other::get)
                                .satisfies(e -> refusals.add(e.getCause().getMessage()));
                    }
                    trainer.readState(
                            state -> steps.add(Long.valueOf(state.text().get("trainer/steps"))));
                }
            };
            trainer.fit(batches, FitOptions.epochs(2).observers(observer));
            assertThat(thread.submit(trainer::state).get().text()).containsEntry("trainer/steps", "4");
        }
        assertThat(refusals).hasSize(2 * 4).containsOnly(READING);
        assertThat(steps).containsExactly(1L, 2L, 3L, 4L);
        assertThat(file).doesNotExist();
        assertThat(model.fingerprint()).isEqualTo(alone.fingerprint());
    }

    /** A fit that begins while another thread reads waits; so does a step. */
    @Test
    void trainingWaitsForAThreadThatReadsTheState() throws Exception {
        Affine model = Affine.of(5, 2, Key.of(1));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2));
        Batches batches = Batches.inOrder(new Dataset(x, labels), 2);
        List<Callable<?>> trainings = List.of(() -> trainer.fit(batches, 1), () -> trainer.step(x, labels));
        for (Callable<?> training : trainings) {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            String before = model.fingerprint();
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                Future<?> reading = threads.submit(() -> {
                    trainer.readState(state -> {
                        inside.countDown();
                        go.await();
                    });
                    return null;
                });
                inside.await();
                Future<?> waiting = threads.submit(training);
                try {
                    assertThatExceptionOfType(TimeoutException.class)
                            .isThrownBy(() -> waiting.get(50, TimeUnit.MILLISECONDS));
                    assertThat(model.fingerprint()).isEqualTo(before);
                } finally {
                    go.countDown();
                }
                reading.get();
                waiting.get();
            }
            assertThat(model.fingerprint()).isNotEqualTo(before);
        }
    }

    /** The reader comes at any moment: it gets a whole state or is refused, and no fit and no step fails. */
    @Test
    void aThreadThatReadsAgainAndAgainDisturbsNoTraining() throws Exception {
        Affine model = Affine.of(5, 2, Key.of(1));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2));
        Trainer copy = new Trainer(Affine.of(5, 2, Key.of(1)), new SoftmaxCrossEntropy(), Adam.of(0.1), Key.of(2));
        Batches batches = Batches.inOrder(new Dataset(x, labels), 2);
        AtomicBoolean ended = new AtomicBoolean();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> reading = thread.submit(() -> {
                while (!ended.get()) {
                    try {
                        copy.restore(trainer.state());
                    } catch (IllegalStateException e) {
                        assertThat(e).hasMessage(READING);
                    }
                }
            });
            try {
                for (int i = 0; i < 200; i++) {
                    trainer.fit(batches, 2);
                    trainer.step(x, labels);
                }
            } finally {
                ended.set(true);
            }
            reading.get();
        }
        assertThat(trainer.steps()).isEqualTo(200 * 5);
    }
}
