package nn.train.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.ShardedTraining;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.internal.LibraryVersion;
import nn.train.internal.shard.ShardRecipe;
import nn.train.io.DataFormatException;
import nn.train.loss.Loss;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shards by messages: the bits of a training on its own threads, whatever happens to the messages. */
class ShardWorkerTest {
    private static final Key KEY = ShardedTraining.KEY;

    /**
     * Workers that are unreliable in every way: one of them is lost in the middle of some steps and comes back with
     * other weights later; messages in both directions are damaged, repeated, or those of the step before.
     */
    private static final class Unreliable implements ShardExecutor {
        private final List<ShardWorker> workers = new ArrayList<>();
        private final Random random = new Random(7);
        private ByteBuffer late = ByteBuffer.allocate(0); // a result of the step before
        private ByteBuffer kept = late; // a result of this step
        private int refused;
        private int repeated;
        private int lost;

        Unreliable(ShardedTraining recipe, int count) {
            for (int i = 0; i < count; i++) {
                workers.add(recipe.worker());
            }
        }

        @Override
        public void run(ShardStep step) {
            boolean[] ready = new boolean[workers.size()]; // whether it has the weights
            Deque<Integer> open = new ArrayDeque<>();
            for (int shard = 0; shard < step.count(); shard++) {
                open.add(shard);
            }
            ByteBuffer weights = step.weights();
            while (!open.isEmpty()) {
                int shard = open.removeFirst();
                int index = random.nextInt(workers.size());
                try {
                    if (!ready[index]) {
                        workers.get(index).weights(damaged(weights));
                        ready[index] = true;
                    }
                    ByteBuffer result = workers.get(index).compute(damaged(step.task(shard)));
                    if (random.nextInt(5) == 0) { // the worker is lost with its result
                        lost++;
                        throw new IOException("lost");
                    }
                    if (late.hasRemaining() && random.nextInt(4) == 0) {
                        step.accept(late);
                        throw new IllegalStateException("a late message was taken");
                    }
                    assertThat(step.accept(damaged(result))).isTrue();
                    if (random.nextInt(4) == 0) {
                        repeated++;
                        assertThat(step.accept(result)).isFalse();
                    }
                    kept = result;
                } catch (DataFormatException e) {
                    refused++;
                    open.addLast(shard);
                } catch (IOException e) {
                    open.addLast(shard);
                }
            }
            late = kept;
        }

