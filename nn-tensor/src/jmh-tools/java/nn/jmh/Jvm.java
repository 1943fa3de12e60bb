package nn.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** JVMs like this one, and what to say of it. */
public final class Jvm {
    private static final Path CPU = Path.of("/proc/cpuinfo");

    private Jvm() {}

    /** Starts another JVM with the flags and classes of this one; the main class and its arguments are to follow. */
    public static List<String> command(Settings settings) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(settings.jvmArgs());
        command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
        return command;
    }

    /** Runs a command to its end; what it prints is appended to the log. */
    public static void run(List<String> command, Settings settings, Path log) {
        ProcessBuilder builder = new ProcessBuilder(command);
        // OpenMP reads its number of threads once, before any call could set it.
        builder.environment().put("OMP_NUM_THREADS", "" + settings.threads());
        if (settings.avx2()) { // native libraries are to keep to what the JVM keeps to
            builder.environment().put("MKL_ENABLE_INSTRUCTIONS", "AVX2");
            builder.environment().put("OPENBLAS_CORETYPE", "Haswell");
        }
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            int status = builder.start().waitFor();
            if (status != 0) {
                throw new IllegalStateException("a measured JVM ended with status " + status + "; see " + log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The processor and the JVM, a line each. */
    public static String describe() {
        return "machine: " + processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + "\nJVM: "
                + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version");
    }

    private static String processor() {
        if (!Files.isReadable(CPU)) {
            return "processor unknown";
        }
        try (Stream<String> lines = Files.lines(CPU)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("processor unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
