package nn.train.checkpoint;

import static nn.fixtures.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import nn.train.Trainer;
import nn.train.TrainingState;
import nn.train.internal.io.AtomicFile;
import nn.train.optimizer.Optimizer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are whole after the JVM dies at any moment. */
class KillTest {
    private static final int KILLS = 40;
    private static final int LANES = 4;
    private static final double LONGEST_DELAY = 30e6; // nanoseconds; writing a file takes 10 milliseconds or more

    @TempDir
    private Path folder;

    @Tag("slow")
    @Test
    void fortyKillsDuringWritingLeaveALoadableFileEveryTime() throws IOException {
        // In parallel, because starting a JVM takes most of the time.
        IntStream.range(0, LANES).parallel().forEach(lane -> {
            try {
                killAgainAndAgain(folder.resolve("file" + lane), Key.of(7).child(lane));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .hasSize(2 * LANES)
                    .allMatch(file -> file.toString().matches(".*/file\\d(\\.previous)?"));
        }
    }

    private static void killAgainAndAgain(Path file, Key key) throws IOException {
        long number = 1;
        for (int kill = 0; kill < KILLS / LANES; kill++) {
            long written;
            try (Child child = Child.run(WriteUntilKilled.class, file.toString(), "" + number)) {
                long first = child.number();
                double share = (key.word(kill) >>> 8) * 0x1p-24;
                LockSupport.parkNanos((long) (share * LONGEST_DELAY));
                written = child.kill(first);
            }
            number = numberIn(file) + 1;
            assertThat(number - 1).as("the last file written exists").isGreaterThanOrEqualTo(written);
            if (number > 2) {
                numberIn(AtomicFile.previous(file));
            }
        }
        try (DirectoryStream<Path> unfinished =
                Files.newDirectoryStream(file.getParent(), file.getFileName() + ".*unfinished")) {
            for (Path left : unfinished) { // young ones could be those of another container
                Files.setLastModifiedTime(left, FileTime.fromMillis(0));
            }
        }
        Safetensors.read(file).write(file); // removes what the killed processes left
    }

    private static Map<String, String> fingerprint(TrainingState state) {
        Map<String, String> prints = new LinkedHashMap<>(state.text());
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    @Test
    void aKilledTrainingResumesWithTheSameBits() throws IOException {
        try (Child child = Child.run(TrainUntilKilled.class, folder.toString())) {
            while (child.number() < 17) {
                // wait for the next step
            }
            child.kill(17);
        }
        for (int i = 0; i < TrainUntilKilled.OPTIMIZERS.size(); i++) {
            Optimizer optimizer = TrainUntilKilled.OPTIMIZERS.get(i);
            Trainer straight = TrainUntilKilled.trainer(optimizer);
            straight.fit(TrainUntilKilled.batches(), TrainUntilKilled.EPOCHS);

            Trainer resumed = TrainUntilKilled.trainer(optimizer);
            Checkpoint.resume(TrainUntilKilled.file(folder, i), resumed);
            assertThat(resumed.steps()).as("killed in the middle").isBetween(17L, TrainUntilKilled.LAST_STEP);
            resumed.fit(TrainUntilKilled.batches(), TrainUntilKilled.EPOCHS);
            assertThat(resumed.steps()).isEqualTo(40);
            assertThat(fingerprint(resumed.state())).as(optimizer.toString()).isEqualTo(fingerprint(straight.state()));
        }
    }

    private static long numberIn(Path file) throws IOException {
        float[] numbers = Safetensors.read(file).tensors().get("numbers").toArray();
        assertThat(numbers).hasSize(WriteUntilKilled.VALUES);
        assertThat(Tensor.of(numbers, numbers.length)).isBitEqualTo(Tensor.full(numbers[0], numbers.length));
        return (long) numbers[0];
    }
}
