package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adafactor;
import nn.train.optimizer.Adagrad;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Lion;
import nn.train.optimizer.Muon;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;
import nn.train.optimizer.RmsProp;
import nn.train.optimizer.Sgd;
import nn.train.optimizer.UpdateRule;
import nn.train.shard.ShardExecutor;
import nn.train.shard.Shards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Training keeps a parameter at its minimum and a row for padding at 0, so that every state can be restored. */
class LimitedParametersTest {
    static final Optimizer[] OPTIMIZERS = {
        Sgd.of(0.3).withMomentum(0.9),
        Adam.of(0.1),
        Lion.of(0.1),
        RmsProp.of(0.1),
        Adagrad.of(0.3),
        Adafactor.of(0.1),
        ParameterGroups.others(Adam.of(0.1)).with("e.weight", Muon.of(0.1)),
        new CustomMomentum(0.3, 0.9),
        new Adding(0.1, -0.1f)
    };

    private final Tensor x = Tensor.full(1, 4, 2);
    private final Tensor y = Tensor.zeros(4, 2);
    private final Tensor tokens = Tensor.of(new float[] {0, 2, 4, 2}, 4);
    private final Tensor labels = Tensor.of(new float[] {0, 1, 2, 1}, 4);

    /** A rule of a user's own, which knows no limits. */
    record Adding(double rate, float number) implements Optimizer {
        @Override
        public UpdateRule ruleFor(Parameter parameter) {
            return new UpdateRule() {
                @Override
                public void apply(Tensor gradient, double rate, long step) {
                    float[] p = parameter.value().array();
                    for (int i = 0; i < parameter.value().size(); i++) {
                        p[parameter.value().offset() + i] += number;
                    }
                }

                @Override
                public List<Tensor> state() {
                    return List.of();
                }
            };
        }
    }

    /** Multiplies every column by a factor, which the target 0 pulls to 0. */
    record Scale(Parameter factor) implements Layer {
        @Override
        public Shape outputShape(Shape in) {
            return in.requireFeatures("Scale", factor.value().size());
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(factor);
        }

        @Override
        public Pass newPass() {
            return new Pass(this) {
                private Tensor x = Tensor.zeros(1);

                @Override
                protected Tensor forward(Tensor input, Context context) {
                    x = save(input);
                    return x.multiplyRow(context.value(factor));
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    dy.multiply(x).addSumOfRowsInto(gradients.of(factor));
                    return dy.multiplyRow(factor.value());
                }
            };
        }
    }

