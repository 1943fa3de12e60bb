package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import nn.golden.Golden;
import nn.train.metric.Monitor;
import nn.train.schedule.Plateau;
import org.junit.jupiter.api.Test;

/** Compares learning rates with another framework's, epoch by epoch. */
class GoldenPlateauTest {
    private static final JsonNode TABLE = Golden.index().get("tables").get("lr_schedules");

    @Test
    void ratesFallInTheSameEpochsAsInPyTorch() {
        JsonNode config = TABLE.get("schedules").get("reduce_on_plateau").get(0);
        JsonNode rates = TABLE.get("schedules").get("reduce_on_plateau").get(1);
        Plateau plateau = new Plateau(
                config.get("factor").asDouble(),
                config.get("patience").asInt(),
                config.get("threshold").asDouble(),
                0,
                Monitor.LOSS);
        PlateauState state = PlateauState.start(Monitor.LOSS);
        for (int k = 0; k < rates.size(); k++) {
            assertThat(TABLE.get("base_lr").asDouble() * state.factor())
                    .as("epoch %d", k)
                    .isEqualTo(rates.get(k).asDouble());
            state = state.after(plateau, config.get("metrics").get(k).asDouble());
        }
    }
}
