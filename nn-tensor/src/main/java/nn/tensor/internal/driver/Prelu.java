package nn.tensor.internal.driver;

import java.util.Arrays;
import nn.tensor.internal.Kernels;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.Parallel;
import nn.tensor.internal.thread.Scratch;

/** A leaky ReLU with a slope for each column, on all threads: forward by rows, backward by columns. */
public final class Prelu {
    /** Rows whose products are one chain of float additions; the sums of the chains are added in double. */
    private static final int CHAIN = Reductions.CHAIN;

    /** Columns of a part are a multiple of this, a vector of the widest kind. */
    private static final int COLUMNS = 16;

    private Prelu() {}

    /** {@code y = x} where x is above 0, {@code slope * x} elsewhere. */
    public static void apply(Operand slopes, Operand x, Operand y) {
        int rows = x.rows();
        int parts = Math.min(rows, Parallel.threadsForElements(Parallel.SIMPLE * x.size()));
        if (parts <= 1) {
            rows(0, rows, slopes, x, y);
        } else {
            Parallel.split(rows, parts, (from, to) -> rows(from, to, slopes, x, y));
        }
    }

    private static void rows(int from, int to, Operand slopes, Operand x, Operand y) {
        Kernels.active().prelu(Submatrix.of(from, 0, to - from, x.n(), x.n()), slopes, x, y);
    }

    /**
     * {@code dx = dy} where x is above 0, {@code slope * dy} elsewhere; adds the sum over rows of {@code x * dy}, where
     * x is not above 0, to dSlopes, as {@link Reductions#addSumOfRows} adds.
     */
    public static void gradient(Operand slopes, Operand x, Operand dy, Operand dx, Operand dSlopes) {
        int n = x.n();
        int blocks = (n + COLUMNS - 1) / COLUMNS;
        int parts = Math.min(blocks, Parallel.threadsForElements(2 * Parallel.SIMPLE * x.size()));
        if (parts <= 1) {
            columns(0, n, slopes, x, dy, dx, dSlopes);
        } else {
            Parallel.split(
                    blocks,
                    parts,
                    (from, to) -> columns(from * COLUMNS, Math.min(n, to * COLUMNS), slopes, x, dy, dx, dSlopes));
        }
    }

    private static void columns(int from, int to, Operand slopes, Operand x, Operand dy, Operand dx, Operand dSlopes) {
        Kernels kernels = Kernels.active();
        int rows = x.rows();
        int n = x.n();
        float[] sums = dSlopes.array();
        int so = dSlopes.offset();
        if (rows <= CHAIN) {
            kernels.preluGrad(Submatrix.of(0, from, rows, to - from, n), slopes, x, dy, dx, sums, so + from);
            return;
        }
        float[] chain = Scratch.CHAIN.floats(Reductions.STRIP);
        double[] totals = Reductions.TOTALS.get();
        for (int j = from; j < to; j += Reductions.STRIP) {
            int width = Math.min(Reductions.STRIP, to - j);
            for (int l = 0; l < width; l++) {
                totals[l] = sums[so + j + l];
            }
            for (int i = 0; i < rows; i += CHAIN) {
                Arrays.fill(chain, 0, width, 0f);
                Submatrix part = Submatrix.of(i, j, Math.min(CHAIN, rows - i), width, n);
                kernels.preluGrad(part, slopes, x, dy, dx, chain, 0);
                for (int l = 0; l < width; l++) {
                    totals[l] += chain[l];
                }
            }
            for (int l = 0; l < width; l++) {
                sums[so + j + l] = (float) totals[l];
            }
        }
    }
}
