package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.LONG;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.Compiled;
import org.jspecify.annotations.Nullable;

/**
 * Products of a short inner size: strips of B, two vectors wide, stay in registers ({@link VectorSteps}). Each element
 * of C then costs little more than its store.
 */
final class ShortProducts {
    /**
     * The longest inner size whose strips of B stay in registers: with 32 of them, two vectors for each of 12 steps,
     * with 16 for each of 6.
     */
    static final int MOST_STEPS = LANES >= 16 ? 12 : 6;

    /**
     * Rows of C at multiples of this many floats share so few sets of a first-level cache that 32 rows do not stay in
     * it until their lines are complete: with 256 bits and rows of 1024, one inner step took 2.5 times as long.
     */
    private static final int SAME_SETS = 512;

    /** Rows of a strip there. */
    private static final int FEW_ROWS = 8;

    /** The longest inner size for which strips of eight or four vectors fit into the registers. */
    static final int WIDE_STEPS = 3;

    /**
     * The longest inner size for which the strips that read A by rows and begin with zeros are faster than the general
     * ones; longer ones C2 spills with 16 registers.
     */
    private static final int MOST_ROW_STEPS = LANES >= 16 ? 12 : 4;

    /** Floats of C that stay in a first-level cache while the strips, which share its rows, are computed. */
    private static final int BLOCK = 1 << 13;

    /** Columns packed together: 16 rows of B, as a transpose by squares writes, take a buffer. */
    private static final int COLUMNS = 1 << 16;

    /** Fewer rows of a strip than this do not pay for loading its part of B. */
    private static final int ROWS = 32;

    private ShortProducts() {}

    /**
     * Whether the inner size is so short that this pays. Long rows of C are better written one by one if there are few
     * steps.
     */
    static boolean pays(Product p) {
        return p.k > 0
                && p.k <= MOST_STEPS
                && p.m >= RowProducts.FEW_ROWS
                && p.n >= WIDE
                && (p.k >= RowProducts.FEW_STEPS
                        || p.bjs != 1
                        || p.n < LONG
                        || p.byColumns() && p.ss == 0 && p.sj == 0);
    }

    /** The number of columns that strips cover; the others, fewer than two vectors, are left. */
    static int columns(Product p) {
        return p.n / WIDE * WIDE;
    }

    /** Computes these columns. */
    static void multiply(Compiled compiled, Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        int columns = columns(p);
        float[] start = from == null ? TilePlan.ZEROS : from;
        for (int j = 0; j < columns; j += COLUMNS) {
            Product block = p.part(0, j, 0, p.m, Math.min(COLUMNS, columns - j), p.k);
            if (p.bjs == 1) {
                strips(block, a, b, c, start);
            } else {
                float[] rows = Scratch.PANEL.floats(VectorSquares.SIZE * block.n);
                Packing.transposeShort(compiled, block.n, block.k, b, block.bo, block.bjs, rows, block.n);
                strips(block.b(0, block.n, 1), a, rows, c, start);
            }
        }
    }

    private static void strips(Product p, float[] a, float[] b, float[] c, float[] start) {
        boolean sameSets = p.k <= WIDE_STEPS && p.cs % SAME_SETS == 0;
        int height = sameSets ? FEW_ROWS : Math.max(ROWS, BLOCK / p.n);
        for (int i = 0; i < p.m; i += height) {
            int rows = Math.min(height, p.m - i);
            int ai = p.ao + i * p.ars;
            int ci = p.co + i * p.cs;
            int si = p.so + i * p.ss;
            int wide = p.byColumns() && start == TilePlan.ZEROS ? wideStrips(p, rows, a, ai, b, c, ci) : 0;
            for (int j = wide; j < p.n; j += WIDE) {
                strip(p, rows, a, ai, b, p.bo + j, start, si + j * p.sj, c, ci + j);
            }
        }
    }

    /** Some rows of all strips that are wider than two vectors; returns their columns. */
    private static int wideStrips(Product p, int rows, float[] a, int ao, float[] b, float[] c, int co) {
        int width = wideStrip(p.k);
        if (width == 0) {
            return 0;
        }
        int columns = p.n / width * width;
        for (int j = 0; j < columns; j += width) {
            wideStrip(p, rows, a, ao, b, p.bo + j, c, co + j);
        }
        return columns;
    }

    /** Columns of the strips of a few inner steps, as many as registers hold; 0 for more steps. */
    static int wideStrip(int k) {
        int most = LANES >= 16 ? 16 : 8;
        return k == 1 ? most * LANES : k <= WIDE_STEPS ? most / 2 * LANES : 0;
    }

    /** Some rows of a wide strip; ao, bo and co are its places in A, B and C. */
    static void wideStrip(Product p, int m, float[] a, int ao, float[] b, int bo, float[] c, int co) {
        switch (LANES >= 16 ? p.k : -p.k) {
            case 1 -> VectorSteps.columns1x16(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
            case 2 -> VectorSteps.columns2x8(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
            case 3 -> VectorSteps.columns3x8(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
            case -1 -> VectorSteps.columns1x8(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
            case -2 -> VectorSteps.columns2x4(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
            default -> VectorSteps.columns3x4(m, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
        }
    }

    /** Some rows of a strip; ao, bo, fo and co are its places in A, B, the initial values of the sums and C. */
    static void strip(
            Product p, int rows, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        if (from != TilePlan.ZEROS || p.k > MOST_ROW_STEPS && !p.byColumns()) {
            VectorSteps.strip(p.k, rows, a, ao, p.ars, p.aps, b, bo, p.bps, from, fo, p.ss, c, co, p.cs);
        } else if (p.byColumns()) {
            VectorSteps.columns(p.k, rows, a, ao, p.aps, b, bo, p.bps, c, co, p.cs);
        } else {
            VectorSteps.rows(p.k, rows, a, ao, p.ars, b, bo, p.bps, c, co, p.cs);
        }
    }
}