        /** Returns a copy of a message in which a bit is wrong, or the end is missing, now and then. */
        private ByteBuffer damaged(ByteBuffer message) {
            byte[] bytes = new byte[message.remaining()];
            message.duplicate().get(bytes);
            int kind = random.nextInt(8);
            if (kind == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return ByteBuffer.wrap(bytes, 0, kind == 1 ? random.nextInt(bytes.length) : bytes.length);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theBitsAreTheSameByMessagesThatAreDamagedLateRepeatedAndLost(ShardedTraining recipe) {
        for (int count : new int[] {1, 3}) {
            Unreliable workers = new Unreliable(recipe, count);
            assertThat(recipe.straight(workers)).isEqualTo(recipe.bits());
            assertThat(workers.refused).isGreaterThan(4);
            assertThat(workers.repeated).isPositive();
            assertThat(workers.lost).isPositive();
        }
    }

    /** Hands the step to a test. */
    @FunctionalInterface
    private interface Look {
        void at(ShardStep step) throws IOException;
    }

    private static void look(Look look) {
        Trainer trainer = ShardedTraining.BATCH_NORMALIZATION.trainer(step -> {
            try {
                look.at(step);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            step.run(0, step.count());
        });
        Tensor x = Tensor.zeros(8, 5);
        Key.of(3).uniform(x, -1f, 1f);
        trainer.step(x, Tensor.zeros(8));
    }

    @Test
    void everyChangedBitOfAMessageIsRefused() {
        look(step -> {
            ShardWorker worker = ShardedTraining.BATCH_NORMALIZATION.worker();
            worker.weights(step.weights());
            ByteBuffer task = step.task(1);
            ByteBuffer result = worker.compute(task);
            byte[] bytes = task.array();
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= (byte) (1 << i % 8);
                assertThatThrownBy(() -> worker.compute(task)).isInstanceOf(DataFormatException.class);
                bytes[i] ^= (byte) (1 << i % 8);
            }
            byte[] answer = result.array();
            for (int i = 0; i < answer.length; i++) {
                answer[i] ^= (byte) (1 << i % 8);
                assertThatThrownBy(() -> step.accept(result)).isInstanceOf(DataFormatException.class);
                answer[i] ^= (byte) (1 << i % 8);
            }
            for (int length = 0; length < answer.length; length++) {
                ByteBuffer cut = ByteBuffer.wrap(answer, 0, length);
                assertThatThrownBy(() -> step.accept(cut)).isInstanceOf(DataFormatException.class);
            }
            assertThat(step.accept(result)).isTrue();
        });
    }

    @Test
    void aWorkerWithoutTheWeightsOfTheStepRefusesItsTasks() {
        look(step -> {
            ShardWorker worker = ShardedTraining.BATCH_NORMALIZATION.worker();
            assertThatThrownBy(() -> worker.compute(step.task(0)))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("step 1, but this worker has the weights of step 0");
        });
    }

    @Test
    void aWorkerOfAnotherRecipeIsRefusedByNameAndKeepsItsWeights() {
        look(step -> {
            Network other = Network.builder(Key.of(1))
                    .input(5)
                    .dense("hidden", 17)
                    .batchNorm("norm")
                    .relu()
                    .dense("out", 3)
                    .build();
            Network same = ShardedTraining.BATCH_NORMALIZATION.model();
            Loss loss = new SoftmaxCrossEntropy();
            refused(step, new ShardWorker(other, loss, KEY, 4), "the model of the trainer is", "Dense 5 -> 17");
            refused(step, new ShardWorker(same, loss, Key.of(3), 4), "the trainer's key");
            refused(
                    step,
                    new ShardWorker(same, loss, KEY, 5),
                    "the number of shards of the trainer is 4, here it is 5");
            refused(
                    step,
                    new ShardWorker(same, new SoftmaxCrossEntropy().withSmoothing(0.1), KEY, 4),
                    "the loss of the trainer is");
        });
    }

    @Test
    void anotherVersionIsADifferenceLikeAnyOther() {
        ShardRecipe here = ShardRecipe.of(
                ShardedTraining.BATCH_NORMALIZATION.model(), new SoftmaxCrossEntropy(), KEY, ShardedTraining.SHARDS);
        SequencedMap<String, String> texts = new LinkedHashMap<>(here.texts());
        texts.put("the version of nn", "0.0.1");
        ShardRecipe trainers = new ShardRecipe(texts);
        assertThat(here.differences(trainers.texts()))
                .containsExactly("the version of nn of the trainer is 0.0.1, here it is " + LibraryVersion.TEXT);
        assertThat(here.fingerprint()).isNotEqualTo(trainers.fingerprint()); // tasks and results have it
    }

    private static void refused(ShardStep step, ShardWorker worker, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> worker.weights(step.weights()))
                .withMessageContainingAll(parts);
        assertThatThrownBy(() -> worker.compute(step.task(0)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("another recipe");
    }

    @Test
    void frozenParametersOfTheTrainerAreFrozenInAWorker() {
        ShardedTraining recipe = ShardedTraining.BATCH_NORMALIZATION;
        List<List<String>> prints = new ArrayList<>();
        for (boolean remote : new boolean[] {false, true}) {
            ShardWorker worker = recipe.worker();
            Network model = recipe.model();
            ShardExecutor byMessages = step -> {
                try {
                    worker.weights(step.weights());
                    for (int shard = step.count() - 1; shard >= 0; shard--) {
                        step.accept(worker.compute(step.task(shard)));
                    }
                } catch (DataFormatException e) {
                    throw new IllegalStateException(e);
                }
            };
            Trainer trainer = new Trainer(
                    model,
                    new SoftmaxCrossEntropy(),
                    Sgd.of(0.5),
                    KEY,
                    TrainerOptions.NONE.shards(new Shards(4, remote ? byMessages : ShardExecutor.LOCAL)));
            Tensor x = Tensor.zeros(8, 5);
            Key.of(3).uniform(x, -1f, 1f);
            trainer.step(x, Tensor.zeros(8));
            trainer.freeze("norm.", "hidden.bias");
            trainer.step(x, Tensor.zeros(8));
            trainer.unfreeze("norm.scale", "norm.bias", "hidden.bias");
            trainer.step(x, Tensor.zeros(8));
            trainer.step(x.rows(0, 3), Tensor.zeros(3)); // an empty shard, and three of one row
            prints.add(ShardedTraining.prints(model));
        }
        assertThat(prints.get(1)).isEqualTo(prints.get(0));
    }
}
