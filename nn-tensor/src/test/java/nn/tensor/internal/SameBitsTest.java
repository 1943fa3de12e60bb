package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.ChildJvm.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise of the package documentation, asked of other JVMs: one fingerprint whatever the vectors and threads. */
@Tag("slow")
class SameBitsTest {
    private static String expected; // of small tensors, and of large ones after a space
    private static String ofSmall;

    private static Outcome run(boolean vectorModule, String flags, String... arguments) {
        String module = vectorModule ? "--add-modules jdk.incubator.vector " : "";
        return ChildJvm.run((module + flags).strip(), SameBitsMain.class, arguments);
    }

    @BeforeAll
    static void oneThreadWithTheDefaultVectors() {
        String[] lines =
                run(true, "-Dnn.kernels=vector -Dnn.threads=1").output().strip().split("\n");
        String[] words = lines[lines.length - 1].strip().split(" ");
        assertThat(words).hasSize(3).doesNotHaveDuplicates();
        ofSmall = words[1];
        expected = words[1] + " " + words[2];
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dnn.threads=2",
                "-Dnn.kernels=vector -Dnn.threads=3",
                "-Dnn.kernels=vector -XX:UseAVX=2",
                "-Dnn.kernels=vector -XX:MaxVectorSize=16"
            })
    void vectorWidthAndThreadsChangeNoBit(String flags) {
        Outcome outcome = run(true, "-XX:+IgnoreUnrecognizedVMOptions " + flags);
        assertThat(outcome.output()).contains(expected).doesNotContain("fused multiply-add");
        assertThat(outcome.exit()).isZero();
    }

    @Test
    void scalarCodeGivesTheSameBits() {
        assertThat(run(true, "-Dnn.kernels=scalar", "few").output()).contains("ScalarKernels " + expected);
    }

    /** Its code is slow, so there are few repeats: it compiles after a hundredth of the usual number of calls. */
    @Test
    void theFirstCompilerAloneGivesTheSameBits() {
        String flags = "-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.01 -Dnn.kernels=vector";
        assertThat(run(true, flags, "few").output()).contains(expected).doesNotContain("fused multiply-add");
    }

    @Test
    void aJvmWithoutFusedMultiplyAddGivesTheSameBits() {
        assertThat(run(true, "-XX:-UseFMA", "small").output())
                .contains("ScalarKernels " + ofSmall)
                .contains("fused multiply-add");
    }

    @Test
    void theInterpreterGivesTheSameBits() {
        assertThat(run(true, "-Xint -Dnn.kernels=vector", "small").output())
                .contains(ofSmall)
                .doesNotContain("fused multiply-add");
    }

    @Test
    void aClassPathWithoutTheModuleRunsScalarKernelsAndSaysOnceWhichFlagIsMissing() {
        Outcome outcome = run(false, "");
        assertThat(outcome.exit()).isZero();
        assertThat(outcome.output()).contains("ScalarKernels " + expected);
        assertThat(outcome.output().split("--add-modules jdk.incubator.vector", -1))
                .hasSize(2);
    }
}
