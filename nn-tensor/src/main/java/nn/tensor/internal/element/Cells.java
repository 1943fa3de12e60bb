package nn.tensor.internal.element;

import nn.tensor.internal.math.Fused;
import nn.tensor.internal.math.GateMath;

/**
 * The steps of recurrent cells, element by element: states from the gates' values, and gradients at the gates'
 * pre-activations from those at the states. {@link VectorCells} is the vector implementation: change one, change both.
 * A step of an LSTM computes its logistic functions and tanh itself, by {@link GateMath}; those of a GRU are computed
 * by their own kernels before and between.
 *
 * <p>States that pass from step to step, and their gradients, become +0 below {@link Elementwise#TINY}: they fade by a
 * factor at each step, and many processors take a hundred times as long for subnormal numbers.
 */
public final class Cells {
    private Cells() {}

    private static float orZero(float v) {
        return Math.abs(v) < Elementwise.TINY ? 0f : v; // NaN stays
    }

    /** {@code Kernels.lstmCell} for the columns from a given one on. */
    public static void lstmCell(
            int from, CellStep s, float[] gates, float[] before, float[] cells, float[] tanh, float[] after) {
        int n = s.n;
        for (int r = 0; r < s.rows; r++) {
            for (int j = from; j < n; j++) {
                int i = s.gates + 4 * r * n + j;
                int at = r * n + j;
                float input = GateMath.logistic(gates[i]);
                float forget = GateMath.logistic(gates[i + n]);
                float candidate = GateMath.tanh(gates[i + 2 * n]);
                float output = GateMath.logistic(gates[i + 3 * n]);
                gates[i] = input;
                gates[i + n] = forget;
                gates[i + 2 * n] = candidate;
                gates[i + 3 * n] = output;
                float cell = orZero(Fused.fma(forget, before[s.before + at], input * candidate));
                float squashed = GateMath.tanh(cell);
                cells[s.cells + at] = cell;
                tanh[s.tanh + at] = squashed;
                after[s.after + at] = orZero(output * squashed);
            }
        }
    }

    /** {@code Kernels.lstmGrad} for the columns from a given one on. */
    public static void lstmGrad(
            int from, CellStep s, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        int n = s.n;
        for (int r = 0; r < s.rows; r++) {
            for (int j = from; j < n; j++) {
                int i = s.gates + 4 * r * n + j;
                int at = r * n + j;
                float input = gates[i];
                float forget = gates[i + n];
                float candidate = gates[i + 2 * n];
                float output = gates[i + 3 * n];
                float squashed = tanh[s.tanh + at];
                float d = orZero(dh[s.dh + at]) + dy[s.dy + at];
                float dCell = dc[s.dc + at] + d * output * tanhSlope(squashed);
                gates[i] = sigmoidGrad(input, dCell * candidate);
                gates[i + n] = sigmoidGrad(forget, dCell * before[s.before + at]);
                gates[i + 2 * n] = dCell * input * tanhSlope(candidate);
                gates[i + 3 * n] = sigmoidGrad(output, d * squashed);
                dc[s.dc + at] = orZero(dCell * forget);
            }
        }
    }

    /** {@code Kernels.gruCandidate} for the columns from a given one on. */
    public static void gruCandidate(int from, CellStep s, float[] gates, float[] recurrent, float[] candidate) {
        int n = s.n;
        for (int r = 0; r < s.rows; r++) {
            for (int j = from; j < n; j++) {
                int at = r * n + j;
                candidate[s.candidate + at] += gates[s.gates + 2 * r * n + j] * recurrent[s.recurrent + at];
            }
        }
    }

    /** {@code Kernels.gruOutput} for the columns from a given one on. */
    public static void gruOutput(
            int from, CellStep s, float[] gates, float[] candidate, float[] before, float[] after) {
        int n = s.n;
        for (int r = 0; r < s.rows; r++) {
            for (int j = from; j < n; j++) {
                int at = r * n + j;
                float next = candidate[s.candidate + at];
                float change = (before[s.before + at] - next) * gates[s.gates + 2 * r * n + n + j];
                after[s.after + at] = orZero(next + change);
            }
        }
    }

    /** {@code Kernels.gruGrad} for the columns from a given one on. */
    public static void gruGrad(
            int from,
            CellStep s,
            float[] gates,
            float[] candidate,
            float[] recurrent,
            float[] before,
            float[] dy,
            float[] dh) {
        int n = s.n;
        for (int r = 0; r < s.rows; r++) {
            for (int j = from; j < n; j++) {
                int i = s.gates + 2 * r * n + j;
                int at = r * n + j;
                float reset = gates[i];
                float update = gates[i + n];
                float next = candidate[s.candidate + at];
                float d = orZero(dh[s.dh + at]) + dy[s.dy + at];
                float kept = d * update;
                float dNext = (d - kept) * tanhSlope(next);
                gates[i] = sigmoidGrad(reset, dNext * recurrent[s.recurrent + at]);
                gates[i + n] = sigmoidGrad(update, (before[s.before + at] - next) * d);
                candidate[s.candidate + at] = dNext;
                recurrent[s.recurrent + at] = dNext * reset;
                dh[s.dh + at] = kept;
            }
        }
    }

    /** {@code Kernels.linearCell} for the columns from a given one on. */
    public static void linearCell(
            int from, int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
        for (int r = 0; r < rows; r++) {
            int b = bo + 2 * r * n;
            int at = ho + 2 * r * n;
            for (int j = from; j < n; j++) {
                float real = lambda[lo + j];
                float imaginary = lambda[lo + n + j];
                float x = before[b + j];
                float y = before[b + n + j];
                h[at + j] = orZero(Fused.fma(0f - imaginary, y, Fused.fma(real, x, h[at + j])));
                h[at + n + j] = orZero(Fused.fma(imaginary, x, Fused.fma(real, y, h[at + n + j])));
            }
        }
    }

    /** The derivative of tanh from its value. */
    private static float tanhSlope(float y) {
        return Fused.fma(0f - y, y, 1f);
    }

    /** d y (1 - y), where y is the value of the logistic function. */
    private static float sigmoidGrad(float y, float d) {
        float dy = d * y;
        return dy - dy * y;
    }
}
