package nn.train.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.EpochReport;
import nn.train.FitOptions;
import nn.train.History;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.data.Batches;
import nn.train.data.Dataset;
import nn.train.diagnose.InitReport;
import nn.train.diagnose.TrainingWatch;
import nn.train.io.DataFormatException;
import nn.train.loss.MeanSquaredError;
import nn.train.metric.Metrics;
import nn.train.optimizer.Sgd;
import nn.train.tensorboard.Events.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardTest {
    @TempDir
    private Path folder;

    private final Network network = Network.builder(Key.of(1))
            .input(3)
            .dense("hidden", 5)
            .relu()
            .dense("out", 1)
            .build();
    private final Trainer trainer = new Trainer(network, new MeanSquaredError(), Sgd.of(0.1), Key.of(2));

    private static Dataset data() {
        Tensor x = Tensor.zeros(12, 3);
        Key.of(3).normal(x, 0, 1);
        Tensor y = Tensor.zeros(12, 1);
        Key.of(4).normal(y, 0, 1);
        return new Dataset(x, y);
    }

    /** Three steps an epoch. */
    private History fit(int epochs, TrainingObserver... observers) {
        return trainer.fit(Batches.inOrder(data(), 4), epochs, observers);
    }

    private List<Event> events(String tag) throws IOException {
        return Events.of(folder).stream().filter(e -> e.tag().equals(tag)).toList();
    }

    @Test
    void aFitWritesItsStepsAndEpochs() throws IOException {
        List<StepReport> steps = new ArrayList<>();
        History history = fit(2, TensorBoard.to(folder).every(2), new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                steps.add(report);
            }
        });
        assertThat(Events.of(folder).getFirst()).isEqualTo(new Event(0, "version", "brain.Event:2"));
        assertThat(events("step/loss"))
                .containsExactly(
                        new Event(1, "step/loss", (float) steps.get(0).loss()),
                        new Event(3, "step/loss", (float) steps.get(2).loss()),
                        new Event(5, "step/loss", (float) steps.get(4).loss()));
        assertThat(events("step/rate").getFirst().value()).isEqualTo(0.1f);
        assertThat(events("step/gradient_norm").getLast().value())
                .isEqualTo((float) steps.get(4).gradientNorm());
        assertThat(events("epoch/loss"))
                .containsExactly(
                        new Event(
                                3, "epoch/loss", (float) history.epochs().get(0).loss()),
                        new Event(
                                6, "epoch/loss", (float) history.epochs().get(1).loss()));
        assertThat(events("epoch/validation_loss")).as("no validation data").isEmpty();
    }

    @Test
    void metricsObservationsDistributionsAndReportsAreWritten() throws IOException {
        TrainingWatch watch = TrainingWatch.of(network, new MeanSquaredError(), data());
        InitReport report = InitReport.of(network, data().x(), Key.of(5));
        TensorBoard board =
                TensorBoard.to(folder).histograms(network).watch(watch).init(report);
        FitOptions options = FitOptions.epochs(1)
                .validation(data())
                .metric("error", (model, x, y) -> Metrics.loss(model, new MeanSquaredError(), x, y))
                .observers(watch, board);
        History history = trainer.fit(Batches.inOrder(data(), 4), options);
        assertThat(events("epoch/validation_loss").getFirst().value())
                .isEqualTo((float) history.last().validationLoss());
        assertThat(events("metric/error").getFirst().value())
                .isEqualTo((float) (double) history.last().metrics().get("error"));
        assertThat(events("observation/update_max").getFirst().value())
                .isEqualTo((float) (double) history.last().observations().get("update_max"));
        assertThat(events("parameter/hidden.weight")).hasSize(1);
        assertThat(events("update/hidden.weight").getFirst().value())
                .isEqualTo((float) watch.report().weights().getFirst().update());
        assertThat(events("signal_to_noise/hidden.weight").getFirst().value())
                .isEqualTo((float) watch.report().weights().getFirst().signalToNoise());
        assertThat(events("dead/hidden").getFirst().value())
                .isEqualTo((float) watch.report().units().getFirst().dead());
        assertThat(events("watch")).containsExactly(new Event(3, "watch", "```\n" + watch.report() + "```\n"));
        assertThat(events("init")).containsExactly(new Event(0, "init", "```\n" + report + "```\n"));
        assertThat(events("init/pre_activation/hidden"))
                .containsExactly(new Event(0, "init/pre_activation/hidden", (float)
                        report.layers().getFirst().preActivation()));
    }

    /** A training that is killed after its fifth step, and resumed after its third, as from a checkpoint. */
    @Test
    void aResumedTrainingHasNoStepTwice() throws IOException {
        TrainingState[] checkpoint = new TrainingState[1];
        TensorBoard board = TensorBoard.to(folder).every(1).init(InitReport.of(network, data().x(), Key.of(5)));
        TrainingObserver killer = new TrainingObserver() {
            @Override
            public void onEpoch(EpochReport report) {
                checkpoint[0] = trainer.state();
            }

            @Override
            public void onStep(StepReport report) {
                if (report.step() == 5) {
                    throw new IllegalStateException("killed");
                }
            }
        };
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> fit(3, board, killer));
        board.flush();
        List<Event> killed = Events.of(folder);
        assertThat(events("step/loss")).hasSize(5);
        Files.write(folder.resolve(Events.NAME), new byte[] {1, 2, 3}, StandardOpenOption.APPEND); // half an event

        Network again = Network.builder(Key.of(1))
                .input(3)
                .dense("hidden", 5)
                .relu()
                .dense("out", 1)
                .build();
        Trainer resumed = new Trainer(again, new MeanSquaredError(), Sgd.of(0.1), Key.of(2));
        resumed.restore(checkpoint[0]);
        resumed.fit(
                Batches.inOrder(data(), 4),
                3,
                TensorBoard.to(folder).every(1).init(InitReport.of(again, data().x(), Key.of(5))));
        assertThat(events("step/loss").stream().map(Event::step)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(events("step/loss").subList(0, 5))
                .as("the same bits")
                .isEqualTo(
                        killed.stream().filter(e -> e.tag().equals("step/loss")).toList());
        assertThat(events("epoch/loss").stream().map(Event::step)).containsExactly(3L, 6L, 9L);
        assertThat(events("init")).hasSize(1);
        assertThat(events("version")).hasSize(1);
        assertThat(Files.readAllBytes(folder.resolve("replaced-events.nn")))
                .as("what was there before")
                .hasSizeGreaterThan(3)
                .endsWith(1, 2, 3);
    }

    @Test
    void aTextBeforeTheFitStaysWithTheReportOnInitialWeights() throws IOException {
        TensorBoard board = TensorBoard.to(folder).init(InitReport.of(network, data().x(), Key.of(5)));
        board.text("note", 0, "a rate of 0.1");
        fit(1, board);
        assertThat(events("note")).containsExactly(new Event(0, "note", "a rate of 0.1"));
        assertThat(events("init")).hasSize(1);
        assertThat(events("version")).hasSize(1);
    }

    @Test
    void aSecondFitAppends() throws IOException {
        TensorBoard board = TensorBoard.to(folder).every(1);
        fit(1, board);
        byte[] first = Files.readAllBytes(folder.resolve(Events.NAME));
        fit(1, board);
        assertThat(Files.readAllBytes(folder.resolve(Events.NAME))).startsWith(first);
        assertThat(events("step/loss").stream().map(Event::step)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(folder.resolve("replaced-events.nn")).doesNotExist();
    }

    @Test
    void ownValuesAreWrittenAtOnce() throws IOException {
        Path own = folder.resolve("new/folder");
        TensorBoard board = TensorBoard.to(own);
        assertThat(own).doesNotExist();
        board.scalar("own/number", 7, 1.5);
        Event version = new Event(0, "version", "brain.Event:2");
        Event number = new Event(7, "own/number", 1.5f);
        assertThat(Events.of(own)).containsExactly(version, number);
        board.text("note", 0, "**bold** \u00e9");
        Event note = new Event(0, "note", "**bold** \u00e9");
        assertThat(Events.of(own)).containsExactly(version, number, note);
        board.histogram("own/values", 9, Tensor.of(new float[] {-1, 0, 0, 2.5f}, 4));
        assertThat(Events.of(own)).hasSize(4).startsWith(version, number, note);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> board.histogram("own", 1, Tensor.full(Float.NaN, 3)))
                .withMessageContaining("histogram 'own' of a tensor of shape [3]");
        assertThatIllegalArgumentException().isThrownBy(() -> board.histogram("own", 1, Tensor.zeros(0, 2)));
        assertThatIllegalArgumentException().isThrownBy(() -> board.scalar(" ", 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> board.scalar("a", -1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorBoard.to(folder).every(0));
    }

    /** The third step comes long before a tenth of a second has passed since the first. */
    @Test
    void anOwnValueIsWrittenWithTheStepsBeforeIt() throws IOException {
        TensorBoard board = TensorBoard.to(folder).every(1);
        fit(1, board, new TrainingObserver() {
            @Override
            public void onStep(StepReport report) {
                board.scalar("own", report.step(), 2);
                try {
                    assertThat(events("step/loss")).hasSize((int) report.step());
                    assertThat(events("own")).hasSize((int) report.step());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    /** Every element lies between the limits of its bucket, and the numbers are those of the elements. */
    @Test
    void aHistogramCountsEveryElementInItsBucket() {
        SplittableRandom random = new SplittableRandom(8);
        for (int n = 1; n < 200; n++) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                double size = Math.scalb(1 + random.nextDouble(), random.nextInt(-80, 120));
                values[i] = (float) (random.nextInt(8) == 0 ? 0 : random.nextBoolean() ? size : -size);
            }
            Histogram histogram = Histogram.of(Tensor.of(values, n));
            Arrays.sort(values);
            assertThat(histogram.min()).isEqualTo(values[0]);
            assertThat(histogram.max()).isEqualTo(values[n - 1]);
            double[] limits = histogram.limits();
            double[] counts = histogram.counts();
            assertThat(counts).hasSameSizeAs(limits);
            assertThat(Arrays.stream(counts).sum()).isEqualTo(n);
            int below = 0;
            double counted = 0;
            for (int b = 0; b < limits.length; b++) {
                assertThat(b == 0 || limits[b] > limits[b - 1]).isTrue();
                while (below < n && (values[below] < limits[b] || values[below] == limits[b] && limits[b] < 0)) {
                    below++;
                }
                counted += counts[b];
                assertThat(counted).as("elements up to %s", limits[b]).isEqualTo(below);
            }
            double squares = 0;
            for (float value : values) {
                squares += (double) value * value;
            }
            assertThat(histogram.sumOfSquares()).isCloseTo(squares, within(1e-9 * squares));
        }
        assertThat(Histogram.of(Tensor.full(0, 3)).counts()).containsExactly(3);
        assertThat(Histogram.of(Tensor.of(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE}, 2))
                        .limits())
                .contains(0x1p128)
                .doesNotHaveDuplicates();
    }

    private byte[] someFile() throws IOException {
        TensorBoard board = TensorBoard.to(folder).every(1).histograms(network);
        fit(1, board);
        board.text("note", 3, "a text");
        board.flush();
        return Files.readAllBytes(folder.resolve(Events.NAME));
    }

    @Test
    @Timeout(10)
    void everyPrefixIsRefusedOrHasTheFirstEvents() throws IOException {
        byte[] whole = someFile();
        List<Event> all = Events.of(whole);
        int read = 0;
        for (int length = 0; length <= whole.length; length++) {
            byte[] prefix = Arrays.copyOf(whole, length);
            try {
                List<Event> some = Events.of(prefix);
                assertThat(some).isEqualTo(all.subList(0, some.size()));
                read++;
            } catch (DataFormatException e) {
                assertThat(e)
                        .hasMessageContaining("the file ends inside a record")
                        .hasMessageStartingWith("the file:");
            }
        }
        assertThat(read).as("one for each number of events").isEqualTo(all.size() + 1);
    }

    @Test
    @Timeout(10)
    void everyChangedFileIsRefused() throws IOException {
        byte[] whole = someFile();
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 1000; i++) {
            byte[] changed = whole.clone();
            int at = random.nextInt(whole.length);
            for (int j = 1 + random.nextInt(4); j > 0; j--) { // up to 32 bits in a row, which a CRC always finds
                changed[Math.min(whole.length - 1, at++)] ^= (byte) (1 + random.nextInt(255));
            }
            if (!Arrays.equals(changed, whole)) {
                assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Events.of(changed));
            }
        }
    }

    /** The published check value of CRC-32C; the first bytes of any file of TensorFlow, whose first record has 24. */
    @Test
    void recordsHaveTheMaskedChecksumsOfTensorFlow() throws IOException {
        byte[] record = EventRecords.record("123456789".getBytes(StandardCharsets.US_ASCII));
        int checksum = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).getInt(21);
        assertThat(Integer.rotateLeft(checksum - 0xa282ead8, 15)).isEqualTo(0xE3069283);
        assertThat(someFile()).startsWith(0x18, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22, 0x09);
    }

    @Test
    void aDamagedFileEndsTheFitAtItsFirstStep() throws IOException {
        Path file = folder.resolve(Events.NAME);
        byte[] whole = someFile();
        whole[20] ^= 1;
        Files.write(file, whole);
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> fit(1, TensorBoard.to(folder)))
                .withCauseInstanceOf(DataFormatException.class)
                .withMessageContaining(file + ": at byte 0: ");
        assertThat(trainer.steps()).isEqualTo(3);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
}
