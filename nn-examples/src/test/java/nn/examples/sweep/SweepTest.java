package nn.examples.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import nn.examples.report.SweepReport;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.Criticality;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep: its trials, the file of finished ones, its tables, and theory in its maps. */
class SweepTest {
    private static final Recipe RECIPE = new Recipe(3, 16, Recipe.Method.SGD, 0);
    private static final Grid GRID = new Grid(
            List.of("lecun normal", "orthogonal"),
            List.of(0.5, 1.0, 1e30), // the last one diverges
            List.of(1, 3),
            List.of(8),
            List.of("tanh", "relu"),
            List.of(0.1),
            List.of(1L, 2L));
    private static final List<Trial> TRIALS = GRID.trials(GRID.settings());
    private static final String VERSION = "1.2.3";

    @TempDir
    Path folder;

    /** Everything that a sweep writes, but the page: that is a function of the same numbers, and takes a while. */
    private static String files(Map<Trial, Outcome> outcomes) {
        SweepReport report = new SweepReport(RECIPE, TRIALS, outcomes);
        return report.csv() + report.json();
    }

    /** Runs the trials that a log does not have, on a number of threads, and returns all files. */
    private static String finish(TrialLog log, TrialExecutor executor) throws IOException {
        List<Trial> missing = TRIALS.stream()
                .filter(trial -> !log.finished().containsKey(trial))
                .toList();
        executor.run(RECIPE, missing, log::add);
        return files(log.finished());
    }

    private static String expected() throws IOException {
        return finish(TrialLog.inMemory(), new LocalThreads(1));
    }

    @Test
    void filesAreTheSameToTheByteOnAnyNumberOfWorkers() throws IOException {
        String expected = expected();
        assertThat(expected).contains("orthogonal,1.0,3,8,relu,0.1", "Infinity");
        for (int workers : new int[] {2, 4, 7}) {
            assertThat(finish(TrialLog.inMemory(), new LocalThreads(workers))).isEqualTo(expected);
        }
    }

    @Test
    void filesAreTheSameWhenAnExecutorRunsTrialsTwiceAndBackwards() throws IOException {
        TrialExecutor careless = (recipe, trials, sink) -> {
            TrialRunner runner = new TrialRunner(recipe);
            for (Trial trial : trials.reversed()) {
                sink.accept(trial, runner.run(trial));
                sink.accept(trial, runner.run(trial));
            }
        };
        assertThat(finish(TrialLog.inMemory(), careless)).isEqualTo(expected());
    }

