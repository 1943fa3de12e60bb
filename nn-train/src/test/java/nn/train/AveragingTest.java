package nn.train;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.checkpoint.Checkpoint;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.loss.MeanSquaredError;
import nn.train.metric.Metrics;
import nn.train.metric.Monitor;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Sgd;
import nn.train.schedule.Plateau;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moving averages of the weights. */
class AveragingTest {
    static final List<Averaging> RULES = List.of(Averaging.exponential(0.9), Averaging.equalFrom(2));
    private static final Key KEY = Key.of(21);
    private static final Dataset DATA = data(40);
    private static final Dataset HELD = data(24);
    private static final Batches BATCHES = Batches.shuffled(DATA, 8, KEY.child("batches"));

    private static Dataset data(int n) {
        Tensor x = Tensor.zeros(n, 3);
        Tensor y = Tensor.zeros(n, 2);
        KEY.child(n).normal(x, 1, 2);
        KEY.child(n).child("y").normal(y, 0, 1);
        return new Dataset(x, y);
    }

    private static Network network() {
        return Network.builder(KEY)
                .input(3)
                .dense("a", 5)
                .batchNorm("norm")
                .tanh()
                .dense("b", 2)
                .build();
    }

    private static Trainer trainer(Network network, Averaging averaging) {
        return new Trainer(
                network, new MeanSquaredError(), Adam.of(0.05), KEY, TrainerOptions.NONE.averaging(averaging));
    }

