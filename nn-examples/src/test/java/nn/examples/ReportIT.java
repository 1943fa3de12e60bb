package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All claims, measured by the image as a user would, and its page in a browser. */
class ReportIT {
    private static final Path LAUNCHER = Path.of(System.getProperty("nn.image"), "bin", "nn");
    private static final Pattern CLAIM = Pattern.compile("<article id=\"claim-([^\"]+)\"");

    @TempDir
    static Path folder;

    private record Finished(int code, String output, String errors) {}

    private static Finished run(String javaOptions, List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("out.txt");
        Path errors = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().put("NN_JAVA_OPTIONS", javaOptions);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("no end after five minutes: " + command);
        }
        return new Finished(process.exitValue(), Files.readString(output), Files.readString(errors));
    }

    private static Finished nn(String javaOptions, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(words));
        return run(javaOptions, command);
    }

    private static Path page;
    private static JsonNode json;
    private static Finished all;

    @BeforeAll
    static void allClaims() throws Exception {
        page = folder.resolve("claims.html");
        Path file = folder.resolve("claims.json");
        all = nn("", "claims", "--quick", "--report", page.toString(), "--json", file.toString());
        json = new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void everyClaimStands() {
        assertThat(all.code()).as(all.output()).isZero();
        assertThat(all.output()).contains(" 0 outside their range").doesNotContain(" NO ");
        assertThat(all.output().lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        assertThat(json.path("accepted").asBoolean()).isTrue();
    }

    @Test
    void thePageNeedsNothingBesideItself() throws IOException {
        String html = Files.readString(page);
        assertThat(html).doesNotContainPattern("<(script|img|iframe)[^>]* src=").doesNotContain("<link rel=\"stylesheet\"", "@import");
        assertThat(html).contains("prefers-color-scheme: dark", "Copyright 2010-2023 Mike Bostock");
        assertThat(CLAIM.matcher(html).results().map(m -> m.group(1)))
                .containsExactlyElementsOf(json.path("claims").findValuesAsText("id"));
    }

    @Test
    void inABrowserEveryClaimHasItsSectionAndEveryDrawingHasMarks() throws Exception {
        Optional<String> browser = browser();
        if (!"true".equals(System.getenv("CI"))) {
            assumeThat(browser).as("a browser: chromium or google-chrome on the path").isPresent();
        }
        assertThat(browser).as("CI has no chromium or google-chrome on its path").isPresent();
        for (String size : List.of("1280,900", "400,800")) {
            Finished dump = run("", List.of(
                    browser.orElseThrow(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--enable-logging=stderr", "--v=0",
                    "--user-data-dir=" + folder.resolve("profile"), "--virtual-time-budget=10000",
                    "--window-size=" + size, "--dump-dom", page.toUri().toString()));
            assertThat(dump.code()).as(dump.errors()).isZero();
            assertThat(dump.errors()).doesNotContain("CONSOLE");
            String dom = dump.output();
            assertThat(CLAIM.matcher(dom).results().map(m -> m.group(1)))
                    .containsExactlyElementsOf(json.path("claims").findValuesAsText("id"));
            Matcher figures = Pattern.compile("(?s)<figure class=\"drawing\" id=\"([^\"]+)\"(.*?)</figure>").matcher(dom);
            List<MatchResult> drawn = figures.results().toList();
            assertThat(drawn).hasSizeGreaterThan(json.path("claims").size() / 2).allSatisfy(figure -> {
                String svg = figure.group(2);
                assertThat(svg).as(figure.group(1)).contains("class=\"mark\"", "<title", "<desc").doesNotContain("NaN", "undefined", "Infinity");
                assertThat(svg).as(figure.group(1)).containsPattern("data-marks=\"[1-9]");
            });
        }
    }

    private static Optional<String> browser() {
        return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(f -> Path.of(f, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    @Test
    void oneThreadAndTwoGiveTheSameBytes() throws Exception {
        Path one = folder.resolve("one.json");
        Path two = folder.resolve("two.json");
        nn("-Dnn.threads=1", "claims", "--quick", "S5", "V2", "D1", "--json", one.toString());
        nn("-Dnn.threads=2", "claims", "--quick", "S5", "V2", "D1", "--json", two.toString());
        assertThat(one).hasSameBinaryContentAs(two);
    }

    @Test
    void onTheClassPathTheSameClaimsAreFoundInAFolderAndInAJar() throws Exception {
        String list = nn("", "claims", "--list").output();
        assertThat(list.lines().count()).isGreaterThan(json.path("claims").size());
        Path target = Path.of(System.getProperty("basedir"), "target");
        Path jar;
        try (Stream<Path> files = Files.list(target)) {
            jar = files.filter(f -> f.getFileName().toString().matches("nn-examples-.*\\.jar")).findFirst().orElseThrow();
        }
        for (Path place : List.of(target.resolve("classes"), jar)) {
            Finished listed = run("", List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp", System.getProperty("nn.modules") + File.separator + "*" + File.pathSeparator + place,
                    "nn.examples.Main", "claims", "--list"));
            assertThat(listed.output()).as(place + "\n" + listed.errors()).isEqualTo(list);
        }
    }

    @Test
    void wordsThatMeanNoClaimEndWithTwoAndASentence() throws Exception {
        Finished finished = nn("", "claims", "S99");
        assertThat(finished.code()).isEqualTo(2);
        assertThat(finished.output()).isEmpty();
        assertThat(finished.errors()).contains("no claim and no family is called 'S99'");
    }

    @Test
    void aClaimIsNamedByItsRowToo() throws Exception {
        Finished finished = nn("", "claims", "7", "--quick");
        assertThat(finished.code()).isZero();
        assertThat(finished.output()).contains("S5  text: ", "(also 7, 47)", "1 claim: 1 true");
    }
}
