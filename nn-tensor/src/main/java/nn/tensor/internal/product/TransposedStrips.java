package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.Compiled;

/**
 * Products of a small batch whose right side lies column by column, as the input gradient of a layer: two vectors of
 * columns by a block of inner steps are transposed in registers into a panel in a first-level cache, and used at once
 * for all rows. For vectors as long as a square ({@link VectorSquares}).
 */
public final class TransposedStrips {
    /** The most rows. For more, all of B is copied into panels. */
    private static final int MOST_ROWS = 192;

    /** From this many rows on, the lanes of two vectors are full enough. */
    private static final int ALMOST_WIDE = 25;

    /**
     * Inner steps of a panel: with the part of B that it comes from and the rows of A it stays in a first-level cache.
     */
    private static final int PANEL_STEPS = 128;

    private TransposedStrips() {}

    /**
     * Whether strips are better for a number of rows than squares of B in registers, as for one row or two, and than
     * the transposed product, whose lanes the rows may fill ({@code Matmul.rightTransposed}).
     */
    public static boolean suit(int rows) {
        boolean fillLanes = rows == LANES || rows >= ALMOST_WIDE && rows < WIDE || rows % WIDE == 0;
        return rows >= VectorTranspose.FEW_ROWS && rows <= MOST_ROWS && !fillLanes;
    }

    /** Whether this pays. */
    static boolean pays(Product p) {
        return LANES == VectorSquares.SIZE
                && p.bjs != 1
                && !p.byColumns()
                && suit(p.m)
                && p.n >= WIDE
                && p.k >= VectorSquares.SIZE;
    }

    /** Computes the product. */
    static void multiply(Compiled compiled, Product p, float[] a, float[] b, float[] c, float[] start) {
        int inner = TilePlan.innerBlock(p.k);
        int tall = TilePlan.tall(compiled, p);
        for (int q = 0; q < p.k; q += inner) {
            Product block = p.part(0, 0, q, p.m, p.n, Math.min(inner, p.k - q));
            block(tall, block, a, b, c, q == 0 ? start : c);
        }
    }

    private static void block(int tall, Product p, float[] a, float[] b, float[] c, float[] start) {
        float[] rows = Scratch.BLOCK.floats((p.m + TilePlan.TALL) * VectorTiles.APART);
        int steps = TilePlan.evenly(p.k, PANEL_STEPS, VectorSquares.SIZE);
        float[] panel = Scratch.PANEL.floats(Math.max(Scratch.LONG, CacheLines.FIRST + steps * WIDE));
        Packing.copyRows(p.m, p.k, a, p.ao, p.ars, rows, 0, VectorTiles.APART);
        for (int j = 0; j < p.n; j += WIDE) {
            int width = Math.min(WIDE, p.n - j);
            for (int q = 0; q < p.k; q += steps) {
                Product piece = p.part(0, j, q, p.m, width, Math.min(steps, p.k - q));
                VectorTranspose.panel(width, piece.k, b, piece.bo, p.bjs, panel, CacheLines.FIRST);
                piece.a(q, VectorTiles.APART, 1).b(CacheLines.FIRST, WIDE, 1);
                WideTiles.strips(piece, tall, 0, width, rows, panel, c, q == 0 ? start : c);
            }
        }
    }
}
