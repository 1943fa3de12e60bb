package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import nn.fixtures.FunctionPass;
import nn.init.Init;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.dense.Embedding;
import nn.layers.network.Masking;
import nn.layers.network.Network;
import nn.layers.pooling.LastStep;
import nn.layers.pooling.MaxOverTime;
import nn.layers.pooling.MeanOverTime;
import nn.layers.recurrent.Bidirectional;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.layers.recurrent.Rnn;
import nn.layers.shape.Flatten;
import nn.layers.shape.TimeMajor;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.data.Batch;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.InitReport;
import nn.train.loss.Huber;
import nn.train.loss.Loss;
import nn.train.loss.Masked;
import nn.train.loss.MeanAbsoluteError;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.Reduction;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.metric.Metrics;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences in training, validation and metrics are split by example, never along time. */
class SequenceTrainingTest {
    private static final Key KEY = Key.of(11);

    private static Tensor normal(long seed, int... dims) {
        Tensor x = Tensor.zeros(dims);
        Key.of(seed).normal(x, 0, 1);
        return x;
    }

    private static Network counter() {
        return Network.builder(KEY)
                .sequence(1)
                .layer(
                        "count",
                        Rnn.units(1)
                                .activation(Nonlinearity.RELU)
                                .input(Init.ones())
                                .recurrent(Init.ones()))
                .build();
    }

    /** A recurrent unit that counts its steps: each of 600 steps depends on all before. */
    @Test
    void metricsRunALongSequenceAsAWhole() {
        Tensor x = Tensor.full(1f, 600, 1, 1);
        Tensor y = Tensor.zeros(600, 1, 1);
        for (int t = 0; t < 600; t++) {
            y.set(t + 1, t, 0, 0);
        }
        assertThat(Metrics.loss(counter(), new MeanSquaredError(), x, y)).isZero();
        assertThat(Metrics.rSquared(counter(), x, y)).isEqualTo(1);
    }

    @Test
    void theMeasuredLossOfALongSequenceEqualsThatOfItsOutputs() {
        Network network =
                Network.builder(KEY).sequence(2).gru("gru", 3).dense("out", 1).build();
        Tensor x = normal(1, 1500, 2, 2);
        Tensor y = normal(2, 1500, 2, 1);
        Loss loss = new MeanSquaredError();
        double expected = loss.of(network.predict(x), y, Context.inference()).value();
        assertThat(Metrics.loss(network, loss, x, y)).isEqualTo(expected);
    }

    @Test
    void theLossOfAnEpochIsTheMeanOverLabelsThatAreNotIgnored() {
        Network network = Network.builder(KEY).input(2).dense("out", 3).build();
        Tensor y = Tensor.of(new float[] {-100, -100, -100, 2, 1, 0, 2, 1}, 8);
        Dataset data = new Dataset(normal(3, 8, 2), y);
        Loss loss = new SoftmaxCrossEntropy().ignoring(-100);
        Trainer trainer = new Trainer(network, loss, Sgd.of(1e-12), KEY);
        double all = Metrics.loss(network, loss, data.x(), data.y());
        assertThat(trainer.fit(Batches.inOrder(data, 4), 1).last().loss()).isCloseTo(all, within(1e-6));
    }

    @Test
    void aSumIsOverAllExamplesInTrainingAndValidation() {
        Network network = Network.builder(KEY).input(2).dense("out", 3).build();
        Dataset data = new Dataset(normal(3, 7, 2), normal(4, 7, 3));
        Trainer trainer = new Trainer(network, new MeanSquaredError(Reduction.SUM), Sgd.of(1e-12), KEY);
        EpochReport report = trainer.fit(
                        Batches.inOrder(data, 4), FitOptions.epochs(1).validation(data))
                .last();
        assertThat(report.loss()).isCloseTo(report.validationLoss(), within(1e-5));
    }

