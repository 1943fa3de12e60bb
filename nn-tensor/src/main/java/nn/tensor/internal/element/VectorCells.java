package nn.tensor.internal.element;

import static nn.tensor.internal.element.Elementwise.TINY;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Cells} in full vectors, with the same bits; the last columns of rows in scalar code. */
public final class VectorCells {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorCells() {}

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    private static FloatVector orZero(FloatVector v) {
        return v.blend(0f, v.abs().compare(VectorOperators.LT, TINY));
    }

    /** {@code Kernels.lstmCell}. */
    public static void lstmCell(CellStep s, float[] gates, float[] before, float[] after) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 4 * r * n;
            int b = s.before + r * n;
            int a = s.after + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector kept = load(gates, v + n + j).mul(load(before, b + j));
                FloatVector cell = kept.add(load(gates, v + j).mul(load(gates, v + 2 * n + j)));
                orZero(cell).intoArray(after, a + j);
            }
        }
        if (full < n) {
            Cells.lstmCell(full, s, gates, before, after);
        }
    }

    /** {@code Kernels.lstmOutput}. */
    public static void lstmOutput(CellStep s, float[] gates, float[] tanh, float[] after) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 4 * r * n + 3 * n;
            int t = s.tanh + r * n;
            int a = s.after + r * n;
            for (int j = 0; j < full; j += LANES) {
                orZero(load(gates, v + j).mul(load(tanh, t + j))).intoArray(after, a + j);
            }
        }
        if (full < n) {
            Cells.lstmOutput(full, s, gates, tanh, after);
        }
    }

    /** {@code Kernels.lstmGrad}. */
    public static void lstmGrad(
            CellStep s, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 4 * r * n;
            int b = s.before + r * n;
            int t = s.tanh + r * n;
            int y = s.dy + r * n;
            int h = s.dh + r * n;
            int c = s.dc + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector input = load(gates, v + j);
                FloatVector forget = load(gates, v + n + j);
                FloatVector candidate = load(gates, v + 2 * n + j);
                FloatVector output = load(gates, v + 3 * n + j);
                FloatVector squashed = load(tanh, t + j);
                FloatVector d = orZero(load(dh, h + j)).add(load(dy, y + j));
                FloatVector dCell = load(dc, c + j).add(d.mul(output).mul(tanhSlope(squashed)));
                sigmoidGrad(input, dCell.mul(candidate)).intoArray(gates, v + j);
                sigmoidGrad(forget, dCell.mul(load(before, b + j))).intoArray(gates, v + n + j);
                dCell.mul(input).mul(tanhSlope(candidate)).intoArray(gates, v + 2 * n + j);
                sigmoidGrad(output, d.mul(squashed)).intoArray(gates, v + 3 * n + j);
                orZero(dCell.mul(forget)).intoArray(dc, c + j);
            }
        }
        if (full < n) {
            Cells.lstmGrad(full, s, gates, before, tanh, dy, dh, dc);
        }
    }

    /** {@code Kernels.gruCandidate}. */
    public static void gruCandidate(CellStep s, float[] gates, float[] recurrent, float[] candidate) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n;
            int q = s.recurrent + r * n;
            int z = s.candidate + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = load(gates, v + j).mul(load(recurrent, q + j));
                load(candidate, z + j).add(reset).intoArray(candidate, z + j);
            }
        }
        if (full < n) {
            Cells.gruCandidate(full, s, gates, recurrent, candidate);
        }
    }

    /** {@code Kernels.gruOutput}. */
    public static void gruOutput(CellStep s, float[] gates, float[] candidate, float[] before, float[] after) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n + n;
            int z = s.candidate + r * n;
            int b = s.before + r * n;
            int a = s.after + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector next = load(candidate, z + j);
                FloatVector change = load(before, b + j).sub(next).mul(load(gates, v + j));
                orZero(next.add(change)).intoArray(after, a + j);
            }
        }
        if (full < n) {
            Cells.gruOutput(full, s, gates, candidate, before, after);
        }
    }

    /** {@code Kernels.gruGrad}. */
    public static void gruGrad(
            CellStep s, float[] gates, float[] candidate, float[] recurrent, float[] before, float[] dy, float[] dh) {
        int n = s.n;
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n;
            int z = s.candidate + r * n;
            int q = s.recurrent + r * n;
            int b = s.before + r * n;
            int y = s.dy + r * n;
            int h = s.dh + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = load(gates, v + j);
                FloatVector update = load(gates, v + n + j);
                FloatVector next = load(candidate, z + j);
                FloatVector d = orZero(load(dh, h + j)).add(load(dy, y + j));
                FloatVector kept = d.mul(update);
                FloatVector dNext = d.sub(kept).mul(tanhSlope(next));
                sigmoidGrad(reset, dNext.mul(load(recurrent, q + j))).intoArray(gates, v + j);
                FloatVector change = load(before, b + j).sub(next);
                sigmoidGrad(update, change.mul(d)).intoArray(gates, v + n + j);
                dNext.intoArray(candidate, z + j);
                dNext.mul(reset).intoArray(recurrent, q + j);
                kept.intoArray(dh, h + j);
            }
        }
        if (full < n) {
            Cells.gruGrad(full, s, gates, candidate, recurrent, before, dy, dh);
        }
    }

    /** {@code Kernels.linearCell}. */
    public static void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int r = 0; r < rows; r++) {
            int b = bo + 2 * r * n;
            int at = ho + 2 * r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector real = load(lambda, lo + j);
                FloatVector imaginary = load(lambda, lo + n + j);
                FloatVector x = load(before, b + j);
                FloatVector y = load(before, b + n + j);
                FloatVector first = real.fma(x, load(h, at + j));
                FloatVector second = real.fma(y, load(h, at + n + j));
                orZero(zero.sub(imaginary).fma(y, first)).intoArray(h, at + j);
                orZero(imaginary.fma(x, second)).intoArray(h, at + n + j);
            }
        }
        if (full < n) {
            Cells.linearCell(full, rows, n, lambda, lo, before, bo, h, ho);
        }
    }

    private static FloatVector tanhSlope(FloatVector y) {
        return FloatVector.zero(SPECIES).sub(y).fma(y, FloatVector.broadcast(SPECIES, 1f));
    }

    private static FloatVector sigmoidGrad(FloatVector y, FloatVector d) {
        FloatVector dy = d.mul(y);
        return dy.sub(dy.mul(y));
    }
}
