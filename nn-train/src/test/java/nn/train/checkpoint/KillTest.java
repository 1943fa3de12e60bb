package nn.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the disk when the JVM dies at any moment. */
class KillTest {
    private static final int KILLS = 40;
    private static final double LONGEST_DELAY = 20e6; // nanoseconds; a file takes a few milliseconds

    @TempDir
    private Path folder;

    @Test
    void fortyKillsDuringWritingLeaveALoadableFileEveryTime() throws IOException {
        Path file = folder.resolve("file.safetensors");
        long number = 1;
        for (int kill = 0; kill < KILLS; kill++) {
            long written;
            try (Child child = Child.run(WriteForEver.class, file.toString(), "" + number)) {
                long first = child.number();
                double share = (Key.of(7).word(kill) >>> 8) * 0x1p-24;
                LockSupport.parkNanos((long) (share * LONGEST_DELAY));
                written = child.kill(first);
            }
            number = numberIn(file) + 1;
            assertThat(number - 1).as("what was written is there").isGreaterThanOrEqualTo(written);
            if (number > 2) {
                numberIn(AtomicFile.previous(file));
            }
        }
        Safetensors.read(file).write(file); // by a process that lives: clears away what the others left
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, AtomicFile.previous(file));
        }
    }

    private static long numberIn(Path file) throws IOException {
        float[] numbers = Safetensors.read(file).tensors().get("numbers").toArray();
        assertThat(numbers).hasSize(WriteForEver.VALUES);
        assertThat(Tensor.of(numbers, numbers.length).bitEquals(Tensor.full(numbers[0], numbers.length))).isTrue();
        return (long) numbers[0];
    }
}
