package nn.tensor.internal;

/**
 * One time step of recurrent cells, element by element: from the gates' values to the states, and from the gradients at
 * the states to those at the gates' pre-activations. {@link VectorCells} is the vector implementation: change one,
 * change both.
 *
 * <p>States that pass from step to step, and their gradients, become +0 below {@link #TINY}: they fade by a factor at
 * each step, and many processors take a hundred times as long for subnormal numbers.
 */
final class Cells {
    /** Smaller magnitudes become zero. Products of this and a weight of 2^-26 and more are normal numbers. */
    static final float TINY = 0x1p-100f;

    private Cells() {}

    private static float orZero(float v) {
        return Math.abs(v) < TINY ? 0f : v; // NaN stays
    }

    /** {@link Kernels#lstm} for the columns from a given one on. */
    static void lstm(
            int from,
            int rows,
            int n,
            float[] v,
            int vo,
            float[] before,
            int bo,
            float[] c,
            int co,
            float[] h,
            int ho) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int at = r * n + j;
                int input = vo + 4 * r * n + j;
                float forget = v[input + n];
                float candidate = v[input + 2 * n];
                float output = v[input + 3 * n];
                float cell = orZero(forget * before[bo + at] + v[input] * candidate);
                c[co + at] = cell;
                h[ho + at] = orZero(output * ScalarMath.tanh(cell));
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
            float[] c,
            int co,
            float[] dy,
            int dyo,
            float[] dh,
            int dho,
            float[] dc,
            int dco) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int at = r * n + j;
                int i = vo + 4 * r * n + j;
                float input = v[i];
                float forget = v[i + n];
                float candidate = v[i + 2 * n];
                float output = v[i + 3 * n];
                float tanh = ScalarMath.tanh(c[co + at]);
                float d = orZero(dh[dho + at]) + dy[dyo + at];
                float dCell = dc[dco + at] + d * output * tanhSlope(tanh);
                v[i] = sigmoidGrad(input, dCell * candidate);
                v[i + n] = sigmoidGrad(forget, dCell * before[bo + at]);
                v[i + 2 * n] = dCell * input * tanhSlope(candidate);
                v[i + 3 * n] = sigmoidGrad(output, d * tanh);
                dc[dco + at] = orZero(dCell * forget);
            }
        }
    }

    /** {@link Kernels#gru} for the columns from a given one on. */
    static void gru(
            int from,
            int rows,
            int n,
            float[] v,
            int vo,
            float[] z,
            int zo,
            float[] q,
            int qo,
            float[] before,
            int bo,
            float[] h,
            int ho) {
        for (int r = 0; r < rows; r++) {
            for (int j = from; j < n; j++) {
                int at = r * n + j;
                int i = vo + 2 * r * n + j;
                float candidate = ScalarMath.tanh(z[zo + at] + v[i] * q[qo + at]);
                z[zo + at] = candidate;
                h[ho + at] = orZero(candidate + (before[bo + at] - candidate) * v[i + n]);
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
            float[] z,
            int zo,
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
                int at = r * n + j;
                int i = vo + 2 * r * n + j;
                float reset = v[i];
                float update = v[i + n];
                float candidate = z[zo + at];
                float d = orZero(dh[dho + at]) + dy[dyo + at];
                float kept = d * update;
                float dCandidate = (d - kept) * tanhSlope(candidate);
                v[i] = sigmoidGrad(reset, dCandidate * q[qo + at]);
                v[i + n] = sigmoidGrad(update, (before[bo + at] - candidate) * d);
                z[zo + at] = dCandidate;
                q[qo + at] = dCandidate * reset;
                dh[dho + at] = kept;
            }
        }
    }

    /** The derivative of tanh from its value. */
    private static float tanhSlope(float y) {
        return Math.fma(0f - y, y, 1f);
    }

    /** d y (1 - y), where y is the value of the logistic function. */
    private static float sigmoidGrad(float y, float d) {
        float dy = d * y;
        return dy - dy * y;
    }
}
