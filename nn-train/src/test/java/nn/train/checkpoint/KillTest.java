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

/** What is on the disk when the JVM dies at any moment. */
class KillTest {
    private static final int KILLS = 40;
    private static final int LANES = 4;
    private static final double LONGEST_DELAY = 30e6; // nanoseconds; a file takes 10 milliseconds or more

    @TempDir
    private Path folder;

    @Tag("slow")
    @Test
    void fortyKillsDuringWritingLeaveALoadableFileEveryTime() throws IOException {
        // Side by side, for it is the starting of a JVM that takes the time.
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
            try (Child child = Child.run(WriteForEver.class, file.toString(), "" + number)) {
                long first = child.number();
                double share = (key.word(kill) >>> 8) * 0x1p-24;
                LockSupport.parkNanos((long) (share * LONGEST_DELAY));
                written = child.kill(first);
            }
            number = numberIn(file) + 1;
            assertThat(number - 1).as("what was written is there").isGreaterThanOrEqualTo(written);
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
        Safetensors.read(file).write(file); // by a process that lives: clears away what the others left
    }

    private static Map<String, String> fingerprint(TrainingState state) {
        Map<String, String> prints = new LinkedHashMap<>(state.text());
        state.tensors().forEach((name, tensor) -> prints.put(name, tensor.sha256()));
        return prints;
    }

    @Test
    void aTrainingThatWasKilledGoesOnAsIfItHadNotBeen() throws IOException {
        try (Child child = Child.run(TrainForTheKill.class, folder.toString())) {
            while (child.number() < 17) {
                // not yet
            }
            child.kill(17);
        }
        for (int i = 0; i < TrainForTheKill.OPTIMIZERS.size(); i++) {
            Optimizer optimizer = TrainForTheKill.OPTIMIZERS.get(i);
            Trainer straight = TrainForTheKill.trainer(optimizer);
            straight.fit(TrainForTheKill.batches(), TrainForTheKill.EPOCHS);

            Trainer resumed = TrainForTheKill.trainer(optimizer);
            Checkpoint.resume(TrainForTheKill.file(folder, i), resumed);
            assertThat(resumed.steps()).as("killed in the middle").isBetween(17L, 39L);
            resumed.fit(TrainForTheKill.batches(), TrainForTheKill.EPOCHS);
            assertThat(resumed.steps()).isEqualTo(40);
            assertThat(fingerprint(resumed.state())).as(optimizer.toString()).isEqualTo(fingerprint(straight.state()));
        }
    }

    private static long numberIn(Path file) throws IOException {
        float[] numbers = Safetensors.read(file).tensors().get("numbers").toArray();
        assertThat(numbers).hasSize(WriteForEver.VALUES);
        assertThat(Tensor.of(numbers, numbers.length)).isBitEqualTo(Tensor.full(numbers[0], numbers.length));
        return (long) numbers[0];
    }
}
