package nn.tensor.internal.thread;

import static org.assertj.core.api.Assertions.assertThat;

import nn.tensor.internal.ChildJvm;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final String HEAP = " bytes; of the heap's 3\\d+, \\d+ are free(, but not in one piece)?"
            + " \\(Java heap space\\): release other tensors, make it smaller, or start Java with a larger -Xmx\\R";

    @Test
    void anAllocationThatDoesNotFitIsReportedWithNeededAndFreeBytes() {
        ChildJvm.Outcome outcome = ChildJvm.run(
                "-Xmx32m -XX:+UseSerialGC -Dnn.threads=1 -Dnn.kernels=scalar --add-modules jdk.incubator.vector",
                SmallHeapMain.class);
        assertThat(outcome.exit()).as(outcome.output()).isZero();
        for (String error : new String[] {
            "zeros: a tensor of shape \\[300 x 1000] needs 1200000",
            "copy: a copy of a tensor of shape \\[300 x 1000] needs 1200000",
            "toArray: a copy of a tensor of shape \\[300 x 1000] needs 1200000",
            "of: a copy of a tensor of shape \\[1000 x 300] needs 1200000",
            "transpose: a tensor of shape \\[1000 x 300] needs 1200000",
            "tanh: a tensor of shape \\[300 x 1000] needs 1200000",
            "matmul: a tensor of shape \\[1000 x 1000] needs 4000000",
            "argMaxRows: one index for each of 300000 rows needs 1200000",
            "permutation: a permutation of 300000 numbers needs 1200000",
            "qr: QR: a matrix of shape \\[1000 x 300] in double needs 2400000",
            "singular values: a matrix of shape \\[300 x 1000] in double needs 2400000",
            "orthogonal: random orthogonal: a matrix of shape \\[300 x 1000] needs 2816000"
        }) {
            assertThat(outcome.output()).containsPattern(error + HEAP);
        }
    }
}
