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
import org.junit.jupiter.api.Tag;
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
        put("lstmCell", (k, s, v, x) -> k.lstmCell(s.before(1).cells(2).tanh(4).after(3), v, x[0], x[1], x[2], x[3]));
        put(
                "lstmCell in place",
                (k, s, v, x) -> k.lstmCell(s.before(1).cells(1).tanh(2).after(2), v, x[0], x[0], x[1], x[1]));
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

    /** Bounds in ulp. */
    private static final double LOGISTIC_ULPS = 2.5;

    private static final double TANH_ULPS = 2.6;

    /** Below, logistic is 0 where it would be subnormal. */
    private static final float CLOSED = -87.33f;

    /** Some floats of each magnitude and sign, among them those at which a clamp or a power of two changes. */
    private static float[] floats() {
        int infinity = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
        int stride = 4001;
        int each = infinity / stride + 1;
        float[] x = new float[2 * each + 2 * 178 * 401];
        for (int i = 0; i < each; i++) {
            x[2 * i] = Float.intBitsToFloat(i * stride);
            x[2 * i + 1] = -x[2 * i];
        }
        int at = 2 * each;
        for (int half = 1; half <= 178; half++) {
            int middle = Float.floatToRawIntBits((float) (half * Math.log(2) / 2));
            for (int d = -200; d <= 200; d++) {
                x[at++] = Float.intBitsToFloat(middle + d);
                x[at++] = -x[at - 2];
            }
        }
        return x;
    }

    private static void assertWithin(double ulps, String function, float x, float y, double exact) {
        double error = Math.abs(y - exact) / Math.ulp((float) exact);
        if (!(error <= ulps)) {
            assertThat((double) y)
                    .as("%s of %s, with an error of %s ulp", function, x, error)
                    .isEqualTo(exact);
        }
    }

    @Tag("slow")
    @Test
    void theFunctionsOfTheGatesAreWithinTheStatedUlps() {
        float[] x = floats();
        int n = x.length;
        float[] gates = new float[4 * n];
        System.arraycopy(x, 0, gates, 0, n);
        Arrays.fill(gates, n, 2 * n, 100f); // open: the cell is the one before
        System.arraycopy(x, 0, gates, 3 * n, n);
        float[] tanh = new float[n];
        VECTOR.lstmCell(CellStep.of(1, n).gates(0), gates, x, new float[n], tanh, new float[n]);
        for (int i = 0; i < n; i++) {
            if (x[i] >= CLOSED) {
                double exact = 1 / (1 + StrictMath.exp(-x[i]));
                assertWithin(LOGISTIC_ULPS, "logistic", x[i], gates[i], exact);
                assertWithin(LOGISTIC_ULPS, "logistic", x[i], gates[3 * n + i], exact);
            } else {
                assertThat(gates[i]).isBetween(0f, 0x1.01p-126f);
            }
            if (Math.abs(x[i]) >= Elementwise.TINY) {
                assertWithin(TANH_ULPS, "tanh of the cell", x[i], tanh[i], StrictMath.tanh(x[i]));
            }
        }
        gates = new float[4 * n];
        System.arraycopy(x, 0, gates, 2 * n, n);
        VECTOR.lstmCell(CellStep.of(1, n).gates(0), gates, tanh, new float[n], new float[n], new float[n]);
        for (int i = 0; i < n; i++) {
            assertWithin(TANH_ULPS, "tanh", x[i], gates[2 * n + i], StrictMath.tanh(x[i]));
        }
    }

    @Test
    void theGatesOfAnLstmHaveExactLimits() {
        float infinity = Float.POSITIVE_INFINITY;
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
            for (int n : new int[] {1, 64}) {
                float[] gates = new float[4 * n];
                float[] cells = new float[n];
                float[] after = new float[n];
                Arrays.fill(gates, 0, n, infinity);
                Arrays.fill(gates, n, 2 * n, -infinity);
                Arrays.fill(gates, 2 * n, 3 * n, -infinity);
                Arrays.fill(gates, 3 * n, 4 * n, -1e9f);
                kernels.lstmCell(CellStep.of(1, n), gates, new float[n], cells, new float[n], after);
                assertThat(Arrays.copyOf(gates, n)).containsOnly(1f);
                assertThat(Arrays.copyOfRange(gates, n, 2 * n)).containsOnly(0f);
                assertThat(Arrays.copyOfRange(gates, 2 * n, 3 * n)).containsOnly(-1f);
                assertThat(Arrays.copyOfRange(gates, 3 * n, 4 * n)).containsOnly(0f);
                assertThat(cells).containsOnly(-1f);
                assertThat(after).containsOnly(0f);
            }
        }
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
