package nn.tensor.internal;

import nn.tensor.internal.product.TileBits;
import nn.tensor.internal.warmup.Operation;
import nn.tensor.internal.warmup.TileStage;
import org.junit.jupiter.api.Test;

class WarmUpTrialsTest {
    @Test
    void everyOperationAndEveryStageHasATrialWithinItsArrays() {
        for (Operation operation : Operation.values()) {
            TileBits.requireTrial(WarmUpTrials.of(operation));
        }
        for (TileStage stage = TileStage.NONE; stage != TileStage.ALL; stage = stage.next()) {
            TileBits.requireTrial(WarmUpTrials.of(stage.next()));
        }
    }
}
