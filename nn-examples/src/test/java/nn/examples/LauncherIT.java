package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher in the image, started by a shell. */
class LauncherIT {
    private static final Path IMAGE = Path.of(System.getProperty("nn.image"));

    @TempDir
    Path scratch;

    private record Finished(int code, String output, String errors) {}

    /** Runs a line of bash, in which {@code nn} is the launcher. */
    private Finished bash(Map<String, String> environment, String line) throws IOException, InterruptedException {
        Path output = scratch.resolve("output.txt");
        Path errors = scratch.resolve("errors.txt");
        String function = "nn() { \"" + IMAGE.resolve("bin/nn") + "\" \"$@\"; }; ";
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", function + line)
                .directory(scratch.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("still running after two minutes: " + line);
        }
        String all = Files.readString(errors);
        // The JVM's line about the incubator module, and line breaks of the paragraph, do not count.
        String message = all.replaceAll("(?m)^WARNING: Using incubator modules.*\\n", "")
                .replaceAll("\\s+", " ")
                .strip();
        return new Finished(process.exitValue(), Files.readString(output), message);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aClosedPipeEndsTheProgram() throws Exception {
        Finished finished = bash(Map.of(), "nn deep --depth 3000 | head -1; exit ${PIPESTATUS[0]}");
        assertThat(finished.code()).isEqualTo(2);
        assertThat(finished.errors()).startsWith("nn deep: cannot write the results to standard output: ");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void resultsDoNotReplaceWhatTheProgramPrints() throws Exception {
        for (String line : List.of(
                "mkdir tables; nn claims 7 --quick --csv tables > tables/findings.csv",
                "nn claims 7 --quick --json found.json > found.json")) {
            Finished finished = bash(Map.of(), line);
            assertThat(finished.code()).as(line).isEqualTo(2);
            assertThat(finished.errors()).contains("standard output goes to that file");
        }
        Finished beside = bash(Map.of(), "nn claims 7 --quick --csv tables > tables/log.txt && cat tables/log.txt");
        assertThat(beside.code()).isZero();
        assertThat(beside.output()).contains("1 claim: ");
        Finished error = bash(Map.of(), "nn claims 7 --quick --json found.json 2> found.json; cat found.json");
        assertThat(error.output().replaceAll("\\s+", " ")).contains("the error stream goes to that file");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskEndsTheProgramWithAnError() throws Exception {
        assumeThat(Files.exists(Path.of("/dev/full"))).isTrue();
        Finished finished = bash(Map.of(), "nn digits > /dev/full");
        assertThat(finished.code()).isEqualTo(2);
        assertThat(finished.errors())
                .isEqualTo("nn digits: cannot write the results to standard output: No space left on device");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aPathThatTheLocaleCannotEncodeIsRefusedWithASentence() throws Exception {
        Finished finished = bash(Map.of("LC_ALL", "C"), "nn claims S5 --quick --json /tmp/\u00fc.json");
        assertThat(finished.code()).as(finished.errors()).isEqualTo(2);
        assertThat(finished.output()).isEmpty();
        assertThat(finished.errors())
                .startsWith("nn claims: option --json is '/tmp/")
                .contains("set LC_ALL=C.UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "nn.threads | abc  | a whole number from 1 to 1024",
                "nn.threads | 0    | a whole number from 1 to 1024",
                "nn.threads | 5000 | a whole number from 1 to 1024",
                "nn.kernels | abc  | 'auto', 'scalar' or 'vector'"
            })
    void aWrongSettingIsRefusedBeforeAnythingIsMeasured(String property, String value, String allowed)
            throws Exception {
        for (String example : List.of("claims --quick S5", "digits --epochs 1", "symmetry")) {
            Finished finished = bash(Map.of("NN_JAVA_OPTIONS", "-D" + property + "=" + value), "nn " + example);
            assertThat(finished.code()).as(finished.errors()).isEqualTo(2);
            assertThat(finished.output()).isEmpty();
            assertThat(finished.errors())
                    .isEqualTo("nn " + example.replaceAll(" .*", "") + ": system property " + property + " is '" + value
                            + "': it is " + allowed);
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        assertThat(bash(Map.of(), "nn --version").output()).matches("nn \\d+\\.\\d+\\.\\d+\\S* \\(Java \\d+.*\\)\n");
    }

    @Test
    void bothLaunchersPassNnJavaOptionsToTheSameMain() throws Exception {
        for (Map.Entry<String, String> launcher :
                Map.of("nn", "$NN_JAVA_OPTIONS", "nn.bat", "%NN_JAVA_OPTIONS%").entrySet()) {
            List<String> lines = Files.readAllLines(IMAGE.resolve("bin").resolve(launcher.getKey()));
            assertThat(lines.getLast()).contains(launcher.getValue() + " -m nn.examples/nn.examples.Main ");
        }
        assertThat(bash(Map.of("NN_JAVA_OPTIONS", "--version"), "nn").output()).contains("Runtime Environment");
    }
}
