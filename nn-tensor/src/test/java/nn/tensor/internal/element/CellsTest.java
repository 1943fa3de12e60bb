package nn.tensor.internal.element;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.ScalarKernels;
import nn.tensor.internal.VectorKernels;
import nn.tensor.internal.random.ScalarRandom;
import org.junit.jupiter.api.Test;

/** Both implementations of a step of a recurrent cell, against each other to the bit. */
class CellsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();
    private static final int MARGIN = 5;
    private static final float[] SPECIAL = {
        0f,
        -0f,
        Elementwise.TINY,
        -Elementwise.TINY,
        Math.nextDown(Elementwise.TINY),
        -Math.nextDown(Elementwise.TINY),
        Float.MIN_VALUE,
        Float.MAX_VALUE,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    /** A kernel on the gates' numbers v and up to five others, each with a margin of its own. */
    private interface Step {
        void run(Kernels k, CellStep step, float[] v, float[][] x);
    }

    private static final Map<String, Step> STEPS = new LinkedHashMap<>();

    static {
        put("lstmCell", (k, s, v, x) -> k.lstmCell(s.before(1).after(2), v, x[0], x[1]));
        put("lstmCell in place", (k, s, v, x) -> k.lstmCell(s.before(1).after(1), v, x[0], x[0]));
        put("lstmOutput", (k, s, v, x) -> k.lstmOutput(s.tanh(1).after(2), v, x[0], x[1]));
        put("lstmOutput in place", (k, s, v, x) -> k.lstmOutput(s.tanh(1).after(1), v, x[0], x[0]));
        put(
                "lstmGrad",
                (k, s, v, x) -> k.lstmGrad(s.before(1).tanh(2).dy(4).dh(5).dc(3), v, x[0], x[1], x[2], x[3], x[4]));
        put("gruCandidate", (k, s, v, x) -> k.gruCandidate(s.recurrent(1).candidate(2), v, x[0], x[1]));
        put("linearCell", (k, s, v, x) -> k.linearCell(s.rows, s.n, v, 1, v, 2, v, 3 + 2 * s.rows * s.n));
        put("gruOutput", (k, s, v, x) -> k.gruOutput(s.candidate(1).before(2).after(4), v, x[0], x[1], x[2]));
        put(
                "gruGrad",
                (k, s, v, x) ->
                        k.gruGrad(s.candidate(1).recurrent(2).before(4).dy(5).dh(3), v, x[0], x[1], x[2], x[3], x[4]));
    }

    private static void put(String name, Step step) {
        STEPS.put(name, step);
    }

    private static float[] mixed(long seed, int n) {
        float[] values = new float[n + 2 * MARGIN];
        ScalarRandom.normal(0, seed, 0, values, 0, values.length);
        for (int i = (int) seed; i < values.length; i += 7) {
            values[i] = SPECIAL[(i / 7 + (int) seed) % SPECIAL.length];
        }
        return values;
    }

    private static float[][] others(int n) {
        return IntStream.range(0, 5).mapToObj(i -> mixed(i + 1, n)).toArray(float[][]::new);
    }

    /** Bits, with one NaN for all: which of two NaN operands survives is not defined. */
    private static int[] bits(float[] values) {
        return IntStream.range(0, values.length)
                .map(i -> Float.floatToIntBits(values[i]))
                .toArray();
    }

    @Test
    void scalarAndVectorAgreeForAllSizesAndWriteNothingElse() {
        int[] units = IntStream.concat(IntStream.rangeClosed(0, 50), IntStream.of(63, 64, 65, 128, 130))
                .toArray();
        for (int rows : new int[] {0, 1, 3}) {
            for (int n : units) {
                STEPS.forEach((name, step) -> {
                    float[] v = mixed(6, 4 * rows * n);
                    float[] w = v.clone();
                    float[][] x = others(rows * n);
                    float[][] y = others(rows * n);
                    step.run(SCALAR, CellStep.of(rows, n).gates(3), v, x);
                    step.run(VECTOR, CellStep.of(rows, n).gates(3), w, y);
                    String what = name + " of " + rows + " rows of " + n;
                    assertThat(bits(w)).as(what).isEqualTo(bits(v));
                    float[][] before = others(rows * n);
                    for (int i = 0; i < x.length; i++) {
                        assertThat(bits(y[i])).as(what).isEqualTo(bits(x[i]));
                        assertThat(bits(x[i])[0]).as(what).isEqualTo(bits(before[i])[0]);
                        int behind = x[i].length - MARGIN;
                        assertThat(Arrays.copyOfRange(bits(x[i]), behind + 4, behind + 5))
                                .as(what)
                                .isEqualTo(Arrays.copyOfRange(bits(before[i]), behind + 4, behind + 5));
                    }
                });
            }
        }
    }
}