    @Test
    void microBatchesOfSequencesGiveTheUpdateOfTheWholeBatch() {
        Tensor x = normal(5, 6, 5, 2);
        Tensor y = normal(6, 6, 5, 1);
        StepReport[] reports = new StepReport[2];
        for (int i = 0; i < 2; i++) {
            Network network = Network.builder(KEY)
                    .sequence(2)
                    .gru("gru", 3)
                    .dense("out", 1)
                    .build();
            Trainer trainer = new Trainer(
                    network, new MeanSquaredError(), Sgd.of(0.1), KEY, TrainerOptions.NONE.microBatch(2 * i));
            reports[i] = trainer.step(x, y);
        }
        assertThat(reports[1].loss()).isCloseTo(reports[0].loss(), within(1e-6));
        assertThat(reports[1].gradientNorm()).isCloseTo(reports[0].gradientNorm(), within(1e-6));
    }

    @Test
    void microBatchesMayHaveDifferentAxesInInputAndTarget() {
        Tensor x = normal(5, 6, 5, 2);
        Tensor labels = Tensor.of(new float[] {0, 1, 1, 0, 1}, 5);
        StepReport[] reports = new StepReport[2];
        for (int i = 0; i < 2; i++) {
            Network network = Network.builder(KEY)
                    .sequence(2)
                    .layer("gru", Gru.units(3).last())
                    .dense("out", 2)
                    .build();
            Trainer trainer = new Trainer(
                    network, new SoftmaxCrossEntropy(), Sgd.of(0.1), KEY, TrainerOptions.NONE.microBatch(2 * i));
            reports[i] = trainer.step(x, labels);
        }
        assertThat(reports[1].loss()).isCloseTo(reports[0].loss(), within(1e-6));
        assertThat(reports[1].gradientNorm()).isCloseTo(reports[0].gradientNorm(), within(1e-6));
        assertThat(reports[1].batchSize()).isEqualTo(5);
    }

    /** The same data in two orders of batch, time and features. */
    @Test
    void aModelIsTrainedAlikeInBothLayouts() {
        Tensor x = normal(7, 9, 4, 2); // time-major, nine steps of four
        Tensor y = normal(8, 9, 4, 1);
        Network steps =
                Network.builder(KEY).sequence(2).gru("gru", 3).dense("out", 1).build();
        Network batchFirst = Network.builder(KEY)
                .sequence(2)
                .timeMajor()
                .gru("gru", 3)
                .dense("out", 1)
                .timeMajor()
                .build();
        FitOptions fit = FitOptions.epochs(2);
        Dataset sequences = Dataset.timeMajor(x, y);
        EpochReport first = trainer(steps)
                .fit(Batches.shuffled(sequences, 3, KEY), fit.validation(sequences))
                .last();
        Dataset swapped = new Dataset(swap(x), swap(y));
        EpochReport second = trainer(batchFirst)
                .fit(Batches.shuffled(swapped, 3, KEY), fit.validation(swapped))
                .last();
        assertThat(first.examples()).isEqualTo(4);
        assertThat(second.loss()).isCloseTo(first.loss(), within(1e-6));
        assertThat(second.validationLoss()).isCloseTo(first.validationLoss(), within(1e-6));
        assertThat(Metrics.rSquared(batchFirst, swapped.x(), swapped.y()))
                .isCloseTo(Metrics.rSquared(steps, x, y), within(1e-6));
    }

    private static Trainer trainer(Layer model) {
        return new Trainer(model, new MeanSquaredError(), Sgd.of(0.1), KEY);
    }

    private static Tensor swap(Tensor x) {
        return new TimeMajor().forward(x, Context.inference()).output();
    }

    @Test
    void aModelForBothLayoutsUsesThatOfItsData() {
        Network network = Network.builder(KEY).sequence(2).dense("out", 1).build();
        Dataset data = Dataset.timeMajor(normal(1, 6, 4, 2), normal(2, 6, 4, 1));
        Trainer trainer =
                new Trainer(network, new MeanSquaredError(), Sgd.of(1e-30), KEY, TrainerOptions.NONE.microBatch(2));
        EpochReport report = trainer.fit(
                        Batches.inOrder(data, 3), FitOptions.epochs(1).validation(data))
                .last();
        assertThat(report.examples()).isEqualTo(4);
        assertThat(report.loss()).isCloseTo(report.validationLoss(), within(1e-6));
    }

