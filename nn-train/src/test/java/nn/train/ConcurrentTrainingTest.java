package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;

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
}