    /** Returns its input, and observes 0 in every column of it. */
    record Observer(Parameter statistic) implements Layer {
        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(statistic);
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(
                    this,
                    (x, context) -> new FunctionPass.Result(x, (dy, into) -> {
                        into.moveStatistic(statistic, new double[2], 0.9);
                        return dy;
                    }));
        }
    }

    private static Network scaled(double minimum) {
        return Network.builder(Key.of(1))
                .input(2)
                .layer(
                        "s",
                        (in, key) -> new Scale(Parameter.create(
                                "f", Parameter.Kind.SCALE, Shape.of(2), Fans.dense(2, 2), Init.ones(), key, minimum)))
                .build();
    }

    private static Tensor factor(Network model) {
        return model.parametersByPath().get("s.f").value();
    }

    private static Trainer trainer(Network model, Optimizer optimizer, TrainerOptions options) {
        return new Trainer(model, new MeanSquaredError(), optimizer, Key.of(1), options);
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void aValueStaysAtTheMinimumAndTheFileCanBeRead(Optimizer given, @TempDir Path folder) throws IOException {
        Optimizer optimizer = given instanceof ParameterGroups groups ? groups.optimizer() : given;
        Network model = scaled(0.5);
        Trainer trainer = trainer(model, optimizer, TrainerOptions.NONE);
        for (int i = 0; i < 30; i++) {
            trainer.step(x, y);
            assertThat(factor(model).get(0)).isGreaterThanOrEqualTo(0.5f);
        }
        assertThat(factor(model)).isBitEqualTo(Tensor.full(0.5f, 2));
        trainer.restore(trainer.state());
        Path file = folder.resolve("state");
        Checkpoint.save(file, trainer);
        Network other = scaled(0.5);
        Checkpoint.resume(file, trainer(other, optimizer, TrainerOptions.NONE));
        assertThat(factor(other)).isBitEqualTo(factor(model));
        Checkpoint.saveWeights(file, model);
        Checkpoint.loadWeights(file, other);
    }

    /** As floats, 0.7 is below 0.7, and 0.1 above 0.1. */
    @Test
    void aMinimumThatIsNoFloatIsRoundedUp() {
        for (double minimum : new double[] {0.7, 0.1}) {
            Network model = scaled(minimum);
            Trainer trainer = trainer(model, new Adding(0.1, -1), TrainerOptions.NONE);
            trainer.step(x, y);
            assertThat((double) factor(model).get(0)).isGreaterThanOrEqualTo(minimum);
            assertThat((double) Math.nextDown(factor(model).get(0))).isLessThan(minimum);
            trainer.restore(trainer.state());
        }
    }

    @Test
    void partsOfABatchMakeNoDifference() {
        List<TrainerOptions> all = List.of(
                TrainerOptions.NONE.microBatch(1),
                TrainerOptions.NONE.shards(4),
                TrainerOptions.NONE.shards(new Shards(4, backwards())));
        for (TrainerOptions options : all) {
            Network model = scaled(0.5);
            Trainer trainer = trainer(model, Adam.of(0.1), options);
            for (int i = 0; i < 10; i++) {
                trainer.step(x, y);
            }
            assertThat(factor(model)).isBitEqualTo(Tensor.full(0.5f, 2));
        }
    }

    private static ShardExecutor backwards() {
        return step -> {
            for (int i = step.count() - 1; i >= 0; i--) {
                step.run(i, i + 1);
            }
        };
    }

    @Test
    void aFrozenParameterStaysAsItIs() {
        Network model = Network.builder(Key.of(1))
                .input(2)
                .dense("a", 2)
                .layer("s", (in, key) -> scaled(0.5).layersByPath().get("s"))
                .build();
        Trainer trainer = trainer(model, Adam.of(0.1), TrainerOptions.NONE);
        trainer.freeze("s.f");
        factor(model).fill(0.25f);
        trainer.step(x, y);
        assertThat(factor(model)).isBitEqualTo(Tensor.full(0.25f, 2));
        trainer.unfreeze("*");
        trainer.step(x, y);
        assertThat(factor(model)).isBitEqualTo(Tensor.full(0.5f, 2));
    }

    @Test
    void aStatisticStaysAtItsMinimumInTrainingAndWhenItIsMeasured() {
        Parameter statistic = Parameter.create(
                "f", Parameter.Kind.STATISTIC, Shape.of(2), Fans.dense(2, 2), Init.ones(), Key.of(1), 0.5);
        Network model = Network.builder(Key.of(1))
                .input(2)
                .dense("a", 2)
                .layer("s", new Observer(statistic))
                .build();
        Trainer trainer = trainer(model, Adam.of(0.1), TrainerOptions.NONE);
        trainer.step(x, y);
        assertThat(statistic.value()).isBitEqualTo(Tensor.full(0.5f, 2));
        statistic.value().fill(1);
        trainer.measureStatistics(Batches.inOrder(new Dataset(x, y), 4));
        assertThat(statistic.value()).isBitEqualTo(Tensor.full(0.5f, 2));
        trainer.restore(trainer.state());
    }

    @Test
    void theMinimumDoesNotHideAValueThatIsNotFinite() {
        Network model = scaled(0.5);
        Trainer trainer = trainer(model, new Adding(0.1, Float.NEGATIVE_INFINITY), TrainerOptions.NONE);
        assertThatExceptionOfType(NonFiniteException.class)
                .isThrownBy(() -> trainer.step(x, y))
                .withMessageContaining("updated 's.f'");
        assertThat(factor(model)).isBitEqualTo(Tensor.full(1, 2));
    }

    @Test
    void theBestEpochAndTheAverageKeepTheMinimum(@TempDir Path folder) throws IOException {
        Network model = scaled(0.5);
        TrainerOptions options = TrainerOptions.NONE.averaging(Averaging.exponential(0.5));
        Trainer trainer = trainer(model, Sgd.of(0.2), options);
        Dataset data = new Dataset(x, y);
        Path file = folder.resolve("state");
        trainer.fit(
                Batches.inOrder(data, 4),
                FitOptions.epochs(20).validation(data).keepBest().observers(Checkpoint.everyEpoch(file, trainer)));
        Checkpoint.resume(file, trainer(scaled(0.5), Sgd.of(0.2), options));
        trainer.adoptAverage();
        Checkpoint.saveWeights(file, model);
        Checkpoint.loadWeights(file, model);
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void theRowForPaddingStaysZeroUnderEveryRuleAndPenalty(Optimizer optimizer) {
        Network model = Network.builder(Key.of(1))
                .input(Shape.of(Shape.ANY))
                .layer("e", Embedding.of(5, 4).padding(2))
                .dense("o", 3)
                .build();
        TrainerOptions options = TrainerOptions.NONE
                .penalty((parameter, gradient) -> {
                    for (int i = 0; i < gradient.size(); i++) {
                        gradient.array()[gradient.offset() + i] += 0.1f;
                    }
                })
                .averaging(Averaging.exponential(0.9));
        Trainer trainer = new Trainer(model, new SoftmaxCrossEntropy(), optimizer, Key.of(1), options);
        Tensor table = model.parametersByPath().get("e.weight").value();
        Tensor before = table.copy();
        for (int i = 0; i < 5; i++) {
            trainer.step(tokens, labels);
            assertThat(table.row(2)).isBitEqualTo(Tensor.zeros(4));
        }
        for (int row : new int[] {0, 1, 3, 4}) {
            assertThat(table.row(row)).isNotBitEqualTo(before.row(row));
        }
        trainer.restore(trainer.state());
    }
}
