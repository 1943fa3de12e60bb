package nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import nn.train.checkpoint.Child;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Counts the bytes that a steady step allocates, in a JVM that only interprets: no object is optimized away, so the
 * numbers depend on the code alone. Compiled code allocates at most as much.
 */
class SteadyStepTest {
    private static final Map<String, Long> BYTES = new LinkedHashMap<>();
    private static long report;

    /** StrictMath.pow makes up to three arrays of two doubles. */
    private static final int POWER = 3 * 32;

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
            "weights of positive targets",
            "focal loss",
            "focal loss of classes",
            "weights of classes",
            "distillation",
            "Kullback-Leibler divergence",
            "a tiny epsilon",
            "pooling over time",
            "largest over time",
            "states of recurrent layers",
            "stacks and both directions",
            "a custom layer",
            "custom nonlinearities",
            "a custom optimizer",
            "lion, and muon for weights",
            "a chain of transforms",
            "a graph",
            "a graph with frozen layers",
            "convolutions of images",
            "convolutions of sequences"
        }) {
            assertThat(BYTES.get(name)).as(name).isEqualTo(report);
        }
    }

    @Test
    void shardsAllocateOnlyTheKeyOfTheirStep() {
        for (String name : new String[] {"shards", "shards of residual blocks"}) {
            // the key, and the block that it comes from
            assertThat(BYTES.get(name)).as(name).isBetween(report, report + 32 + 32);
        }
    }

    @Test
    void averagingAllocatesOnlyWhatOnePowerNeeds() {
        assertThat(BYTES.get("averaging")).isBetween(report, report + POWER);
    }

    @ParameterizedTest
    @CsvSource({"adam, 2", "nadam, 4", "radam, 2", "adafactor, 1"})
    void aStepAllocatesOnlyWhatItsPowersNeed(String optimizer, int powers) {
        int parameters = 4;
        assertThat(BYTES.get(optimizer)).isBetween(report, report + parameters * powers * POWER);
    }

    @Test
    void dropoutAllocatesOnlyTheKeysOfItsStep() {
        // three keys, the blocks they come from, and a block to draw from
        assertThat(BYTES.get("dropout")).isBetween(report, report + 3 * (32 + 32) + 32);
    }

    /** Arrays would make steps slow until the process has used as much memory as the heap's young generation has. */
    @ParameterizedTest
    @ValueSource(strings = {"weights of rows", "a mask of rows"})
    void aLossOfSomeRowsAllocatesViewsAndShapesButNoArrays(String loss) {
        assertThat(BYTES.get(loss + " of 300")).isEqualTo(BYTES.get(loss + " of 3"));
    }

    @Test
    void alternatingBatchShapesAllocateViewsAndShapesButNoTensorMemory() {
        // At each of two steps: views of 6 tensors, the shapes of 6 outputs, an object and an array each, and what the
        // kernel of the loss takes for 2 of these views.
        assertThat(BYTES.get("two shapes")).isBetween(2 * report, 2 * (report + 6 * 32 + 6 * (16 + 24) + 2 * 32));
    }
}
