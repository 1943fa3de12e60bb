package nn.train.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import nn.init.Init;
import nn.init.Initializer;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Layer;
import nn.layers.Parameter;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.History;
import nn.train.Trainer;
import nn.train.TrainerOptions;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.InitFinding.Severity;
import nn.train.diagnose.WatchReport.Units;
import nn.train.diagnose.WatchReport.Weight;
import nn.train.loss.Loss;
import nn.train.loss.MeanSquaredError;
import nn.train.loss.Reduction;
import nn.train.loss.SoftmaxCrossEntropy;
import nn.train.optimizer.Adam;
import nn.train.optimizer.Optimizer;
import nn.train.optimizer.Sgd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Trainings with known faults, and trainings without. */
class TrainingWatchTest {
    private static final Key KEY = Key.of(4);
    private static final int CLASSES = 10;
    private static final Dataset DATA = clusters();

    /** Ten clusters of 32 rows in 64 dimensions. */
    private static Dataset clusters() {
        Tensor centres = normal(KEY.child("centres"), 0.8, CLASSES, 64);
        Tensor x = normal(KEY.child("noise"), 0.6, 320, 64);
        Tensor y = Tensor.zeros(320);
        for (int i = 0; i < 320; i++) {
            x.row(i).addInPlace(centres.row(i % CLASSES));
            y.set(i % CLASSES, i);
        }
        return new Dataset(x, y);
    }

    private static Tensor normal(Key key, double stddev, int... dims) {
        Tensor t = Tensor.zeros(dims);
        key.normal(t, 0f, (float) stddev);
        return t;
    }

    private static Network stack(int layers, Initializer weights, Initializer biases, Nonlinearity f) {
        Network.Builder builder = Network.builder(KEY).input(64);
        for (int l = 1; l <= layers; l++) {
            builder.dense("hidden" + l, 32, weights, biases).activation(f);
        }
        return builder.dense("out", CLASSES).build();
    }

    private static WatchReport watch(Layer model, Optimizer optimizer, int epochs) {
        TrainingWatch watch = TrainingWatch.of(model, new SoftmaxCrossEntropy(), DATA);
        fit(model, new SoftmaxCrossEntropy(), optimizer, DATA, epochs, watch);
        return watch.report();
    }

    private static History fit(
            Layer model, Loss loss, Optimizer optimizer, Dataset data, int epochs, TrainingWatch... watches) {
        Trainer trainer = new Trainer(model, loss, optimizer, KEY);
        return trainer.fit(Batches.shuffled(data, 32, KEY), epochs, watches);
    }

    private static InitFinding first(WatchReport report) {
        assertThat(report.findings()).as("%s", report).isNotEmpty();
        return report.findings().getFirst();
    }

    @Test
    void aSoundTrainingHasNoFindings() {
        WatchReport report = watch(stack(3, Init.heNormal(), Init.zeros(), Nonlinearity.RELU), Adam.of(1e-3), 12);
        assertThat(report.findings()).as("%s", report).isEmpty();
        assertThat(report.steps()).isEqualTo(120);
        assertThat(report.looks()).isEqualTo(10 + 11); // steps 1 to 10, then 20, 30, ...
        assertThat(report.constantLoss()).isCloseTo(Math.log(10), within(1e-4));
        assertThat(report.units()).extracting(Units::path).containsExactly("hidden1", "hidden2", "hidden3");
        assertThat(report.toString()).contains("No faults found.");
    }

