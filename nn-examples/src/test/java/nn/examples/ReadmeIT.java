package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README's commands print what it shows, its links lead to files, and its Java code compiles and runs. */
class ReadmeIT {
    private static final Path README = Path.of(System.getProperty("basedir"), "..", "README.md");
    private static final Path LAUNCHER = Path.of(System.getProperty("nn.image"), "bin", "nn");
    private static final String MODULES = System.getProperty("nn.modules");

    /** Variables that README's fragments of Java use without declaring them. */
    private static final String GIVEN = """
        Tensor pixels = Tensor.zeros(60, 64);
        Key.of(5).uniform(pixels, 0f, 1f);
        Tensor labels = Tensor.zeros(60);
        for (int i = 0; i < 60; i++) {
            labels.set(i % 10, i);
        }
        Dataset.Split data = new Dataset(pixels, labels).split(0.5, Key.of(6));
        Tensor batch = data.train().x();
        var stack = List.of(SignalPropagation.DenseLayer.ofGain(new Fans(64, 64), 1, Nonlinearity.TANH));
        Initializer mine = Init.heNormal();
        """;

    @TempDir
    Path scratch;

    /** A fenced block of README. */
    record Block(String language, String text) {
        @Override
        public String toString() {
            return text.lines().findFirst().orElse("");
        }
    }

    private static List<Block> blocks() throws IOException {
        return Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$")
                .matcher(Files.readString(README))
                .results()
                .map(match -> new Block(match.group(1), match.group(2)))
                .toList();
    }

    static List<Block> sessions() throws IOException {
        return blocks().stream()
                .filter(block -> block.text().startsWith("$ nn "))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void aCommandPrintsTheLinesThatReadmeShows(Block session) throws Exception {
        List<String> shown = session.text().lines().toList();
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(shown.getFirst().substring("$ nn ".length()).split(" ")));
        Finished finished = run(command);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        List<String> printed = finished.output()
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using"))
                .toList();
        int from = 0;
        boolean gap = false; // whether lines were left out before this one
        for (String line : shown.subList(1, shown.size())) {
            if (line.equals("...")) {
                gap = true;
                continue;
            }
            int at = from;
            while (gap && at < printed.size() && !timeless(printed.get(at)).equals(timeless(line))) {
                at++;
            }
            assertThat(at).as("line '%s' of%n%s", line, finished.output()).isLessThan(printed.size());
            assertThat(timeless(printed.get(at))).isEqualTo(timeless(line));
            from = at + 1;
            gap = false;
        }
        assertThat(gap || from == printed.size())
                .as("README leaves out the last lines without '...'")
                .isTrue();
    }

    /** Removes the seconds from a line. */
    private static String timeless(String line) {
        return line.replaceAll("\\d+\\.\\d s\\b", "# s");
    }

    @Test
    void everyExampleThatReadmeNamesIsThere() throws Exception {
        String text = Files.readString(README);
        List<String> names = Pattern.compile("`(?:bin/)?nn ([a-z-]+)")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
        assertThat(names)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(
                                run(List.of(LAUNCHER.toString(), "help", name)).output())
                        .contains("nn " + name));
    }

    @Test
    void everyFileThatReadmeLinksToIsThere() throws Exception {
        Matcher links = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(README));
        assertThat(links.results().map(match -> match.group(1)))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(README.resolveSibling(link)).exists());
    }

    @Test
    void theJavaCodeCompilesAndRuns() throws Exception {
        List<String> java = blocks().stream()
                .filter(block -> block.language().equals("java"))
                .map(Block::text)
                .toList();
        assertThat(java).isNotEmpty();
        String types = java.stream()
                .filter(ReadmeIT::isType)
                .map(type -> "static " + type)
                .collect(Collectors.joining("\n"));
        String statements = java.stream().filter(block -> !isType(block)).collect(Collectors.joining("\n"));
        Path source = Files.createDirectories(scratch.resolve("readme/readme")).resolve("Readme.java");
        Files.writeString(
                source,
                "package readme;\nimport java.nio.file.Files;\nimport java.nio.file.Path;\nimport"
                        + " java.util.List;\nimport java.util.Map;\nimport module nn.train;\npublic class Readme"
                        + " {\n" + types + "\npublic static void main(String[] args) throws Exception {\n"
                        + GIVEN + statements + "}\n}\n");
        Path module =
                Files.writeString(scratch.resolve("readme/module-info.java"), "module readme { requires nn.train; }");

        Path classes = scratch.resolve("classes");
        Finished compiled = run(List.of(
                tool("javac"),
                "--release",
                "25",
                "-Xlint:-incubating",
                "--module-path",
                MODULES,
                "-d",
                classes.toString(),
                module.toString(),
                source.toString()));
        assertThat(compiled.exitCode()).as(compiled.output()).isZero();
        Finished ran = run(List.of(
                tool("java"),
                "--module-path",
                MODULES + File.pathSeparator + classes,
                "--module",
                "readme/readme.Readme"));
        assertThat(ran.exitCode()).as(ran.output()).isZero();
        assertThat(scratch.resolve("digits.safetensors")).exists();
    }

    private static boolean isType(String block) {
        return Stream.of("record ", "class ", "interface ").anyMatch(block::startsWith);
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Runs a program in the scratch folder; standard output and error come back as one text. */
    private Finished run(List<String> command) throws IOException, InterruptedException {
        Path output = scratch.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("still running after five minutes: " + command);
        }
        return new Finished(process.exitValue(), Files.readString(output));
    }

    private record Finished(int exitCode, String output) {}
}
