package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.init.Init;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.dense.Embedding;
import nn.layers.dense.GatedDense;
import nn.layers.network.Network;
import nn.layers.network.Residual;
import nn.layers.normalization.RmsNorm;
import nn.layers.regularization.Dropout;
import nn.layers.shape.Flatten;
import nn.layers.shape.Reshape;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import nn.train.shard.ShardExecutor;
import nn.train.shard.Shards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shards of one thread: row-wise layers run on the rows of all of them, with the bits of shard by shard. */
class ShardsAtOnceTest {
    private static final int FEATURES = 12;
    private static final int VALUES = 5; // of the inputs
    private static final int CLASSES = 3;
    private static final Key KEY = Key.of(2);

    /** A layer around a model that says nothing of rows, so that the model is run shard by shard. */
    private record ByShard(Layer model) implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                private final Pass inner = Pass.of(model);

                @Override
                protected Tensor forward(Tensor x, Context context) {
                    return context.run(inner, x);
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    return inner.pullback(dy, gradients);
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return model.outputShape(in);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            children.put("model", model);
            return children;
        }
    }

    /** y = x, which notes the numbers of rows that it is given. */
    private record RowCounts(List<Integer> counts, boolean isRowwise) implements Layer {
        @Override
        public Pass newPass() {
            return new Pass(this) {
                @Override
                protected Tensor forward(Tensor x, Context context) {
                    counts.add(x.dim(0));
                    return x;
                }

                @Override
                protected Tensor backward(Tensor dy, Gradients gradients) {
                    counts.add(dy.dim(0));
                    return dy;
                }
            };
        }

        @Override
        public Shape outputShape(Shape in) {
            return in;
        }

        @Override
        public String toString() {
            return "RowCounts";
        }
    }

    /** Models with layers of both kinds. Their input is a row of small whole numbers. */
    private enum Model {
        DROPOUT {
            @Override
            Network.Builder layers(Network.Builder builder) {
                Dropout twice = new Dropout(0.25, Key.of(5));
                return builder.dense("a", 80)
                        .relu()
                        .layer("drop1", twice)
                        .dense("b", 70)
                        .tanh()
                        .layer("drop2", twice);
            }
        },
        BATCH_NORMALIZATION_AND_RESIDUAL {
            @Override
            Network.Builder layers(Network.Builder builder) {
                return builder.dense("a", 80)
                        .batchNorm("norm1")
                        .relu()
                        .layer(
                                "block",
                                Residual.of(b -> b.dense("b", 80)
                                                .batchNorm("norm2")
                                                .gelu())
                                        .learnedGains(0.5));
            }
        },
        OTHER_NORMALIZATIONS_AND_A_CUSTOM_LAYER {
            @Override
            Network.Builder layers(Network.Builder builder) {
                return builder.dense("a", 80)
                        .layerNorm("norm1")
                        .layer(
                                "block",
                                Residual.of(b -> b.layer("gated", GatedDense.hidden(30)))
                                        .learnedGain(0.5))
                        .layer("own", new RowCounts(new ArrayList<>(), false))
                        .layer("chain", Network.chain(b -> b.dense("b", 60).layer("norm2", RmsNorm.epsilon(1e-5))));
            }
        },
        EMBEDDING_AND_SEVERAL_ROWS_FOR_AN_EXAMPLE {
            @Override
            Network.Builder layers(Network.Builder builder) {
                return builder.layer("table", Embedding.of(VALUES, 9))
                        .dense("a", 90)
                        .sigmoid()
                        .layer("flat", new Flatten())
                        .dense("b", 40);
            }
        },
        ONE_LAYER_IN_TWO_PLACES {
            @Override
            Network.Builder layers(Network.Builder builder) {
                Dense twice = Dense.of(80, 80, Key.of(5));
                return builder.dense("a", 80).layer("b", twice).relu().layer("c", twice);
            }
        },
        FADING {
            @Override
            Network.Builder layers(Network.Builder builder) {
                return builder.dense("a", 80)
                        .dense("b", 80, Init.constant(1e-16f))
                        .dense("c", 80, Init.constant(1e-16f));
            }
        };

        abstract Network.Builder layers(Network.Builder builder);

        Network network() {
            return layers(Network.builder(Key.of(1)).input(FEATURES))
                    .dense("out", CLASSES)
                    .build();
        }
    }

    private static Tensor inputs(int rows) {
        Tensor x = Tensor.zeros(rows, FEATURES);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = Math.floorMod(Key.of(3).word(i), VALUES);
        }
        return x;
    }

    private static Trainer trainer(Layer model, Loss loss, int shards, ShardExecutor executor) {
        TrainerOptions options = TrainerOptions.NONE.shards(new Shards(shards, executor));
        return new Trainer(model, loss, Adam.of(0.01), KEY, options);
    }

    /** Trains on batches of several sizes, and returns the losses and the bits of all weights. */
    private static List<String> bits(Layer model, Loss loss, int shards, ShardExecutor executor) {
        Trainer trainer = trainer(model, loss, shards, executor);
        List<String> bits = new ArrayList<>();
        for (int rows : new int[] {21, 21, 17, 32}) {
            bits.add(""
                    + trainer.step(inputs(rows), ShardedTraining.labels(rows)).loss());
        }
        model.parametersByPath().values().forEach(p -> bits.add(p.value().sha256()));
        return bits;
    }

    /** Has the shards computed by two threads, in ranges that overlap and are no subtrees. */
    private static final ShardExecutor RANGES = step -> {
        int third = (step.count() + 2) / 3;
        Thread other = Thread.ofPlatform().start(() -> step.run(0, third));
        step.run(third / 2, step.count());
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    };

    @ParameterizedTest
    @EnumSource
    void theBitsAreThoseOfShardByShard(Model model) {
        for (int shards : new int[] {1, 2, 3, 5, 8}) {
            List<String> expected =
                    bits(new ByShard(model.network()), new SoftmaxCrossEntropy(), shards, ShardExecutor.LOCAL);
            assertThat(bits(model.network(), new SoftmaxCrossEntropy(), shards, ShardExecutor.LOCAL))
                    .as("%d shards", shards)
                    .isEqualTo(expected);
            assertThat(bits(model.network(), new SoftmaxCrossEntropy(), shards, RANGES))
                    .as("%d shards in ranges", shards)
                    .isEqualTo(expected);
        }
    }

    @Test
    void soAreThoseOfALossThatMakesItsGradientItself() {
        Loss own = (output, target, context) -> {
            Loss.Value value = new SoftmaxCrossEntropy().of(output, target, context);
            float[] noise = {0}; // of the shard's key
            context.key(Key.of(9)).uniform(Tensor.of(noise, 1), 0f, 1f);
            return new Loss.Value(value.value() + noise[0], value.dOutput());
        };
        Loss loss = new Labels(own);
        List<String> expected = bits(new ByShard(Model.DROPOUT.network()), loss, 4, ShardExecutor.LOCAL);
        assertThat(bits(Model.DROPOUT.network(), loss, 4, ShardExecutor.LOCAL)).isEqualTo(expected);
    }

    /** A loss of labels. */
    private record Labels(Loss loss) implements Loss {
        @Override
        public Value of(Tensor output, Tensor target, Context context) {
            return loss.of(output, target, context);
        }

        @Override
        public Shape targetShape(Shape output) {
            return output.without(1);
        }
    }

    @Test
    void soAreThoseOfFrozenLayers() {
        List<List<String>> bits = new ArrayList<>();
        for (boolean byShard : new boolean[] {true, false}) {
            Network network = Model.BATCH_NORMALIZATION_AND_RESIDUAL.network();
            Trainer trainer = trainer(
                    byShard ? new ByShard(network) : network, new SoftmaxCrossEntropy(), 4, ShardExecutor.LOCAL);
            String prefix = byShard ? "model." : "";
            trainer.step(inputs(16), ShardedTraining.labels(16));
            trainer.freeze(prefix + "a.", prefix + "norm1.", prefix + "block.b.weight");
            trainer.step(inputs(16), ShardedTraining.labels(16));
            trainer.unfreeze("*");
            trainer.step(inputs(16), ShardedTraining.labels(16));
            bits.add(ShardedTraining.prints(network));
        }
        assertThat(bits.get(1)).isEqualTo(bits.get(0));
    }

    private static Network counting(List<Integer> counts, boolean isRowwise) {
        return Network.builder(Key.of(1))
                .input(FEATURES)
                .dense("a", 80)
                .layer("counts", new RowCounts(counts, isRowwise))
                .dense("out", CLASSES)
                .build();
    }

    @Test
    void aRowwiseLayerRunsOnceOnAllRowsAndAnyOtherOnThoseOfEachShard() {
        List<Integer> counts = new ArrayList<>();
        trainer(counting(counts, true), new SoftmaxCrossEntropy(), 3, step -> step.run(0, 3))
                .step(inputs(10), ShardedTraining.labels(10));
        assertThat(counts).containsExactly(10, 10);
        counts.clear();
        trainer(counting(counts, false), new SoftmaxCrossEntropy(), 3, step -> step.run(0, 3))
                .step(inputs(10), ShardedTraining.labels(10));
        assertThat(counts).containsExactly(4, 3, 3, 4, 3, 3);
    }

    @Test
    void aShardThatWasComputedBeforeAndOneWithoutTermsEndARange() {
        List<Integer> counts = new ArrayList<>();
        Tensor y = ShardedTraining.labels(16);
        for (int i = 8; i < 10; i++) { // the fifth shard
            y.set(-1, i);
        }
        Loss loss = new SoftmaxCrossEntropy().ignoring(-1);
        Network network = counting(counts, true);
        trainer(network, loss, 8, step -> {
                    step.run(1, 2);
                    step.run(0, 8);
                })
                .step(inputs(16), y);
        assertThat(counts).containsExactly(2, 2, 2, 2, 4, 4, 6, 6);
        Network expected = counting(counts, true);
        trainer(new ByShard(expected), loss, 8, ShardExecutor.LOCAL).step(inputs(16), y);
        assertThat(ShardedTraining.prints(network)).isEqualTo(ShardedTraining.prints(expected));
    }

    @Test
    void aFailureIsThatOfItsShardAndTheNextStepRunsAtOnceAgain() {
        List<Integer> counts = new ArrayList<>();
        Network network = counting(counts, true);
        Trainer trainer = trainer(network, new SoftmaxCrossEntropy(), 3, step -> step.run(0, 3));
        Tensor y = ShardedTraining.labels(10);
        y.set(CLASSES, 5);
        List<String> before = ShardedTraining.prints(network);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.step(inputs(10), y))
                .withMessageContaining("in the shard that begins with example 4 of the batch: ");
        assertThat(ShardedTraining.prints(network)).isEqualTo(before);
        counts.clear();
        trainer.step(inputs(10), ShardedTraining.labels(10));
        assertThat(counts).containsExactly(10, 10);
    }

    /** One number for each example is one row, and a tiny one is zero: that of each shard by itself. */
    @Test
    void theNumbersOfAShardWithOneForEachExampleAreARowOfItsOwn() {
        int half = 32; // a gradient of 3e-31, which the second dropout doubles where it keeps it
        Tensor x = Tensor.zeros(2 * half, 2);
        Tensor y = Tensor.zeros(2 * half);
        for (int i = 0; i < 2 * half; i++) {
            x.set(1, i, i / half);
            y.set(i < half ? 9.6e-30f : 1, i);
        }
        Network network = Network.builder(KEY)
                .input(2)
                .dense("a", 1, Init.zeros())
                .layer("flat", Reshape.to())
                .layer("first", Dropout.of(0.5))
                .layer("second", Dropout.of(0.5))
                .build();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(1), KEY, TrainerOptions.NONE.shards(2));
        trainer.step(x, y);
        Tensor weight = network.parametersByPath().get("a.weight").value();
        assertThat(weight.get(0, 0)).isZero();
        assertThat(weight.get(1, 0)).isPositive();
    }

    @Test
    void aModelThatCannotBeRunAtOnceIsRunShardByShardFromThenOn() {
        List<Integer> counts = new ArrayList<>();
        Dense twice = Dense.of(80, 80, Key.of(5));
        Network network = Network.builder(Key.of(1))
                .input(FEATURES)
                .dense("a", 80)
                .layer("counts", new RowCounts(counts, true))
                .layer("b", twice)
                .layer("c", twice)
                .dense("out", CLASSES)
                .build();
        Trainer trainer = trainer(network, new SoftmaxCrossEntropy(), 2, step -> step.run(0, 2));
        trainer.step(inputs(10), ShardedTraining.labels(10));
        assertThat(counts).containsExactly(10, 5, 5, 5, 5); // its first pass ends in the backward pass of b
        counts.clear();
        trainer.step(inputs(10), ShardedTraining.labels(10));
        assertThat(counts).containsExactly(5, 5, 5, 5);
    }

    @Test
    void modelsMostlyOfOtherLayersAndThoseOfAnotherBatchAxisAreRunShardByShard() {
        assertThat(ShardRange.suits(Model.DROPOUT.network())).isTrue();
        assertThat(ShardRange.suits(Model.EMBEDDING_AND_SEVERAL_ROWS_FOR_AN_EXAMPLE.network()))
                .isTrue();
        assertThat(ShardRange.suits(new ByShard(Model.DROPOUT.network()))).isFalse();
        assertThat(ShardRange.suits(ShardedTraining.RECURRENT.model())).isFalse();
        assertThat(ShardRange.suits(Network.builder(Key.of(1))
                        .input(4)
                        .layer("most", Residual.of(b -> b.dense("a", 4)).learnedGain(1))
                        .dense("out", 3)
                        .build()))
                .isFalse();
    }
}