    private static Map<String, Tensor> weights(Network network) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        network.parametersByPath()
                .forEach((path, p) -> weights.put(path, p.value().copy()));
        return weights;
    }

    private static Map<String, Tensor> averages(Trainer trainer, Network network) {
        return trainer.withAverage(() -> weights(network));
    }

    private static void assertSame(Map<String, Tensor> actual, Map<String, Tensor> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach((path, tensor) -> assertThat(tensor).as(path).isBitEqualTo(expected.get(path)));
    }

    /** Fails unless averages are the sums of weights times shares, up to a rounding to float for each of them. */
    private static void assertMean(Map<String, Tensor> averages, List<Map<String, Tensor>> weights, double[] shares) {
        averages.forEach((path, average) -> {
            for (int i = 0; i < average.size(); i++) {
                double expected = 0;
                double largest = 0;
                for (int k = 0; k < shares.length; k++) {
                    float value = weights.get(k).get(path).array()[i];
                    expected += shares[k] * value;
                    largest = Math.max(largest, Math.abs(value));
                }
                assertThat(average.array()[i] - expected)
                        .as("%s at %d", path, i)
                        .isBetween(-shares.length * 0x1p-24 * largest, shares.length * 0x1p-24 * largest);
            }
        });
    }

    @Test
    void anExponentialAverageHasWeightsThatFallWithAgeAndAddUpToOne() {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.exponential(0.75));
        List<Map<String, Tensor>> steps = new ArrayList<>();
        for (int n = 1; n <= 12; n++) {
            trainer.step(DATA.x(), DATA.y());
            steps.add(weights(network));
            double[] shares = new double[n];
            for (int k = 0; k < n; k++) {
                shares[k] = 0.25 * Math.pow(0.75, n - 1 - k) / (1 - Math.pow(0.75, n));
            }
            assertMean(averages(trainer, network), steps, shares);
        }
        assertSame(weights(network), steps.getLast());
    }

    @Test
    void anEqualAverageIsTheMeanOfTheLastWeightsOfEachEpochFromTheFirstThatCounts() {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.equalFrom(3));
        trainer.fit(BATCHES, 2);
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.withAverage(() -> 0))
                .withMessage("withAverage: there is no average yet, by Equal[epoch=3]; train first");
        List<Map<String, Tensor>> epochs = new ArrayList<>();
        for (int n = 1; n <= 4; n++) {
            trainer.fit(BATCHES, 1);
            epochs.add(weights(network));
            double[] shares = new double[n];
            java.util.Arrays.fill(shares, 1.0 / n);
            assertMean(averages(trainer, network), epochs, shares);
        }
    }

    @Test
    void averagingDoesNotChangeTheTraining() {
        Network averaged = network();
        trainer(averaged, Averaging.exponential(0.9)).fit(BATCHES, 3);
        Network plain = network();
        new Trainer(plain, new MeanSquaredError(), Adam.of(0.05), KEY).fit(BATCHES, 3);
        assertSame(weights(averaged), weights(plain));
    }

    @Test
    void theModelGetsItsWeightsBackWhateverHappens() {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.exponential(0.9));
        trainer.fit(BATCHES, 2);
        Map<String, Tensor> before = weights(network);
        Map<String, Tensor> averages = averages(trainer, network);
        assertThat(averages.get("a.weight")).isNotBitEqualTo(before.get("a.weight"));
        assertThatThrownBy(() -> trainer.withAverage(() -> {
                    assertSame(weights(network), averages);
                    throw new IOException("disk full");
                }))
                .isInstanceOf(IOException.class);
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.withAverage(() -> trainer.step(DATA.x(), DATA.y())))
                .withMessageContaining("while withAverage of this trainer runs");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer.withAverage(trainer::state))
                .withMessageStartingWith("the model has the averaged weights now");
        assertSame(weights(network), before);
        assertSame(averages(trainer, network), averages);
    }

    @Test
    void aFailedStepLeavesTheAverage() {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.exponential(0.9));
        trainer.fit(BATCHES, 2);
        Map<String, Tensor> averages = averages(trainer, network);
        Tensor huge = DATA.y().copy();
        huge.fill(3e38f);
        assertThatThrownBy(() -> trainer.step(DATA.x(), huge)).isInstanceOf(NonFiniteException.class);
        assertSame(averages(trainer, network), averages);
    }

    @ParameterizedTest
    @FieldSource("RULES")
    void adoptedAveragesAreTheWeightsFromThenOn(Averaging rule) {
        Network network = network();
        Trainer trainer = trainer(network, rule);
        trainer.fit(BATCHES, 4);
        Map<String, Tensor> averages = averages(trainer, network);
        trainer.adoptAverage();
        assertSame(weights(network), averages);
        trainer.fit(BATCHES, 1);
        assertThat(weights(network).get("a.weight")).isNotBitEqualTo(averages.get("a.weight"));
    }

    /** Validation stops a fit in the middle of an epoch's end; the resumed fit must not average that epoch twice. */
    @ParameterizedTest
    @FieldSource("RULES")
    void aResumedTrainingHasTheAverageOfAnUninterruptedOne(Averaging rule) {
        FitOptions fit = FitOptions.epochs(6)
                .validation(HELD)
                .validateAverage()
                .keepBest()
                .earlyStopping(EarlyStopping.of(4));
        Network whole = network();
        Trainer straight = trainer(whole, rule);
        History history = straight.fit(BATCHES, fit);

        for (int stop : new int[] {3, 12, 15, 17}) { // 15: at the end of the third epoch
            Network first = network();
            Trainer begun = trainer(first, rule);
            FitOptions stopped = fit.metric("stop", (model, x, y) -> {
                if (begun.steps() >= stop) {
                    begun.cancel();
                }
                return 0;
            });
            TrainingObserver cancel = new TrainingObserver() {
                @Override
                public void onStep(StepReport report) {
                    if (report.step() == stop && stop % 5 != 0) {
                        begun.cancel();
                    }
                }
            };
            // a second metric is not reached once the first one has cancelled
            begun.fit(BATCHES, stopped.metric("never", (model, x, y) -> 0).observers(cancel));
            assertThat(begun.steps()).isEqualTo(stop);
            Network second = network();
            Trainer resumed = trainer(second, rule);
            resumed.restore(begun.state());
            History rest = resumed.fit(BATCHES, fit);
            assertSame(weights(second), weights(whole));
            assertSame(averages(resumed, second), averages(straight, whole));
            assertThat(rest.epochs().getLast().validationLoss())
                    .isEqualTo(history.epochs().getLast().validationLoss());
        }
    }

    @ParameterizedTest
    @FieldSource("RULES")
    void aFitValidatesAndKeepsTheAverageIfAskedTo(Averaging rule) {
        Network network = network();
        Trainer trainer = trainer(network, rule);
        List<Map<String, Tensor>> averages = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        TrainingObserver observer = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                if (report.epoch() > 1) {
                    trainer.state().tensors().forEach((name, tensor) -> {
                        if (name.equals("average/a.weight")) {
                            averages.add(Map.of("a.weight", tensor));
                        }
                    });
                    losses.add(report.validationLoss());
                }
            }
        };
        History history = trainer.fit(
                BATCHES,
                FitOptions.epochs(5)
                        .validation(HELD)
                        .metric("same", (model, x, y) -> Metrics.loss(model, new MeanSquaredError(), x, y))
                        .validateAverage()
                        .observers(observer));
        double now = trainer.withAverage(() -> Metrics.loss(network, new MeanSquaredError(), HELD.x(), HELD.y()));
        assertThat(history.epochs().getLast().validationLoss()).isEqualTo(now);
        assertThat(history.epochs().getLast().metrics()).containsEntry("same", now);
        assertThat(Metrics.loss(network, new MeanSquaredError(), HELD.x(), HELD.y()))
                .isNotEqualTo(now);

        Network kept = network();
        Trainer best = trainer(kept, rule);
        History same = best.fit(
                BATCHES, FitOptions.epochs(5).validation(HELD).validateAverage().keepBest());
        double lowest = same.epochs().stream()
                .mapToDouble(EpochReport::validationLoss)
                .min()
                .orElseThrow();
        assertThat(Metrics.loss(kept, new MeanSquaredError(), HELD.x(), HELD.y()))
                .isEqualTo(lowest);
        int at = losses.indexOf(lowest);
        if (at >= 0) { // not the first epoch, of which an equal average knows nothing
            assertThat(kept.parameter("a.weight").value())
                    .isBitEqualTo(averages.get(at).get("a.weight"));
        }
    }

    @Test
    void aCheckpointHasTheAverage(@TempDir Path folder) throws IOException {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.exponential(0.9));
        trainer.fit(BATCHES, 2);
        Path whole = folder.resolve("training.safetensors");
        Checkpoint.save(whole, trainer);
        Network copy = network();
        Trainer resumed = trainer(copy, Averaging.exponential(0.9));
        Checkpoint.resume(whole, resumed);
        assertSame(averages(resumed, copy), averages(trainer, network));

        Path alone = folder.resolve("average.safetensors");
        trainer.withAverage(() -> {
            Checkpoint.saveWeights(alone, network);
            return alone;
        });
        Network loaded = network();
        Checkpoint.loadWeights(alone, loaded);
        assertSame(weights(loaded), averages(trainer, network));
    }

    @Test
    void anotherAveragingIsADifference() {
        Trainer saved = trainer(network(), Averaging.exponential(0.9));
        saved.fit(BATCHES, 1);
        Network network = network();
        Trainer plain = new Trainer(network, new MeanSquaredError(), Adam.of(0.05), KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.restore(saved.state()))
                .withMessageContaining("options: averaging was Exponential[decay=0.9], here it is none");
        plain.restore(saved.state(), Difference.OPTIONS);
        assertThat(plain.state().tensors().keySet()).noneMatch(name -> name.startsWith("average/"));
        Trainer other = trainer(network(), Averaging.equalFrom(1));
        other.restore(plain.state(), Difference.OPTIONS);
        assertThatIllegalStateException().isThrownBy(other::adoptAverage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"average/a.weight", "trainer/average/count", "trainer/average/epoch"})
    void aStateWithoutAPartOfTheAverageIsRefused(String name) {
        Trainer trainer = trainer(network(), Averaging.exponential(0.9));
        trainer.fit(BATCHES, 1);
        SequencedMap<String, Tensor> tensors =
                new LinkedHashMap<>(trainer.state().tensors());
        SequencedMap<String, String> text = new LinkedHashMap<>(trainer.state().text());
        assertThat(tensors.remove(name) == null && text.remove(name) == null).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.restore(new TrainingState(tensors, text)))
                .withMessageContaining("'" + name + "' is missing");
    }

    @Test
    void callsThatNeedAnAverageAreRefusedWithoutOne() {
        Trainer plain = new Trainer(network(), new MeanSquaredError(), Sgd.of(0.1), KEY);
        plain.step(DATA.x(), DATA.y());
        assertThatIllegalStateException()
                .isThrownBy(() -> plain.withAverage(() -> 0))
                .withMessage("withAverage: the trainer does not average its weights; give it TrainerOptions.averaging");
        assertThatIllegalStateException().isThrownBy(plain::adoptAverage);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.fit(BATCHES, FitOptions.epochs(1).validateAverage()))
                .withMessageStartingWith("validateAverage: the trainer does not average");
        assertThatIllegalArgumentException().isThrownBy(() -> Averaging.exponential(1));
        assertThatIllegalArgumentException().isThrownBy(() -> Averaging.exponential(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Averaging.equalFrom(0));
    }

    /** The first layer's outputs are those of the data times its weights: their moments need no trainer. */
    @Test
    void measuredStatisticsAreTheMeansOfThoseOfTheBatches() {
        Network network = network();
        Trainer trainer = trainer(network, Averaging.equalFrom(1));
        trainer.fit(BATCHES, 3);
        trainer.adoptAverage();
        Map<String, Tensor> before = weights(network);
        Batches batches = Batches.inOrder(DATA, 16); // 16, 16 and 8 rows
        trainer.measureStatistics(batches);
        Tensor mean = network.parameter("norm.mean").value();
        Tensor variance = network.parameter("norm.variance").value();
        Tensor z = DATA.x().matmul(before.get("a.weight"));
        z.addRowInPlace(before.get("a.bias"));
        for (int j = 0; j < 5; j++) {
            double means = 0;
            double variances = 0;
            for (int from = 0; from < 40; from += 16) {
                int to = Math.min(40, from + 16);
                double sum = 0;
                double squares = 0;
                for (int i = from; i < to; i++) {
                    sum += z.get(i, j);
                    squares += (double) z.get(i, j) * z.get(i, j);
                }
                means += sum / (to - from) / 3;
                variances += (squares - sum * sum / (to - from)) / (to - from - 1) / 3;
            }
            assertThat((double) mean.get(j)).isCloseTo(means, org.assertj.core.api.Assertions.within(1e-5));
            assertThat((double) variance.get(j))
                    .isCloseTo(variances, org.assertj.core.api.Assertions.withinPercentage(1e-3));
        }
        Map<String, Tensor> after = weights(network);
        before.forEach((path, tensor) -> {
            if (!path.equals("norm.mean") && !path.equals("norm.variance")) {
                assertThat(after.get(path)).isBitEqualTo(tensor);
            }
        });
        trainer.freeze("norm.mean", "norm.variance");
        trainer.measureStatistics(Batches.inOrder(HELD, 12));
        assertSame(weights(network), after);
    }

    @Test
    void aPlateauAndEarlyStoppingSeeTheAverageToo() {
        Network network = network();
        TrainerOptions options = TrainerOptions.NONE
                .averaging(Averaging.exponential(0.9))
                .plateau(Plateau.of(0.5, 0).monitor(Monitor.highest("negative loss")));
        Trainer trainer = new Trainer(network, new MeanSquaredError(), Adam.of(0.3), KEY, options);
        History history = trainer.fit(
                BATCHES,
                FitOptions.epochs(30)
                        .validation(HELD)
                        .metric("negative loss", (model, x, y) -> -Metrics.loss(model, new MeanSquaredError(), x, y))
                        .validateAverage()
                        .earlyStopping(EarlyStopping.of(3).monitor(Monitor.highest("negative loss"))));
        assertThat(history.stopReason()).isEqualTo(StopReason.STOPPED_EARLY);
        double best = Double.NEGATIVE_INFINITY;
        double rate = 0.3;
        for (EpochReport epoch : history.epochs()) { // the rate of an epoch follows from the epochs before
            assertThat(epoch.rate()).isEqualTo(rate);
            double value = epoch.metrics().get("negative loss");
            boolean better = value > best + (Double.isInfinite(best) ? 0 : 1e-4 * Math.abs(best));
            rate *= better ? 1 : 0.5;
            best = better ? value : best;
        }
        assertThat(rate).isLessThan(0.3);
    }
}
