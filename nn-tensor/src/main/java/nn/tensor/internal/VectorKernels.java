package nn.tensor.internal;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin on the Vector API. In a product each lane owns one element of the result and the inner index runs in
 * order, so the width of the machine's vectors changes nothing.
 *
 * <p>What measuring taught (two cores of Zen 4, JDK 25; {@code MatmulBenchmark} repeats it):
 * <ul>
 *   <li>With 32 vector registers (512 bits) a tile of 8 rows by 2 vectors reaches 85 to 92 % of the FMA peak, one of 4
 *       by 2 only 65: the smaller tile reads the panel of B twice as often. With 16 registers, 8 by 2 spills, and 4 by 2
 *       is the best.
 *   <li>The sums begin with a load that is always done, from C or from a row of zeros. A branch around it made C2 spill
 *       sums and cost a third of the speed with 16 registers.
 *   <li>No mask is an argument of a tile. One that was, to write a ragged edge to C directly, was a tenth faster alone, and
 *       in a training step C2 boxed the sums: 27 MB a step, and half the speed.
 *   <li>Only whole tiles run in the hot methods. Ragged right edges go through a padded copy, ragged bottom rows through a
 *       method of their own: a kernel with its tail inside fell to half its speed once an odd size had been seen.
 * </ul>
 */
