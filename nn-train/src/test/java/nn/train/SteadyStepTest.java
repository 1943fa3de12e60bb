package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import nn.train.checkpoint.Child;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Counts the bytes that a steady step allocates, in a JVM that only interprets: no object is optimized away, so the
 * numbers depend on the code alone. Compiled code allocates at most as much.
 */
class SteadyStepTest {
    private static final Map<String, Long> BYTES = new LinkedHashMap<>();
    private static long report;

    @BeforeAll
    static void count() throws Exception {
        try (Child child = Child.run("-Xint", SteadySteps.class)) {
            report = child.number();
            for (String name : SteadySteps.tasks().keySet()) {
                BYTES.put(name, child.number());
            }
        }
        assertThat(report).isBetween(40L, 64L); // three doubles, a long, an int and a header
    }

    @Test
    void aSteadyStepAllocatesOnlyItsReport() {
        for (String name : new String[] {
            "2-8-1",
            "every activation",
            "activations of many elements",
            "norms and residuals",
            "attention",
            "texts",
            "labels",
            "binary targets",
            "a tiny epsilon",
            "pooling over time",
            "largest over time",
            "states of recurrent layers",
            "stacks and both directions",
            "a custom layer",
            "custom nonlinearities",
            "a custom optimizer",
            "a graph",
            "a graph with frozen layers",
            "convolutions of images",
            "convolutions of sequences"
        }) {
            assertThat(BYTES.get(name)).as(name).isEqualTo(report);
        }
    }

    @Test
    void adamAllocatesOnlyWhatPowersOfItsTwoBetasNeed() {
        // StrictMath.pow makes up to three arrays of two doubles; four parameters, two powers each
        assertThat(BYTES.get("adam")).isBetween(report, report + 4 * 2 * 3 * 32);
    }

    @Test
    void dropoutAllocatesOnlyTheKeysOfItsStep() {
        // three keys, the blocks they come from, and a block to draw from
        assertThat(BYTES.get("dropout")).isBetween(report, report + 3 * (32 + 32) + 32);
    }

    @Test
    void alternatingBatchShapesAllocateViewsAndShapesButNoTensorMemory() {
        // At each of two steps: views of 6 tensors, and the shapes of 6 outputs, an object and an array each.
        assertThat(BYTES.get("two shapes")).isBetween(2 * report, 2 * (report + 6 * 32 + 6 * (16 + 24)));
    }
}
