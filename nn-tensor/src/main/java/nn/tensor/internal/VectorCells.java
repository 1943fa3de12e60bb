package nn.tensor.internal;

import static nn.tensor.internal.TinyRows.TINY;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Cells} in full vectors, with the same bits; the last columns of rows in scalar code. */
final class VectorCells {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorCells() {}

    private static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    private static FloatVector orZero(FloatVector v) {
        return v.blend(0f, v.abs().compare(VectorOperators.LT, TINY));
    }

    static void lstmCell(int rows, int n, float[] v, int vo, float[] before, int bo, float[] c, int co) {
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 4 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector kept = load(v, i + n + j).mul(load(before, bo + at + j));
                FloatVector cell = kept.add(load(v, i + j).mul(load(v, i + 2 * n + j)));
                orZero(cell).intoArray(c, co + at + j);
            }
        }
        if (full < n) {
            Cells.lstmCell(full, rows, n, v, vo, before, bo, c, co);
        }
    }

    static void lstmOutput(int rows, int n, float[] v, int vo, float[] tanh, int to, float[] h, int ho) {
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 4 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                orZero(load(v, i + 3 * n + j).mul(load(tanh, to + at + j))).intoArray(h, ho + at + j);
            }
        }
        if (full < n) {
            Cells.lstmOutput(full, rows, n, v, vo, tanh, to, h, ho);
        }
    }

    static void lstmGrad(
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
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 4 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector input = load(v, i + j);
                FloatVector forget = load(v, i + n + j);
                FloatVector candidate = load(v, i + 2 * n + j);
                FloatVector output = load(v, i + 3 * n + j);
                FloatVector squashed = load(tanh, to + at + j);
                FloatVector d = orZero(load(dh, dho + at + j)).add(load(dy, dyo + at + j));
                FloatVector dCell = load(dc, dco + at + j).add(d.mul(output).mul(tanhSlope(squashed)));
                sigmoidGrad(input, dCell.mul(candidate)).intoArray(v, i + j);
                sigmoidGrad(forget, dCell.mul(load(before, bo + at + j))).intoArray(v, i + n + j);
                dCell.mul(input).mul(tanhSlope(candidate)).intoArray(v, i + 2 * n + j);
                sigmoidGrad(output, d.mul(squashed)).intoArray(v, i + 3 * n + j);
                orZero(dCell.mul(forget)).intoArray(dc, dco + at + j);
            }
        }
        if (full < n) {
            Cells.lstmGrad(full, rows, n, v, vo, before, bo, tanh, to, dy, dyo, dh, dho, dc, dco);
        }
    }

    static void gruCandidate(int rows, int n, float[] v, int vo, float[] q, int qo, float[] z, int zo) {
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 2 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = load(v, i + j).mul(load(q, qo + at + j));
                load(z, zo + at + j).add(reset).intoArray(z, zo + at + j);
            }
        }
        if (full < n) {
            Cells.gruCandidate(full, rows, n, v, vo, q, qo, z, zo);
        }
    }

    static void gruOutput(
            int rows, int n, float[] v, int vo, float[] candidate, int co, float[] before, int bo, float[] h, int ho) {
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 2 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector next = load(candidate, co + at + j);
                FloatVector change = load(before, bo + at + j).sub(next).mul(load(v, i + n + j));
                orZero(next.add(change)).intoArray(h, ho + at + j);
            }
        }
        if (full < n) {
            Cells.gruOutput(full, rows, n, v, vo, candidate, co, before, bo, h, ho);
        }
    }

    static void gruGrad(
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
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < rows; r++) {
            int i = vo + 2 * r * n;
            int at = r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = load(v, i + j);
                FloatVector update = load(v, i + n + j);
                FloatVector next = load(candidate, co + at + j);
                FloatVector d = orZero(load(dh, dho + at + j)).add(load(dy, dyo + at + j));
                FloatVector kept = d.mul(update);
                FloatVector dNext = d.sub(kept).mul(tanhSlope(next));
                sigmoidGrad(reset, dNext.mul(load(q, qo + at + j))).intoArray(v, i + j);
                FloatVector change = load(before, bo + at + j).sub(next);
                sigmoidGrad(update, change.mul(d)).intoArray(v, i + n + j);
                dNext.intoArray(candidate, co + at + j);
                dNext.mul(reset).intoArray(q, qo + at + j);
                kept.intoArray(dh, dho + at + j);
            }
        }
        if (full < n) {
            Cells.gruGrad(full, rows, n, v, vo, candidate, co, q, qo, before, bo, dy, dyo, dh, dho);
        }
    }

    static void linearCell(int rows, int n, float[] lambda, int lo, float[] before, int bo, float[] h, int ho) {
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
