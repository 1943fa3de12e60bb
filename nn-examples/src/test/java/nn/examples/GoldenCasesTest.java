package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import nn.golden.Golden;
import org.junit.jupiter.api.Test;

/** Every golden case of the second family is judged by a test. */
class GoldenCasesTest {
    private static final Pattern FILE = Pattern.compile("Golden\\.load\\(\"([^\"]+)\"\\)");
    private static final Pattern CASE = Pattern.compile("\"([a-z0-9_]+/[^\"]*)\"");

    /** The files that a test loads, and the names and beginnings of names that it quotes. */
    private record Judge(Path source, Set<String> files, Set<String> names) {
        boolean judges(String file, String name) {
            return files.contains(file)
                    && names.stream().anyMatch(n -> n.endsWith("/") ? name.startsWith(n) : name.equals(n));
        }
    }

    private static Set<String> found(Pattern pattern, String code) {
        Set<String> found = new HashSet<>();
        pattern.matcher(code).results().map(match -> match.group(1)).forEach(found::add);
        return found;
    }

    private static List<Judge> judges() throws IOException {
        List<Judge> judges = new ArrayList<>();
        for (String module : List.of("nn-tensor", "nn-init", "nn-layers", "nn-train")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test"))) {
                files.filter(file -> file.toString().endsWith("Test.java")).forEach(file -> {
                    String code = read(file);
                    judges.add(new Judge(file, found(FILE, code), found(CASE, code)));
                });
            }
        }
        return judges;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyCaseOfTheSecondFamilyIsJudgedByATest() throws IOException {
        List<Judge> judges = judges();
        List<String> forgotten = new ArrayList<>();
        Golden.index(Golden.SECOND).get("cases").properties().forEach(entry -> {
            String name = entry.getKey();
            String file = entry.getValue().get("file").asText();
            boolean isJudged = judges.stream().anyMatch(judge -> judge.judges(file, name));
            if (!isJudged) {
                forgotten.add(file + " " + name);
            }
        });
        assertThat(forgotten)
                .as("golden cases that no test judges: add a test that loads their file and asks for their cases")
                .isEmpty();
    }

    /** The search above would pass if it took everything for a judge. */
    @Test
    void aCaseIsJudgedOnlyByATestThatLoadsItsFile() throws IOException {
        List<Judge> judges = judges();
        assertThat(judges)
                .filteredOn(judge -> judge.judges("attention.safetensors", "llama/any"))
                .extracting(judge -> judge.source().getFileName().toString())
                .containsExactly("GoldenAttentionTest.java");
        assertThat(judges)
                .noneMatch(judge -> judge.judges("attention.safetensors", "unknown/case"))
                .noneMatch(judge -> judge.judges("norms.safetensors", "llama/any"));
    }
}
