package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sweeps of short trainings, each in a process of its own. The property {@code nn.sweep.seeds} sets the seeds of a
 * setting: 20 make 2,000 trainings.
 */
class SweepIT {
    private static final int SETTINGS = 2 * 10 * 5;
    private static final int TRAININGS = SETTINGS * Integer.getInteger("nn.sweep.seeds", 2);
    private static final List<String> SWEEP = List.of(
            Path.of(System.getProperty("nn.image"), "bin", "nn").toString(),
            "sweep",
            "--init=lecun_normal,orthogonal",
            "--gain=0.5:2.75:10",
            "--depth=1,2,3,4,5",
            "--width=8",
            "--act=relu",
            "--steps=2",
            "--batch=16",
            "--seeds=" + TRAININGS / SETTINGS);
    private static final int KILLED = 128 + 9; // the exit code

    @TempDir
    Path scratch;

    /** Returns the command of a sweep that writes all its files into a folder. */
    private static List<String> command(Path folder, int workers, String... more) throws IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(SWEEP);
        command.add("--workers=" + workers);
        command.add("--csv=" + folder);
        command.add("--json=" + folder.resolve("sweep.json"));
        command.add("--report=" + folder.resolve("sweep.html"));
        command.addAll(List.of(more));
        return command;
    }

    private String run(List<String> command) throws Exception {
        Finished finished = Finished.of(scratch, command);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).contains(TRAININGS + " trainings of " + SETTINGS + " settings");
        return finished.output();
    }

    private static long lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    /** Kills a sweep like a power failure when its log has some trainings, and returns how many it has then. */
    private long kill(List<String> command, Path log) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("killed.txt").toFile())
                .start();
        try {
            process.getOutputStream().close();
            while (process.isAlive() && lines(log) < TRAININGS / 10) {
                Thread.sleep(5);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        long trainings = lines(log) - 1; // after the head
        assertThat(process.exitValue())
                .as(Files.readString(scratch.resolve("killed.txt")))
                .isIn(KILLED, 0); // it may have ended before
        return trainings;
    }

    private static void requireSameFiles(Path folder, Path expected) {
        for (String file : List.of("settings.csv", "trials.csv", "sweep.json", "sweep.html")) {
            assertThat(folder.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void filesAreTheSameToTheByteOnOneWorkerAndFourAndAfterAKill() throws Exception {
        Path one = scratch.resolve("one");
        run(command(one, 1));
        assertThat(lines(one.resolve("trials.csv"))).isEqualTo(TRAININGS + 1);
        Path four = scratch.resolve("four");
        run(command(four, 4));
        requireSameFiles(four, one);

        Path killed = scratch.resolve("killed");
        Path log = scratch.resolve("log");
        while (kill(command(killed, 4, "--resume=" + log), log) >= TRAININGS - 1) {
            Files.delete(log); // too late: all were finished
        }
        assertThat(run(command(killed, 1, "--resume=" + log))).contains(" of them are finished already");
        requireSameFiles(killed, one);
    }
}
