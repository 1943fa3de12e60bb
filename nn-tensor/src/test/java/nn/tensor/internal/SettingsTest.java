package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.ChildJvm.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** System properties and JVM flags that change how kernels run, each in a JVM of its own. */
@Tag("slow")
class SettingsTest {
    private static final String VECTORS = "--add-modules jdk.incubator.vector ";
    private static final String SLOW = "nn runs without fused multiply-add instructions";

    private static int occurrences(String text, String part) {
        return text.split(part, -1).length - 1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "0", "-1", "1025", "99999999999", ""})
    void aBadNumberOfThreadsIsRefusedAtEveryOperation(String threads) {
        Outcome outcome = ChildJvm.run(VECTORS + "-Dnn.threads=" + threads, SettingsMain.class);
        String error = "java.lang.IllegalArgumentException: system property nn.threads is '" + threads
                + "': it is a whole number from 1 to 1024";
        assertThat(occurrences(outcome.output(), error)).as(outcome.output()).isEqualTo(6);
        assertThat(outcome.exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "Scalar", ""})
    void aBadChoiceOfKernelsIsRefusedAtEveryOperation(String kernels) {
        Outcome outcome = ChildJvm.run(VECTORS + "-Dnn.kernels=" + kernels, SettingsMain.class);
        String error = "java.lang.IllegalArgumentException: system property nn.kernels is '" + kernels
                + "': it is 'auto', 'scalar' or 'vector'";
        assertThat(occurrences(outcome.output(), error)).as(outcome.output()).isEqualTo(6);
        assertThat(outcome.exit()).isZero();
    }

    /** A product that finds the threads busy goes on alone, and may find them free before its next panel. */
    @Test
    void severalThreadsMayMultiplyByPanelsAtATime() {
        Outcome outcome = ChildJvm.run(VECTORS + "-Dnn.threads=4", PanelThreadsMain.class);
        assertThat(outcome.output())
                .contains("right: " + PanelThreadsMain.THREADS * PanelThreadsMain.PRODUCTS + System.lineSeparator());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Dnn.threads=1", "-Dnn.threads=2 -Dnn.kernels=scalar", "-Xint", "-Xcomp -Dnn.threads=2"})
    void validSettingsPrintNothing(String flags) {
        Outcome outcome = ChildJvm.run(VECTORS + flags, SettingsMain.class);
        assertThat(occurrences(outcome.output(), ": done")).as(outcome.output()).isEqualTo(6);
        assertThat(outcome.output()).doesNotContain("nn runs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-XX:-UseFMA", "-XX:-UseFMA -Dnn.kernels=scalar", "-XX:-UseFMA -Xint", "-XX:-UseFMA -Xcomp"})
    void aJvmWithoutFusedMultiplyAddIsWarnedAboutOnce(String flags) {
        Outcome outcome = ChildJvm.run(VECTORS + flags, SlowMain.class);
        assertThat(occurrences(outcome.output(), SLOW)).as(outcome.output()).isEqualTo(1);
        assertThat(outcome.output()).contains("-XX:-UseFMA", "some 100 times slower", "3.0");
        assertThat(outcome.exit()).isZero();
    }

    /** The scalar kernels are used then, so the module would change nothing. */
    @Test
    void missingVectorsAreNotWarnedAboutWithoutTheInstruction() {
        Outcome outcome = ChildJvm.run("-XX:-UseFMA", SlowMain.class);
        assertThat(outcome.output()).containsOnlyOnce(SLOW).doesNotContain("--add-modules jdk.incubator.vector");
    }

    /** A product of 3 x 3: what is slow takes long enough with that. */
    static final class SlowMain {
        private SlowMain() {}

        public static void main(String[] args) {
            nn.tensor.Tensor x = nn.tensor.Tensor.full(1, 3, 3);
            x.add(x);
            System.out.println(x.matmul(x).get(0, 0));
        }
    }
}
