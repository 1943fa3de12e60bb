package nn.tensor.internal;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a main class of the tests in a JVM of its own, on a class path of this module and its tests. */
public final class ChildJvm {
    private ChildJvm() {}

    /** What it wrote, to either stream, and how it ended. */
    public record Outcome(String output, int exit) {}

    /**
     * Waits for its end.
     *
     * @param flags of the JVM, with a space between two
     */
    public static Outcome run(String flags, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags.isEmpty() ? new String[0] : flags.split(" ")));
        command.addAll(List.of("-cp", root(Kernels.class) + File.pathSeparator + root(main)));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes());
            return new Outcome(output, process.waitFor());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The folder that the class file lies in, without its package. A code source would be the module's for a test. */
    static Path root(Class<?> type) {
        try {
            String file = type.getName().substring(type.getPackageName().length() + 1) + ".class";
            URI uri = type.getResource(file).toURI();
            Path root = Path.of(uri);
            for (int level = type.getName().split("\\.").length; level > 0; level--) {
                root = root.getParent();
            }
            return root;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(type.toString(), e);
        }
    }
}
