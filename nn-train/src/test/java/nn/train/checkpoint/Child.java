package nn.train.checkpoint;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import nn.init.Init;
import nn.layers.Layer;
import nn.tensor.Tensor;
import nn.train.Trainer;

/** Another JVM, for tests that kill it or run it with other options. */
public final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;

    private Child(Process process) {
        this.process = process;
        this.lines = process.inputReader();
    }

    /** Runs a class of these tests on a class path; the kernels in plain Java give the same bits. */
    static Child run(Class<?> main, String... arguments) throws IOException {
        return run("-XX:TieredStopAtLevel=1", main, arguments);
    }

    /** Runs a class of these tests with an option instead of the one for a fast start. */
    public static Child run(String option, Class<?> main, String... arguments) throws IOException {
        return start(command(option, main, arguments));
    }

    private static List<String> command(String option, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Dnn.kernels=scalar",
                option,
                "-cp",
                classPath(main),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns a class path that has the four modules and a class of these tests. */
    public static String classPath(Class<?> main) {
        String base = System.getProperty("basedir", ".");
        String modules = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
        String places = Stream.of(main, Tensor.class, Init.class, Layer.class, Trainer.class) // under other runners
                .map(type -> Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString())))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        return String.join(
                File.pathSeparator,
                places,
                modules,
                Path.of(base, "target", "test-classes").toString());
    }

    /** Runs a class that can write files of at most some blocks of 512 bytes, as if the disk were full then. */
    public static Child runLimited(int blocks, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "sh"));
        command.addAll(command("-XX:TieredStopAtLevel=1", main, arguments));
        return start(command);
    }

    private static Child start(List<String> command) throws IOException {
        return new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Returns the next number that it prints. */
    public long number() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new AssertionError("the other JVM ended by itself");
        }
        return Long.parseLong(line);
    }

    /** Kills it like a power failure, and returns the last number that it printed, or the given one. */
    long kill(long last) throws IOException {
        process.toHandle().destroyForcibly(); // unlike Process's, it keeps the output readable
        String text = String.join("\n", lines.readAllLines());
        long number = last;
        for (String line : text.split("\n")) {
            boolean whole = line.matches("\\d+"); // the last line may be cut
            number = whole ? Math.max(number, Long.parseLong(line)) : number;
        }
        return number;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
