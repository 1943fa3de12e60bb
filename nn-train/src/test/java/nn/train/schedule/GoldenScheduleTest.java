package nn.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import nn.golden.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares learning rates with another framework's, step by step. */
class GoldenScheduleTest {
    private static final JsonNode TABLE = Golden.index().get("tables").get("lr_schedules");
    private static final JsonNode SECOND =
            Golden.index(Golden.SECOND).get("tables").get("lr_schedules");
    private static final String PLATEAU = "reduce_on_plateau";

    static List<String> schedule() {
        List<String> names = new ArrayList<>();
        TABLE.get("schedules").fieldNames().forEachRemaining(names::add);
        assertThat(names).hasSize(10).contains(PLATEAU);
        names.remove(PLATEAU);
        return names;
    }

    private static Schedule made(String name, JsonNode config, double base) {
        return switch (name) {
            case "step" ->
                Schedule.step(
                        config.get("step_size").asLong(), config.get("gamma").asDouble());
            case "multistep" -> {
                JsonNode at = config.get("milestones");
                yield Schedule.milestones(
                        config.get("gamma").asDouble(),
                        at.get(0).asLong(),
                        at.get(1).asLong(),
                        at.get(2).asLong());
            }
            case "exponential" -> Schedule.exponential(config.get("gamma").asDouble());
            case "cosine" ->
                Schedule.cosine(
                        config.get("T_max").asLong(), config.get("eta_min").asDouble() / base);
            case "cosine_warm_restarts" ->
                Schedule.cosineRestarts(
                        config.get("T_0").asLong(), config.get("T_mult").asInt(), 0);
            case "linear" ->
                Schedule.linear(
                        config.get("total_iters").asLong(),
                        config.get("start_factor").asDouble(),
                        config.get("end_factor").asDouble());
            case "polynomial" ->
                Schedule.polynomial(
                        config.get("total_iters").asLong(), config.get("power").asDouble());
            case "onecycle" -> Schedule.oneCycle(config.get("total_steps").asLong());
            case "warmup_lambda" -> Schedule.warmUp(config.get("warmup").asLong());
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest
    @MethodSource
    void schedule(String name) {
        JsonNode config = TABLE.get("schedules").get(name).get(0);
        JsonNode rates = TABLE.get("schedules").get(name).get(1);
        double base = config.path("max_lr").asDouble(TABLE.get("base_lr").asDouble());
        Schedule schedule = made(name, config, base);
        assertThat(rates.size()).isGreaterThanOrEqualTo(20);
        for (int k = 0; k < rates.size(); k++) {
            // PyTorch multiplies from step to step, 40 times a rounding of 2^-53 at most
            assertThat(base * schedule.factor(k, 0))
                    .as("step %d", k)
                    .isCloseTo(rates.get(k).asDouble(), within(1e-15));
        }
    }

    static List<String> scheduleOfTheSecondFamily() {
        List<String> names = new ArrayList<>();
        SECOND.get("schedules").fieldNames().forEachRemaining(names::add);
        assertThat(names).hasSize(7);
        return names;
    }

    private static Schedule madeOfTheSecondFamily(String name, JsonNode config, double base) {
        return switch (name.substring(0, name.lastIndexOf('_'))) {
            case "onecycle" ->
                new OneCycle(
                        config.get("total_steps").asLong(),
                        config.get("pct_start").asDouble(),
                        config.get("div_factor").asDouble(),
                        config.get("final_div_factor").asDouble(),
                        config.get("anneal_strategy").asText().equals("linear"),
                        config.get("three_phase").asBoolean());
            case "warmup_cosine_sequential" -> {
                long warm = config.get("warm").asLong();
                double floor = config.get("eta_min").asDouble() / base;
                yield Schedule.linear(warm, config.get("start").asDouble(), 1)
                        .then(warm, Schedule.cosine(config.get("T_max").asLong(), floor));
            }
            case "cosine_restarts" ->
                Schedule.cosineRestarts(
                        config.get("T_0").asLong(),
                        config.get("T_mult").asInt(),
                        config.get("eta_min").asDouble() / base);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** After its T_max steps PyTorch's cosine rises again, where ours stays at the floor. */
    @ParameterizedTest
    @MethodSource
    void scheduleOfTheSecondFamily(String name) {
        JsonNode config = SECOND.get("schedules").get(name).get(0);
        JsonNode rates = SECOND.get("schedules").get(name).get(1);
        double base = config.path("max_lr").asDouble(SECOND.get("base_lr").asDouble());
        Schedule schedule = madeOfTheSecondFamily(name, config, base);
        int falling = config.has("warm")
                ? config.get("warm").asInt() + config.get("T_max").asInt()
                : Integer.MAX_VALUE;
        assertThat(rates.size()).isGreaterThanOrEqualTo(30);
        for (int k = 0; k < rates.size(); k++) {
            double expected = rates.get(Math.min(k, falling)).asDouble();
            assertThat(base * schedule.factor(k, 0)).as("step %d", k).isCloseTo(expected, within(1e-15));
        }
    }
}
