package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.TileStage;

/**
 * Products of a small batch whose right side lies column by column, as the input gradient of a layer: two vectors of
 * columns by a block of inner steps are transposed in registers into a panel in a first-level cache, and used at once
 * for all rows. For vectors as long as a square ({@link VectorSquares}).
 */
final class TransposedStrips {
    /** From this many rows on, lanes are full if the batch lies along them ({@code Matmul.rightTransposed}). */
    private static final int ROWS = 16;

    private TransposedStrips() {}

    /** Whether this pays; for one or two rows, squares of B are better used in registers. */
    static boolean pays(Product p, TileStage stage) {
        return LANES == VectorSquares.SIZE
                && stage.includes(TileStage.BLOCK)
                && p.bjs != 1
                && !p.byColumns()
                && p.m >= VectorTranspose.FEW_ROWS
                && p.m < ROWS
                && p.n >= WIDE
                && p.k >= VectorSquares.SIZE;
    }

    /** The number of columns that strips cover; the others, fewer than two vectors, are left. */
    static int columns(Product p) {
        return p.n / WIDE * WIDE;
    }

    /** Computes these columns. */
    static void multiply(TileStage stage, Product p, float[] a, float[] b, float[] c, float[] start) {
        int inner = TilePlan.innerBlock(p.k);
        for (int q = 0; q < p.k; q += inner) {
            Product block = p.part(0, 0, q, p.m, columns(p), Math.min(inner, p.k - q));
            block(TilePlan.tall(stage), block, a, b, c, q == 0 ? start : c);
        }
    }

    private static void block(int tall, Product p, float[] a, float[] b, float[] c, float[] start) {
        float[] rows = Scratch.BLOCK.floats((p.m + TilePlan.TALL) * VectorTiles.APART);
        float[] panel = Scratch.PANEL.floats(CacheLines.FIRST + p.k * WIDE);
        Packing.copyRows(p.m, p.k, a, p.ao, p.ars, rows, 0, VectorTiles.APART);
        for (int j = 0; j < p.n; j += WIDE) {
            VectorTranspose.panel(p.k, b, p.bo + j * p.bjs, p.bjs, panel, CacheLines.FIRST);
            Product strip =
                    p.part(0, j, 0, p.m, WIDE, p.k).a(0, VectorTiles.APART, 1).b(CacheLines.FIRST, WIDE, p.k);
            WideTiles.strips(strip, tall, 0, WIDE, rows, panel, c, start);
        }
    }
}
