package nn.tensor.internal;

import nn.tensor.internal.product.TileBits;
import nn.tensor.internal.warmup.Operation;
import org.junit.jupiter.api.Test;

class WarmUpTrialsTest {
    @Test
    void everyOperationHasATrialWithinItsArrays() {
        for (Operation operation : Operation.values()) {
            TileBits.requireTrial(WarmUpTrials.of(operation));
        }
    }
}
