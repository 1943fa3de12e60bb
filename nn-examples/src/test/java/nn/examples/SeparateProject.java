package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A project in {@code nn-examples/src} that is not a module of this build, because it needs a library that the build
 * does not. The property {@code nn.NAME} names a file that holds the class path of that library.
 *
 * @param name of the project: that of its folder, its package, and its property without {@code nn.}
 */
record SeparateProject(String name) {
    private static final String SEPARATOR = System.getProperty("path.separator");

    /** Returns its folder. */
    Path folder() {
        return Path.of(System.getProperty("nn.importer")).resolveSibling(name);
    }

    /** Returns the class path of its library. Without the property, the test that calls this is skipped. */
    String library() throws IOException {
        String file = System.getProperty("nn." + name);
        assumeTrue(file != null, "-Dnn." + name + " names a file with the class path of the library");
        return Files.readString(Path.of(file)).strip();
    }

    /** Compiles it against a class path into a new folder inside of a given one, and returns the new one. */
    Path compile(String path, Path scratch) throws IOException, InterruptedException {
        Path classes = scratch.resolve("classes");
        List<String> command = new ArrayList<>(List.of(Finished.tool("javac"), "-cp", path, "-d", classes.toString()));
        try (Stream<Path> sources = Files.list(folder().resolve(Path.of("src", "main", "java", name)))) {
            sources.map(Path::toString).sorted().forEach(command::add);
        }
        finish(command, scratch);
        return classes;
    }

    /**
     * Compiles it and runs its class {@code Main} on its library and nn's libraries; it must end well.
     *
     * @param scratch receives the classes and the output
     * @param options of the JVM, besides the class path and the Vector API
     * @return its output
     */
    String run(Path scratch, String... options) throws IOException, InterruptedException {
        String library = library();
        String path = jars() + SEPARATOR + library;
        List<String> command = new ArrayList<>(List.of(Finished.tool("java"), "--add-modules", "jdk.incubator.vector"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", compile(path, scratch) + SEPARATOR + path, name + ".Main"));
        return finish(command, scratch);
    }

    private static String finish(List<String> command, Path scratch) throws IOException, InterruptedException {
        Finished program = Finished.of(scratch, command);
        assertThat(program.exitCode()).as(program.output()).isZero();
        return program.output();
    }

    /** Returns the jars of nn's libraries. */
    private static String jars() throws IOException {
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("nn.modules")))) {
            return jars.map(Path::toString).sorted().collect(Collectors.joining(SEPARATOR));
        }
    }
}
