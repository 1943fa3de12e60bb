package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import nn.init.Init;
import nn.layers.network.Network;
import nn.tensor.Key;
import nn.train.checkpoint.Checkpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nn doctor} examines described, stored and published networks, and writes what it found. */
class DoctorTest {
    @TempDir
    Path folder;

    private record Outcome(int code, String text, String errors) {}

    private static Outcome doctor(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder errors = new StringBuilder();
        Terminal terminal = new Terminal(out, StandardCharsets.UTF_8, errors, Optional.empty());
        List<String> all = Stream.concat(Stream.of("doctor"), Stream.of(words)).toList();
        int code = Main.run(all, terminal);
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), errors.toString());
    }

    @Test
    void aDescribedNetworkIsExaminedInEightyColumns() {
        Outcome outcome = doctor("--net", "64-32-16x2-10", "--act", "tanh", "--init", "normal(2)");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.text()).contains("hidden1", "Dense 32 -> 16", "hidden3", "Dense 16 -> 10", "Remedy:");
        assertThat(outcome.text().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void aPublishedNetworkIsExaminedByItsName() {
        assertThat(doctor("--case", "model_0ae2cd88").text()).contains("published as sick", "FAILURE");
        assertThat(doctor("--case", "simplednn").text())
                .contains("published as healthy")
                .doesNotContain("FAILURE");
        assertThat(doctor("--case", "nosuch").errors()).contains("no network is called 'nosuch'");
    }

    @Test
    void optionsWithoutEffectAreRefused() {
        for (String option : List.of("--net", "--act", "--init", "--biases", "--data")) {
            assertRefused(
                    "option " + option + " has no effect together with --case", "--case", "simplednn", option, "x");
            assertRefused("option " + option + " has no effect together with --benchmark", "--benchmark", option, "x");
        }
        for (String option : List.of("--weights", "--case", "--report", "--json", "--watch")) {
            assertRefused("option " + option + " has no effect together with --benchmark", "--benchmark", option, "x");
        }
        assertRefused("option --init has no effect together with --weights", "--weights", "x", "--init", "zeros");
    }

    @Test
    void aBadNumberOfEpochsIsRefusedBeforeTheReport() {
        assertRefused("option --watch is '-1'; it must be a whole number from 0 to 10000", "--watch=-1");
    }

    @Test
    void aFolderInPlaceOfAFileIsRefusedWithANameThatFits() {
        assertRefused("such as " + folder.resolve("doctor.json"), "--json", folder.toString());
        assertRefused("such as " + folder.resolve("doctor.html"), "--report", folder.toString());
    }

    private static void assertRefused(String message, String... words) {
        Outcome outcome = doctor(words);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.text()).isEmpty();
        assertThat(outcome.errors().replaceAll("\\s+", " ")).contains(message);
    }

    @Test
    void theWeightsOfACheckpointAreExamined() throws IOException {
        Path file = folder.resolve("weights.nn");
        Network network = Network.builder(Key.of(1))
                .input(64)
                .dense("hidden1", 8, Init.constant(0.1))
                .relu()
                .dense("out", 10, Init.constant(0.05))
                .build();
        Checkpoint.saveWeights(file, network);
        Outcome outcome = doctor("--net", "64-8-10", "--weights", file.toString());
        assertThat(outcome.text()).contains("FAILURE symmetry");
        assertThat(doctor("--net", "64-8-10").text()).doesNotContain("symmetry");
    }

    @Test
    void theReportAndTheDataHoldTheFindingsAndTheirRemedies() throws IOException {
        Path page = folder.resolve("doctor.html");
        Path data = folder.resolve("doctor.json");
        Outcome outcome = doctor(
                "--net",
                "64-64x8-10",
                "--act",
                "tanh",
                "--init",
                "normal(1)",
                "--report",
                page.toString(),
                "--json",
                data.toString());
        assertThat(outcome.errors()).isEmpty();
        assertThat(Files.readString(page))
                .contains("<h2>Findings</h2>", "Remedy, tried:", "edge of chaos", "\"this network\"", "theory");
        JsonNode json = new ObjectMapper().readTree(Files.readString(data));
        assertThat(json.get("findings").get(0).get("symptom").asText()).isEqualTo("weights");
        assertThat(json.get("findings")
                        .get(0)
                        .get("remedies")
                        .get(0)
                        .get("parameters")
                        .get(0)
                        .asText())
                .isEqualTo("hidden1.weight");
        assertThat(json.get("layers")).hasSize(9);
    }

    @Test
    void aTrainingIsWatchedAndStandsOnThePage() throws IOException {
        Path page = folder.resolve("watched.html");
        Path data = folder.resolve("watched.json");
        Outcome outcome = doctor(
                "--net",
                "64-16x2-10",
                "--init",
                "he_normal",
                "--watch",
                "2",
                "--report",
                page.toString(),
                "--json",
                data.toString());
        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.text()).contains("32 steps, 12 of them looked into.", "dead at start", "signal/noise");
        assertThat(outcome.text().lines()).allMatch(line -> line.length() <= 80);
        assertThat(Files.readString(page))
                .contains("<h2>In training</h2>", "hidden2.weight", "signal / noise", "Pre-activations by layer");
        JsonNode weights = new ObjectMapper().readTree(Files.readString(data)).get("weights_in_training");
        assertThat(weights).hasSize(3);
        assertThat(weights.get(0).get("path").asText()).isEqualTo("hidden1.weight");
        assertThat(weights.get(0).get("signal_to_noise").asDouble()).isPositive();
    }

    @Test
    void wrongChoicesAreRefusedByName() {
        assertThat(doctor("--net", "64-x-10").errors()).contains("option --net is '64-x-10'");
        assertThat(doctor("--net", "32-10").errors()).contains("64 features", "write 64-...-10");
        assertThat(doctor("--data", "nosuch").errors()).contains("option --data is 'nosuch'");
        String file = folder.resolve("one").toString();
        assertThat(doctor("--json", file, "--report", file).errors()).contains("name the same file");
    }

    /** The table of the page nn-train/DOCTOR.md is what the benchmark prints. */
    @Tag("slow")
    @Test
    void theDocumentedTableIsMeasured() throws IOException {
        String table = DoctorBenchmark.measure(Key.of(1)).text();
        assertThat(Files.readString(Path.of("../nn-train/DOCTOR.md"))).contains(table);
    }
}
