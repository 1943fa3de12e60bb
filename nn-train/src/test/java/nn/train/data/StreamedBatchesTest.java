package nn.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import nn.layers.Layer;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.train.Allocation;
import nn.train.StepReport;
import nn.train.Trainer;
import nn.train.TrainingObserver;
import nn.train.TrainingState;
import nn.train.io.DataFormatException;
import nn.train.loss.MeanSquaredError;
import nn.train.optimizer.Adam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamedBatchesTest {
    private static final Key KEY = Key.of(7);

    @TempDir
    private Path folder;

    /** Example i has the input i, i + 1/2, ..., and the target -i. */
    private static final class Numbers implements ExampleSource {
        final long size;
        final int features;
        final String name;
        final List<Long> opened = new ArrayList<>();
        int closed;
        int bad = -1; // an example with NaN
        int lost = -1; // an example that cannot be read
        Exception reason = new IOException("the disk is broken");

        Numbers(long size, int features, String name) {
            this.size = size;
            this.features = features;
            this.name = name;
        }

        @Override
        public Shape x() {
            return Shape.of(features);
        }

        @Override
        public Shape y() {
            return Shape.of(1);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public String fingerprint() {
            return name;
        }

        @Override
        public Reader open(long first) {
            opened.add(first);
            return new Reader() {
                private long next = first;

                @Override
                public void next(Tensor x, Tensor y) throws IOException {
                    if (next == size) {
                        throw new EOFException("there is no example " + next);
                    }
                    if (next == lost) {
                        switch (reason) {
                            case IOException e -> throw e;
                            case RuntimeException e -> throw e;
                            default -> throw new AssertionError(reason);
                        }
                    }
                    for (int i = 0; i < features; i++) {
                        x.array()[x.offset() + i] = next == bad && i == 1 ? Float.NaN : (next + 0.5f * i) * 0x1p-6f;
                    }
                    y.array()[y.offset()] = -next * 0x1p-6f;
                    next++;
                }

                @Override
                public void close() {
                    closed++;
                }
            };
        }
    }

    private static Numbers numbers(long size) {
        return new Numbers(size, 2, "numbers");
    }

    /** The numbers of the examples of an epoch, from a batch on, and the size of each batch after them. */
    private static List<Integer> order(Batches batches, long epoch, int first) {
        List<Integer> order = new ArrayList<>();
        for (Batch batch : batches.epoch(epoch, first)) {
            for (int i = 0; i < batch.x().dim(0); i++) {
                int number = Math.round(batch.x().get(i, 0) * 0x1p6f);
                assertThat(batch.y().get(i, 0)).as("the target of its input").isEqualTo(-number * 0x1p-6f);
                order.add(number);
            }
        }
        return order;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void withoutAKeyExamplesComeInTheirOrder() {
        Batches batches = Batches.streamed(numbers(23), 5);
        assertThat(batches.perEpoch()).isEqualTo(5);
        assertThat(order(batches, 0, 0)).isEqualTo(range(0, 23));
        assertThat(order(batches, 3, 2)).isEqualTo(range(10, 23));
        assertThat(order(batches.dropLast(), 0, 0)).isEqualTo(range(0, 20));
        assertThat(batches.isShuffled()).isFalse();
    }

    @Test
    void eachWindowHasThePermutationOfItsKey() {
        Batches batches = Batches.streamed(numbers(23), 5, 10, KEY);
        List<Integer> expected = new ArrayList<>();
        for (int window = 0; window < 3; window++) {
            int from = 10 * window;
            for (int i : KEY.child(4).child(window).permutation(Math.min(10, 23 - from))) {
                expected.add(from + i);
            }
        }
        assertThat(order(batches, 4, 0)).isEqualTo(expected).hasSize(23).doesNotHaveDuplicates();
        assertThat(order(batches, 5, 0)).isNotEqualTo(expected);
        assertThat(order(batches.prefetched(), 4, 0)).isEqualTo(expected);
        assertThat(order(Batches.streamed(numbers(4), 5, 10, KEY), 0, 0)).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void anEpochBeginsAtAnyBatchAndReadsFromItsWindowOn() {
        Numbers source = numbers(40);
        Batches batches = Batches.streamed(source, 4, 12, KEY);
        List<Integer> whole = order(batches, 1, 0);
        for (int first = 0; first <= 10; first++) {
            source.opened.clear();
            assertThat(order(batches, 1, first)).isEqualTo(whole.subList(4 * first, 40));
            assertThat(source.opened).isEqualTo(first == 10 ? List.of() : List.of(12L * (first / 3)));
        }
        assertThat(source.closed).as("every reader that was opened").isEqualTo(11);
    }

    private static Network network() {
        return Network.builder(Key.of(1))
                .input(2)
                .dense("hidden", 6)
                .tanh()
                .dense("out", 1)
                .build();
    }

    private static Trainer trainer(Layer model) {
        return new Trainer(model, new MeanSquaredError(), Adam.of(0.01), Key.of(2));
    }

    private static List<String> bits(Layer model) {
        return model.parameters().stream().map(p -> p.value().sha256()).toList();
    }

    /** Killed after each of its steps, a training ends with the same bits; another window is refused. */
    @Test
    void aTrainingIsResumedBitForBitInTheMiddleOfAWindow() {
        Network whole = network();
        trainer(whole).fit(Batches.streamed(numbers(22), 4, 8, KEY), 2);
        for (int last = 1; last < 12; last++) {
            int kill = last;
            Trainer killed = trainer(network());
            TrainingState[] state = new TrainingState[1];
            TrainingObserver killer = new TrainingObserver() {
                @Override
                public void onStep(StepReport report) {
                    if (report.step() == kill) {
                        state[0] = killed.state();
                        throw new IllegalStateException("killed");
                    }
                }
            };
            assertThatIllegalStateException()
                    .isThrownBy(() -> killed.fit(Batches.streamed(numbers(22), 4, 8, KEY), 2, killer));
            Network again = network();
            Trainer resumed = trainer(again);
            resumed.restore(state[0]);
            if (last % 6 != 0) { // in the middle of an epoch
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> resumed.fit(Batches.streamed(numbers(22), 4, 12, KEY), 2))
                        .withMessageContaining("shuffled in windows of 8 by key")
                        .withMessageContaining("shuffled in windows of 12 by key");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> resumed.fit(Batches.streamed(new Numbers(22, 2, "others"), 4, 8, KEY), 2))
                        .withMessageContaining("22 examples, x [2], y [1], of others");
            }
            resumed.fit(Batches.streamed(numbers(22), 4, 8, KEY), 2);
            assertThat(bits(again)).as("killed after step %d", last).isEqualTo(bits(whole));
        }
    }

    @Test
    void streamedBatchesTrainAsThoseOfADataSetDo() {
        Tensor x = Tensor.zeros(20, 2);
        Tensor y = Tensor.zeros(20, 1);
        Numbers source = numbers(20);
        ExampleSource.Reader reader = source.open(0);
        try (reader) {
            for (int i = 0; i < 20; i++) {
                reader.next(x.row(i), y.row(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Network streamed = network();
        trainer(streamed).fit(Batches.streamed(source, 6), 2);
        Network inMemory = network();
        trainer(inMemory).fit(Batches.inOrder(new Dataset(x, y), 6), 2);
        assertThat(bits(streamed)).isEqualTo(bits(inMemory));
    }

    /** 200,000 examples take 51 megabytes, a window of them half of one. */
    @Test
    void memoryHoldsAWindow() {
        Batches batches = Batches.streamed(new Numbers(200_000, 64, "many"), 100, 2000, KEY);
        long limit = 16 << 20;
        long allocated = Allocation.least(limit, () -> {
            int count = 0;
            for (Batch batch : batches.epoch(0)) {
                count += batch.x().dim(0);
            }
            assertThat(count).isEqualTo(200_000);
        });
        assertThat(allocated).isLessThan(limit);
    }

    @Test
    void anExampleThatIsNotFiniteIsNamed() {
        Numbers source = numbers(30);
        source.bad = 17;
        Batches batches = Batches.streamed(source, 5, 15, KEY);
        Iterator<Batch> epoch = batches.epoch(0).iterator();
        for (int i = 0; i < 3; i++) {
            epoch.next();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(epoch::next)
                .withMessageContaining("x of example 17 of numbers has NaN in column 1;");
    }

    @Test
    void anExampleThatCannotBeReadEndsTheFitAndClosesTheSource() {
        Numbers source = numbers(30);
        source.lost = 12;
        Trainer trainer = trainer(network());
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> trainer.fit(Batches.streamed(source, 5), 1))
                .withMessage("example 12 of numbers cannot be read: java.io.IOException: the disk is broken")
                .withCause(source.reason);
        assertThat(trainer.steps()).isEqualTo(2);
        assertThat(source.closed).isEqualTo(1);
        source.lost = -1;
        trainer.fit(Batches.streamed(source, 5), 1);
        assertThat(trainer.steps()).as("the rest of the epoch").isEqualTo(6);
    }

    @Test
    void anExampleThatCannotBeReadIsNamedWhateverItsSourceThrows() {
        Numbers source = numbers(30);
        source.lost = 12;
        EOFException end = new EOFException("end");
        assertThat(whenReading(source, end))
                .isInstanceOf(UncheckedIOException.class)
                .hasCause(end);
        assertThat(whenReading(source, new UncheckedIOException(end)))
                .isInstanceOf(UncheckedIOException.class)
                .hasCause(end);
        assertThat(whenReading(source, new NumberFormatException("3,5"))).isInstanceOf(IllegalArgumentException.class);
        ShapeException shape = new ShapeException("too wide", "[2]", Shape.of(3));
        assertThat(whenReading(source, shape))
                .isInstanceOfSatisfying(
                        ShapeException.class,
                        named -> assertThat(named.actual()).isEqualTo(Shape.of(3)));
        assertThat(whenReading(source, new ArrayIndexOutOfBoundsException(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(ArrayIndexOutOfBoundsException.class);
        assertThat(source.closed).isEqualTo(5);
    }

    /** What a pass over the examples of a source throws, which loses one for a reason. */
    private static Throwable whenReading(Numbers source, Exception reason) {
        source.reason = reason;
        Throwable thrown = catchThrowable(() -> order(Batches.streamed(source, 5, 15, KEY), 0, 0));
        assertThat(thrown).hasMessageStartingWith("example 12 of numbers cannot be read: ");
        return thrown;
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.streamed(numbers(30), 8, 20, KEY))
                .withMessage("a window of 20 examples is not a multiple of the batch size, 8; take 16");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.streamed(numbers(30), 8, 4, KEY));
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.streamed(numbers(30), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.streamed(numbers(0), 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.streamed(numbers(1L << 40), 4))
                .withMessageContaining("more than can be counted");
        assertThatIllegalStateException()
                .isThrownBy(() -> Batches.streamed(numbers(30), 5).dataset())
                .withMessageContaining("use source()");
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> trainer(network()).fit(Batches.streamed(new Numbers(30, 3, "wide"), 5), 1));
    }

    private Path array(String name, Tensor values) throws IOException {
        Path file = folder.resolve(name + ".npy");
        Npy.write(file, values);
        return file;
    }

    @Test
    void arraysInFilesAreReadRowByRow() throws IOException {
        Tensor x = Tensor.zeros(23, 2, 3);
        KEY.child("x").normal(x, 0, 1);
        Tensor y = Tensor.zeros(23);
        KEY.child("y").normal(y, 0, 1);
        ExampleSource source = Npy.examples(array("x", x), array("y", y));
        assertThat(source.x()).isEqualTo(Shape.of(2, 3));
        assertThat(source.y()).isEqualTo(Shape.of());
        assertThat(source.fingerprint()).isEqualTo("x.npy of 680 bytes and y.npy of 220 bytes");
        Iterator<Batch> inMemory =
                Batches.inOrder(new Dataset(x, y), 5).epoch(0).iterator();
        for (Batch batch : Batches.streamed(source, 5).epoch(0)) {
            Batch expected = inMemory.next();
            assertThat(batch.x().bitEquals(expected.x())).isTrue();
            assertThat(batch.y().bitEquals(expected.y())).isTrue();
        }
        assertThat(inMemory.hasNext()).isFalse();
        Tensor one = Tensor.zeros(2, 3);
        try (ExampleSource.Reader reader = source.open(17)) {
            reader.next(one, Tensor.zeros());
        }
        assertThat(one.bitEquals(x.row(17))).isTrue();
    }

    @Test
    void arraysThatAreNoExamplesAreRefused() throws IOException {
        Path x = array("x", Tensor.zeros(4, 3));
        Path y = array("y", Tensor.zeros(4));
        Path other = array("other", Tensor.zeros(5));
        assertThatExceptionOfType(ShapeException.class)
                .isThrownBy(() -> Npy.examples(x, other))
                .withMessageContaining("is [4 x 3]")
                .withMessageContaining("both need one row for each example");
        Path scalar = array("scalar", Tensor.zeros());
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.examples(x, scalar))
                .withMessageContaining("an array without axes has no rows");
        byte[] whole = Files.readAllBytes(x);
        byte[] fortran = new String(whole, StandardCharsets.ISO_8859_1)
                .replace("'fortran_order': False", "'fortran_order': True ")
                .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(other, fortran);
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> Npy.examples(other, y))
                .withMessageContaining("save numpy.ascontiguousarray(a)");
        ExampleSource source = Npy.examples(x, y);
        for (int length = 0; length < whole.length; length++) {
            Files.write(x, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> Npy.examples(x, y));
            assertThatExceptionOfType(DataFormatException.class).isThrownBy(() -> readAll(source));
        }
    }

    private static void readAll(ExampleSource source) throws IOException {
        try (ExampleSource.Reader reader = source.open(3)) {
            reader.next(Tensor.zeros(3), Tensor.zeros());
        }
    }
}
