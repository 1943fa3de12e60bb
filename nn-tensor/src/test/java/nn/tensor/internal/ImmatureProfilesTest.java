package nn.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C2 compiles what calls a loop on vectors, and the loop with it, before the loop itself has a mature profile. That
 * happens by chance where C2's queue is long. Here flags make it certain: the loops need a multiple of the usual calls.
 */
@Tag("slow")
class ImmatureProfilesTest {
    private static final String LATE = " -XX:CompileCommand=CompileThresholdScaling,nn.tensor.internal.";

    @Test
    void aLoopMakesNoObjectsThoughItIsCompiledBeforeItsProfileIsMature() {
        String flags = "--add-modules jdk.incubator.vector -XX:CompileCommand=quiet" + LATE
                + "element.VectorFunctions::*,20.0" + LATE + "row.VectorRows::*OfLanes,20.0";
        String output = ChildJvm.run(flags, ImmatureProfilesMain.class, "EXP", "ROW_SUM")
                .output();
        assertThat(output).contains("EXP 0 bytes", "ROW_SUM 0 bytes");
    }
}