    @Test
    void aKilledSweepIsTakenUpWithAnotherNumberOfWorkersAndGivesTheSameFiles() throws IOException {
        Path file = folder.resolve("trials");
        try (TrialLog log = TrialLog.open(file, VERSION, RECIPE)) {
            assertThatThrownBy(() -> new LocalThreads(3).run(RECIPE, TRIALS, (trial, outcome) -> {
                        if (log.finished().size() == 10) {
                            throw new IOException("killed");
                        }
                        log.add(trial, outcome);
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("killed");
        }
        cut(file, Files.size(file) - 5); // in the middle of the last line
        try (TrialLog log = TrialLog.open(file, VERSION, RECIPE)) {
            assertThat(log.finished()).hasSize(9);
            assertThat(finish(log, new LocalThreads(2))).isEqualTo(expected());
        }
        try (TrialLog log = TrialLog.open(file, VERSION, RECIPE)) {
            assertThat(log.finished()).hasSize(TRIALS.size());
            assertThat(files(log.finished())).isEqualTo(expected());
        }
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static Outcome outcome(double accuracy) {
        return new Outcome(2.3, 0.1, accuracy, 3, false);
    }

    /** Writes a log of two trials. */
    private Path written() throws IOException {
        Path file = folder.resolve("two");
        try (TrialLog log = TrialLog.open(file, VERSION, RECIPE)) {
            log.add(TRIALS.get(0), outcome(0.5));
            log.add(TRIALS.get(1), outcome(1 / 3.0));
        }
        return file;
    }

    @Test
    void everyBeginningOfALogHasTheTrialsWhoseLinesAreWhole() throws IOException {
        byte[] all = Files.readAllBytes(written());
        Path file = folder.resolve("cut");
        for (int size = 0; size <= all.length; size++) {
            Files.write(file, Arrays.copyOf(all, size));
            long lines = new String(all, 0, size, StandardCharsets.UTF_8)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            try (TrialLog log = TrialLog.open(file, VERSION, RECIPE)) {
                assertThat(log.finished()).hasSize((int) Math.max(0, lines - 1));
                log.add(TRIALS.get(0), outcome(0.5));
                log.add(TRIALS.get(1), outcome(1 / 3.0));
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(all);
        }
    }

    @Test
    void everyChangedByteOfALogIsRefusedWithItsLineAndTheFileStays() throws IOException {
        byte[] all = Files.readAllBytes(written());
        Path file = folder.resolve("changed");
        for (int i = 0; i < all.length - 1; i++) { // without its end, the last line counts as cut off
            byte[] changed = all.clone();
            changed[i] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> TrialLog.open(file, VERSION, RECIPE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("changed, line ");
            assertThat(Files.readAllBytes(file)).isEqualTo(changed);
        }
    }

    @Test
    void aLogOfAnotherVersionOrRecipeIsRefusedByName() throws IOException {
        Path file = written();
        assertThatThrownBy(() -> TrialLog.open(file, "1.2.4", RECIPE))
                .hasMessageContaining("belongs to another sweep")
                .hasMessageContaining("1.2.3")
                .hasMessageContaining("1.2.4");
        assertThatThrownBy(() -> TrialLog.open(file, VERSION, new Recipe(4, 16, Recipe.Method.ADAM, 0.05)))
                .hasMessageContaining("digits, 3 steps of sgd, batches of 16, bias variance 0.0")
                .hasMessageContaining("digits, 4 steps of adam, batches of 16, bias variance 0.05");
    }

    @Test
    void aLogIsForOneSweepAtATime() throws IOException {
        Path file = written();
        TrialLog first = TrialLog.open(file, VERSION, RECIPE);
        assertThatThrownBy(() -> TrialLog.open(file, VERSION, RECIPE)).hasMessageContaining("another sweep is writing");
        first.close();
        TrialLog.open(file, VERSION, RECIPE).close();
    }

    @Test
    void aTrialThatGivesAnotherOutcomeTheSecondTimeIsRefused() throws IOException {
        TrialLog log = TrialLog.inMemory();
        log.add(TRIALS.get(0), outcome(0.5));
        log.add(TRIALS.get(0), outcome(0.5));
        assertThatThrownBy(() -> log.add(TRIALS.get(0), outcome(0.6)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(TRIALS.get(0).toString());
    }

    @Test
    void allSettingsOfASeedHaveOneOrderOfDataAndEachHasItsOwnWeights() {
        List<Trial> first = TRIALS.stream().filter(trial -> trial.seed() == 1).toList();
        assertThat(first.stream().map(Trial::data).distinct()).hasSize(1);
        assertThat(TRIALS.stream().map(Trial::data).distinct()).hasSize(2);
        assertThat(TRIALS.stream().map(Trial::weights).distinct()).hasSize(TRIALS.size());
    }

    @Test
    void aTrialLearnsWhereTheoryExpectsItAndNotWhereSignalsVanish() {
        TrialRunner runner = new TrialRunner(new Recipe(60, 64, Recipe.Method.MOMENTUM, 0));
        Outcome critical = runner.run(new Trial(new Setting("lecun normal", 1.2, 6, 32, "tanh", 0.05), 1));
        Outcome faint = runner.run(new Trial(new Setting("lecun normal", 0.1, 6, 32, "tanh", 0.05), 1));
        // 449 test pictures: chance scatters by 0.014
        assertThat(critical.accuracy()).isGreaterThan(0.7);
        assertThat(faint.accuracy()).isLessThan(0.2);
        assertThat(faint.loss()).isCloseTo(Math.log(10), within(0.1));
        assertThat(critical.steps()).isEqualTo(60);
    }

    @Test
    void aTrialThatDivergesEndsThere() {
        Outcome outcome =
                new TrialRunner(RECIPE).run(new Trial(new Setting("lecun normal", 1e30, 3, 8, "relu", 0.1), 1));
        assertThat(outcome).isEqualTo(new Outcome(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 0, true));
    }

    @Test
    void aTrialThatCannotRunIsNamed() {
        Trial trial = new Trial(new Setting("normal(1e30)", 1e30, 1, 8, "tanh", 0.1), 1);
        assertThatThrownBy(() -> new LocalThreads(2).run(RECIPE, List.of(TRIALS.get(0), trial), (t, o) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("trial 'normal(1e30), gain 1.0E30, depth 1, width 8, tanh, rate 0.1, seed 1'");
    }

    @Test
    void aRandomSetHasEachSettingOnceAndKeepsTheOrderOfTheGrid() {
        List<Setting> all = GRID.settings();
        List<Setting> some = GRID.settings(7, Key.of(3));
        assertThat(some).hasSize(7).doesNotHaveDuplicates().isSubsetOf(all).isNotEqualTo(all.subList(0, 7));
        assertThat(some.stream().map(all::indexOf)).isSorted();
        assertThat(GRID.settings(7, Key.of(3))).isEqualTo(some);
        assertThat(GRID.settings(1000, Key.of(3))).isEqualTo(all);
        assertThat(new HashSet<>(all)).hasSize(24);
    }

    @Test
    void meansIntervalsAndPairedDifferencesAreThoseOfAHandCalculation() {
        Setting first = new Setting("lecun normal", 1, 2, 8, "tanh", 0.1);
        Setting second = new Setting("orthogonal", 1, 2, 8, "tanh", 0.1);
        double[][] accuracies = {{0.5, 0.7, 0.6}, {0.6, 0.8, 0.75}};
        List<Trial> trials = new ArrayList<>();
        Map<Trial, Outcome> outcomes = new HashMap<>();
        for (int i = 0; i < 2; i++) {
            for (int seed = 0; seed < 3; seed++) {
                Trial trial = new Trial(i == 0 ? first : second, seed);
                trials.add(trial);
                outcomes.put(trial, outcome(accuracies[i][seed]));
            }
        }
        List<Summary> summaries = Summary.of(trials, outcomes);
        double t = 4.302652729911275; // Student's t of two degrees of freedom
        assertThat(summaries).hasSize(2);
        assertThat(summaries.get(0).accuracy()).isCloseTo(0.6, within(1e-12));
        assertThat(summaries.get(0).accuracyMargin()).isCloseTo(t * 0.1 / Math.sqrt(3), within(1e-12));
        assertThat(summaries.get(0).difference()).isEmpty();
        // differences 0.1, 0.1, 0.15: mean 0.35 / 3, deviation 0.05 / sqrt(3)
        Summary.Difference difference = summaries.get(1).difference().orElseThrow();
        assertThat(difference.mean()).isCloseTo(0.35 / 3, within(1e-12));
        assertThat(difference.margin()).isCloseTo(t * 0.05 / 3, within(1e-12));
    }

    @Test
    void theCriticalGainIsThatOfTheoryOverTheSchemesOwnScale() {
        // a variance of 2^18 normal weights is right to sqrt(2) / 512 = 0.28 %, its root to half of that; five of them
        double tolerance = 5 * 0.0014;
        assertThat(DepthScales.of(new Setting("lecun normal", 3, 2, 64, "tanh", 0.1), 0)
                        .criticalGain()
                        .orElseThrow())
                .isCloseTo(1, within(tolerance));
        assertThat(DepthScales.of(new Setting("he normal", 3, 2, 64, "relu", 0.1), 0)
                        .criticalGain()
                        .orElseThrow())
                .isCloseTo(1, within(tolerance));
        assertThat(DepthScales.of(new Setting("orthogonal", 3, 2, 64, "tanh", 0.1), 0.05)
                        .criticalGain()
                        .orElseThrow())
                .isCloseTo(Criticality.of(Nonlinearity.TANH, 0.05).gain(), within(1e-5));
        assertThat(DepthScales.of(new Setting("orthogonal", 3, 2, 64, "softplus", 0.1), 0)
                        .criticalGain())
                .isEmpty();
    }

    @Test
    void depthScalesAreThoseOfTheMeanField() {
        DepthScales scales = new DepthScales(Nonlinearity.TANH, 1, 0.05);
        for (double variance : new double[] {1.3, 2.5}) {
            MeanField field = new MeanField(Nonlinearity.TANH, variance, 0.05);
            double q = field.fixedPoint(1);
            assertThat(scales.correlations(Math.sqrt(variance))).isCloseTo(field.correlationDepth(q), within(1e-6));
            assertThat(scales.gradients(Math.sqrt(variance)))
                    .isCloseTo(1 / Math.abs(Math.log(field.chi(q))), within(1e-6));
        }
        // without biases all signal is lost at gain 0.5: chi = 0.25, and there is no correlation to speak of
        DepthScales plain = new DepthScales(Nonlinearity.TANH, 1, 0);
        assertThat(plain.gradients(0.5)).isCloseTo(1 / Math.log(4), within(1e-6));
        assertThat(plain.correlations(0.5)).isNaN();
        // ReLU: chi is gain^2 / 2 at every length
        assertThat(new DepthScales(Nonlinearity.RELU, 1, 0).gradients(2)).isCloseTo(1 / Math.log(2), within(1e-12));
    }

    @Test
    void aMapHasADeepRowAboveAShallowOneAndTheCriticalGainInItsColumn() throws IOException {
        Grid grid = new Grid(
                List.of("orthogonal"),
                List.of(0.5, 1.5),
                List.of(1, 4),
                List.of(16),
                List.of("tanh"),
                List.of(0.1),
                List.of(1L));
        Map<Trial, Outcome> outcomes = new HashMap<>();
        List<Trial> trials = grid.trials(grid.settings());
        for (Trial trial : trials) {
            outcomes.put(
                    trial,
                    outcome(trial.setting().depth() / 10.0 + trial.setting().gain() / 100));
        }
        String page = new SweepReport(RECIPE, trials, outcomes).html();
        assertThat(page)
                .contains("\"names\":[\"0.5\",\"1.5\"]", "\"names\":[\"4\",\"1\"]")
                .contains("\"cells\":[[0.405,0.415],[0.105,0.115]]", "\"colours\":[0.105,0.415]")
                .contains("\"text\":\"critical gain\"},\"x\":[1.5,1.5],\"y\":[0.5,2.5]");
    }
}
