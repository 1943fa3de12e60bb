package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README's commands print what it shows, its links lead to files, and its Java code compiles and runs. */
class ReadmeIT {
    private static final Path README = Path.of(System.getProperty("basedir"), "..", "README.md");
    private static final Path LAUNCHER = Path.of(System.getProperty("nn.image"), "bin", "nn");

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

    static List<Markdown.Block> sessions() throws IOException {
        return Markdown.blocks(README).stream()
                .filter(block -> block.text().startsWith("$ nn "))
                .filter(block -> !block.text().startsWith("$ nn bits")) // see below
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sessions")
    void aCommandPrintsTheLinesThatReadmeShows(Markdown.Block session) throws Exception {
        List<String> shown = session.text().lines().toList();
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(shown.getFirst().substring("$ nn ".length()).split(" ")));
        Finished finished = Finished.of(scratch, command);
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

    /** That of the claims is compared by {@link ReportIT}, which measures all of them. */
    @Test
    void theFingerprintsOfReadmeAreThoseOfThisBuild() throws Exception {
        Finished finished = Finished.of(scratch, List.of(LAUNCHER.toString(), "bits", "--weights"));
        List<String> printed = finished.output()
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using"))
                .toList();
        assertThat(printed).hasSizeGreaterThan(40);
        assertThat(Files.readString(README)).contains(String.join("\n", printed));
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
                .allSatisfy(name -> assertThat(Finished.of(scratch, List.of(LAUNCHER.toString(), "help", name))
                                .output())
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
        Markdown.run(README, GIVEN, scratch);
        assertThat(scratch.resolve("digits.safetensors")).exists();
    }
}
