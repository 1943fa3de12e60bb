package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.SHORT;
import static nn.tensor.internal.product.TilePlan.TALL;
import static nn.tensor.internal.product.TilePlan.TALLEST;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.Scratch;

/**
 * Products by tiles two vectors wide, of several heights, that read A from a copy of its rows or column by column.
 */
final class WideTiles {
    private WideTiles() {}

    /**
     * Copies A and goes down each strip of C. Column j of B, a multiple of {@link TilePlan#WIDE}, begins at {@code bo +
     * j * bjs}: in place or in a panel.
     */
    static void downStrips(TilePlan plan, Product p, float[] a, float[] b, float[] c, float[] start) {
        float[] block = Scratch.BLOCK.floats((p.m + TALL) * VectorTiles.APART);
        Packing.copyRows(p.m, p.k, a, p.ao, p.ars, block, 0, VectorTiles.APART);
        strips(p.part().a(0, VectorTiles.APART, 1), plan.tall, 0, plan.wide, block, b, c, start);
    }

    /**
     * Goes along rows of tiles, with B in place or in panels: their piece of A stays in a first-level cache, where a
     * copy costs half as much. Down a strip, it would come from a second-level cache, and C, if large, from memory at
     * the start of each tile.
     */
    static void alongRows(TilePlan plan, Product p, float[] a, float[] b, float[] c, float[] start) {
        int m = p.m;
        int tall = plan.tall;
        int tallest = plan.tallest;
        int fewest = (m + tallest - 1) / tallest;
        boolean filled = fewest * tall <= m;
        int endOfTallest = filled ? (m - fewest * tall) * tallest : 0;
        int endOfTall = filled ? m : TilePlan.tallRows(TilePlan.tiledRows(m, tall), tall);
        float[] block = Scratch.BLOCK.floats(TALLEST * VectorTiles.APART);
        int rows;
        for (int i = 0; i < m; i += rows) {
            int height = i < endOfTallest ? tallest : i < endOfTall ? tall : SHORT;
            rows = Math.min(height, m - i);
            for (int q = 0; q < p.k; q += plan.inner) {
                Product row = p.part(i, 0, q, rows, p.n, Math.min(plan.inner, p.k - q));
                Packing.copyRows(rows, row.k, a, row.ao, row.ars, block, 0, VectorTiles.APART);
                row(row.a(0, VectorTiles.APART, 1), height, plan.wide, block, b, c, q == 0 ? start : c);
            }
        }
    }

    /**
     * One row of tiles, which lie in C but for the last rows of C. Whole tiles do not need the checks between tiles of
     * {@link #strips}: without them a tile takes 390 ns instead of 400.
     */
    static void row(Product p, int height, int wide, float[] a, float[] b, float[] c, float[] start) {
        if (p.m < height) {
            strips(p, height, 0, wide, a, b, c, start);
            return;
        }
        for (int j = 0; j < wide; j += WIDE) {
            tile(p, height, a, p.ao, b, p.bo + j * p.bjs, start, p.so + j * p.sj, c, p.co + j);
        }
    }

    /**
     * Strips of C, the last one up to two vectors wide: in each, first tall tiles, then short ones. A is a copy in
     * rows, or lies column by column or tile by tile, with room for whole tiles. Tile by tile means that a tile's
     * elements of an inner step are neighbours, and its steps follow one another: {@code aps} is the height of all
     * tiles, and row i begins a tile at {@code ao + i * ars}.
     */
    static void strips(Product p, int tall, int begin, int end, float[] a, float[] b, float[] c, float[] start) {
        int rows = TilePlan.tiledRows(p.m, tall);
        int endOfTall = TilePlan.tallRows(rows, tall);
        for (int j = begin; j < end; j += WIDE) {
            int width = Math.min(WIDE, end - j);
            int bj = p.bo + j * p.bjs;
            boolean overrun = Edges.mayOverrun(p, width, WIDE, c, start);
            float[] from = overrun && p.ss == 0 ? Edges.paddedRow(p, j, width, WIDE, start) : start;
            int i = 0;
            if (width == WIDE) { // whole tall tiles, without the checks below
                for (; i < endOfTall && i + tall <= p.m; i += tall) {
                    int at = p.so + i * p.ss + j * p.sj;
                    tile(p, tall, a, p.ao + i * p.ars, b, bj, start, at, c, p.co + i * p.cs + j);
                }
            }
            while (i < rows) {
                int height = i < endOfTall ? tall : SHORT;
                int ai = p.ao + i * p.ars;
                int next = i + height;
                if (next <= p.m && (width == WIDE || overrun && Edges.hasRoom(p.m - next, width, WIDE))) {
                    int si = from == start ? p.so + i * p.ss + j * p.sj : 0;
                    tile(p, height, a, ai, b, bj, from, si, c, p.co + i * p.cs + j);
                } else {
                    int inside = Math.min(height, p.m - i);
                    float[] tile = Edges.temporary(p, i, j, inside, width, WIDE, start);
                    tile(Edges.inTemporary(p, WIDE), height, a, ai, b, bj, tile, 0, tile, 0);
                    Edges.copyBack(p, i, j, inside, width, WIDE, tile, c);
                }
                i = next;
            }
        }
    }

    /** One tile; ao, bo, fo and co are its places in A, B, the initial values of the sums and C. */
    static void tile(
            Product p, int height, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        if (p.byColumns() || p.aps > 1) {
            columnsTile(p, height, a, ao, b, bo, from, fo, c, co);
        } else {
            blockTile(p, height, a, ao, b, bo, from, fo, c, co);
        }
    }

    private static void blockTile(
            Product p, int height, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        int k = p.k;
        int as = p.aps;
        int bs = p.bps;
        int fs = p.ss;
        int cs = p.cs;
        switch (height) {
            case 13 -> VectorTiles.block13x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 12 -> VectorTiles.block12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 8 -> VectorTiles.block8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 5 -> VectorTiles.block5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            default -> VectorTiles.block4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        }
    }

    private static void columnsTile(
            Product p, int height, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        int k = p.k;
        int as = p.aps;
        int bs = p.bps;
        int fs = p.ss;
        int cs = p.cs;
        switch (height) {
            case 12 -> VectorTiles.columns12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 10 -> VectorTiles.columns10x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 8 -> VectorTiles.columns8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            case 5 -> VectorTiles.columns5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            default -> VectorTiles.columns4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        }
    }
}
