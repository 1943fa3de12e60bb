package nn.train.optimizer;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import nn.init.Init;
import nn.layers.dense.Embedding;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.Difference;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.checkpoint.Checkpoint;
import nn.train.checkpoint.Layout;
import nn.train.loss.SoftmaxCrossEntropy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The row of an embedding for padding is zero after any training, and in any file that is read. */
class PaddingRowTest {
    private static final List<Optimizer> OPTIMIZERS = OptimizerTest.OPTIMIZERS;
    private static final Key KEY = Key.of(83);
    private static final int ENTRIES = 6;
    private static final int PADDING = 2;

    private static Network network(Embedding table) {
        return Network.builder(KEY)
                .input(Shape.of(Shape.ANY))
                .layer("table", table)
                .dense("hidden", 4)
                .tanh()
                .layer("out", table.tied())
                .build();
    }

    private static Trainer train(Network network, Optimizer optimizer, TrainerOptions options, int steps) {
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), optimizer, KEY.child("train"), options);
        for (int step = 0; step < steps; step++) {
            Tensor x = Tensor.zeros(8);
            Tensor y = Tensor.zeros(8);
            for (int i = 0; i < 8; i++) {
                x.set((step + i) % ENTRIES, i); // padding is among the inputs, and among the labels
                y.set((step + 3 * i) % ENTRIES, i);
            }
            trainer.step(x, y);
        }
        return trainer;
    }

    @ParameterizedTest
    @FieldSource("OPTIMIZERS")
    void noOptimizerMovesTheRowForPadding(Optimizer optimizer) {
        Embedding table = Embedding.of(ENTRIES, 4).padding(PADDING).create(KEY);
        Network network = network(table);
        Tensor before = table.weight().value().copy();
        TrainerOptions options =
                TrainerOptions.NONE.penalty(Penalty.of(1e-3, 1e-2)).clipping(Clipping.norm(0.5));
        train(network, optimizer, options, 30);
        for (int row = 0; row < ENTRIES; row++) {
            if (row == PADDING) {
                assertThat((double) table.weight().value().row(row).maxAbs()).isZero();
            } else {
                assertThat(table.weight().value().row(row)).isNotBitEqualTo(before.row(row));
            }
        }
    }

    @Test
    void aFileWithAnotherRowForPaddingIsRefused(@TempDir Path folder) throws IOException {
        Embedding table = Embedding.of(ENTRIES, 4).padding(PADDING).create(KEY);
        Network padded = network(table);
        Path file = folder.resolve("padded.safetensors");
        Trainer trainer = train(padded, Adam.of(0.1), TrainerOptions.NONE, 5);
        Checkpoint.save(file, trainer);
        Embedding copy = Embedding.of(ENTRIES, 4).padding(PADDING).create(KEY);
        Trainer again = train(network(copy), Adam.of(0.1), TrainerOptions.NONE, 1);
        Checkpoint.resume(file, again);
        assertThat(copy.weight().value()).isBitEqualTo(table.weight().value());
        assertThat((double) copy.weight().value().row(PADDING).maxAbs()).isZero();
        assertThat(Checkpoint.initialWeights(file)
                        .get("table.weight")
                        .row(PADDING)
                        .maxAbs())
                .isZero();

        Network other = network(Embedding.of(ENTRIES, 4, KEY));
        Path unpadded = folder.resolve("unpadded.safetensors");
        Checkpoint.saveWeights(unpadded, other, Layout.TORCH);
        String problem = "'table.weight' has numbers other than 0 in row 2, which is the padding of an embedding; make"
                + " that row 0, or build the embedding without padding";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(unpadded, padded, Layout.TORCH))
                .withMessageContaining(problem);
        Checkpoint.saveWeights(unpadded, other);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoint.loadWeights(unpadded, padded, Difference.ARCHITECTURE))
                .withMessageContaining(problem);
        assertThat((double) table.weight().value().row(PADDING).maxAbs()).isZero();
    }

    /** The first loss of equal labels over V entries, of scores h W' for features h of second moment 1. */
    private static double firstLoss(Embedding table, int units, int rows) {
        Tensor h = Tensor.zeros(rows, units);
        KEY.child("features").normal(h, 0f, 1f);
        Tensor labels = Tensor.zeros(rows);
        int entries = table.weight().value().dim(0);
        for (int i = 0; i < rows; i++) {
            labels.set(i % entries, i);
        }
        Tensor scores = table.tied().forward(h, nn.layers.Context.inference()).output();
        return new SoftmaxCrossEntropy().of(scores, labels, Tensor.zeros(scores.shape()));
    }

    /**
     * Scores of variance v give the first loss ln V + v / 2, less (e^v - 1) / (2 V) for V entries: the logarithm of a
     * mean of V lognormal values. The mean score of the labels, over n rows, has the standard deviation sqrt(v / n).
     */
    @Test
    void aTiedOutputBeginsNearTheLossOfEqualProbabilities() {
        int entries = 1000;
        int units = 64;
        int rows = 4000;
        double ln = Math.log(entries);
        double byDefault = firstLoss(Embedding.of(entries, units, KEY), units, rows);
        assertThat(byDefault - ln).isBetween(0.5 - 5 / Math.sqrt(rows) - 1e-3, 0.5 + 5 / Math.sqrt(rows));
        double v = units * 0.02 * 0.02;
        double small =
                firstLoss(Embedding.of(entries, units).weight(Init.normal(0.02)).create(KEY), units, rows);
        assertThat(small - ln - v / 2).isBetween(-5 * Math.sqrt(v / rows) - 1e-4, 5 * Math.sqrt(v / rows));
        // What a table of N(0, 1) would do: 8 standard deviations of the scores, times sqrt(2 ln V) at most
        double large =
                firstLoss(Embedding.of(entries, units).weight(Init.normal(1)).create(KEY), units, rows);
        assertThat(large - ln).isGreaterThan(8);
    }

    /** Features of the table's own scale: a network that has no normalization before its tied output. */
    @Test
    void tablesOfTwoHundredthsBeginAtLnVWithinAThousandth() {
        int entries = 500;
        Embedding table = Embedding.of(entries, 64).weight(Init.normal(0.02)).create(KEY);
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY))
                .layer("table", table)
                .dense("hidden", 64)
                .tanh()
                .layer("out", table.tied())
                .build();
        Tensor x = Tensor.zeros(entries);
        Tensor y = Tensor.zeros(entries);
        for (int i = 0; i < entries; i++) {
            x.set(i, i);
            y.set((i * 7 + 3) % entries, i);
        }
        Tensor scores = network.predict(x);
        double loss = new SoftmaxCrossEntropy().of(scores, y, Tensor.zeros(scores.shape()));
        // scores of variance v = 64 * 0.02^2 * 0.02^2 at most: v / 2 and five times sqrt(v / 500) are below 0.001
        assertThat(loss - Math.log(entries)).isBetween(-1e-3, 1e-3);
    }
}
