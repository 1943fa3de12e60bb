package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import nn.fixtures.FunctionPass;
import nn.init.Fans;
import nn.init.Init;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.Pass;
import nn.layers.dense.Dense;
import nn.layers.network.Network;
import nn.layers.normalization.BatchNorm;
import nn.layers.regularization.Dropout;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.diagnose.InitReport;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainer, checkpoint, summary and report list the same parameters, whichever layer has them. */
class OneModelTest {
    private static final Key KEY = Key.of(71);

    /** y = x W + x A B: a layer with a dense child W and its own parameters A and B of low rank. */
    private static final class LowRank implements Layer {
        private final Dense base;
        private final Parameter a;
        private final Parameter b;

        LowRank(Key key) {
            base = Dense.of(4, 3, key.child("base"));
            Fans fans = new Fans(4, 3);
            a = Parameter.create("a", Parameter.Kind.WEIGHT, Shape.of(4, 2), fans, Init.xavierUniform(), key);
            b = Parameter.create("b", Parameter.Kind.WEIGHT, Shape.of(2, 3), fans, Init.xavierUniform(), key);
        }

        @Override
        public Pass newPass() {
            return FunctionPass.of(this, (x, context) -> {
                Pass inner = base.forward(x, context);
                Tensor h = x.matmul(a.value());
                return new FunctionPass.Result(inner.output().add(h.matmul(b.value())), (dy, into) -> {
                    Tensor dh = dy.matmul(b.value().transpose());
                    into.addWeightGradient(b, h, dy);
                    into.addWeightGradient(a, x, dh);
                    return inner.pullback(dy, into).add(dh.matmul(a.value().transpose()));
                });
            });
        }

        @Override
        public Shape outputShape(Shape in) {
            return base.outputShape(in);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(a, b);
        }

        @Override
        public SequencedMap<String, Layer> children() {
            SequencedMap<String, Layer> children = new LinkedHashMap<>();
            children.put("base", base);
            return children;
        }
    }

    private static Network lowRank(long seed) {
        return Network.builder(Key.of(seed))
                .input(4)
                .layer("low", (in, key) -> new LowRank(key))
                .tanh()
                .dense("out", 2)
                .build();
    }

    private static Tensor normal(String name, int... dims) {
        Tensor x = Tensor.zeros(dims);
        KEY.child(name).normal(x, 0, 1);
        return x;
    }

    @Test
    void parametersOfALayerWithChildrenAreTrainedSavedAndReported(@TempDir Path folder) throws Exception {
        Network network = lowRank(1);
        assertThat(network.parametersByPath().keySet())
                .containsExactly("low.a", "low.b", "low.base.weight", "low.base.bias", "out.weight", "out.bias");
        Tensor before = network.parameter("low.a").value().copy();
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Adam.of(0.01), KEY);
        Tensor x = normal("x", 8, 4);
        trainer.step(x, normal("y", 8, 2));
        assertThat(network.parameter("low.a").value()).isNotBitEqualTo(before);
        assertThat(trainer.state().tensors().keySet()).contains("model/low.a", "model/low.b");
        assertThat(InitReport.of(network, x, KEY).layers())
                .extracting(layer -> layer.path())
                .contains("low.base", "low", "out");
        Path file = folder.resolve("model.safetensors");
        Checkpoint.saveWeights(file, network);
        Network other = lowRank(2);
        Checkpoint.loadWeights(file, other);
        assertThat(other.predict(x)).isBitEqualTo(network.predict(x));
    }

    @Test
    void aModelThatContainsItselfIsRefused() {
        SequencedMap<String, Layer> children = new LinkedHashMap<>();
        Layer loop = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public SequencedMap<String, Layer> children() {
                return children;
            }
        };
        children.put("self", loop);
        assertThatThrownBy(() -> new Trainer(loop, new MeanSquaredError(), Sgd.of(0.1), KEY))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer 'self' is the layer (anonymous) again");
        assertThatThrownBy(() -> InitReport.of(loop, normal("x", 2, 3), KEY))
                .hasMessageStartingWith("layer 'self' is the layer (anonymous) again");
    }

    @Test
    void aBatchNormSharedByManyPlacesKeepsAPositiveVariance() {
        BatchNorm shared = BatchNorm.standard().create(Shape.of(Shape.ANY, 4), KEY);
        Network.Builder builder = Network.builder(KEY).input(4);
        for (int i = 0; i < 25; i++) {
            builder.layer("bn" + i, shared).dense("fc" + i, 4, Init.normal(0.01));
        }
        Network network = builder.build();
        Trainer trainer =
                new Trainer(network, new MeanSquaredError(), Sgd.of(0.01), KEY, TrainerOptions.NONE.microBatch(4));
        Tensor x = normal("x", 12, 4);
        for (int step = 0; step < 5; step++) {
            trainer.step(x, normal("y", 12, 4));
        }
        // It stays between its first value, 1, and the variances of 4 rows: 4 / 3 of the largest square at most.
        float max = Math.max(1, 4f / 3 * x.maxAbs() * x.maxAbs());
        for (float variance : network.parameter("bn0.variance").value().toArray()) {
            assertThat(variance).isPositive().isLessThanOrEqualTo(max);
        }
        assertThat(network.predict(x).isFinite()).isTrue();
    }

    @Test
    void microBatchesMoveARunningMeanAsTheWholeBatchDoes() {
        Tensor x = normal("x", 12, 4);
        Tensor y = normal("y", 12, 2);
        float[][] means = new float[2][];
        for (int parts = 0; parts < 2; parts++) {
            Network network = Network.builder(KEY)
                    .input(4)
                    .batchNorm("bn")
                    .dense("out", 2)
                    .build();
            TrainerOptions options = parts == 0 ? TrainerOptions.NONE : TrainerOptions.NONE.microBatch(4);
            new Trainer(network, new MeanSquaredError(), Sgd.of(0.01), KEY, options).step(x, y);
            means[parts] = network.parameter("bn.mean").value().toArray();
        }
        for (int j = 0; j < 4; j++) {
            assertThat(means[1][j]).isCloseTo(means[0][j], within(1e-7f));
        }
    }

    @Test
    void aSharedDropoutGivesTheSameBitsInARepeatedStepAndAfterARestore() {
        Dropout shared = new Dropout(0.5, KEY);
        Tensor x = normal("x", 8, 4);
        Tensor y = normal("y", 8, 4);
        Network[] networks = new Network[2];
        for (int i = 0; i < 2; i++) {
            networks[i] = Network.builder(KEY)
                    .input(4)
                    .layer("drop1", shared)
                    .dense("a", 4)
                    .layer("drop2", shared)
                    .dense("b", 4)
                    .build();
            Trainer trainer = new Trainer(
                    networks[i], new MeanSquaredError(), Sgd.of(0.1), KEY, TrainerOptions.NONE.microBatch(3));
            trainer.step(x, y);
            if (i == 1) {
                Trainer other = new Trainer(
                        networks[i], new MeanSquaredError(), Sgd.of(0.1), KEY, TrainerOptions.NONE.microBatch(3));
                other.restore(trainer.state());
                trainer = other;
                Trainer failing = trainer;
                Tensor huge = Tensor.full(3e38f, 8, 4);
                assertThatThrownBy(() -> failing.step(huge, y)).isInstanceOf(NonFiniteException.class);
            }
            trainer.step(x, y);
        }
        networks[0]
                .parametersByPath()
                .forEach((path, p) ->
                        assertThat(networks[1].parameter(path).value()).as(path).isBitEqualTo(p.value()));
    }
}
