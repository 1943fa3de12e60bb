package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.NARROW_COLUMNS;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Scratch;

/** Products by tiles where A lies column by column, as in the gradient of a weight. */
final class ColumnTiles {
    /** Up to this number of floats, from its first row to its last, a block of C stays in a second-level cache. */
    private static final int CACHED = 1 << 19;

    /**
     * Inner steps by which the tiles of a copy of A are apart: tiles of 12 rows are three cache lines apart, those of 8
     * two, so that neighbours do not fall into the same sets of a first-level cache.
     */
    private static final int SPACE = 4;

    private ColumnTiles() {}

    /** Computes all columns of a plan; {@code b} is B in place. */
    static void multiply(TilePlan plan, Product p, float[] a, float[] b, float[] panels, float[] c, float[] start) {
        Product q = p.part();
        float[] x = a;
        if (plan.copiesColumns(p.m)) {
            boolean byTiles = plan.copiesByTiles();
            int step = byTiles ? p.k + SPACE : step(p.m);
            x = Scratch.BLOCK.floats(CacheLines.FIRST + (byTiles ? (p.m + NARROW_COLUMNS) * step : p.k * step));
            if (byTiles) {
                Packing.copyTiles(p, plan.tall, a, x, step, 0);
                q.a(CacheLines.FIRST, step, 0);
            } else {
                Packing.copyRows(p.k, p.m, a, p.ao, p.aps, x, CacheLines.FIRST, step);
                q.a(CacheLines.FIRST, 1, step);
            }
        }
        if (plan.wide > 0) {
            Product wide = plan.packed ? Packing.panels(plan, q, WIDE) : q;
            float[] y = plan.packed ? panels : b;
            if ((long) p.m * p.cs > CACHED) {
                alongRows(plan, wide, x, y, c, start);
            } else {
                downStrips(plan, wide, 0, plan.wide, x, y, c, start);
            }
        }
        if (plan.wide < plan.end) {
            Packing.panels(plan, q, plan.last);
            if (plan.last == WIDE) {
                downStrips(plan, q, plan.wide, plan.end, x, panels, c, start);
            } else {
                narrow(q, plan.wide, plan.end, x, panels, c, start);
            }
        }
    }

    /**
     * Floats from column to column of a copy of A, with room for whole tiles: an odd number of cache lines, so that a
     * tile's columns fall into different sets of a first-level cache.
     */
    private static int step(int m) {
        int lines = (m + NARROW_COLUMNS + CacheLines.FLOATS - 1) / CacheLines.FLOATS;
        return (lines | 1) * CacheLines.FLOATS;
    }

    /** Goes down each strip of C: tall tiles, then short ones. */
    private static void downStrips(
            TilePlan plan, Product p, int begin, int end, float[] a, float[] b, float[] c, float[] start) {
        if (p.byColumns()) {
            WideTiles.strips(p, plan.tall, begin, end, a, b, c, start);
            return;
        }
        int tall = plan.tall;
        int high = Math.min(p.m, TilePlan.tallRows(TilePlan.tiledRows(p.m, tall), tall));
        WideTiles.strips(tiles(p, 0, high, tall), tall, begin, end, a, b, c, start);
        if (high < p.m) {
            WideTiles.strips(tiles(p, high, p.m - high, TilePlan.SHORT), TilePlan.SHORT, begin, end, a, b, c, start);
        }
    }

    /** Some rows of a product whose A is copied tile by tile, all tiles of one height. */
    private static Product tiles(Product p, int i, int rows, int height) {
        Product part = p.part(i, 0, 0, rows, p.n, p.k);
        return part.a(part.ao, part.ars, height);
    }

    /**
     * Goes along rows of tiles. Down a strip, each row of a large C would be in another page, and in the same sets of a
     * cache.
     */
    private static void alongRows(TilePlan plan, Product p, float[] a, float[] b, float[] c, float[] start) {
        int m = p.m;
        int tall = plan.tall;
        int endOfTall = TilePlan.tallRows(TilePlan.tiledRows(m, tall), tall);
        int rows;
        for (int i = 0; i < m; i += rows) {
            int height = i < endOfTall ? tall : TilePlan.SHORT;
            rows = Math.min(height, m - i);
            Product row = p.byColumns() ? p.part(i, 0, 0, rows, p.n, p.k) : tiles(p, i, rows, height);
            WideTiles.row(row, height, plan.wide, a, b, c, start);
        }
    }

    /** Columns of C by tiles one vector wide. */
    private static void narrow(Product p, int begin, int end, float[] a, float[] panels, float[] c, float[] start) {
        for (int j = begin; j < end; j += LANES) {
            int width = Math.min(LANES, end - j);
            int bj = p.bo + j * p.bjs;
            boolean overrun = Edges.mayOverrun(p, width, LANES, c, start);
            float[] from = overrun && p.ss == 0 ? Edges.paddedRow(p, j, width, LANES, start) : start;
            for (int i = 0; i < p.m; i += NARROW_COLUMNS) {
                int next = i + NARROW_COLUMNS;
                if (next <= p.m && (width == LANES || overrun && Edges.hasRoom(p.m - next, width, LANES))) {
                    int si = from == start ? p.so + i * p.ss + j * p.sj : 0;
                    tile(p, a, p.ao + i, panels, bj, from, si, c, p.co + i * p.cs + j);
                } else {
                    int rows = Math.min(NARROW_COLUMNS, p.m - i);
                    float[] tile = Edges.temporary(p, i, j, rows, width, LANES, start);
                    tile(Edges.inTemporary(p, LANES), a, p.ao + i, panels, bj, tile, 0, tile, 0);
                    Edges.copyBack(p, i, j, rows, width, LANES, tile, c);
                }
            }
        }
    }

    /** One tile; ao, bo, fo and co are its places in A, B, the initial values of the sums and C. */
    static void tile(Product p, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        if (NARROW_COLUMNS == 16) {
            VectorTiles.columns16x1(p.k, a, ao, p.aps, b, bo, LANES, from, fo, p.ss, c, co, p.cs);
        } else {
            VectorTiles.columns8x1(p.k, a, ao, p.aps, b, bo, LANES, from, fo, p.ss, c, co, p.cs);
        }
    }
}
