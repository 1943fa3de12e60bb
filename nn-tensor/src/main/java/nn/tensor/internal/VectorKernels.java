package nn.tensor.internal;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin on the Vector API. In a product each lane owns one element of the result and the inner index runs in
 * order, so the width of the machine's vectors changes nothing.
 *
 * <p>The register tile is 4 rows by 2 vectors: 8 accumulators, enough to hide the latency of FMA, few enough that C2
 * spills none even with 16 registers. Only full tiles run in the hot method; ragged right edges go through a padded
 * copy, ragged bottom rows through a method of their own. A kernel with its tail inside fell to half its speed once
 * an odd size had been seen.
 */
public final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Height and widest width of a register tile. */
    private static final int TILE_ROWS = 4;
    private static final int TILE_COLUMNS = 2 * LANES;

    /**
     * Inner steps between a load and a store of C: a packed panel of B, 256 x 32 floats, just fits a first-level cache.
     */
    private static final int INNER_BLOCK = 256;

    /** From this many rows on, copying a panel of B into one contiguous piece pays. */
    private static final int WORTH_PACKING = 48;

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void matmul(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean accumulate) {
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            if (!accumulate) {
                for (int i = 0; i < m; i++) {
                    Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
                }
            }
            return;
        }
        int tiledRows = m - m % TILE_ROWS;
        if (tiledRows > 0) {
            tiled(tiledRows, n, k, a, ao, ars, aps, b, bo, ldb, c, co, ldc, accumulate);
        }
        for (int i = tiledRows; i < m; i++) {
            oneRow(n, k, a, ao + i * ars, aps, b, bo, ldb, c, co + i * ldc, accumulate);
        }
    }

    /** A number of rows that is a multiple of the tile's height. */
    private static void tiled(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean accumulate) {
        boolean pack = m > WORTH_PACKING;
        boolean ragged = n % TILE_COLUMNS != 0;
        float[] panel = pack || ragged ? new float[Math.min(k, INNER_BLOCK) * TILE_COLUMNS] : null;
        float[] tile = ragged ? new float[TILE_ROWS * TILE_COLUMNS] : null;
        for (int p0 = 0; p0 < k; p0 += INNER_BLOCK) {
            int kb = Math.min(INNER_BLOCK, k - p0);
            boolean add = accumulate || p0 > 0;
            int ap = ao + p0 * aps;
            for (int j = 0; j < n; j += TILE_COLUMNS) {
                int width = Math.min(TILE_COLUMNS, n - j);
                int bp = bo + p0 * ldb + j;
                if (width == TILE_COLUMNS && !pack) {
                    for (int i = 0; i < m; i += TILE_ROWS) {
                        tile4x2(kb, a, ap + i * ars, ars, aps, b, bp, ldb, c, co + i * ldc + j, ldc, add);
                    }
                    continue;
                }
                int padded = width > LANES ? TILE_COLUMNS : LANES;
                copyPanel(kb, width, b, bp, ldb, panel, padded);
                if (width == TILE_COLUMNS) {
                    for (int i = 0; i < m; i += TILE_ROWS) {
                        tile4x2(kb, a, ap + i * ars, ars, aps, panel, 0, padded, c, co + i * ldc + j, ldc, add);
                    }
                } else {
                    for (int i = 0; i < m; i += TILE_ROWS) {
                        int cp = co + i * ldc + j;
                        raggedTile(kb, width, padded, a, ap + i * ars, ars, aps, panel, tile, c, cp, ldc, add);
                    }
                }
            }
        }
    }

    private static void copyPanel(int k, int width, float[] b, int bo, int ldb, float[] panel, int padded) {
        for (int p = 0; p < k; p++) {
            System.arraycopy(b, bo + p * ldb, panel, p * padded, width);
            Arrays.fill(panel, p * padded + width, (p + 1) * padded, 0f);
        }
    }

    /** A tile at the right edge, computed at full width beside C; only the columns that exist are copied. */
    private static void raggedTile(
            int k, int width, int padded,
            float[] a, int ao, int ars, int aps,
            float[] panel, float[] tile,
            float[] c, int co, int ldc,
            boolean add) {
        if (add) {
            for (int r = 0; r < TILE_ROWS; r++) {
                System.arraycopy(c, co + r * ldc, tile, r * padded, width);
            }
        }
        if (padded == TILE_COLUMNS) {
            tile4x2(k, a, ao, ars, aps, panel, 0, padded, tile, 0, padded, add);
        } else {
            tile4x1(k, a, ao, ars, aps, panel, 0, padded, tile, 0, padded, add);
        }
        for (int r = 0; r < TILE_ROWS; r++) {
            System.arraycopy(tile, r * padded, c, co + r * ldc, width);
        }
    }

    private static void tile4x2(
            int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero;
        FloatVector c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        int row1 = co + ldc;
        int row2 = row1 + ldc;
        int row3 = row2 + ldc;
        if (add) {
            c00 = FloatVector.fromArray(SPECIES, c, co);
            c01 = FloatVector.fromArray(SPECIES, c, co + LANES);
            c10 = FloatVector.fromArray(SPECIES, c, row1);
            c11 = FloatVector.fromArray(SPECIES, c, row1 + LANES);
            c20 = FloatVector.fromArray(SPECIES, c, row2);
            c21 = FloatVector.fromArray(SPECIES, c, row2 + LANES);
            c30 = FloatVector.fromArray(SPECIES, c, row3);
            c31 = FloatVector.fromArray(SPECIES, c, row3 + LANES);
        }
        int a1 = ao + ars;
        int a2 = a1 + ars;
        int a3 = a2 + ars;
        for (int p = 0; p < k; p++) {
            int ap = p * aps;
            int bp = bo + p * ldb;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ao + ap]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = FloatVector.broadcast(SPECIES, a[a1 + ap]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = FloatVector.broadcast(SPECIES, a[a2 + ap]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = FloatVector.broadcast(SPECIES, a[a3 + ap]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + LANES);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + LANES);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + LANES);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + LANES);
    }

    private static void tile4x1(
            int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector c0 = zero, c1 = zero, c2 = zero, c3 = zero;
        int row1 = co + ldc;
        int row2 = row1 + ldc;
        int row3 = row2 + ldc;
        if (add) {
            c0 = FloatVector.fromArray(SPECIES, c, co);
            c1 = FloatVector.fromArray(SPECIES, c, row1);
            c2 = FloatVector.fromArray(SPECIES, c, row2);
            c3 = FloatVector.fromArray(SPECIES, c, row3);
        }
        int a1 = ao + ars;
        int a2 = a1 + ars;
        int a3 = a2 + ars;
        for (int p = 0; p < k; p++) {
            int ap = p * aps;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * ldb);
            c0 = FloatVector.broadcast(SPECIES, a[ao + ap]).fma(b0, c0);
            c1 = FloatVector.broadcast(SPECIES, a[a1 + ap]).fma(b0, c1);
            c2 = FloatVector.broadcast(SPECIES, a[a2 + ap]).fma(b0, c2);
            c3 = FloatVector.broadcast(SPECIES, a[a3 + ap]).fma(b0, c3);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, row1);
        c2.intoArray(c, row2);
        c3.intoArray(c, row3);
    }

    /** One row: a batch of one, or what the tiles left over. Walks B once along its rows, four at a time. */
    private static void oneRow(
            int n, int k, float[] a, int ao, int aps, float[] b, int bo, int ldb, float[] c, int co, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(c, co, co + n, 0f);
        }
        int full = SPECIES.loopBound(n);
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int ap = ao + p * aps;
            fourSteps(full, a[ap], a[ap + aps], a[ap + 2 * aps], a[ap + 3 * aps], b, bo + p * ldb, ldb, c, co);
        }
        for (; p < k; p++) {
            oneStep(full, a[ao + p * aps], b, bo + p * ldb, c, co);
        }
        if (full < n) {
            ScalarKernels.addRow(n - full, k, a, ao, aps, b, bo + full, ldb, c, co + full);
        }
    }

    private static void fourSteps(
            int n, float a0, float a1, float a2, float a3, float[] b, int b0, int ldb, float[] c, int co) {
        FloatVector x0 = FloatVector.broadcast(SPECIES, a0);
        FloatVector x1 = FloatVector.broadcast(SPECIES, a1);
        FloatVector x2 = FloatVector.broadcast(SPECIES, a2);
        FloatVector x3 = FloatVector.broadcast(SPECIES, a3);
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        for (int j = 0; j < n; j += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, c, co + j);
            sum = x0.fma(FloatVector.fromArray(SPECIES, b, b0 + j), sum);
            sum = x1.fma(FloatVector.fromArray(SPECIES, b, b1 + j), sum);
            sum = x2.fma(FloatVector.fromArray(SPECIES, b, b2 + j), sum);
            sum = x3.fma(FloatVector.fromArray(SPECIES, b, b3 + j), sum);
            sum.intoArray(c, co + j);
        }
    }

    private static void oneStep(int n, float a, float[] b, int bo, float[] c, int co) {
        FloatVector x = FloatVector.broadcast(SPECIES, a);
        for (int j = 0; j < n; j += LANES) {
            x.fma(FloatVector.fromArray(SPECIES, b, bo + j), FloatVector.fromArray(SPECIES, c, co + j))
                    .intoArray(c, co + j);
        }
    }

    @Override
    public void exp(float[] x, int xo, float[] y, int yo, int n) {
        VectorFunctions.exp(x, xo, y, yo, n);
    }

    @Override
    public void log(float[] x, int xo, float[] y, int yo, int n) {
        VectorFunctions.log(x, xo, y, yo, n);
    }

    @Override
    public void tanh(float[] x, int xo, float[] y, int yo, int n) {
        VectorFunctions.tanh(x, xo, y, yo, n);
    }

    @Override
    public void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        VectorFunctions.sigmoid(x, xo, y, yo, n);
    }

    @Override
    public void reluGrad(float[] x, int xo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        VectorFunctions.reluGrad(x, xo, dy, dyo, dx, dxo, n);
    }

    @Override
    public void uniform(long hi, long lo, long first, float[] out, int off, int n) {
        VectorRandom.uniform(hi, lo, first, out, off, n);
    }

    @Override
    public void normal(long hi, long lo, long first, float[] out, int off, int n) {
        VectorRandom.normal(hi, lo, first, out, off, n);
    }
}
