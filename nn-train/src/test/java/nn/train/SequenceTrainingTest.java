package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import nn.init.Init;
import nn.init.Nonlinearity;
import nn.layers.Network;
import nn.layers.Rnn;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import org.junit.jupiter.api.Test;

/** Sequences in training, validation and metrics: examples are cut apart, time never. */
class SequenceTrainingTest {
    private static final Key KEY = Key.of(11);

    private static Tensor normal(long seed, int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(seed).normal(x, 0, 1);
        return x;
    }

    private static Network counter() {
        return Network.builder(KEY).sequence(1)
                .layer("count", Rnn.units(1).activation(Nonlinearity.RELU).input(Init.ones()).recurrent(Init.ones()))
                .build();
    }

    /** A recurrent unit that counts its steps: of 600 steps, each has to know all before. */
    @Test
    void aLongSequenceIsMeasuredWhole() {
        Tensor x = Tensor.full(1f, 600, 1, 1);
        Tensor y = Tensor.zeros(600, 1, 1);
        for (int t = 0; t < 600; t++) {
            y.set(t + 1, t, 0, 0);
        }
        assertThat(Metrics.loss(counter(), new MeanSquaredError(), x, y)).isZero();
        assertThat(Metrics.rSquared(counter(), x, y)).isEqualTo(1);
    }

    @Test
    void theLossOfALongSequenceIsThatOfItsOutputs() {
        Network network = Network.builder(KEY).sequence(2).gru("gru", 3).dense("out", 1).build();
        Tensor x = normal(1, 1500, 2, 2);
        Tensor y = normal(2, 1500, 2, 1);
        Loss loss = new MeanSquaredError();
        double expected = loss.of(network.predict(x), y, nn.layers.Context.inference()).value();
        assertThat(Metrics.loss(network, loss, x, y)).isEqualTo(expected);
    }

    @Test
    void theLossOfAnEpochCountsTheLabelsThatCount() {
        Network network = Network.builder(KEY).input(2).dense("out", 3).build();
        Tensor y = Tensor.of(new float[] {-100, -100, -100, 2, 1, 0, 2, 1}, 8);
        Dataset data = new Dataset(normal(3, 8, 2), y);
        Loss loss = new SoftmaxCrossEntropy().ignoring(-100);
        Trainer trainer = new Trainer(network, loss, Sgd.of(1e-12), KEY);
        double all = Metrics.loss(network, loss, data.x(), data.y());
        assertThat(trainer.fit(Batches.inOrder(data, 4), 1).last().loss()).isCloseTo(all, within(1e-6));
    }

    @Test
    void aSumIsTheSumOfAllExamplesInTrainingAndValidation() {
        Network network = Network.builder(KEY).input(2).dense("out", 3).build();
        Dataset data = new Dataset(normal(3, 7, 2), normal(4, 7, 3));
        Trainer trainer = new Trainer(network, new MeanSquaredError(Reduction.SUM), Sgd.of(1e-12), KEY);
        EpochReport report = trainer.fit(Batches.inOrder(data, 4), Fit.epochs(1).validation(data)).last();
        assertThat(report.loss()).isCloseTo(report.validationLoss(), within(1e-5));
    }

    @Test
    void aMicroBatchIsSomeOfTheSequences() {
        Tensor x = normal(5, 6, 5, 2);
        Tensor y = normal(6, 6, 5, 1);
        StepReport[] reports = new StepReport[2];
        for (int i = 0; i < 2; i++) {
            Network network = Network.builder(KEY).sequence(2).gru("gru", 3).dense("out", 1).build();
            Trainer trainer = new Trainer(
                    network, new MeanSquaredError(), Sgd.of(0.1), KEY, TrainerOptions.NONE.microBatch(2 * i));
            reports[i] = trainer.step(x, y);
        }
        assertThat(reports[1].loss()).isCloseTo(reports[0].loss(), within(1e-6));
        assertThat(reports[1].gradientNorm()).isCloseTo(reports[0].gradientNorm(), within(1e-6));
    }
}
