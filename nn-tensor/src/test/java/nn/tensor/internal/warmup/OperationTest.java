package nn.tensor.internal.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.TileBits;
import nn.tensor.internal.WarmUpTrials;
import nn.tensor.internal.product.ShortProducts;
import org.junit.jupiter.api.Test;

class OperationTest {
    @Test
    void everyOperationHasAPlaceOfItsOwnInASet() {
        OperationSet set = new OperationSet();
        for (Operation operation : Operation.values()) {
            assertThat(set.has(operation))
                    .as("%s before it is added", operation)
                    .isFalse();
            assertThat(set.add(operation)).as("%s", operation).isTrue();
            assertThat(set.has(operation)).as("%s", operation).isTrue();
            assertThat(set.add(operation)).as("%s again", operation).isFalse();
        }
    }

    @Test
    void productsOfEachShortInnerSizeHaveAnOperation() {
        for (int k = 1; k <= ShortProducts.MOST_STEPS; k++) {
            Operation operation = Operation.steps(k);
            assertThat(operation.kind).isEqualTo(Operation.Kind.STEPS);
            assertThat(operation.steps()).isEqualTo(k);
            assertThat(operation).hasToString("STEPS_" + k);
        }
    }

    @Test
    void everyOperationAndEveryStageHasTrialsWithinTheirArrays() {
        for (Operation operation : Operation.values()) {
            TileBits.requireTrial(WarmUpTrials.of(operation));
        }
        for (TileStage stage = TileStage.NONE; stage != TileStage.ALL; stage = stage.next()) {
            TileBits.requireTrial(WarmUpTrials.of(stage.next()));
        }
    }

    @Test
    void eachStageOfTilesIncludesThoseBeforeIt() {
        int stages = 0;
        for (TileStage stage = TileStage.NONE; stage != TileStage.ALL; stage = stage.next()) {
            assertThat(stage.next().includes(stage)).isTrue();
            assertThat(stage.includes(stage)).isTrue();
            assertThat(stage.includes(stage.next())).isFalse();
            stages++;
        }
        assertThat(stages).isEqualTo(TileStage.values().length - 1);
    }
}
