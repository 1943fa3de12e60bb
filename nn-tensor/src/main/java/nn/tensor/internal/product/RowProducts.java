package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.LONG;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Products row by row: for a batch of up to three rows, and for a short inner size, where writing C takes most of the
 * time.
 */
final class RowProducts {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /**
     * Fewer rows than this are computed one by one, except narrow ones that together have enough elements for a vector.
     */
    static final int FEW_ROWS = 4;

    /** Columns of the shorter of the tiles one row high. */
    static final int HALF = LONG / 2;

    /** Fewer inner steps than this are computed row by row if rows are long: writing C takes most of the time. */
    static final int FEW_STEPS = 4;

    private RowProducts() {}

    /** Whether to compute a product row by row. */
    static boolean pays(Product p) {
        boolean fewRows = p.m < FEW_ROWS && (p.n >= LANES || p.m * p.n < LANES);
        boolean longRows = p.k < FEW_STEPS && p.bjs == 1 && p.n >= LONG;
        return fewRows || longRows || p.k == 0;
    }

    /** {@code Kernels.matmul}. */
    static void multiply(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        int tiled = p.bjs == 1 ? p.n / HALF * HALF : 0;
        for (int i = 0; i < p.m; i++) {
            if (tiled > 0) {
                longRow(p, i, tiled, a, b, c, from == null ? TilePlan.ZEROS : from);
            }
            if (tiled < p.n) {
                restOfRow(p, i, tiled, a, b, c, from);
            }
        }
    }

    /** The first columns of row i, a multiple of {@link #HALF}. */
    private static void longRow(Product p, int i, int columns, float[] a, float[] b, float[] c, float[] start) {
        int ai = p.ao + i * p.ars;
        int ci = p.co + i * p.cs;
        int si = p.so + i * p.ss;
        int longs = columns / LONG * LONG;
        for (int j = 0; j < longs; j += LONG) {
            int sj = si + j * p.sj;
            VectorTiles.block1x16(p.k, a, ai, p.aps, b, p.bo + j, p.bps, start, sj, 0, c, ci + j, 0);
        }
        if (longs < columns) {
            int sj = si + longs * p.sj;
            VectorTiles.block1x8(p.k, a, ai, p.aps, b, p.bo + longs, p.bps, start, sj, 0, c, ci + longs, 0);
        }
    }

    /** Row i from column j on. */
    private static void restOfRow(Product p, int i, int j, float[] a, float[] b, float[] c, float @Nullable [] from) {
        int n = p.n - j;
        int ai = p.ao + i * p.ars;
        int cj = p.co + i * p.cs + j;
        ScalarMatmul.begin(n, from, p.so + i * p.ss + j, c, cj);
        if (p.bjs == 1) {
            int whole = SPECIES.loopBound(n);
            addRow(whole, p.k, a, ai, p.aps, b, p.bo + j, p.bps, c, cj);
            if (whole < n) {
                addLastColumns(p, n - whole, a, ai, b, p.bo + j + whole, c, cj + whole);
            }
        } else {
            ScalarMatmul.dots(n, p.k, a, ai, p.aps, b, p.bo + j * p.bjs, p.bjs, c, cj);
        }
    }

    /**
     * The last n columns of a row, fewer than a vector has: a vector reads them, and beyond them what comes next in the
     * array of B, as far as that goes.
     */
    private static void addLastColumns(Product p, int n, float[] a, int ao, float[] b, int bo, float[] c, int co) {
        int readable = b.length - LANES - bo;
        int steps = readable < 0 ? 0 : Math.min(p.k, readable / p.bps + 1);
        if (steps > 0) {
            float[] sums = Scratch.TILE.floats(LANES);
            System.arraycopy(c, co, sums, 0, n);
            VectorTiles.block1x1(steps, a, ao, p.aps, b, bo, p.bps, sums, 0, 0, sums, 0, 0);
            System.arraycopy(sums, 0, c, co, n);
        }
        if (steps < p.k) {
            ScalarMatmul.addRow(n, p.k - steps, a, ao + steps * p.aps, p.aps, b, bo + steps * p.bps, p.bps, c, co);
        }
    }

    /** One row of C += one row of A times B, n a multiple of a vector: walks B along its rows, four at a time. */
    static void addRow(int n, int k, float[] a, int ao, int as, float[] b, int bo, int bs, float[] c, int co) {
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int ap = ao + p * as;
            fourSteps(n, a[ap], a[ap + as], a[ap + 2 * as], a[ap + 3 * as], b, bo + p * bs, bs, c, co);
        }
        for (; p < k; p++) {
            oneStep(n, a[ao + p * as], b, bo + p * bs, c, co);
        }
    }

    static void fourSteps(int n, float a0, float a1, float a2, float a3, float[] b, int b0, int bs, float[] c, int co) {
        if (n == 0) {
            return; // see EmptyCall
        }
        FloatVector x0 = FloatVector.broadcast(SPECIES, a0);
        FloatVector x1 = FloatVector.broadcast(SPECIES, a1);
        FloatVector x2 = FloatVector.broadcast(SPECIES, a2);
        FloatVector x3 = FloatVector.broadcast(SPECIES, a3);
        int b1 = b0 + bs;
        int b2 = b1 + bs;
        int b3 = b2 + bs;
        for (int j = 0; j < n; j += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, c, co + j);
            sum = x0.fma(FloatVector.fromArray(SPECIES, b, b0 + j), sum);
            sum = x1.fma(FloatVector.fromArray(SPECIES, b, b1 + j), sum);
            sum = x2.fma(FloatVector.fromArray(SPECIES, b, b2 + j), sum);
            sum = x3.fma(FloatVector.fromArray(SPECIES, b, b3 + j), sum);
            sum.intoArray(c, co + j);
        }
    }

    static void oneStep(int n, float a, float[] b, int bo, float[] c, int co) {
        if (n == 0) {
            return; // see EmptyCall
        }
        FloatVector x = FloatVector.broadcast(SPECIES, a);
        for (int j = 0; j < n; j += LANES) {
            x.fma(FloatVector.fromArray(SPECIES, b, bo + j), FloatVector.fromArray(SPECIES, c, co + j))
                    .intoArray(c, co + j);
        }
    }
}
