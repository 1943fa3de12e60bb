package nn.tensor.internal;

/**
 * The steps of recurrent cells, element by element: states from the gates' values, and gradients at the gates'
 * pre-activations from those at the states. {@link VectorCells} is the vector implementation: change one, change both.
 * Logistic functions and tanh are computed by their own kernels before: C2 would not inline a second such function into
 * a loop.
 *
 * <p>States that pass from step to step, and their gradients, become +0 below {@link TinyRows#TINY}: they fade by a
 * factor at each step, and many processors take a hundred times as long for subnormal numbers.
 */
final class Cells {
    private Cells() {}

    private static float orZero(float v) {
        return Math.abs(v) < TinyRows.TINY ? 0f : v; // NaN stays
    }

    /** {@link Kernels#lstmCell} for the columns from a given one on. */
    static void lstmCell(int from, int rows, int n, float[] v, int vo, float[] before, int bo, float[] c, int co) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 4 * r * n + j;
                int at = r * n + j;
                c[co + at] = orZero(v[i + n] * before[bo + at] + v[i] * v[i + 2 * n]);
            }
        }
    }

    /** {@link Kernels#lstmOutput} for the columns from a given one on. */
    static void lstmOutput(int from, int rows, int n, float[] v, int vo, float[] tanh, int to, float[] h, int ho) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 4 * r * n + j;
                int at = r * n + j;
                h[ho + at] = orZero(v[i + 3 * n] * tanh[to + at]);
            }
        }
    }

    /** {@link Kernels#lstmGrad} for the columns from a given one on. */
    static void lstmGrad(
            int from,
            int rows,
            int n,
            float[] v,
            int vo,
            float[] before,
            int bo,
            float[] tanh,
            int to,
            float[] dy,
            int dyo,
            float[] dh,
            int dho,
            float[] dc,
            int dco) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 4 * r * n + j;
                int at = r * n + j;
                float input = v[i];
                float forget = v[i + n];
                float candidate = v[i + 2 * n];
                float output = v[i + 3 * n];
                float squashed = tanh[to + at];
                float d = orZero(dh[dho + at]) + dy[dyo + at];
                float dCell = dc[dco + at] + d * output * tanhSlope(squashed);
                v[i] = sigmoidGrad(input, dCell * candidate);
                v[i + n] = sigmoidGrad(forget, dCell * before[bo + at]);
                v[i + 2 * n] = dCell * input * tanhSlope(candidate);
                v[i + 3 * n] = sigmoidGrad(output, d * squashed);
                dc[dco + at] = orZero(dCell * forget);
            }
        }
    }

    /** {@link Kernels#gruCandidate} for the columns from a given one on. */
    static void gruCandidate(int from, int rows, int n, float[] v, int vo, float[] q, int qo, float[] z, int zo) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 2 * r * n + j;
                int at = r * n + j;
                z[zo + at] = z[zo + at] + v[i] * q[qo + at];
            }
        }
    }

    /** {@link Kernels#gruOutput} for the columns from a given one on. */
    static void gruOutput(
            int from,
            int rows,
            int n,
            float[] v,
            int vo,
            float[] candidate,
            int co,
            float[] before,
            int bo,
            float[] h,
            int ho) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 2 * r * n + j;
                int at = r * n + j;
                float next = candidate[co + at];
                h[ho + at] = orZero(next + (before[bo + at] - next) * v[i + n]);
            }
        }
    }

    /** {@link Kernels#gruGrad} for the columns from a given one on. */
    static void gruGrad(
            int from,
            int rows,
            int n,
            float[] v,
            int vo,
            float[] candidate,
            int co,
            float[] q,
            int qo,
            float[] before,
            int bo,
            float[] dy,
            int dyo,
            float[] dh,
            int dho) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int i = vo + 2 * r * n + j;
                int at = r * n + j;
                float reset = v[i];
                float update = v[i + n];
                float next = candidate[co + at];
                float d = orZero(dh[dho + at]) + dy[dyo + at];
                float kept = d * update;
                float dNext = (d - kept) * tanhSlope(next);
                v[i] = sigmoidGrad(reset, dNext * q[qo + at]);
                v[i + n] = sigmoidGrad(update, (before[bo + at] - next) * d);
                candidate[co + at] = dNext;
                q[qo + at] = dNext * reset;
                dh[dho + at] = kept;
            }
        }
    }

    /** {@link Kernels#linearCell} for the columns from a given one on. */
    static void linearCell(
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
