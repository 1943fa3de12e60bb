package nn.examples.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nn.examples.chart.Axis;
import nn.examples.chart.Caption;
import nn.examples.chart.Chart;
import nn.examples.chart.Slider;
import nn.examples.experiment.Apparatus;
import nn.examples.experiment.Experiment;
import nn.examples.experiment.Measurement;
import nn.examples.experiment.RawTable;
import nn.examples.experiment.Repetitions;
import nn.examples.report.HtmlReport;
import nn.examples.report.ResultFiles;
import nn.examples.report.TextReport;
import nn.init.nonlinearity.Nonlinearity;
import nn.init.theory.MeanField;
import nn.tensor.Key;
import org.junit.jupiter.api.Test;

class LabTest {
    private static final Path SOURCES = Path.of("src", "main", "java");

    /** Some claims that take no time. */
    private static List<Entry> fast() {
        return Lab.claims().stream()
                .filter(e -> Set.of("S3", "S5", "V2", "V7", "D1").contains(e.id()))
                .toList();
    }

    private static List<Result> run(List<Entry> entries, long seed, int threads) {
        return Lab.run(entries, seed, true, threads, Apparatus.SOUND, done -> {});
    }

    @Test
    void theLabFindsEveryFileThatHoldsAClaim() throws IOException {
        Set<String> written;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            written = files.filter(file ->
                            file.toString().endsWith(".java") && read(file).contains(" implements Claim {"))
                    .map(file -> SOURCES.relativize(file)
                            .toString()
                            .replaceAll("[/\\\\]", ".")
                            .replace(".java", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertThat(Lab.claims())
                .extracting(e -> e.claim().getClass().getName())
                .containsExactlyInAnyOrderElementsOf(written);
        assertThat(written).hasSizeGreaterThanOrEqualTo(17);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Labels that need a claim: sentences of the text, papers, and their numbers. */
    private static Set<String> rows() {
        Set<String> rows = new TreeSet<>();
        IntStream.rangeClosed(1, 57).filter(i -> i != 33).forEach(i -> rows.add("" + i));
        rows.addAll(List.of("33a", "33b"));
        IntStream.rangeClosed(1, 23).forEach(i -> rows.add("B" + i));
        rows.addAll(List.of("V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V10", "V12"));
        IntStream.rangeClosed(1, 6).forEach(i -> rows.add("S" + i));
        IntStream.rangeClosed(1, 4).forEach(i -> rows.add("D" + i));
        IntStream.rangeClosed(1, 6).forEach(i -> rows.add("O" + i));
        rows.addAll(List.of("B-1", "P1", "P2", "P3", "P4", "P6", "P8", "P9", "P10", "P11", "P13"));
        return rows;
    }

    @Test
    void everyRowOfTheSubjectHasAClaim() {
        Set<String> answered =
                Lab.claims().stream().flatMap(e -> e.card().ids().stream()).collect(Collectors.toSet());
        Set<String> open = rows();
        open.removeAll(answered);
        assertThat(open).isEmpty();
    }

    @Test
    void claimsAreOrderedByFamilyThenByTheLettersAndTheNumberOfTheirIds() {
        assertThat(Lab.claims().stream().map(Entry::family).distinct())
                .containsExactly(
                        "symmetry",
                        "variance",
                        "xavier",
                        "he",
                        "orthogonal",
                        "bias",
                        "deadrelu",
                        "worked",
                        "practice",
                        "papers",
                        "criticality");
        assertThat(Lab.claims().stream()
                        .filter(e -> e.family().equals("variance"))
                        .map(Entry::id))
                .containsExactly("2", "9", "10", "13", "14", "15", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8");
        assertThat(Lab.claims().stream().filter(e -> e.family().equals("bias")).map(Entry::id))
                .containsExactly("34", "35", "35b");
    }

    @Test
    void cardsAreReadableInPlainAscii() {
        for (Entry entry : Lab.claims()) {
            Card card = entry.card();
            String words = card.text() + card.statement() + String.join("", card.derivation());
            assertThat(words).as(card.id()).matches("[ -~]+").doesNotContain("  ");
            assertThat(card.text()).as(card.id()).endsWith(".").hasSizeLessThanOrEqualTo(240);
            assertThat(card.statement()).as(card.id()).matches(".*\\.\\)?").hasSizeLessThanOrEqualTo(600);
            for (String line : card.derivation()) {
                assertThat(line).as(card.id()).hasSizeLessThanOrEqualTo(160);
            }
        }
    }

    @Test
    void aWordOfTheCommandLineMeansAnIdOrAFamily() {
        Entry v7 = Lab.claims().stream()
                .filter(e -> e.id().equals("V7"))
                .findFirst()
                .orElseThrow();
        assertThat(List.of("V7", "v7", "11", "variance", "Variance")).allMatch(v7::answersTo);
        assertThat(List.of("V", "7", "1", "var", "dead-relu", "")).noneMatch(v7::answersTo);
        Entry d1 = Lab.claims().stream()
                .filter(e -> e.id().equals("D1"))
                .findFirst()
                .orElseThrow();
        assertThat(List.of("dead-relu", "deadrelu", "36")).allMatch(d1::answersTo);
    }

    @Test
    void theSameSeedGivesTheSameBytesOnOneThreadAndOnTwo() {
        List<Entry> claims = fast();
        String one = ResultFiles.json(run(claims, 7, 1), 7, true);
        assertThat(ResultFiles.json(run(claims, 7, 2), 7, true)).isEqualTo(one);
        assertThat(ResultFiles.json(run(claims, 8, 2), 8, true)).isNotEqualTo(one);
        // a claim alone gives what it gives among others
        List<Entry> v2 = claims.stream().filter(e -> e.id().equals("V2")).toList();
        assertThat(one)
                .contains(ResultFiles.json(run(v2, 7, 2), 7, true)
                        .lines()
                        .filter(line -> line.contains("E z^2, layer 10"))
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void jsonHoldsEveryMeasurement() throws IOException {
        List<Result> results = run(fast(), 1, 2);
        JsonNode json = new ObjectMapper().readTree(ResultFiles.json(results, 1, true));
        assertThat(json.path("seed").asLong()).isEqualTo(1);
        assertThat(json.path("accepted").asBoolean()).isTrue();
        assertThat(json.path("claims")).hasSameSizeAs(results);
        for (int i = 0; i < results.size(); i++) {
            JsonNode claim = json.path("claims").path(i);
            Result result = results.get(i);
            assertThat(claim.path("id").asText()).isEqualTo(result.entry().id());
            assertThat(claim.path("findings")).hasSameSizeAs(result.measurements());
            Measurement last = result.measurements().getLast();
            JsonNode written = claim.path("findings").path(result.measurements().size() - 1);
            assertThat(written.path("measured").asDouble()).isEqualTo(last.measured());
            assertThat(written.path("high").isNull()).isEqualTo(Double.isInfinite(last.high()));
        }
    }

    @Test
    void rawMeasurementsAreFilesOfColumns() {
        Experiment e = new Experiment(Key.of(1), true, Apparatus.SOUND);
        e.sampled("a, \"quoted\" quantity", 1, new double[] {1, 1.5}).within(1);
        e.raw(RawTable.of("by depth").with("depth", 1, 2).with("q", 0.5, 0.25));
        Entry entry = fast().getFirst();
        Result result = new Result(entry, e.measurements(), e.drawings(), e.tables(), e.samples(), "");
        Map<String, String> files = ResultFiles.csv(List.of(result));
        assertThat(files)
                .containsOnlyKeys(entry.id() + ".csv", entry.id() + "-by-depth.csv", "findings.csv")
                .containsEntry(
                        entry.id() + ".csv",
                        "quantity,repetition,value\n"
                                + "\"a, \"\"quoted\"\" quantity\",0,1\n"
                                + "\"a, \"\"quoted\"\" quantity\",1,1.5\n")
                .containsEntry(entry.id() + "-by-depth.csv", "depth,q\n1,0.5\n2,0.25\n");
        assertThat(files.get("findings.csv")).contains("THEORY", "true");
    }

    @Test
    void anExperimentRefusesMeasurementsAndDrawingsThatCannotBeRead() {
        Experiment e = new Experiment(Key.of(1), true, Apparatus.SOUND);
        e.value("without a range", 1, 1);
        assertThatThrownBy(() -> e.value("next", 1, 1)).hasMessageContaining("without a range");
        assertThatThrownBy(e::measurements).hasMessageContaining("within, between, atLeast or atMost");
        Experiment f = new Experiment(Key.of(1), true, Apparatus.SOUND);
        assertThatThrownBy(() -> f.value("x".repeat(34), 1, 1).within(1)).hasMessageContaining("34 characters");
        assertThatThrownBy(() -> f.value("all", 1, 1).atLeast(Double.NEGATIVE_INFINITY))
                .hasMessageContaining("everything");
        assertThatThrownBy(() -> f.value("none", Double.NaN, 1).within(1)).hasMessageContaining("nothing");
        Chart mute = Chart.of("title", " ", Axis.linear("x"), Axis.linear("y"));
        assertThatThrownBy(() -> f.draw(mute)).hasMessageContaining("text alternative");
    }

    @Test
    void anExperimentThatThrowsFailsItsClaim() {
        Claim broken = new Claim() {
            @Override
            public Card card() {
                return Card.of(List.of("X1"), "text.").isTrue("statement.");
            }

            @Override
            public void measure(Experiment e) {
                e.each(List.of(1, 2), i -> {
                    throw new IllegalStateException("no " + i);
                });
            }
        };
        Entry entry = new Entry(broken, broken.card(), "tests", "Tests", 0, Claimant.COURSE_UNIT);
        Result result =
                Lab.run(List.of(entry), 1, true, 2, Apparatus.SOUND, done -> {}).getFirst();
        assertThat(result.accepted()).isFalse();
        assertThat(result.failure()).contains("IllegalStateException", "no ");
        assertThat(TextReport.of(result)).contains(" NO the experiment failed");
    }

    @Test
    void aCardNeedsADerivationWhereTheTextIsWrong() {
        Card.Draft draft = Card.of(List.of("X1", "40"), "text.");
        assertThat(draft.isTrue("statement.").derivation()).isEmpty();
        assertThatThrownBy(() -> draft.isFalse("statement.")).hasMessageContaining("0 lines of derivation");
        assertThatThrownBy(() -> draft.isFalse("statement.", "1", "2", "3", "4"))
                .hasMessageContaining("4 lines");
        assertThatThrownBy(() -> Card.of(List.of("?"), "text.").isTrue("s")).hasMessageContaining("ids [?]");
    }

    @Test
    void aQuickRunWidensTheRangesOfMeans() {
        assertThat(new Experiment(Key.of(1), true, Apparatus.SOUND)
                        .times(200, 50)
                        .widen(0.1))
                .isEqualTo(0.2);
        assertThat(new Experiment(Key.of(1), false, Apparatus.SOUND).times(200, 50))
                .isEqualTo(new Repetitions(200, 1));
    }

    @Test
    void quotedSentencesAndHeadlinesAreUnique() {
        assertThat(Lab.claims()).extracting(e -> e.card().text()).doesNotHaveDuplicates();
        assertThat(Lab.claims()).extracting(Entry::headline).doesNotHaveDuplicates();
        assertThat(Lab.claims())
                .extracting(Entry::headline)
                .contains("He keeps the second moment", "ReLU moments", "SIREN phases", "Xavier halves under ReLU");
    }

    @Test
    void claimsOfPapersAreCountedApartFromThoseOfTheCourseUnit() {
        List<Entry> papers = Lab.claims().stream()
                .filter(e -> e.claimant() == Claimant.PAPER)
                .toList();
        assertThat(papers).extracting(Entry::family).containsOnly("papers", "criticality");
        List<Result> results = run(fast(), 1, 2);
        String page = HtmlReport.of(results, 1, true);
        assertThat(page)
                .contains("Of the course unit's 5 claims, <strong>1</strong> is true as written,"
                        + " <strong>0</strong> under a condition, <strong>4</strong> false.")
                .doesNotContain("Of the papers'");
    }

    @Test
    void aSliderDrawsTheTheoryOfTheLibrary() {
        Chart chart = (Chart) run(fast(), 1, 2).stream()
                .filter(r -> r.entry().id().equals("V2"))
                .findFirst()
                .orElseThrow()
                .drawings()
                .getFirst();
        Slider slider = chart.sliders().getFirst();
        assertThat(slider.settings()).contains(0.5, 1, 2, 4).isSorted();
        assertThat(slider.settings()[slider.start()])
                .as("the setting that was measured")
                .isEqualTo(2);
        for (int i = 0; i < slider.settings().length; i++) {
            double variance = slider.settings()[i];
            assertThat(slider.y()[i]).isEqualTo(new MeanField(Nonlinearity.RELU, variance, 0).lengths(variance, 9));
            assertThat(slider.y()[i][9]).isCloseTo(variance * Math.pow(variance / 2, 9), withinPercentage(1e-9));
        }
    }

    @Test
    void captionsStateTheNumbersOfTheirRun() {
        List<Entry> v2 = Lab.claims().stream().filter(e -> e.id().equals("V2")).toList();
        String one = run(v2, 1, 2).getFirst().drawings().getFirst().alternative();
        Result other = run(v2, 5, 2).getFirst();
        String words = other.drawings().getFirst().alternative();
        assertThat(words)
                .isNotEqualTo(one)
                .contains(Caption.number(other.measurements().getLast().measured()) + " at layer 10");
        assertThat(Caption.numbers(3.257, 28.74, 1706.2, 4.12e-7, 0.01)).isEqualTo("3.26, 29, 1706, 4.1e-07 and 0.01");
        assertThat(Caption.percents(0.8765, 0.0049, 1)).isEqualTo("88 %, 0.5 % and 100 %");
    }
}
