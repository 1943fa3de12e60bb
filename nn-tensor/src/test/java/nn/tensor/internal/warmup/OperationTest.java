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
}
