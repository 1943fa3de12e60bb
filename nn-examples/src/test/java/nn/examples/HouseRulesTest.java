package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules of CONTRIBUTING that the sources of all modules show; {@link CompiledRulesTest} reads the class files. */
class HouseRulesTest {
    private static final List<String> ALL = List.of("nn-tensor", "nn-init", "nn-layers", "nn-train", "nn-examples");

    /** Numbers formatted, or letters changed in case, by the default locale. */
    private static final Pattern BY_DEFAULT_LOCALE = Pattern.compile("\\.formatted\\("
            + "|(String\\s*\\.format|\\bprintf|\\bout\\.format)\\(\\s*+(?!(?:java\\.util\\.)?Locale\\.)"
            + "|\\.toLowerCase\\(\\s*\\)|\\.toUpperCase\\(\\s*\\)"
            + "|new Formatter\\(|new Scanner\\(|NumberFormat\\.get|new DecimalFormat\\(|Locale\\.getDefault");

    /** Files with longer lines: a table of hashes, and the text of generated files, which is indented. */
    private static final Set<String> LONG_LINES = Set.of("InitialWeightsTest.java", "TileWriter.java");

    /** A command line of Maven in a document. */
    private static final Pattern MAVEN = Pattern.compile("(?m)(^|`)mvn [^`\\n]*");

    /** The prefix of a plugin with a goal, such as {@code exec:exec}. */
    private static final Pattern GOAL = Pattern.compile("(?<= )([a-z-]+):[a-z-]+");

    private static final Pattern COMMENT_OF_XML = Pattern.compile("(?s)<!--.*?-->");

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*");

    private static List<Path> sources(List<String> modules, Predicate<Path> chosen) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : modules) {
            int before = sources.size();
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
            assertThat(sources.size()).as("sources of " + module).isGreaterThan(before);
        }
        return sources.stream().filter(chosen).toList();
    }

    /** Requires that a pattern matches nothing outside of comments; a failure names file, line and text. */
    private static void requireNone(List<Path> sources, Pattern pattern, String reason) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path source : sources) {
            // line breaks stay, so that lines keep their numbers
            String code = COMMENT.matcher(Files.readString(source))
                    .replaceAll(comment -> "\n".repeat((int)
                            comment.group().chars().filter(c -> c == '\n').count()));
            Matcher matcher = pattern.matcher(code);
            while (matcher.find()) {
                long line = 1
                        + code.substring(0, matcher.start())
                                .chars()
                                .filter(c -> c == '\n')
                                .count();
                found.add(source + ":" + line + ": " + matcher.group().strip());
            }
        }
        assertThat(found).as(reason).isEmpty();
    }

    @Test
    void noTextOfAnyModuleDependsOnTheLocale() throws IOException {
        requireNone(sources(ALL, file -> true), BY_DEFAULT_LOCALE, "give Locale.ROOT");
    }

    @Test
    void linesHaveAtMost120Columns() throws IOException {
        List<String> longer = new ArrayList<>();
        for (String module : ALL) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src"))) {
                for (Path source : files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !LONG_LINES.contains(file.getFileName().toString()))
                        .toList()) {
                    Files.readAllLines(source).stream()
                            .filter(line -> line.length() > 120)
                            .forEach(line -> longer.add(source + ": " + line.strip()));
                }
            }
        }
        assertThat(longer).isEmpty();
    }

    @Test
    void everyPackageOfTheLibrariesIsNullMarked() throws IOException {
        List<Path> pages = sources(
                List.of("nn-tensor", "nn-init", "nn-layers", "nn-train"), file -> file.endsWith("package-info.java"));
        assertThat(pages).hasSizeGreaterThan(25);
        for (Path page : pages) {
            assertThat(page).content().contains("@NullMarked");
        }
    }

    @Test
    void everyGoalThatTheDocumentsNameBelongsToAPluginOfThePom() throws IOException {
        List<String> goals = new ArrayList<>();
        for (String document : List.of("README.md", "CONTRIBUTING.md", "nn-tensor/PERFORMANCE.md")) {
            MAVEN.matcher(Files.readString(Path.of("..", document)))
                    .results()
                    .flatMap(command -> GOAL.matcher(command.group()).results())
                    .map(goal -> goal.group(1))
                    .forEach(goals::add);
        }
        assertThat(goals).contains("javadoc", "exec");
        String pom = COMMENT_OF_XML
                .matcher(Files.readString(Path.of("..", "pom.xml")))
                .replaceAll("");
        assertThat(goals)
                .allSatisfy(goal -> assertThat(pom)
                        .containsPattern(
                                "<artifactId>(maven-" + goal + "|" + goal + "-maven)-plugin</artifactId><version>"));
    }

    @Test
    void packagesAreExportedToEverybody() throws IOException {
        requireNone(
                sources(ALL, file -> file.endsWith("module-info.java")),
                Pattern.compile("exports\\s+[\\w.]+\\s+to\\b"),
                "a built-in layer uses only what anybody's can use");
    }
}
