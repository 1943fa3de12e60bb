package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import nn.init.Fans;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.BornDead;
import nn.init.theory.MeanField;
import nn.init.theory.SignalPropagation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All claims, measured by the image as a user would run it, and their page in a browser. */
class ReportIT {
    private static final Path LAUNCHER = Path.of(System.getProperty("nn.image"), "bin", "nn");
    private static final Pattern CLAIM = Pattern.compile("<article id=\"claim-([^\"]+)\"");

    @TempDir
    static Path folder;

    private record Finished(int code, String output, String errors) {}

    private static Finished run(String javaOptions, List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("out.txt");
        Path errors = folder.resolve("err.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().put("NN_JAVA_OPTIONS", javaOptions);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("still running after five minutes: " + command);
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
    void everyClaimIsAccepted() {
        assertThat(all.code()).as(all.output()).isZero();
        assertThat(all.output()).contains(" 0 outside their range").doesNotContain(" NO ");
        assertThat(all.output().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        assertThat(json.path("accepted").asBoolean()).isTrue();
    }

    @Test
    void readmeShowsTheFingerprintOfTheFile() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(folder.resolve("claims.json")));
        assertThat(Files.readString(Path.of(System.getProperty("basedir"), "..", "README.md")))
                .contains("\nclaims          " + HexFormat.of().formatHex(digest) + "\n");
    }

    @Test
    void thePageIsSelfContained() throws IOException {
        String html = Files.readString(page);
        assertThat(html)
                .doesNotContainPattern("<(script|img|iframe)[^>]* src=")
                .doesNotContain("<link rel=\"stylesheet\"", "@import");
        assertThat(html).contains("prefers-color-scheme: dark", "Copyright 2010-2023 Mike Bostock");
        assertThat(CLAIM.matcher(html).results().map(m -> m.group(1)))
                .containsExactlyInAnyOrderElementsOf(json.path("claims").findValuesAsText("id"));
    }

    private static String wide;

    /** Returns the page in a wide window of a browser, after its scripts have run. The browser starts once. */
    private static String dom() throws IOException, InterruptedException {
        if (wide == null) {
            wide = dom("1280,900", "");
        }
        return wide;
    }

    /** Returns the page in a browser of a window size, after its scripts and another script have run. */
    private static String dom(String size, String script) throws IOException, InterruptedException {
        Optional<String> browser = browser();
        if (!"true".equals(System.getenv("CI"))) {
            assumeThat(browser)
                    .as("a browser: chromium or google-chrome on the path")
                    .isPresent();
        }
        assertThat(browser)
                .as("CI has no chromium or google-chrome on its path")
                .isPresent();
        Path shown = folder.resolve("shown.html");
        Files.writeString(shown, Files.readString(page).replace("</body>", "<script>" + script + "</script></body>"));
        Finished dump = run(
                "",
                List.of(
                        browser.orElseThrow(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--enable-logging=stderr",
                        "--v=0",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--virtual-time-budget=10000",
                        "--window-size=" + size,
                        "--dump-dom",
                        shown.toUri().toString()));
        assertThat(dump.code()).as(dump.errors()).isZero();
        assertThat(dump.errors()).doesNotContain("CONSOLE");
        return dump.output();
    }

    private static final Pattern FIGURE =
            Pattern.compile("(?s)<figure class=\"drawing\" id=\"drawing-([^\"]+)\"(.*?)</figure>");

    /** Returns the drawings of a page by id: their markup without the data. */
    private static SequencedMap<String, String> figures(String dom) {
        SequencedMap<String, String> figures = new LinkedHashMap<>();
        FIGURE.matcher(dom)
                .results()
                .forEach(m -> figures.put(m.group(1), m.group(2).replaceAll("(?s)<script.*?</script>", "")));
        return figures;
    }

    /** Returns the data of a drawing as they are in the page. */
    private static JsonNode data(String id) throws IOException {
        Matcher figure = Pattern.compile("(?s)id=\"drawing-" + Pattern.quote(id)
                        + "\".*?<script type=\"application/json\">(.*?)</script>")
                .matcher(Files.readString(page));
        assertThat(figure.find()).as(id).isTrue();
        return new ObjectMapper().readTree(figure.group(1));
    }

    private static String attribute(String tag, String name) {
        Matcher m = Pattern.compile(" " + name + "=\"([^\"]*)\"").matcher(tag);
        return m.find() ? m.group(1) : "";
    }

    private static List<String> curves(String figure) {
        return Pattern.compile("<path[^>]* data-style=[^>]*>")
                .matcher(figure)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void aMovedSliderRedrawsItsTheoryAndShowsItsValue() throws Exception {
        SequencedMap<String, String> before = figures(dom());
        SequencedMap<String, String> after = figures(dom("1280,900", """
            for (const input of document.querySelectorAll(".slider input")) {
              input.value = input.value === input.max ? input.min : input.max;
              input.dispatchEvent(new Event("input", {bubbles: true}));
            }\
            """));
        List<String> moved = before.keySet().stream()
                .filter(id -> before.get(id).contains("<input type=\"range\""))
                .toList();
        assertThat(moved).hasSizeGreaterThanOrEqualTo(5).contains("V2-1", "V10-1", "35-1", "35b-1", "B9-1", "O5-1");
        for (String id : moved) {
            JsonNode slider = data(id).path("sliders").path(0);
            int start = slider.path("at").asInt();
            int end = slider.path("settings").size() - 1 == start
                    ? 0
                    : slider.path("settings").size() - 1;
            for (boolean first : new boolean[] {true, false}) {
                String figure = (first ? before : after).get(id);
                int at = first ? start : end;
                JsonNode curve = slider.path("y").path(at);
                String output = figure.substring(figure.indexOf("<output"));
                assertThat(Double.parseDouble(attribute(output, "data-value")))
                        .as(id)
                        .isEqualTo(curve.path(curve.size() - 1).asDouble());
                assertThat(Double.parseDouble(attribute(output, "data-setting")))
                        .as(id)
                        .isEqualTo(slider.path("settings").path(at).asDouble());
                assertThat(figure)
                        .as(id)
                        .containsPattern("<label for=\"slider-" + Pattern.quote(id) + "-1\">.+?</label>")
                        .contains("aria-valuetext=\"");
            }
            String[] paths = Stream.of(before, after)
                    .map(figures -> curves(figures.get(id)).stream()
                            .filter(path -> attribute(path, "data-style").equals("SLIDER"))
                            .findFirst()
                            .orElseThrow())
                    .map(path -> attribute(path, "d"))
                    .toArray(String[]::new);
            assertThat(paths[0]).as(id).isNotEmpty().isNotEqualTo(paths[1]);
        }
    }

    @Test
    void slidersHoldTheNumbersOfTheLibrarysTheory() throws Exception {
        requireTheory("V2-1", v -> new MeanField(Nonlinearity.RELU, v, 0).lengths(v, 9)[9]);
        requireTheory("V10-1", v -> new MeanField(Nonlinearity.TANH, v, 0).lengths(v, 50)[50] / v);
        requireTheory("O5-1", v -> Math.sqrt(new MeanField(Nonlinearity.TANH, v, 0).lengths(v, 50)[50] / v));
        requireTheory("B6-2", v -> {
            MeanField tanh = new MeanField(Nonlinearity.TANH, v, 0.05);
            return 1 - tanh.correlations(tanh.fixedPoint(1), 0.9, 20)[20];
        });
        requireTheory("B9-1", depth -> BornDead.upperBound(5, (int) depth));
        requireTheory(
                "35b-1",
                deviation -> SignalPropagation.of(
                                Collections.nCopies(
                                        50,
                                        new SignalPropagation.DenseLayer(
                                                new Fans(256, 256),
                                                1.0 / 256,
                                                deviation * deviation,
                                                Nonlinearity.TANH)),
                                1,
                                1)
                        .backwardGain());
        requireTheory("35-1", bias -> {
            double variance = 2;
            for (int l = 1; l < 50; l++) {
                variance = 2 * Nonlinearity.RELU.moments(bias, variance).secondMoment();
            }
            return bias * bias + variance;
        });
    }

    /** Compares the curves of a slider, which the page holds to six digits, with theory. */
    private static void requireTheory(String id, DoubleUnaryOperator theory) throws IOException {
        JsonNode slider = data(id).path("sliders").path(0);
        for (int i = 0; i < slider.path("settings").size(); i++) {
            double setting = slider.path("settings").path(i).asDouble();
            JsonNode curve = slider.path("y").path(i);
            assertThat(curve.path(curve.size() - 1).asDouble())
                    .as(id + " at " + setting)
                    .isCloseTo(theory.applyAsDouble(setting), withinPercentage(1e-3));
        }
    }

    @Test
    void anAxisOfWholeNumbersHasTicksAtWholeNumbers() throws Exception {
        Pattern axis = Pattern.compile("(?s)<g class=\"axis\" transform=\"translate\\(0,[^>]*>(.*?)</g></g>");
        Pattern label = Pattern.compile("<text[^>]*>([^<]*)</text>");
        int axes = 0;
        for (Map.Entry<String, String> figure : figures(dom()).entrySet()) {
            JsonNode data = data(figure.getKey());
            if (data.path("kind").asText().equals("chart") && countsOf(data)) {
                Matcher below = axis.matcher(figure.getValue());
                assertThat(below.find()).as(figure.getKey()).isTrue();
                List<String> ticks = label.matcher(below.group(1))
                        .results()
                        .map(m -> m.group(1))
                        .toList();
                assertThat(ticks)
                        .as(figure.getKey())
                        .isNotEmpty()
                        .allSatisfy(tick -> assertThat(tick).containsPattern("^[\\d ]+$|^10[^.]+$"));
                axes++;
            }
        }
        assertThat(axes).as("axes of layers, steps and widths").isGreaterThan(40);
    }

    /** Returns whether the places of a chart are whole numbers, such as layers. */
    private static boolean countsOf(JsonNode chart) {
        List<JsonNode> places = new ArrayList<>();
        chart.path("series").forEach(series -> series.path("x").forEach(places::add));
        return chart.path("x").path("names").isEmpty()
                && places.stream().allMatch(place -> place.asDouble() == Math.rint(place.asDouble()));
    }

    @Test
    void theoryAndItsMeasurementShareAHueThatNoOtherSeriesHas() throws Exception {
        int pairs = 0;
        for (Map.Entry<String, String> figure : figures(dom()).entrySet()) {
            Map<String, String> hues = new HashMap<>();
            for (String path : curves(figure.getValue())) {
                Matcher hue = Pattern.compile("stroke: (var\\(--\\w+\\))").matcher(attribute(path, "style"));
                assertThat(hue.find()).as(path).isTrue();
                String of = attribute(path, "data-of");
                String before = hues.putIfAbsent(of, hue.group(1));
                assertThat(hue.group(1))
                        .as(figure.getKey() + ": " + of)
                        .isEqualTo(before == null ? hue.group(1) : before);
                pairs += before != null && attribute(path, "data-style").equals("PREDICTION") ? 1 : 0;
            }
            assertThat(hues.values()).as(figure.getKey()).doesNotHaveDuplicates();
        }
        assertThat(pairs).as("theories next to what was measured").isGreaterThan(25);
    }

    @Test
    void everyFormulaIsTypesetAndEverySignExplained() throws Exception {
        String dom = dom().replaceAll("(?s)<(script|style)[ >].*?</\\1>", "");
        String words = dom.replaceAll("(?s)<math>.*?</math>", "#")
                .replaceAll("<[^>]*>", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
        assertThat(words)
                .doesNotContainPattern("[\\^_*]|\\b(sigma|chi|sqrt|omega|Phi|xi)\\b|[A-Za-z]'[A-Z]| x \\d|\\d x"
                        + " |<-|->|<=|>=|\\+-|undefined|NaN");
        Matcher math = Pattern.compile("(?s)<math>(.*?)</math>").matcher(dom);
        assertThat(math.results().map(m -> m.group(1).replaceAll("<[^>]*>", "")))
                .hasSizeGreaterThan(500)
                .allSatisfy(formula -> assertThat(formula)
                        .doesNotContainPattern("[\\^_*\\u0001]|sigma|sqrt")
                        .isNotBlank());
        assertThat(dom).contains("id=\"notation\"", "Accepted.", "course unit on weight initialization");
        Matcher sentences =
                Pattern.compile("(?s)<span class=\"sentence\">(.*?)</span>").matcher(dom);
        assertThat(sentences.results().map(m -> m.group(1)))
                .hasSize(json.path("claims").size())
                .allSatisfy(sentence -> assertThat(sentence).isNotBlank());
    }

    @Test
    void everyClaimHasASectionAndEveryDrawingHasMarksInABrowser() throws Exception {
        for (String dom : List.of(dom(), dom("400,800", ""))) {
            assertThat(CLAIM.matcher(dom).results().map(m -> m.group(1)))
                    .containsExactlyInAnyOrderElementsOf(json.path("claims").findValuesAsText("id"));
            List<MatchResult> drawn = FIGURE.matcher(dom).results().toList();
            assertThat(drawn).hasSizeGreaterThan(json.path("claims").size() / 2).allSatisfy(figure -> {
                String svg = figure.group(2);
                assertThat(svg)
                        .as(figure.group(1))
                        .contains("class=\"mark\"", "<title", "<desc")
                        .doesNotContain("NaN", "undefined", "Infinity");
                assertThat(svg).as(figure.group(1)).containsPattern("data-marks=\"[1-9]");
            });
        }
    }

    private static Optional<String> browser() {
        return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(f -> Path.of(f, name)))
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
            jar = files.filter(f -> f.getFileName().toString().matches("nn-examples-.*\\.jar"))
                    .findFirst()
                    .orElseThrow();
        }
        for (Path place : List.of(target.resolve("classes"), jar)) {
            Finished listed = run(
                    "",
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("nn.modules") + File.separator + "*" + File.pathSeparator + place,
                            "nn.examples.Main",
                            "claims",
                            "--list"));
            assertThat(listed.output()).as(place + "\n" + listed.errors()).isEqualTo(list);
        }
    }

    @Test
    void anUnknownClaimEndsWithExitCodeTwoAndASentence() throws Exception {
        Finished finished = nn("", "claims", "S99");
        assertThat(finished.code()).isEqualTo(2);
        assertThat(finished.output()).isEmpty();
        assertThat(finished.errors()).contains("no claim and no family is called 'S99'");
    }

    @Test
    void aClaimIsFoundByTheNumberOfItsSentenceToo() throws Exception {
        Finished finished = nn("", "claims", "7", "--quick");
        assertThat(finished.code()).isZero();
        assertThat(finished.output()).contains("S5  text: ", "(also 7, 47)", "1 claim: 1 true");
    }
}
