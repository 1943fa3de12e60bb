package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise of the package documentation, asked of other JVMs: one fingerprint whatever the vectors and threads. */
class SameBitsTest {
    private static String expected;

    private record Outcome(String output, int exit) {}

    private static Outcome run(boolean vectorModule, String flags, String... arguments) {
        String target = System.getProperty("basedir", ".") + File.separator + "target" + File.separator;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (vectorModule) {
            command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        command.addAll(List.of(flags.isEmpty() ? new String[0] : flags.split(" ")));
        command.addAll(List.of("-cp", target + "classes" + File.pathSeparator + target + "test-classes"));
        command.add(SameBitsMain.class.getName());
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes());
            return new Outcome(output, process.waitFor());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void oneThreadWithTheDefaultVectors() {
        String[] lines = run(true, "-Dnn.kernels=vector -Dnn.threads=1").output().strip().split("\n");
        expected = lines[lines.length - 1].strip().split(" ")[1];
        assertThat(expected).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dnn.threads=1",
                "-Dnn.threads=2",
                "-Dnn.kernels=vector -Dnn.threads=2",
                "-Dnn.kernels=vector -Dnn.threads=3",
                "-Dnn.kernels=vector -Dnn.threads=8",
                "-Dnn.kernels=vector -XX:UseAVX=2",
                "-Dnn.kernels=vector -XX:MaxVectorSize=16",
                "-Dnn.kernels=vector -XX:TieredStopAtLevel=1",
                "-Dnn.kernels=scalar"
            })
    void vectorWidthThreadsAndCompilerChangeNoBit(String flags) {
        Outcome outcome = run(true, "-XX:+IgnoreUnrecognizedVMOptions " + flags);
        assertThat(outcome.output()).contains(expected);
        assertThat(outcome.exit()).isZero();
    }

    @Test
    void theInterpreterGivesTheSameBits() {
        assertThat(run(true, "-Xint -Dnn.kernels=vector", "small").output()).contains(expected);
    }

    @Test
    void aClassPathWithoutTheModuleRunsTheScalarTwinAndSaysOnceWhichFlagIsMissing() {
        Outcome outcome = run(false, "");
        assertThat(outcome.exit()).isZero();
        assertThat(outcome.output()).contains("ScalarKernels " + expected);
        assertThat(outcome.output().split("--add-modules jdk.incubator.vector", -1)).hasSize(2);
    }

    @Test
    void anUnknownChoiceOfKernelsOrThreadsIsRefusedByValue() {
        assertThat(run(true, "-Dnn.kernels=fast", "small").output()).contains("'fast'", "'auto', 'scalar' or 'vector'");
        assertThat(run(true, "-Dnn.threads=none", "small").output()).contains("'none'", "1 to 1024");
    }
}
