package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import nn.init.Init;
import nn.layers.Gradients;
import nn.layers.Pass;
import nn.layers.Workspace;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.io.DataFormatException;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Clipping;
import nn.train.optimizer.Penalty;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Schedule;
import nn.train.shard.ShardExecutor;
import nn.train.shard.ShardWorker;
import nn.train.shard.Shards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shards: the same bits, whoever computes them. */
class ShardsTest {
    private static final int FEATURES = ShardedTraining.FEATURES;
    private static final int TIME = ShardedTraining.TIME;
    private static final int EXAMPLES = ShardedTraining.EXAMPLES;
    private static final int SHARDS = ShardedTraining.SHARDS;

    /** Computes shards on a number of threads, in another order at every step, and some of them twice. */
    private static ShardExecutor workers(int threads) {
        Random order = new Random(threads);
        return step -> {
            List<Integer> shards = new ArrayList<>();
            for (int i = 0; i < step.count(); i++) {
                shards.add(i);
            }
            shards.add(order.nextInt(step.count()));
            Collections.shuffle(shards, order);
            try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> running = new ArrayList<>();
                shards.forEach(shard -> running.add(pool.submit(() -> step.run(shard, shard + 1))));
                for (Future<?> one : running) {
                    one.get();
                }
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void theBitsAreTheSameOnAnyNumberOfWorkersAndAfterAResumptionWithAnother(ShardedTraining recipe) {
        String expected = recipe.bits();
        assertThat(recipe.straight(ShardExecutor.LOCAL)).isEqualTo(expected);
        for (int workers : new int[] {1, 2, 3, 4, 8}) {
            assertThat(recipe.straight(workers(workers)))
                    .as("%d workers", workers)
                    .isEqualTo(expected);
            assertThat(killedAndResumed(recipe, workers(workers), workers(9 - workers)))
                    .as("killed with %d workers", workers)
                    .isEqualTo(expected);
        }
    }

    /** Stops in the middle of the second epoch, and resumes with a new trainer. */
    private static String killedAndResumed(ShardedTraining recipe, ShardExecutor before, ShardExecutor after) {
        Trainer killed = recipe.trainer(before);
        List<EpochReport> history = new ArrayList<>(killed.fit(
                        recipe.batches(), FitOptions.epochs(4).observers(new TrainingObserver() {
                            @Override
                            public void onStep(StepReport report) {
                                if (report.step() == 5) {
                                    killed.cancel();
                                }
                            }
                        }))
                .epochs());
        assertThat(killed.steps()).isEqualTo(5);
        Trainer resumed = recipe.trainer(after);
        resumed.restore(killed.state());
        history.addAll(resumed.fit(recipe.batches(), 4).epochs());
        return ShardedTraining.print(resumed, history);
    }

    @ParameterizedTest
    @EnumSource
    void theBitsAreThoseOfDebugMode(ShardedTraining recipe) {
        Tensor x = recipe.batches().dataset().x();
        Tensor y = recipe.batches().dataset().y();
        List<Trainer> trainers = new ArrayList<>();
        for (TrainerOptions options : List.of(
                TrainerOptions.NONE.shards(SHARDS),
                TrainerOptions.NONE.shards(SHARDS).debugging())) {
            Trainer trainer =
                    new Trainer(recipe.model(), new SoftmaxCrossEntropy(), recipe.optimizer(), Key.of(2), options);
            trainer.step(x, y);
            trainers.add(trainer);
        }
        trainers.get(0)
                .model()
                .parametersByPath()
                .forEach((path, parameter) -> assertThat(trainers.get(1)
                                .model()
                                .parametersByPath()
                                .get(path)
                                .value())
                        .isBitEqualTo(parameter.value()));
    }

    /** Returns the gradients of some rows of a batch, of which they are a share. */
    private static Gradients part(Network model, Tensor x, Tensor y, int from, int to, Key key) {
        Gradients gradients = new Gradients(model);
        Workspace workspace = new Workspace();
        workspace.begin(key);
        Pass pass = Pass.of(model);
        Tensor output = workspace.run(pass, x.rows(from, to));
        Loss.Value value = new SoftmaxCrossEntropy().of(output, y.rows(from, to), workspace);
        value.dOutput().scaleInPlace((float) ((double) (to - from) / x.dim(0)));
        pass.pullbackParameters(value.dOutput(), gradients);
        return gradients;
    }

    @Test
    void gradientsAreSummedOverTheTreeOfTheRecipe() {
        requireSummedOverTheTree(ShardedTraining.DROPOUT_AND_ADAM::model, FEATURES);
    }

    @Test
    void gradientsOfLargeWeightsWhoseOperandsAreKeptAreSummedOverTheTree() {
        requireSummedOverTheTree(() -> large(60), 60);
    }

    /** A network two of whose weights are larger than the operands of their gradients in a shard. */
    private static Network large(int features) {
        return Network.builder(Key.of(1))
                .input(features)
                .dense("hidden1", 80)
                .relu()
                .dropout("drop", 0.25)
                .dense("hidden2", 70)
                .tanh()
                .dense("out", 3)
                .build();
    }

    private static void requireSummedOverTheTree(Supplier<Network> model, int features) {
        int[] edges = {0, 2, 3, 5, 6, 7}; // of seven examples in five shards: ceil(7 i / 5)
        Tensor x = Tensor.zeros(7, features);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = ShardedTraining.labels(7);
        Network expected = model.get();
        List<Gradients> parts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            parts.add(part(
                    expected, x, y, edges[i], edges[i + 1], Key.of(2).child(1).child(i)));
        }
        parts.get(0).add(parts.get(1));
        parts.get(2).add(parts.get(3));
        parts.get(0).add(parts.get(2));
        parts.get(0).add(parts.get(4)); // without a partner on two levels
        expected.parametersByPath()
                .values()
                .forEach(p -> p.value().addScaledInPlace(-0.5f, parts.get(0).of(p)));
        for (ShardExecutor executor : List.of(ShardExecutor.LOCAL, workers(3), byMessages(model))) {
            Network sharded = model.get();
            TrainerOptions options = TrainerOptions.NONE.shards(new Shards(5, executor));
            new Trainer(sharded, new SoftmaxCrossEntropy(), Sgd.of(0.5), Key.of(2), options).step(x, y);
            sharded.parametersByPath()
                    .forEach((path, parameter) -> assertThat(parameter.value())
                            .isBitEqualTo(expected.parametersByPath().get(path).value()));
        }
    }

    /** Computes two shards here, and has the others come by messages. */
    private static ShardExecutor byMessages(Supplier<Network> model) {
        return step -> {
            ShardWorker worker = new ShardWorker(model.get(), new SoftmaxCrossEntropy(), Key.of(2), step.count());
            try {
                worker.weights(step.weights());
                step.run(1, 3);
                step.accept(worker.compute(step.task(0)));
                for (int shard = 3; shard < step.count(); shard++) {
                    step.accept(worker.compute(step.task(shard)));
                }
            } catch (DataFormatException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    @Test
    void keptOperandsChangeNoBitFromStepToStepAndWithOtherBatchSizes() {
        List<List<String>> prints = new ArrayList<>();
        for (ShardExecutor executor : List.of(ShardExecutor.LOCAL, workers(2), byMessages(() -> large(60)))) {
            Network model = large(60);
            TrainerOptions options = TrainerOptions.NONE.shards(new Shards(SHARDS, executor));
            Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), Adam.of(0.01), Key.of(2), options);
            for (int rows : new int[] {12, 12, 3, 200, 150}) { // the last two have shards of more rows than are kept
                Tensor x = Tensor.zeros(rows, 60);
                Key.of(rows).uniform(x, -1f, 1f);
                trainer.step(x, ShardedTraining.labels(rows));
                if (rows == 3) {
                    trainer.freeze("hidden1.");
                }
            }
            prints.add(ShardedTraining.prints(model));
        }
        assertThat(prints.get(1)).isEqualTo(prints.get(0));
        assertThat(prints.get(2)).isEqualTo(prints.get(0));
    }

    @Test
    void theStepIsThatOfTheWholeBatchButForRounding() {
        Tensor x = Tensor.zeros(16, FEATURES);
        Key.of(3).uniform(x, -1f, 1f);
        Tensor y = ShardedTraining.labels(16);
        List<Network> models = new ArrayList<>();
        List<StepReport> reports = new ArrayList<>();
        for (TrainerOptions options :
                List.of(TrainerOptions.NONE, TrainerOptions.NONE.shards(3), TrainerOptions.NONE.shards(40))) {
            Network model = Network.builder(Key.of(1))
                    .input(FEATURES)
                    .dense("hidden", 16)
                    .tanh()
                    .dense("out", 3)
                    .build();
            reports.add(new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(0.5), Key.of(2), options).step(x, y));
            models.add(model);
        }
        for (int i = 1; i < 3; i++) {
            // sums of 16 products of numbers below 1: each rounds by 2^-24 of at most 1, in two orders
            assertThat(reports.get(i).loss()).isCloseTo(reports.get(0).loss(), within(1e-6));
            Network model = models.get(i);
            models.get(0)
                    .parametersByPath()
                    .forEach((path, parameter) -> assertThat(
                                    model.parametersByPath().get(path).value())
                            .isCloseTo(parameter.value(), 2e-6));
        }
    }

    @Test
    void aRunningStatisticMovesByTheMeanOfTheShards() {
        Noisy model = Noisy.of(FEATURES, 3, Key.of(1));
        Tensor x = Tensor.zeros(8, FEATURES);
        Key.of(3).uniform(x, -1f, 1f);
        Trainer trainer =
                new Trainer(model, new SoftmaxCrossEntropy(), Sgd.of(1e-30), Key.of(2), TrainerOptions.NONE.shards(3));
        trainer.step(x, ShardedTraining.labels(8));
        // The noise is drawn by shard. Its means are those of the outputs, moved from 0 by the momentum.
        int[] edges = {0, 3, 6, 8};
        double[] expected = new double[3];
        for (int i = 0; i < 3; i++) {
            Workspace workspace = new Workspace();
            workspace.begin(Key.of(2).child(1).child(i));
            Tensor output = workspace.run(Pass.of(model), x.rows(edges[i], edges[i + 1]));
            for (int j = 0; j < 3; j++) {
                for (int row = 0; row < output.dim(0); row++) {
                    expected[j] += Noisy.MOMENTUM * output.get(row, j) / output.dim(0) / 3;
                }
            }
        }
        for (int j = 0; j < 3; j++) {
            assertThat((double) model.mean().value().get(j)).isCloseTo(expected[j], within(1e-6));
        }
    }

    @Test
    void aShardWithoutTermsIsLeftOut() {
        Tensor x = Tensor.zeros(6, FEATURES);
        Key.of(3).uniform(x, -1f, 1f);
        for (int absent = 0; absent < 3; absent++) {
            Tensor y = ShardedTraining.labels(6);
            y.set(-1, 2 * absent);
            y.set(-1, 2 * absent + 1);
            Tensor rest = Tensor.zeros(4, FEATURES);
            Tensor restLabels = Tensor.zeros(4);
            for (int i = 0, at = 0; i < 6; i++) {
                if (i / 2 != absent) {
                    rest.row(at).copyFrom(x.row(i));
                    restLabels.set(y.get(i), at++);
                }
            }
            Loss loss = new SoftmaxCrossEntropy().ignoring(-1);
            Affine sharded = Affine.of(FEATURES, 3, Key.of(1));
            StepReport report =
                    new Trainer(sharded, loss, Sgd.of(0.5), Key.of(2), TrainerOptions.NONE.shards(3)).step(x, y);
            Affine two = Affine.of(FEATURES, 3, Key.of(1));
            StepReport same = new Trainer(two, loss, Sgd.of(0.5), Key.of(2), TrainerOptions.NONE.shards(2))
                    .step(rest, restLabels);
            assertThat(sharded.weight().value()).isBitEqualTo(two.weight().value());
            assertThat(report.loss()).isEqualTo(same.loss());
        }
    }

    @Test
    void frozenParametersStayInEveryShard() {
        Network model = ShardedTraining.BATCH_NORMALIZATION.model();
        Trainer trainer = new Trainer(
                model, new SoftmaxCrossEntropy(), Sgd.of(0.5), Key.of(2), TrainerOptions.NONE.shards(SHARDS));
        Tensor x = ShardedTraining.BATCH_NORMALIZATION.batches().dataset().x();
        trainer.step(x, ShardedTraining.labels(EXAMPLES));
        trainer.freeze("hidden.", "norm.");
        List<String> before = ShardedTraining.prints(model);
        trainer.step(x, ShardedTraining.labels(EXAMPLES));
        List<String> after = ShardedTraining.prints(model);
        trainer.unfreeze("*");
        trainer.step(x, ShardedTraining.labels(EXAMPLES));
        List<String> last = ShardedTraining.prints(model);
        int i = 0;
        for (String path : model.parametersByPath().keySet()) {
            boolean frozen = !path.startsWith("out.");
            assertThat(after.get(i).equals(before.get(i))).as(path).isEqualTo(frozen);
            assertThat(last.get(i).equals(after.get(i))).as(path).isFalse();
            i++;
        }
    }

    @Test
    void aShardOfOneRowCannotBeNormalizedAndIsNamed() {
        Tensor x = Tensor.zeros(7, FEATURES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardedTraining.BATCH_NORMALIZATION
                        .trainer(ShardExecutor.LOCAL)
                        .step(x, ShardedTraining.labels(7)))
                .withMessageContaining("in the shard that begins with example 6 of the batch")
                .withMessageContaining("at least 2");
    }

    @Test
    void aStepWhoseShardFailsChangesNothingAndTheNextOneRuns() {
        Network model = ShardedTraining.DROPOUT_AND_ADAM.model();
        boolean[] fails = {true};
        ShardExecutor executor = step -> {
            step.run(0, 2);
            if (fails[0]) {
                throw new IllegalStateException("lost");
            }
            step.run(2, step.count());
        };
        Trainer trainer = new Trainer(
                model,
                new SoftmaxCrossEntropy(),
                Adam.of(0.01),
                Key.of(2),
                TrainerOptions.NONE.shards(new Shards(SHARDS, executor)));
        Tensor x = Tensor.zeros(8, FEATURES);
        Key.of(3).uniform(x, -1f, 1f);
        List<String> before = ShardedTraining.prints(model);
        assertThatThrownBy(() -> trainer.step(x, ShardedTraining.labels(8))).hasMessage("lost");
        assertThat(ShardedTraining.prints(model)).isEqualTo(before);
        fails[0] = false;
        trainer.step(x, ShardedTraining.labels(8));
        Network other = ShardedTraining.DROPOUT_AND_ADAM.model();
        new Trainer(other, new SoftmaxCrossEntropy(), Adam.of(0.01), Key.of(2), TrainerOptions.NONE.shards(SHARDS))
                .step(x, ShardedTraining.labels(8));
        assertThat(ShardedTraining.prints(model)).isEqualTo(ShardedTraining.prints(other));
    }

    @Test
    void anExecutorThatForgetsAShardIsRefused() {
        Trainer trainer = ShardedTraining.RECURRENT.trainer(step -> {
            step.run(0, 2);
            step.run(3, 4);
        });
        assertThatThrownBy(() -> trainer.step(Tensor.zeros(8, TIME, FEATURES), ShardedTraining.labels(8)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("returned before shard 2 of 4 was computed");
        assertThat(trainer.steps()).isZero();
    }

    @Test
    void aNumberThatIsNotFiniteIsFoundInItsShard() {
        Network model = Network.builder(Key.of(1))
                .input(1)
                .dense("out", 1, Init.constant(1e30))
                .build();
        Tensor x = Tensor.zeros(6, 1);
        x.set(1e30f, 4, 0);
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> new Trainer(
                                model, new MeanSquaredError(), Sgd.of(0.1), Key.of(2), TrainerOptions.NONE.shards(3))
                        .step(x, Tensor.zeros(6, 1)))
                .withMessageContaining("'out'")
                .withMessageContaining("in row 0, column 0 of the shard that begins with example 4 of the batch");
    }

    @Test
    void theNumberOfShardsBelongsToTheRecipeAndTheirExecutorDoesNot() {
        Trainer four = ShardedTraining.RECURRENT.trainer(ShardExecutor.LOCAL);
        TrainingState state = four.state();
        Trainer five = new Trainer(
                ShardedTraining.RECURRENT.model(),
                new SoftmaxCrossEntropy(),
                ShardedTraining.RECURRENT.optimizer(),
                Key.of(2),
                TrainerOptions.NONE
                        .schedule(Schedule.warmUp(4))
                        .clipping(Clipping.norm(0.5))
                        .penalty(Penalty.of(1e-4, 1e-3))
                        .shards(5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> five.restore(state))
                .withMessageContaining("the number of shards was 4, here it is 5");
        five.restore(state, Difference.OPTIONS);
        ShardedTraining.RECURRENT.trainer(workers(2)).restore(state);
    }

    @Test
    void shardsAreOneOrMoreAndExcludeOtherParts() {
        assertThatIllegalArgumentException().isThrownBy(() -> Shards.of(0)).withMessageContaining("0 shards");
        assertThatIllegalArgumentException().isThrownBy(() -> Shards.of(Shards.MOST + 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainerOptions.NONE.microBatch(3).shards(2))
                .withMessageContaining("2 shards")
                .withMessageContaining("microBatch is 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainerOptions.NONE.shards(2).carryingStates())
                .withMessageContaining("2 shards")
                .withMessageContaining("carried");
    }
}
