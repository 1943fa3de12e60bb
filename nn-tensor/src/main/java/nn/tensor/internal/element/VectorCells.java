package nn.tensor.internal.element;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static nn.tensor.internal.element.Elementwise.TINY;
import static nn.tensor.internal.math.GateMath.*;
import static nn.tensor.internal.math.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Cells} in full vectors, with the same bits; the last columns of rows in scalar code. */
public final class VectorCells {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorCells() {}

    /**
     * {@code Kernels.lstmCell}, in three loops for each row. In one loop, the steps from the gates to the output would
     * be a chain so long that a processor could not begin enough turns at once.
     */
    public static void lstmCell(CellStep s, float[] gates, float[] before, float[] cells, float[] tanh, float[] after) {
        int n = s.n;
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int row = 0; row < s.rows; row++) {
            int v = s.gates + 4 * row * n;
            int b = s.before + row * n;
            int c = s.cells + row * n;
            int h = s.tanh + row * n;
            int a = s.after + row * n;
            for (int gate = v; gate < v + 4 * n; gate += gate == v + n ? 2 * n : n) { // i, f and o
                for (int j = 0; j < full; j += LANES) {
                    FloatVector x = fromArray(SPECIES, gates, gate + j);
                    FloatVector m = x.blend(OPEN, x.compare(VectorOperators.GT, OPEN));
                    m = m.blend(CLOSED, x.compare(VectorOperators.LT, CLOSED));
                    FloatVector t = m.fma(broadcast(SPECIES, -LOG2_E), broadcast(SPECIES, POWER_ROUNDER));
                    FloatVector whole = t.sub(POWER_ROUNDER);
                    FloatVector r = whole.fma(broadcast(SPECIES, LN2_HIGH), m);
                    r = whole.fma(broadcast(SPECIES, LN2_LOW), r);
                    FloatVector p = r.fma(broadcast(SPECIES, E6), broadcast(SPECIES, -E5));
                    p = p.fma(r, broadcast(SPECIES, E4)).fma(r, broadcast(SPECIES, -E3));
                    p = p.fma(r, broadcast(SPECIES, E2)).fma(r, broadcast(SPECIES, -1f));
                    p = p.fma(r, broadcast(SPECIES, 1f));
                    IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
                    FloatVector sum = p.fma(power.reinterpretAsFloats(), broadcast(SPECIES, 1f));
                    broadcast(SPECIES, 1f).div(sum).intoArray(gates, gate + j);
                }
            }
            for (int j = 0; j < full; j += LANES) {
                FloatVector x = fromArray(SPECIES, gates, v + 2 * n + j);
                FloatVector m = x.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
                m = m.blend(TANH_HIGH, m.compare(VectorOperators.GT, TANH_HIGH));
                FloatVector t = m.fma(broadcast(SPECIES, 2f * LOG2_E), broadcast(SPECIES, DOUBLE_POWER_ROUNDER));
                FloatVector r = t.sub(DOUBLE_POWER_ROUNDER).fma(broadcast(SPECIES, -LN2 / 2), m);
                FloatVector p = r.fma(broadcast(SPECIES, 32f * D6), broadcast(SPECIES, 16f * D5));
                p = p.fma(r, broadcast(SPECIES, 8f * D4)).fma(r, broadcast(SPECIES, 4f * D3));
                p = p.fma(r, broadcast(SPECIES, 2f * D2)).mul(r).fma(r, r);
                IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
                FloatVector twice = power.reinterpretAsFloats();
                FloatVector e = p.fma(twice, twice.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -1f)));
                IntVector y = e.div(e.add(2f)).reinterpretAsInts();
                FloatVector candidate =
                        y.or(x.reinterpretAsInts().and(SIGN_BIT)).reinterpretAsFloats();
                candidate.intoArray(gates, v + 2 * n + j);
                FloatVector added = fromArray(SPECIES, gates, v + j).mul(candidate);
                FloatVector cell = fromArray(SPECIES, gates, v + n + j).fma(fromArray(SPECIES, before, b + j), added);
                cell.blend(0f, cell.abs().compare(VectorOperators.LT, TINY)).intoArray(cells, c + j);
            }
            for (int j = 0; j < full; j += LANES) {
                FloatVector x = fromArray(SPECIES, cells, c + j);
                FloatVector m = x.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
                m = m.blend(TANH_HIGH, m.compare(VectorOperators.GT, TANH_HIGH));
                FloatVector t = m.fma(broadcast(SPECIES, 2f * LOG2_E), broadcast(SPECIES, DOUBLE_POWER_ROUNDER));
                FloatVector r = t.sub(DOUBLE_POWER_ROUNDER).fma(broadcast(SPECIES, -LN2 / 2), m);
                FloatVector p = r.fma(broadcast(SPECIES, 32f * D6), broadcast(SPECIES, 16f * D5));
                p = p.fma(r, broadcast(SPECIES, 8f * D4)).fma(r, broadcast(SPECIES, 4f * D3));
                p = p.fma(r, broadcast(SPECIES, 2f * D2)).mul(r).fma(r, r);
                IntVector power = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
                FloatVector twice = power.reinterpretAsFloats();
                FloatVector e = p.fma(twice, twice.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, -1f)));
                IntVector y = e.div(e.add(2f)).reinterpretAsInts();
                FloatVector squashed = y.or(x.reinterpretAsInts().and(SIGN_BIT)).reinterpretAsFloats();
                squashed.intoArray(tanh, h + j);
                FloatVector output = fromArray(SPECIES, gates, v + 3 * n + j).mul(squashed);
                output.blend(0f, output.abs().compare(VectorOperators.LT, TINY)).intoArray(after, a + j);
            }
        }
        if (full < n) {
            Cells.lstmCell(full, s, gates, before, cells, tanh, after);
        }
    }

    /** {@code Kernels.lstmGrad}. */
    public static void lstmGrad(
            CellStep s, float[] gates, float[] before, float[] tanh, float[] dy, float[] dh, float[] dc) {
        int n = s.n;
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 4 * r * n;
            int b = s.before + r * n;
            int t = s.tanh + r * n;
            int y = s.dy + r * n;
            int h = s.dh + r * n;
            int c = s.dc + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector input = fromArray(SPECIES, gates, v + j);
                FloatVector forget = fromArray(SPECIES, gates, v + n + j);
                FloatVector candidate = fromArray(SPECIES, gates, v + 2 * n + j);
                FloatVector output = fromArray(SPECIES, gates, v + 3 * n + j);
                FloatVector squashed = fromArray(SPECIES, tanh, t + j);
                FloatVector later = fromArray(SPECIES, dh, h + j);
                FloatVector d = later.blend(0f, later.abs().compare(VectorOperators.LT, TINY))
                        .add(fromArray(SPECIES, dy, y + j));
                FloatVector slope = zero.sub(squashed).fma(squashed, one);
                FloatVector dCell =
                        fromArray(SPECIES, dc, c + j).add(d.mul(output).mul(slope));
                FloatVector dInput = dCell.mul(candidate).mul(input);
                dInput.sub(dInput.mul(input)).intoArray(gates, v + j);
                FloatVector dForget =
                        dCell.mul(fromArray(SPECIES, before, b + j)).mul(forget);
                dForget.sub(dForget.mul(forget)).intoArray(gates, v + n + j);
                FloatVector candidateSlope = zero.sub(candidate).fma(candidate, one);
                dCell.mul(input).mul(candidateSlope).intoArray(gates, v + 2 * n + j);
                FloatVector dOutput = d.mul(squashed).mul(output);
                dOutput.sub(dOutput.mul(output)).intoArray(gates, v + 3 * n + j);
                FloatVector earlier = dCell.mul(forget);
                earlier.blend(0f, earlier.abs().compare(VectorOperators.LT, TINY))
                        .intoArray(dc, c + j);
            }
        }
        if (full < n) {
            Cells.lstmGrad(full, s, gates, before, tanh, dy, dh, dc);
        }
    }

    /** {@code Kernels.gruCandidate}. */
    public static void gruCandidate(CellStep s, float[] gates, float[] recurrent, float[] candidate) {
        int n = s.n;
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n;
            int q = s.recurrent + r * n;
            int z = s.candidate + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = fromArray(SPECIES, gates, v + j).mul(fromArray(SPECIES, recurrent, q + j));
                fromArray(SPECIES, candidate, z + j).add(reset).intoArray(candidate, z + j);
            }
        }
        if (full < n) {
            Cells.gruCandidate(full, s, gates, recurrent, candidate);
        }
    }

    /** {@code Kernels.gruOutput}. */
    public static void gruOutput(CellStep s, float[] gates, float[] candidate, float[] before, float[] after) {
        int n = s.n;
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n + n;
            int z = s.candidate + r * n;
            int b = s.before + r * n;
            int a = s.after + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector next = fromArray(SPECIES, candidate, z + j);
                FloatVector change = fromArray(SPECIES, before, b + j).sub(next).mul(fromArray(SPECIES, gates, v + j));
                FloatVector state = next.add(change);
                state.blend(0f, state.abs().compare(VectorOperators.LT, TINY)).intoArray(after, a + j);
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
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int r = 0; r < s.rows; r++) {
            int v = s.gates + 2 * r * n;
            int z = s.candidate + r * n;
            int q = s.recurrent + r * n;
            int b = s.before + r * n;
            int y = s.dy + r * n;
            int h = s.dh + r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector reset = fromArray(SPECIES, gates, v + j);
                FloatVector update = fromArray(SPECIES, gates, v + n + j);
                FloatVector next = fromArray(SPECIES, candidate, z + j);
                FloatVector later = fromArray(SPECIES, dh, h + j);
                FloatVector d = later.blend(0f, later.abs().compare(VectorOperators.LT, TINY))
                        .add(fromArray(SPECIES, dy, y + j));
                FloatVector kept = d.mul(update);
                FloatVector dNext = d.sub(kept).mul(zero.sub(next).fma(next, one));
                FloatVector dReset =
                        dNext.mul(fromArray(SPECIES, recurrent, q + j)).mul(reset);
                dReset.sub(dReset.mul(reset)).intoArray(gates, v + j);
                FloatVector change = fromArray(SPECIES, before, b + j).sub(next);
                FloatVector dUpdate = change.mul(d).mul(update);
                dUpdate.sub(dUpdate.mul(update)).intoArray(gates, v + n + j);
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
        if (n == 0) {
            return; // see EmptyCall
        }
        int full = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int r = 0; r < rows; r++) {
            int b = bo + 2 * r * n;
            int at = ho + 2 * r * n;
            for (int j = 0; j < full; j += LANES) {
                FloatVector real = fromArray(SPECIES, lambda, lo + j);
                FloatVector imaginary = fromArray(SPECIES, lambda, lo + n + j);
                FloatVector x = fromArray(SPECIES, before, b + j);
                FloatVector y = fromArray(SPECIES, before, b + n + j);
                FloatVector first = real.fma(x, fromArray(SPECIES, h, at + j));
                FloatVector second = real.fma(y, fromArray(SPECIES, h, at + n + j));
                FloatVector nextReal = zero.sub(imaginary).fma(y, first);
                nextReal.blend(0f, nextReal.abs().compare(VectorOperators.LT, TINY))
                        .intoArray(h, at + j);
                FloatVector nextImaginary = imaginary.fma(x, second);
                nextImaginary
                        .blend(0f, nextImaginary.abs().compare(VectorOperators.LT, TINY))
                        .intoArray(h, at + n + j);
            }
        }
        if (full < n) {
            Cells.linearCell(full, rows, n, lambda, lo, before, bo, h, ho);
        }
    }
}
