package nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static EpochReport report(int epoch, double loss, double validation, SequencedMap<String, Double> metrics) {
        return new EpochReport(epoch, loss, 0.1 + 0.2, 1e-3, 7, 99, 0.5, validation, metrics, new LinkedHashMap<>());
    }

    private static History history() {
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("acc \"top\", 5", 1.0 / 3);
        SequencedMap<String, Double> more = new LinkedHashMap<>();
        more.put("acc \"top\", 5", Double.POSITIVE_INFINITY);
        return new History(
                List.of(report(1, Math.PI, 2.5e-300, metrics), report(2, Double.MIN_VALUE, 1, more)),
                StopReason.COMPLETED);
    }

    @Test
    void csvReadsBackBitForBit() {
        List<String> lines = history().toCsv().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst())
                .isEqualTo("epoch,loss,gradient_norm,rate,steps,examples,seconds,validation_loss,"
                        + "\"validation_acc \"\"top\"\", 5\"");
        String[] first = lines.get(1).split(",");
        assertThat(first[0]).isEqualTo("1");
        assertThat(Double.parseDouble(first[1])).isEqualTo(Math.PI);
        assertThat(Double.parseDouble(first[2])).isEqualTo(0.1 + 0.2);
        assertThat(first[5]).isEqualTo("99");
        assertThat(Double.parseDouble(first[7])).isEqualTo(2.5e-300);
        assertThat(Double.parseDouble(first[8])).isEqualTo(1.0 / 3);
        assertThat(Double.parseDouble(lines.get(2).split(",")[1])).isEqualTo(Double.MIN_VALUE);
        assertThat(Double.parseDouble(lines.get(2).split(",")[8])).isInfinite();
    }

    @Test
    void jsonReadsBackBitForBitWithNullForNaN() throws Exception {
        JsonNode json = new ObjectMapper().readTree(history().toJson());
        assertThat(json.get("stop_reason").asText()).isEqualTo("COMPLETED");
        assertThat(json.get("epochs")).hasSize(2);
        JsonNode first = json.get("epochs").get(0);
        assertThat(first.get("loss").asDouble()).isEqualTo(Math.PI);
        assertThat(first.get("gradient_norm").asDouble()).isEqualTo(0.1 + 0.2);
        assertThat(first.get("validation_loss").asDouble()).isEqualTo(2.5e-300);
        assertThat(first.get("steps").isInt()).isTrue();
        assertThat(first.get("validation_acc \"top\", 5").asDouble()).isEqualTo(1.0 / 3);
        assertThat(json.get("epochs").get(1).get("validation_acc \"top\", 5").isNull())
                .isTrue();
    }

    @Test
    void filesOfATrainingWithoutValidationHaveNoValidationValues() throws Exception {
        History history = new History(List.of(report(1, 1, Double.NaN, new LinkedHashMap<>())), StopReason.CANCELLED);
        assertThat(history.toCsv()).endsWith(",NaN\n");
        assertThat(new ObjectMapper()
                        .readTree(history.toJson())
                        .get("epochs")
                        .get(0)
                        .get("validation_loss")
                        .isNull())
                .isTrue();
        assertThat(history.toString()).doesNotContain("validation");
        assertThat(history().toString().lines()).hasSize(3).first().asString().endsWith("   validation acc \"top\", 5");
    }

    @Test
    void aHistoryOfSeveralFitsHasAColumnForEachMetric() throws Exception {
        SequencedMap<String, Double> accuracy = new LinkedHashMap<>(Map.of("accuracy", 0.5));
        SequencedMap<String, Double> error = new LinkedHashMap<>(Map.of("error", 0.25));
        History history = new History(
                List.of(
                        report(1, 1, Double.NaN, new LinkedHashMap<>()),
                        report(2, 1, 2, accuracy),
                        report(3, 1, 2, error)),
                StopReason.COMPLETED);
        List<String> lines = history.toCsv().lines().toList();
        assertThat(lines.get(0)).endsWith(",validation_loss,validation_accuracy,validation_error");
        assertThat(lines.get(1)).endsWith(",NaN,NaN,NaN");
        assertThat(lines.get(2)).endsWith(",2.0,0.5,NaN");
        assertThat(lines.get(3)).endsWith(",2.0,NaN,0.25");
        assertThat(history.toString().lines().toList().get(0)).endsWith("     accuracy        error");
        assertThat(history.toString().lines().toList().get(3)).endsWith("          NaN     0.250000");
        JsonNode last =
                new ObjectMapper().readTree(history.toJson()).get("epochs").get(2);
        assertThat(last.get("validation_accuracy").isNull()).isTrue();
        assertThat(last.get("validation_error").asDouble()).isEqualTo(0.25);
    }

    @Test
    void anObservationHasAColumnOfItsOwn() throws Exception {
        SequencedMap<String, Double> observed = new LinkedHashMap<>(Map.of("dead_units", 0.25));
        EpochReport with = new EpochReport(2, 1, 1, 1, 7, 99, 1, Double.NaN, new LinkedHashMap<>(), observed);
        observed.put("dead_units", 1.0);
        History history =
                new History(List.of(report(1, 1, Double.NaN, new LinkedHashMap<>()), with), StopReason.COMPLETED);
        List<String> lines = history.toCsv().lines().toList();
        assertThat(lines.get(0)).endsWith(",validation_loss,observed_dead_units");
        assertThat(lines.get(1)).endsWith(",NaN,NaN");
        assertThat(lines.get(2)).endsWith(",NaN,0.25");
        assertThat(history.toString().lines().toList().get(0)).endsWith("  seconds   dead_units");
        assertThat(history.toString().lines().toList().get(2)).endsWith("     0.250000");
        JsonNode last =
                new ObjectMapper().readTree(history.toJson()).get("epochs").get(1);
        assertThat(last.get("observed_dead_units").asDouble()).isEqualTo(0.25);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EpochReport(
                        1, 1, 1, 1, 7, 99, 1, 1, new LinkedHashMap<>(), new LinkedHashMap<>(Map.of("loss", 1.0))))
                .withMessageStartingWith("an observation cannot be called 'loss'");
    }

    @Test
    void aMetricWithoutAValueIsRefusedByName() {
        SequencedMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", null);
        assertThatNullPointerException()
                .isThrownBy(() -> report(1, 1, 1, metrics))
                .withMessage("the value of metric 'accuracy'");
    }

    @Test
    void anEmptyHistoryCanBeWritten() throws Exception {
        History none = new History(List.of(), StopReason.INTERRUPTED);
        assertThat(none.toCsv()).isEmpty();
        assertThat(new ObjectMapper().readTree(none.toJson()).get("epochs")).isEmpty();
        assertThat(none.toString().lines()).hasSize(1);
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(none::last);
    }
}
