package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
                assertThatIllegalStateException().isThrownBy(first::state).withMessage(TEXT);
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
}