    @Test
    void unitsThatAreDeadFromTheStartAreToldApart() {
        Network network = stack(2, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        Tensor biases = network.parameter("hidden1.bias").value();
        for (int i = 0; i < 16; i++) {
            biases.set(-100, i);
        }
        WatchReport report = watch(network, Adam.of(1e-3), 12);
        Units units = report.units().getFirst();
        assertThat(units.deadAtStart()).isEqualTo(0.5);
        assertThat(units.killed()).isZero();
        InitFinding finding = first(report);
        assertThat(finding.symptom()).isEqualTo(Symptom.DEAD_UNITS);
        assertThat(finding.layer()).isEqualTo("hidden1");
        assertThat(finding.text()).contains("50.0 % were so from the start.").doesNotContain("killed");
        assertThat(finding.remedy()).startsWith("Other initial weights");
    }

    @Test
    void unitsThatAStepKillsAreFoundWithTheStep() {
        Network network = stack(2, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        WatchReport report = watch(network, Sgd.of(10), 12);
        InitFinding cause = first(report);
        assertThat(cause.symptom()).as("%s", report).isEqualTo(Symptom.UPDATES);
        assertThat(cause.severity()).isEqualTo(Severity.FAILURE);
        assertThat(cause.remedy()).startsWith("A smaller learning rate");
        InitFinding dead = report.finding(Symptom.DEAD_UNITS).orElseThrow();
        assertThat(cause.consequences()).contains(dead);
        assertThat(dead.text()).contains("killed since, most of them by step ");
        Units units = report.units().getLast();
        assertThat(units.deadAtStart()).isZero();
        assertThat(units.killed()).isGreaterThan(0.5);
        assertThat(units.killedFrom()).isBetween(1L, 10L).isEqualTo(units.killedTo());
        assertThat(report.finding(Symptom.PLATEAU)).isPresent();
    }

    @Test
    void saturatedUnitsAreTheCauseOfAPlateau() {
        Network network = stack(6, Init.normal(30), Init.zeros(), Nonlinearity.TANH);
        WatchReport report = watch(network, Sgd.of(1e-6), 12);
        assertThat(first(report).symptom()).as("%s", report).isEqualTo(Symptom.SATURATION);
    }

    @Test
    void aVanishingGradientIsTheCauseOfAPlateau() {
        Network network = stack(12, Init.normal(0.02), Init.zeros(), Nonlinearity.TANH);
        WatchReport report = watch(network, Sgd.of(0.1), 12);
        InitFinding cause = first(report);
        assertThat(cause.symptom()).as("%s", report).isEqualTo(Symptom.GRADIENT);
        assertThat(cause.severity()).isEqualTo(Severity.FAILURE);
        assertThat(cause.consequences()).extracting(InitFinding::symptom).contains(Symptom.PLATEAU);
    }

    @Test
    void weightsThatNoGradientReachesAreNamed() {
        Network network = stack(3, Init.heNormal(), Init.constant(-100), Nonlinearity.RELU);
        WatchReport report = watch(network, Sgd.of(0.1), 12);
        assertThat(report.finding(Symptom.NO_GRADIENT)).as("%s", report).isPresent();
        assertThat(first(report).symptom()).isEqualTo(Symptom.DEAD_UNITS);
        assertThat(first(report).severity()).isEqualTo(Severity.FAILURE);
    }

    @Test
    void aRateThatIsFarTooSmallIsFound() {
        Network network = stack(3, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        WatchReport report = watch(network, Sgd.of(1e-6), 12);
        InitFinding cause = first(report);
        assertThat(cause.symptom()).as("%s", report).isEqualTo(Symptom.UPDATES);
        assertThat(cause.text()).contains("the loss has not fallen");
        assertThat(cause.remedy()).startsWith("A larger learning rate");
    }

    /** The product of two equal weights w has w = 1 as its aim; from a rate of 1/2 on, steps of w jump around that. */
    @Test
    void aLossThatGoesUpAndDownIsFound() {
        Tensor x = Tensor.zeros(256, 1);
        for (int i = 0; i < 256; i++) {
            x.set(i % 2 == 0 ? 1 : -1, i, 0);
        }
        Dataset data = new Dataset(x, x);
        for (boolean isFast : new boolean[] {false, true}) {
            Network network = Network.builder(KEY)
                    .input(1)
                    .dense("a", 1, Init.constant(0.5), Init.zeros())
                    .dense("b", 1, Init.constant(0.5), Init.zeros())
                    .build();
            TrainingWatch watch = TrainingWatch.of(network, new MeanSquaredError(), data);
            Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(isFast ? 0.95 : 0.1), KEY);
            trainer.freeze("*.bias");
            trainer.fit(Batches.shuffled(data, 256, KEY), 60, watch);
            WatchReport report = watch.report();
            assertThat(report.finding(Symptom.OSCILLATION).isPresent())
                    .as("%s", report)
                    .isEqualTo(isFast);
        }
    }

    @Test
    void aModelWhoseOutputIgnoresItsInputStaysAtThePlateau() {
        Network network = Network.builder(KEY)
                .input(64)
                .dense("hidden1", 32)
                .tanh()
                .dense("out", CLASSES)
                .build();
        Tensor same = Tensor.full(1, 320, 64);
        Dataset data = new Dataset(same, DATA.y());
        TrainingWatch watch = TrainingWatch.of(network, new SoftmaxCrossEntropy(), data);
        fit(network, new SoftmaxCrossEntropy(), Adam.of(1e-3), data, 12, watch);
        WatchReport report = watch.report();
        assertThat(report.findings())
                .as("%s", report)
                .extracting(InitFinding::symptom)
                .containsExactly(Symptom.PLATEAU);
        assertThat(report.finding(Symptom.PLATEAU).orElseThrow().measured()).isCloseTo(Math.log(10), within(0.05));
    }

    @Test
    void aWatchChangesNoBit() {
        Network watched = stack(2, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        Network plain = stack(2, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        watch(watched, Adam.of(1e-2), 3);
        fit(plain, new SoftmaxCrossEntropy(), Adam.of(1e-2), DATA, 3);
        Map<String, Parameter> expected = plain.parametersByPath();
        watched.parametersByPath()
                .forEach((path, p) -> nn.fixtures.TensorAssert.assertThat(p.value())
                        .isBitEqualTo(expected.get(path).value()));
    }

    /** w = 3, x = 1, y = 1, so that the gradient is 2 (3 - 1) = 4, and a rate of 0.1 changes w by 0.4. */
    @Test
    void updatesAndGradientsHaveTheNumbersComputedByHand() {
        Network network = Network.builder(KEY)
                .input(1)
                .dense("a", 1, Init.constant(3), Init.zeros())
                .build();
        Dataset data = new Dataset(Tensor.full(1, 8, 1), Tensor.full(1, 8, 1));
        TrainingWatch watch = TrainingWatch.of(network, new MeanSquaredError(), data);
        History history = fit(network, new MeanSquaredError(), Sgd.of(0.1), data, 1, watch);
        Weight weight = watch.report().weights().getFirst();
        assertThat(weight.path()).isEqualTo("a.weight");
        assertThat(weight.update()).isCloseTo(0.4 / 3, within(1e-6));
        assertThat(weight.largestUpdate()).isEqualTo(weight.update());
        assertThat(weight.largestAt()).isEqualTo(1);
        assertThat(weight.gradient()).isCloseTo(4.0 / 3, within(1e-6));
        assertThat(history.last().observations().keySet())
                .containsExactly(
                        "dead_units",
                        "saturated",
                        "update_min",
                        "update_max",
                        "gradient_min",
                        "gradient_max",
                        "snr_min",
                        "snr_max");
        assertThat(history.last().observations()).containsEntry("update_min", weight.update());
        assertThat(history.toCsv()).contains("observed_update_max").contains("" + weight.update());
    }

    /** A layer of zeros, whose outputs are equal, so that the gradient of a row is x times (1/10 - target). */
    private static Network zeros() {
        return Network.builder(KEY)
                .input(64)
                .dense("out", CLASSES, Init.zeros(), Init.zeros())
                .build();
    }

    /**
     * Targets that know nothing of the inputs, each used once, have gradients of mean 0. Their covariance is that of x
     * times that of the targets, so 64 x 9 = 576 directions have the same size and the others none, and |G|^2 / N
     * scatters by 0.16 / sqrt(576) = 0.0067. Five of these are allowed; without the correction by c it would be 1/8.
     */
    @Test
    void gradientsOfRandomTargetsAreAllNoise() {
        Tensor y = Tensor.zeros(1280);
        for (int i = 0; i < 1280; i++) {
            y.set(Integer.remainderUnsigned(KEY.child("labels").word(i), CLASSES), i);
        }
        Dataset data = new Dataset(normal(KEY.child("inputs"), 1, 1280, 64), y);
        Network network = zeros();
        TrainingWatch watch =
                TrainingWatch.of(network, new SoftmaxCrossEntropy(), data).every(1);
        History history = fit(network, new SoftmaxCrossEntropy(), Sgd.of(1e-6), data, 1, watch);
        double ratio = watch.report().weights().getFirst().signalToNoise();
        assertThat(ratio).isBetween(0.0, 5 * 0.0067);
        assertThat(history.last().observations())
                .containsEntry("snr_min", ratio)
                .containsEntry("snr_max", ratio);
    }

    /**
     * The gradient of all rows changes by the steps only. The curvature of softmax cross-entropy is at most 1/2 for the
     * logits, so E |x|^2 / 2 for the weight, and 19 steps of length rate |G| change G by at most a share of 19 rate E
     * |x|^2 / 2. With that share s, |m| is at least (1 - s) |G|, and V at most s^2 |G|^2; c is below 0.12.
     */
    @Test
    void gradientsOfAllRowsAreAllSignal() {
        double rate = 1e-4;
        double s = 19 * rate * 64 * DATA.x().secondMoment() / 2;
        Network network = zeros();
        TrainingWatch watch =
                TrainingWatch.of(network, new SoftmaxCrossEntropy(), DATA).every(1);
        new Trainer(network, new SoftmaxCrossEntropy(), Sgd.of(rate), KEY)
                .fit(Batches.shuffled(DATA, DATA.size(), KEY), 20, watch);
        double least = (1 - 0.12) * (1 - s) * (1 - s) / (s * s) - 0.12;
        assertThat(least).isGreaterThan(100);
        assertThat(watch.report().weights().getFirst().signalToNoise()).isGreaterThan(least);
    }

    /**
     * The ratio of batches of 32 is 32 |G|^2 / tr(Sigma), with G and Sigma of the gradients of single rows, less up to
     * 1/10 because the ten batches of an epoch share no row. The readings of 60 epochs are averaged; five standard
     * errors of their mean are allowed.
     */
    @Test
    void theBatchSizeOverTheRatioIsTheNoiseScaleOfTheRows() {
        Network network = zeros();
        TrainingWatch watch =
                TrainingWatch.of(network, new SoftmaxCrossEntropy(), DATA).every(1);
        History history = fit(network, new SoftmaxCrossEntropy(), Sgd.of(1e-6), DATA, 60, watch);
        double[] ratios = history.epochs().stream()
                .mapToDouble(e -> e.observations().get("snr_min"))
                .toArray();
        double mean = Arrays.stream(ratios).average().orElseThrow();
        double variance =
                Arrays.stream(ratios).map(r -> (r - mean) * (r - mean)).sum() / (ratios.length - 1);
        double tolerance = 5 * Math.sqrt(variance / ratios.length);
        double expected = 32 / noiseScaleOfRows();
        assertThat(tolerance).isLessThan(0.15 * expected);
        assertThat(mean).isBetween(expected - 0.1 - tolerance, expected + tolerance);
    }

    /** Returns tr(Sigma) / |G|^2 of the gradients of the rows of the data, in a layer of zeros. */
    private static double noiseScaleOfRows() {
        double[] g = new double[64 * CLASSES];
        double squares = 0; // E |gradient|^2
        for (int row = 0; row < DATA.size(); row++) {
            for (int i = 0; i < 64; i++) {
                for (int j = 0; j < CLASSES; j++) {
                    double error = 0.1 - (DATA.y().get(row) == j ? 1 : 0);
                    double gradient = DATA.x().get(row, i) * error;
                    g[i * CLASSES + j] += gradient / DATA.size();
                    squares += gradient * gradient / DATA.size();
                }
            }
        }
        double signal = Arrays.stream(g).map(v -> v * v).sum();
        return (squares - signal) / signal;
    }

    /** A sum over the examples is judged by its mean. */
    @Test
    void aSumHasTheConstantLossOfItsMean() {
        Tensor y = Tensor.of(new float[] {0, 2, 4, 6}, 4, 1);
        Network network = Network.builder(KEY).input(1).dense("a", 1).build();
        Dataset data = new Dataset(Tensor.full(1, 4, 1), y);
        Loss sum = new Loss() {
            @Override
            public Value of(Tensor output, Tensor target, nn.layers.Context context) {
                Value mean = new MeanSquaredError().of(output, target, context);
                Tensor gradient = mean.dOutput().copy();
                gradient.scaleInPlace(output.size());
                return new Value(output.size() * mean.value(), gradient);
            }

            @Override
            public Reduction reduction() {
                return Reduction.SUM;
            }
        };
        assertThat(TrainingWatch.of(network, sum, data).report().constantLoss()).isCloseTo(5, within(1e-4));
        assertThat(TrainingWatch.of(network, new MeanSquaredError(), data)
                        .report()
                        .constantLoss())
                .isCloseTo(5, within(1e-4));
    }

    @Test
    void microBatchesAndTheDebugModeAreWatchedToo() {
        Network network = stack(2, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        TrainingWatch watch =
                TrainingWatch.of(network, new SoftmaxCrossEntropy(), DATA).every(1);
        TrainerOptions options = TrainerOptions.NONE.microBatch(8).debugging();
        Trainer trainer = new Trainer(network, new SoftmaxCrossEntropy(), Adam.of(1e-3), KEY, options);
        trainer.fit(Batches.shuffled(DATA, 32, KEY), 2, watch);
        assertThat(watch.report().looks()).isEqualTo(20);
        assertThat(watch.report().units()).hasSize(2);
        assertThat(watch.report().weights())
                .allSatisfy(w -> assertThat(w.hadGradient()).isTrue());
    }

    @Test
    void badPeriodsAreRefused() {
        Network network = stack(1, Init.heNormal(), Init.zeros(), Nonlinearity.RELU);
        TrainingWatch watch = TrainingWatch.of(network, new SoftmaxCrossEntropy(), DATA);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> watch.every(0))
                .withMessage("a watch cannot look into one step in 0; give 1 or more");
    }

    /** The data of a network of the zoo; sequences go along the first axis. */
    static Dataset data(Zoo.Patient patient) {
        boolean isFirst = patient.model().batchAxis(0).isPresent()
                && patient.x().dim(0) == patient.y().dim(0);
        return isFirst ? new Dataset(patient.x(), patient.y()) : Dataset.timeMajorInputs(patient.x(), patient.y());
    }

    /** All healthy networks of the zoo, trained for 200 steps. */
    @Tag("slow")
    @Test
    void healthyNetworksHaveNoFindings() {
        List<String> wrong = new ArrayList<>();
        for (Zoo.Kind kind : Zoo.healthy()) {
            Zoo.Patient patient = kind.draw().apply(Key.of(1000));
            Dataset data = data(patient);
            TrainingWatch watch = TrainingWatch.of(patient.model(), patient.loss(), data);
            fit(patient.model(), patient.loss(), Adam.of(1e-3), data, 6400 / data.size(), watch);
            if (!watch.report().findings().isEmpty()) {
                wrong.add(kind + "\n" + watch.report());
            }
        }
        assertThat(wrong).isEmpty();
    }
}
