package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's module outside of this build, compiled and run against the jars alone. */
class ImporterIT {
    private static final Path IMPORTER = Path.of(System.getProperty("nn.importer"), "src", "main", "java");
    private static final String MODULES = System.getProperty("nn.modules");

    @TempDir
    Path scratch;

    @Test
    void aModuleThatOnlyRequiresNnTrainCompilesAndRuns() throws Exception {
        Path classes = scratch.resolve("importer");

        Finished compiled = run(Stream.concat(
                        Stream.of(
                                "javac",
                                "--release",
                                "25",
                                "-Xlint:all,-incubating",
                                "-Werror",
                                "--module-path",
                                MODULES,
                                "-d",
                                classes.toString()),
                        sources())
                .toList());
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();

        Finished ran = run(List.of(
                "java",
                "--module-path",
                MODULES + System.getProperty("path.separator") + classes,
                "--module",
                "importer/importer.Main"));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("importer");
    }

    private static Stream<String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(IMPORTER)) {
            return files.map(Path::toString).filter(name -> name.endsWith(".java")).sorted().toList().stream();
        }
    }

    /** Runs a tool of the JDK that runs this test; standard output and error come back as one text. */
    private Finished run(List<String> command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(command);
        words.set(
                0,
                Path.of(System.getProperty("java.home"), "bin", command.getFirst())
                        .toString());
        Path output = scratch.resolve(command.getFirst() + ".txt");
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return new Finished(-1, "still running after two minutes: " + words + "\n" + Files.readString(output));
        }
        return new Finished(process.exitValue(), Files.readString(output));
    }

    private record Finished(int exitCode, String output) {}
}
