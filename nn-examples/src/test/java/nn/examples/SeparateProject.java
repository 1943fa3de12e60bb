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

    /**
     * Compiles it against a class path.
     *
     * @param scratch receives a folder with the classes and resources
     * @return that folder
     */
    Path compile(String path, Path scratch) throws IOException, InterruptedException {
        Path classes = scratch.resolve("classes");
        Path main = folder().resolve(Path.of("src", "main"));
        List<String> command = new ArrayList<>(List.of(Finished.tool("javac"), "-cp", path, "-d", classes.toString()));
        files(main.resolve("java")).map(Path::toString).forEach(command::add);
        finish(command, scratch);
        Path resources = main.resolve("resources");
        for (Path resource : Files.exists(resources) ? files(resources).toList() : List.<Path>of()) {
            Path copy = classes.resolve(resources.relativize(resource));
            Files.createDirectories(copy.getParent());
            Files.copy(resource, copy);
        }
        return classes;
    }

    /** Returns all files in a folder and its folders. */
    static Stream<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    /**
     * Compiles it and runs its class {@code Main} on its library and the jars of nn; it must end well.
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

    /** Returns the jars of nn: its libraries, its examples and what they need. */
    static String jars() throws IOException {
        Path modules = Path.of(System.getProperty("nn.modules"));
        try (Stream<Path> libraries = Files.list(modules);
                Stream<Path> built = Files.list(modules.getParent())) {
            Stream<Path> examples = built.filter(
                    file -> file.getFileName().toString().matches("nn-examples-[0-9.]+(-SNAPSHOT)?\\.jar"));
            return Stream.concat(libraries, examples)
                    .map(Path::toString)
                    .sorted()
                    .collect(Collectors.joining(SEPARATOR));
        }
    }
}