    /** With as many sequences as steps, shapes alone cannot show the layout. */
    @Test
    void dataInAnotherLayoutThanTheModelTakesAreRefused() {
        Tensor x = normal(1, 4, 4, 2);
        Tensor y = normal(2, 4, 4, 3);
        Network steps =
                Network.builder(KEY).sequence(2).layer("lstm", Lstm.units(3)).build();
        Dataset plain = new Dataset(x, y);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(steps).fit(Batches.inOrder(plain, 2), 1))
                .withMessage("the model takes x as [time x batch x ...], but the data set holds examples along"
                        + " axis 0 of x [4 x 4 x 2]; begin the model with timeMajor() if x is [batch x"
                        + " time x ...], or declare the data as Dataset.timeMajor(x, y) if it is [time x"
                        + " batch x ...]");
        Dataset declared = Dataset.timeMajor(x, y);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(steps)
                        .fit(Batches.inOrder(declared, 2), FitOptions.epochs(1).validation(plain)))
                .withMessageContaining("but the validation data holds examples along axis 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(steps).fit(Batches.inOrder(Dataset.timeMajorInputs(x, y), 2), 1))
                .withMessageContaining("use Dataset.timeMajor(x, y) for a target at every step");
        Network last = Network.builder(KEY)
                .sequence(2)
                .layer("lstm", Lstm.units(3).last())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(last).fit(Batches.inOrder(declared, 2), 1))
                .withMessageContaining("use Dataset.timeMajorInputs(x, y) for one target for each sequence");
        Network batchFirst = Network.builder(KEY)
                .sequence(2)
                .timeMajor()
                .layer("lstm", Lstm.units(3))
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(batchFirst).fit(Batches.inOrder(plain, 2), 1))
                .withMessageContaining("end the model with timeMajor()");
        Network images =
                Network.builder(KEY).sequence(2).layer("flat", new Flatten()).build();
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer(steps).step(normal(1, 3, 5, 2), normal(2, 3, 4, 3)))
                .withMessage("x [3 x 5 x 2] has 5 examples and y [3 x 4 x 3] has 4: the model takes x as [time x"
                        + " batch x ...] and returns [time x batch x ...]; begin it with timeMajor() if x"
                        + " is [batch x time x ...]");
        assertThat(images.batchAxis(1)).isEmpty();
        assertThat(trainer(steps).fit(Batches.inOrder(declared, 2), 1).last().examples())
                .isEqualTo(4);
    }

    @Test
    void aModelWithoutABatchAxisIsRefused() {
        Layer none = new Layer() {
            @Override
            public Pass newPass() {
                return FunctionPass.of(this, (x, context) -> new FunctionPass.Result(x, (dy, into) -> dy));
            }

            @Override
            public Shape outputShape(Shape in) {
                return in;
            }

            @Override
            public OptionalInt batchAxis(int in) {
                return OptionalInt.empty();
            }

            @Override
            public String toString() {
                return "None";
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.loss(none, new MeanSquaredError(), normal(1, 4, 4), normal(1, 4, 4)))
                .withMessage("None takes a batch neither along the first axis of its input nor along the second;"
                        + " if its layers are not a chain, let its batchAxis say which");
    }

    static Stream<Arguments> losses() {
        Tensor numbers = normal(21, 11, 3);
        Tensor labels = Tensor.of(new float[] {0, 2, -100, 1, 1, -100, -100, 2, 0, 1, 2}, 11);
        Tensor masked = Tensor.zeros(11, 4);
        for (int i = 0; i < 11; i++) {
            for (int j = 0; j < 3; j++) {
                masked.set(numbers.get(i, j), i, j);
            }
            masked.set(i % 3 == 0 ? 0 : 1, i, 3);
        }
        Loss own = (output, target, context) -> new MeanSquaredError().of(output, target, context);
        return Stream.of(Reduction.values())
                .flatMap(r -> Stream.of(
                        Arguments.of(new MeanSquaredError(r), numbers),
                        Arguments.of(new MeanAbsoluteError(r), numbers),
                        Arguments.of(new Huber(1, r), numbers),
                        Arguments.of(new SoftmaxCrossEntropy(r).ignoring(-100), labels),
                        Arguments.of(new SoftmaxCrossEntropy(r).ignoring(-100).withClassWeights(1, 2, 3), labels),
                        Arguments.of(new Masked(new MeanSquaredError(r)), masked),
                        Arguments.of(own, numbers)));
    }

    /** The rate is so small that no weight changes as a float, so training and validation see the same model. */
    @ParameterizedTest
    @MethodSource("losses")
    void trainingValidationAndMetricsAgreeOnTheLoss(Loss loss, Tensor y) {
        Tensor x = normal(20, 11, 4);
        Network network = Network.builder(KEY)
                .input(4)
                .dense("out", 3, Init.normal(1), Init.ones())
                .build();
        double whole = Metrics.loss(network, loss, x, y);
        double off = 1e-6 * whole;
        for (int size : new int[] {2, 4, 7, 11}) {
            for (int part : new int[] {0, 1, 3}) {
                Trainer trainer = new Trainer(network, loss, Sgd.of(1e-30), KEY, TrainerOptions.NONE.microBatch(part));
                Dataset data = new Dataset(x, y);
                EpochReport report = trainer.fit(
                                Batches.inOrder(data, size),
                                FitOptions.epochs(1).validation(data))
                        .last();
                assertThat(report.loss())
                        .as("batches of %d in parts of %d", size, part)
                        .isCloseTo(whole, within(off));
                assertThat(report.validationLoss()).isEqualTo(whole);
            }
        }
    }

    /** A thousand examples are more than go through a model at once; twelve are fewer. */
    @ParameterizedTest
    @ValueSource(ints = {511, 512, 513, 1025})
    void theLossInChunksEqualsTheLossOfAllSequencesAtOnce(int n) {
        Network network = Network.builder(KEY)
                .sequence(2)
                .gru("gru", 3)
                .layer("last", new LastStep())
                .build();
        Tensor x = normal(1, 3, n, 2);
        Tensor y = normal(2, n, 3);
        for (Reduction reduction : Reduction.values()) {
            Loss loss = new MeanSquaredError(reduction);
            double expected =
                    loss.of(network.predict(x), y, Context.inference()).value();
            assertThat(Metrics.loss(network, loss, x, y)).isEqualTo(expected);
        }
    }

    @Test
    void timeMajorDataAreSplitBySequence() {
        Tensor x = Tensor.zeros(3, 5, 2);
        Tensor y = Tensor.zeros(3, 5);
        for (int t = 0; t < 3; t++) {
            for (int b = 0; b < 5; b++) {
                x.set(10 * t + b, t, b, 0);
                y.set(10 * t + b, t, b);
            }
        }
        Dataset data = Dataset.timeMajor(x, y);
        assertThat(data.size()).isEqualTo(5);
        assertThat(data.take(4, 1).y().toArray()).containsExactly(4, 1, 14, 11, 24, 21);
        assertThat(data.rows(1, 3).y().toArray()).containsExactly(1, 2, 11, 12, 21, 22);
        assertThat(data.split(0.4, KEY).test().x().shape()).isEqualTo(Shape.of(3, 2, 2));
        List<Integer> sizes = new ArrayList<>();
        for (Batch batch : Batches.inOrder(data, 3).prefetched().epoch(0)) {
            sizes.add(batch.x().dim(1));
            assertThat(batch.y().dim(0)).isEqualTo(3);
            assertThat(batch.y().get(2, 0)).isEqualTo(batch.x().get(2, 0, 0)).isEqualTo(20f + 3 * (sizes.size() - 1));
        }
        assertThat(sizes).containsExactly(3, 2);
        Dataset labels = Dataset.timeMajorInputs(x, y.row(0));
        assertThat(labels.take(4, 1).y().toArray()).containsExactly(4, 1);
        for (Batch batch : Batches.alongTime(data, 2).epoch(0)) {
            assertThat(batch.y().dim(1)).isEqualTo(5);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.alongTime(new Dataset(x, y), 2))
                .withMessageContaining("declare them by Dataset.timeMajor(x, y)");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Dataset.timeMajorInputs(x, y))
                .withMessageContaining(
                        "x is [3 x 5 x 2], y is [3 x 5], declared as [time x n x ...] and [n x" + " ...]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dataset(x, y, 2, 0))
                .withMessage("a data set counts its examples by axis 0 or 1, got axis 2 of x and axis 0 of y");
    }

    /** Texts of different lengths, padded with 0; the class says whether the word 1 occurs. */
    @ParameterizedTest
    @ValueSource(strings = {"last", "mean", "max"})
    void textsAreClassifiedWithoutACustomLayer(String pooling) {
        Layer step = switch (pooling) {
            case "last" -> new LastStep();
            case "mean" -> new MeanOverTime();
            default -> new MaxOverTime();
        };
        Network network = Network.builder(KEY)
                .tokens()
                .timeMajor()
                .layer(
                        "text",
                        Masking.of(
                                0,
                                text -> text.layer("embedding", Embedding.of(8, 4))
                                        .layer("lstm", Bidirectional.of(Lstm.units(5)))
                                        .layer(pooling, step)))
                .dense("class", 2)
                .build();
        Tensor x = Tensor.zeros(24, 6);
        Tensor labels = Tensor.zeros(24);
        for (int i = 0; i < 24; i++) {
            int length = 1 + i % 6;
            for (int t = 0; t < length; t++) {
                x.set(2 + (7 * i + 3 * t) % 6, i, t);
            }
            if (i % 2 == 0) {
                x.set(1, i, i % length);
                labels.set(1, i);
            }
        }
        Dataset data = new Dataset(x, labels);
        Trainer trainer =
                new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(0.02), KEY, TrainerOptions.NONE.microBatch(5));
        History history = trainer.fit(
                Batches.shuffled(data, 8, KEY), FitOptions.epochs(15).validation(data));
        assertThat(history.last().loss())
                .isLessThan(0.5 * history.epochs().getFirst().loss());
        assertThat(Metrics.accuracy(network, x, labels)).isGreaterThan(0.9);
        Tensor y = network.predict(x);
        for (int i = 0; i < 24; i++) {
            Tensor alone = Tensor.zeros(1, 1 + i % 6);
            alone.row(0).copyFrom(Tensor.of(Arrays.copyOf(x.row(i).toArray(), 1 + i % 6), 1 + i % 6));
            assertThat(network.predict(alone).row(0)).isBitEqualTo(y.row(i));
        }
    }

    @Test
    void aReportDoesNotTreatIndicesAsASignal() {
        Network network = Network.builder(KEY)
                .input(Shape.of(Shape.ANY))
                .layer("table", Embedding.of(1000, 8))
                .dense("hidden", 16)
                .relu()
                .dense("out", 2)
                .build();
        Tensor x = Tensor.zeros(300);
        for (int i = 0; i < 300; i++) {
            x.set(3 * i, i);
        }
        InitReport report = InitReport.of(network, x, KEY);
        assertThat(report.rows()).isEqualTo(300);
        assertThat(report.input()).isBetween(0.85, 1.15); // 2,400 numbers N(0, 1): 5 standard deviations are 0.15
        // The mean of 300 * 299 / 2 products of rows of 8 numbers N(0, 1), over E x^2; 5 standard deviations
        assertThat(report.inputCorrelation()).isCloseTo(0, within(5 / Math.sqrt(300.0 * 299 / 2 * 8)));
        assertThat(report.toString()).contains("300 rows of mean square");
    }
}
