package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.ConfusionMatrix;
import nn.train.metric.Metric;
import nn.train.metric.Metrics;
import nn.train.metric.Monitor;
import nn.train.optimizer.AdamW;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.ParameterGroups;
import nn.train.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short program as its user writes it: training on a model that somebody else has trained. */
class FineTuningTest {
    private static final Key KEY = Key.of(2026);
    private static final int CLASSES = 3;

    /** Points of the plane in three sectors around the origin, turned by an angle, with a tenth of the labels wrong. */
    private static Dataset sectors(int n, double angle, Key key) {
        Tensor x = Tensor.zeros(n, 2);
        key.normal(x, 0, 1);
        Tensor y = Tensor.zeros(n);
        for (int i = 0; i < n; i++) {
            double turned = StrictMath.atan2(x.get(i, 1), x.get(i, 0)) + angle + 2 * Math.PI;
            int sector = (int) (turned / (2 * Math.PI / CLASSES)) % CLASSES;
            int wrong = Integer.remainderUnsigned(key.child("labels").word(i), 10) == 0 ? 1 : 0;
            y.set((sector + wrong) % CLASSES, i);
        }
        return new Dataset(x, y);
    }

    private static Network network(Key key) {
        return Network.builder(key)
                .input(2)
                .layer(
                        "trunk",
                        Network.chain(n -> n.dense("fc1", 16)
                                .batchNorm("norm")
                                .relu()
                                .dense("fc2", 16)
                                .relu()))
                .dense("head", CLASSES)
                .build();
    }

    private static Map<String, Tensor> weights(Network network) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        network.parametersByPath()
                .forEach((path, p) -> weights.put(path, p.value().copy()));
        return weights;
    }

    @Test
    void aFrozenTrunkAFastHeadAnAverageOneCycleAndAStopOnMacroF1(@TempDir Path folder) throws IOException {
        // Somebody else's model.
        Path file = folder.resolve("pretrained.safetensors");
        Network theirs = network(KEY.child("theirs"));
        Batches plain = Batches.shuffled(sectors(600, 0, KEY.child("plain")), 32, KEY.child("order"));
        new Trainer(theirs, new SoftmaxCrossEntropy(), AdamW.of(0.01), KEY.child("train")).fit(plain, 10);
        Checkpoint.saveWeights(file, theirs);

        // Ours: the same task, turned by a sixth of a circle. The head is relearned fast, fc2 slowly, the rest not.
        Network ours = network(KEY.child("ours"));
        Checkpoint.loadWeights(file, ours);
        Dataset few = sectors(300, Math.PI / 3, KEY.child("few"));
        Dataset held = sectors(300, Math.PI / 3, KEY.child("held"));
        Batches batches = Batches.shuffled(few, 16, KEY.child("batches"));
        int epochs = 30;
        AdamW slow = AdamW.of(2e-3);
        Optimizer optimizer = ParameterGroups.others(slow).with("head.", slow.withRate(10 * slow.rate()));
        TrainerOptions options = TrainerOptions.NONE
                .schedule(Schedule.oneCycle(epochs * (long) batches.perEpoch()).rise(0.2))
                .averaging(Averaging.exponential(0.95));
        Trainer trainer = new Trainer(ours, new SoftmaxCrossEntropy(), optimizer, KEY.child("tune"), options);
        trainer.freeze("trunk.fc1.", "trunk.norm.");
        Metric macroF1 = (model, x, y) -> {
            ConfusionMatrix matrix = Metrics.confusion(model, x, y);
            return (matrix.f1(0) + matrix.f1(1) + matrix.f1(2)) / CLASSES;
        };
        History history = trainer.fit(
                batches,
                FitOptions.epochs(epochs)
                        .validation(held)
                        .metric("macro F1", macroF1)
                        .earlyStopping(EarlyStopping.of(6).monitor(Monitor.highest("macro F1")))
                        .validateAverage()
                        .keepBest());

        // The trunk is theirs to the bit, statistics included; the rest is not.
        Map<String, Tensor> before = weights(theirs);
        weights(ours).forEach((path, tensor) -> {
            if (path.startsWith("trunk.fc1.") || path.startsWith("trunk.norm.")) {
                assertThat(tensor).as(path).isBitEqualTo(before.get(path));
            } else {
                assertThat(tensor).as(path).isNotBitEqualTo(before.get(path));
            }
        });
        // It stopped 6 epochs after its best one, whose average the model has now.
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        double best = history.epochs().stream()
                .mapToDouble(epoch -> epoch.metrics().get("macro F1"))
                .max()
                .orElseThrow();
        EpochReport last = history.epochs().getLast();
        EpochReport bestEpoch = history.epochs().get(last.epoch() - 1 - 6);
        assertThat(bestEpoch.metrics()).containsEntry("macro F1", best);
        assertThat(macroF1.of(ours, held.x(), held.y())).isEqualTo(best);
        // A tenth of the labels is wrong, so nothing is far above 0.9; their model knows another third of the circle.
        assertThat(best).isGreaterThan(0.8);
        assertThat(macroF1.of(theirs, held.x(), held.y())).isLessThan(0.6);
    }
}
