package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training gives the same weights to the bit, for any number of threads, with any vectors and without. */
class TrainedBitsIT {
    private static String dense;
    private static String recurrent;

    private static String fingerprint(List<String> jvm, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("digits", "--epochs", "3", "--fingerprint"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        String hashes = output.lines()
                .filter(line -> line.matches("\\S+ +[0-9a-f]{64}"))
                .collect(Collectors.joining("\n"));
        assertThat(hashes).as(output).contains("out.weight");
        return hashes;
    }

    private static List<String> modulePath(String flags) {
        List<String> jvm = new ArrayList<>(flags.isEmpty() ? List.of() : List.of(flags.split(" ")));
        jvm.addAll(List.of(
                "--module-path",
                System.getProperty("nn.modules")
                        + File.pathSeparator
                        + Path.of(System.getProperty("basedir"), "target", "classes"),
                "--module",
                "nn.examples/nn.examples.Main"));
        return jvm;
    }

    /** The same classes on the class path, and so without vectors. */
    private static List<String> classPath() throws IOException {
        List<String> entries = new ArrayList<>();
        for (String folder : System.getProperty("nn.modules").split(File.pathSeparator)) {
            entries.add(folder + File.separator + "*");
        }
        entries.add(Path.of(System.getProperty("basedir"), "target", "classes").toString());
        return List.of("-cp", String.join(File.pathSeparator, entries), "nn.examples.Main");
    }

    @BeforeAll
    static void oneThread() throws Exception {
        dense = fingerprint(modulePath("-Dnn.threads=1"));
        recurrent = fingerprint(modulePath("-Dnn.threads=1"), "--rnn");
        assertThat(dense).isNotEqualTo(fingerprint(modulePath(""), "--seed", "2"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "default,''",
        "two threads,-Dnn.threads=2",
        "vectors from the first call,-Dnn.kernels=vector",
        "vectors on two threads,-Dnn.kernels=vector -Dnn.threads=2",
        "AVX2,-Dnn.kernels=vector -XX:UseAVX=2",
        "128 bits,-Dnn.kernels=vector -XX:MaxVectorSize=16"
    })
    void onTheModulePath(String name, String flags) throws Exception {
        List<String> jvm = modulePath(("-XX:+IgnoreUnrecognizedVMOptions " + flags).strip());
        assertThat(fingerprint(jvm)).isEqualTo(dense);
        assertThat(fingerprint(jvm, "--rnn")).isEqualTo(recurrent);
    }

    @Test
    void withScalarKernelsOnTheClassPath() throws Exception {
        assertThat(fingerprint(classPath())).isEqualTo(dense);
        assertThat(fingerprint(classPath(), "--rnn")).isEqualTo(recurrent);
    }
}
