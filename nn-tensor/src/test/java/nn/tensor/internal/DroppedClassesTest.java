package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.ChildJvm.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DroppedClassesTest {
    /** With the warm-up of vectors and without. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"auto", "scalar"})
    void theClassesOfADroppedApplicationAreCollected(String kernels) {
        Outcome outcome = ChildJvm.run(
                "-Xmx128m --add-modules jdk.incubator.vector -Dnn.threads=2 -Dnn.kernels=" + kernels,
                DroppedClassesMain.class);
        assertThat(outcome.output()).contains("worker at work", "collected").doesNotContain("alive");
    }
}
