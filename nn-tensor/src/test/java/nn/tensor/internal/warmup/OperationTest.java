package nn.tensor.internal.warmup;

import static org.assertj.core.api.Assertions.assertThat;

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