public final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final int WIDE = 2 * LANES;

    /** Height of a tile that is two vectors wide. */
    private static final int TALL = LANES >= 16 ? 8 : 4;

    /** Height of a tile that is one vector wide. */
    private static final int TALL_NARROW = 8;

    /** Inner steps between a load and a store of C. */
    private static final int INNER_BLOCK = 256;

    /** From this many rows on, copying a panel of B into one contiguous piece pays. */
    private static final int WORTH_PACKING = 48;

    /** Rows of A in one go: with the inner block, a piece of A that stays in a second-level cache. */
    private static final int ROW_BLOCK = 256;

    /** From this many columns on, copying a block of A into one contiguous piece pays. */
    private static final int WORTH_COPYING = 4 * WIDE;

    /** Floats between the lines of a copy of A, one cache line, so that neighbours fall into neighbouring sets. */
    private static final int APART = 16;

    /** What sums begin with when C is not to be read: the rows of a tile, all one row. */
    private static final float[] ZEROS = new float[WIDE];

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
        if (k == 0 && !accumulate) {
            for (int i = 0; i < m; i++) {
                Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
            }
        }
        if (m == 0 || n == 0 || k == 0) {
            return;
        }
        if (m < 4) {
            rows(m, n, k, a, ao, ars, aps, b, bo, ldb, c, co, ldc, accumulate);
            return;
        }
        for (int p0 = 0; p0 < k; p0 += INNER_BLOCK) {
            int kb = Math.min(INNER_BLOCK, k - p0);
            boolean add = accumulate || p0 > 0;
            for (int i0 = 0; i0 < m; i0 += ROW_BLOCK) {
                int mb = Math.min(ROW_BLOCK, m - i0);
                int ap = ao + i0 * ars + p0 * aps;
                int ci = co + i0 * ldc;
                if (mb >= WORTH_PACKING && n >= WORTH_COPYING) {
                    withCopy(mb, n, kb, a, ap, ars, aps, b, bo + p0 * ldb, ldb, c, ci, ldc, add);
                } else {
                    block(mb, n, kb, a, ap, ars, aps, b, bo + p0 * ldb, ldb, c, ci, ldc, add);
                }
            }
        }
    }

    /**
     * With a copy of the block of A: its lines, pages apart where they are, come to lie in few pages, and no longer in the
     * same few sets of a cache where they are a power of two apart.
     */
    private static void withCopy(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        boolean byRows = aps == 1;
        int lines = byRows ? m : k;
        int length = byRows ? k : m;
        int apart = length + APART;
        float[] copy = Scratch.BLOCK.floats(lines * apart);
        for (int line = 0; line < lines; line++) {
            System.arraycopy(a, ao + line * (byRows ? ars : aps), copy, line * apart, length);
        }
        block(m, n, k, copy, 0, byRows ? apart : 1, byRows ? 1 : apart, b, bo, ldb, c, co, ldc, add);
    }

    private static void block(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        float[] panel = Scratch.PANEL.floats(k * WIDE);
        for (int j = 0; j < n; j += WIDE) {
            int width = Math.min(WIDE, n - j);
            if (width < WIDE) {
                int padded = width > LANES ? WIDE : LANES;
                copyPanel(k, width, b, bo + j, ldb, panel, padded);
                ragged(m, width, padded, k, a, ao, ars, aps, panel, c, co + j, ldc, add);
            } else if (m >= WORTH_PACKING) {
                copyPanel(k, WIDE, b, bo + j, ldb, panel, WIDE);
                whole(m, k, a, ao, ars, aps, panel, 0, WIDE, c, co + j, ldc, add);
            } else {
                whole(m, k, a, ao, ars, aps, b, bo + j, ldb, c, co + j, ldc, add);
            }
        }
    }

    private static void copyPanel(int k, int width, float[] b, int bo, int ldb, float[] panel, int padded) {
        for (int p = 0; p < k; p++) {
            System.arraycopy(b, bo + p * ldb, panel, p * padded, width);
            Arrays.fill(panel, p * padded + width, (p + 1) * padded, 0f);
        }
    }

    /** Two vectors of columns, all rows. */
    private static void whole(
            int m, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        int i = 0;
        if (TALL == 8) {
            for (; i + 8 <= m; i += 8) {
                int ci = co + i * ldc;
                tile8x2(k, a, ao + i * ars, ars, aps, b, bo, ldb, add ? c : ZEROS, add ? ci : 0, add ? ldc : 0, c, ci, ldc);
            }
        }
        for (; i + 4 <= m; i += 4) {
            int ci = co + i * ldc;
            tile4x2(k, a, ao + i * ars, ars, aps, b, bo, ldb, add ? c : ZEROS, add ? ci : 0, add ? ldc : 0, c, ci, ldc);
        }
        rows(m - i, WIDE, k, a, ao + i * ars, ars, aps, b, bo, ldb, c, co + i * ldc, ldc, add);
    }

    /** The columns at the right edge, computed at full width beside C; only those that exist are copied. */
    private static void ragged(
            int m, int width, int padded, int k,
            float[] a, int ao, int ars, int aps,
            float[] panel,
            float[] c, int co, int ldc,
            boolean add) {
        int height = padded == WIDE ? TALL : TALL_NARROW;
        float[] tile = Scratch.TILE.floats(height * padded);
        for (int i = 0; i < m; i += height) {
            int rows = Math.min(height, m - i);
            int ci = co + i * ldc;
            if (rows < height) {
                rows(rows, width, k, a, ao + i * ars, ars, aps, panel, 0, padded, c, ci, ldc, add);
                return;
            }
            if (add) {
                for (int r = 0; r < height; r++) {
                    System.arraycopy(c, ci + r * ldc, tile, r * padded, width);
                }
            }
            float[] from = add ? tile : ZEROS;
            int step = add ? padded : 0;
            if (padded == LANES) {
                tile8x1(k, a, ao + i * ars, ars, aps, panel, 0, padded, from, 0, step, tile, 0, padded);
            } else if (TALL == 8) {
                tile8x2(k, a, ao + i * ars, ars, aps, panel, 0, padded, from, 0, step, tile, 0, padded);
            } else {
                tile4x2(k, a, ao + i * ars, ars, aps, panel, 0, padded, from, 0, step, tile, 0, padded);
            }
            for (int r = 0; r < height; r++) {
                System.arraycopy(tile, r * padded, c, ci + r * ldc, width);
            }
        }
    }

    private static void tile8x2(
            int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] from, int fo, int ldf,
            float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c01 = FloatVector.fromArray(SPECIES, from, fo + LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + ldf);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + ldf + LANES);
        FloatVector c20 = FloatVector.fromArray(SPECIES, from, fo + 2 * ldf);
        FloatVector c21 = FloatVector.fromArray(SPECIES, from, fo + 2 * ldf + LANES);
        FloatVector c30 = FloatVector.fromArray(SPECIES, from, fo + 3 * ldf);
        FloatVector c31 = FloatVector.fromArray(SPECIES, from, fo + 3 * ldf + LANES);
        FloatVector c40 = FloatVector.fromArray(SPECIES, from, fo + 4 * ldf);
        FloatVector c41 = FloatVector.fromArray(SPECIES, from, fo + 4 * ldf + LANES);
        FloatVector c50 = FloatVector.fromArray(SPECIES, from, fo + 5 * ldf);
        FloatVector c51 = FloatVector.fromArray(SPECIES, from, fo + 5 * ldf + LANES);
        FloatVector c60 = FloatVector.fromArray(SPECIES, from, fo + 6 * ldf);
        FloatVector c61 = FloatVector.fromArray(SPECIES, from, fo + 6 * ldf + LANES);
        FloatVector c70 = FloatVector.fromArray(SPECIES, from, fo + 7 * ldf);
        FloatVector c71 = FloatVector.fromArray(SPECIES, from, fo + 7 * ldf + LANES);
        int a1 = ao + ars;
        int a2 = a1 + ars;
        int a3 = a2 + ars;
        int a4 = a3 + ars;
        int a5 = a4 + ars;
        int a6 = a5 + ars;
        int a7 = a6 + ars;
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
            x = FloatVector.broadcast(SPECIES, a[a4 + ap]);
            c40 = x.fma(b0, c40);
            c41 = x.fma(b1, c41);
            x = FloatVector.broadcast(SPECIES, a[a5 + ap]);
            c50 = x.fma(b0, c50);
            c51 = x.fma(b1, c51);
            x = FloatVector.broadcast(SPECIES, a[a6 + ap]);
            c60 = x.fma(b0, c60);
            c61 = x.fma(b1, c61);
            x = FloatVector.broadcast(SPECIES, a[a7 + ap]);
            c70 = x.fma(b0, c70);
            c71 = x.fma(b1, c71);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + LANES);
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + LANES);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + LANES);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + LANES);
        c40.intoArray(c, co + 4 * ldc);
        c41.intoArray(c, co + 4 * ldc + LANES);
        c50.intoArray(c, co + 5 * ldc);
        c51.intoArray(c, co + 5 * ldc + LANES);
        c60.intoArray(c, co + 6 * ldc);
        c61.intoArray(c, co + 6 * ldc + LANES);
        c70.intoArray(c, co + 7 * ldc);
        c71.intoArray(c, co + 7 * ldc + LANES);
    }

    private static void tile4x2(
            int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] from, int fo, int ldf,
            float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c01 = FloatVector.fromArray(SPECIES, from, fo + LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + ldf);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + ldf + LANES);
        FloatVector c20 = FloatVector.fromArray(SPECIES, from, fo + 2 * ldf);
        FloatVector c21 = FloatVector.fromArray(SPECIES, from, fo + 2 * ldf + LANES);
        FloatVector c30 = FloatVector.fromArray(SPECIES, from, fo + 3 * ldf);
        FloatVector c31 = FloatVector.fromArray(SPECIES, from, fo + 3 * ldf + LANES);
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
        c10.intoArray(c, co + ldc);
        c11.intoArray(c, co + ldc + LANES);
        c20.intoArray(c, co + 2 * ldc);
        c21.intoArray(c, co + 2 * ldc + LANES);
        c30.intoArray(c, co + 3 * ldc);
        c31.intoArray(c, co + 3 * ldc + LANES);
    }

    private static void tile8x1(
            int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] from, int fo, int ldf,
            float[] c, int co, int ldc) {
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + ldf);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * ldf);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * ldf);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * ldf);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * ldf);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * ldf);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * ldf);
        int a1 = ao + ars;
        int a2 = a1 + ars;
        int a3 = a2 + ars;
        int a4 = a3 + ars;
        int a5 = a4 + ars;
        int a6 = a5 + ars;
        int a7 = a6 + ars;
        for (int p = 0; p < k; p++) {
            int ap = p * aps;
            int bp = bo + p * ldb;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            c0 = FloatVector.broadcast(SPECIES, a[ao + ap]).fma(b0, c0);
            c1 = FloatVector.broadcast(SPECIES, a[a1 + ap]).fma(b0, c1);
            c2 = FloatVector.broadcast(SPECIES, a[a2 + ap]).fma(b0, c2);
            c3 = FloatVector.broadcast(SPECIES, a[a3 + ap]).fma(b0, c3);
            c4 = FloatVector.broadcast(SPECIES, a[a4 + ap]).fma(b0, c4);
            c5 = FloatVector.broadcast(SPECIES, a[a5 + ap]).fma(b0, c5);
            c6 = FloatVector.broadcast(SPECIES, a[a6 + ap]).fma(b0, c6);
            c7 = FloatVector.broadcast(SPECIES, a[a7 + ap]).fma(b0, c7);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + ldc);
        c2.intoArray(c, co + 2 * ldc);
        c3.intoArray(c, co + 3 * ldc);
        c4.intoArray(c, co + 4 * ldc);
        c5.intoArray(c, co + 5 * ldc);
        c6.intoArray(c, co + 6 * ldc);
        c7.intoArray(c, co + 7 * ldc);
    }

    /** A few rows: a batch of one, or what the tiles left over. Walks B once along its rows, four at a time. */
    private static void rows(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int ldb,
            float[] c, int co, int ldc,
            boolean add) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            if (!add) {
                Arrays.fill(c, ci, ci + n, 0f);
            }
            int p = 0;
            for (; p + 4 <= k; p += 4) {
                int ap = ai + p * aps;
                fourSteps(full, a[ap], a[ap + aps], a[ap + 2 * aps], a[ap + 3 * aps], b, bo + p * ldb, ldb, c, ci);
            }
            for (; p < k; p++) {
                oneStep(full, a[ai + p * aps], b, bo + p * ldb, c, ci);
            }
            if (full < n) {
                ScalarKernels.addRow(n - full, k, a, ai, aps, b, bo + full, ldb, c, ci + full);
            }
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

    @Override
    public void add(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.add(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void subtract(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.subtract(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, float[] z, int zo, int n) {
        VectorElementwise.multiply(x, xo, y, yo, z, zo, n);
    }

    @Override
    public void scale(float alpha, float[] x, int xo, float[] z, int zo, int n) {
        VectorElementwise.scale(alpha, x, xo, z, zo, n);
    }

    @Override
    public void addScaled(float alpha, float[] x, int xo, float[] y, int yo, int n) {
        VectorElementwise.addScaled(alpha, x, xo, y, yo, n);
    }

    @Override
    public void relu(float[] x, int xo, float[] z, int zo, int n) {
        VectorElementwise.relu(x, xo, z, zo, n);
    }

    @Override
    public void tanhGrad(float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo, int n) {
        VectorElementwise.tanhGrad(y, yo, dy, dyo, dx, dxo, n);
    }

    @Override
    public float maxMagnitude(float[] x, int xo, int n) {
        return VectorElementwise.maxMagnitude(x, xo, n);
    }
}
