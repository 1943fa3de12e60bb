package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.DIRECT;
import static nn.tensor.internal.product.TilePlan.NARROW_ROWS;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.Scratch;

/**
 * Products by tiles that read A where it is, row by row, and B from panels: two vectors wide for few columns, one
 * vector wide for the last columns.
 */
final class RowTiles {
    private RowTiles() {}

    /**
     * Computes columns of C. The remaining rows, fewer than a tile has, are copied with padding to a whole tile, which
     * is computed into a temporary.
     *
     * @param p with panels as B, of which {@code bps} is the width
     */
    static void multiply(Product p, int begin, int end, float[] a, float[] panels, float[] c, float[] start) {
        int step = p.bps;
        int height = step == WIDE ? DIRECT : NARROW_ROWS;
        int whole = p.m / height * height;
        float[] rest = Scratch.BLOCK.floats(height * VectorTiles.APART);
        Packing.copyRows(p.m - whole, p.k, a, p.ao + whole * p.ars, p.ars, rest, 0, VectorTiles.APART);
        for (int j = begin; j < end; j += step) {
            int width = Math.min(step, end - j);
            int bj = p.bo + j * p.bjs;
            boolean overrun = Edges.mayOverrun(p, width, step, c, start);
            float[] from = overrun && p.ss == 0 ? Edges.paddedRow(p, j, width, step, start) : start;
            for (int i = 0; i < p.m; i += height) {
                boolean complete = i < whole;
                if (complete && (width == step || overrun && Edges.hasRoom(p.m - i - height, width, step))) {
                    int si = from == start ? p.so + i * p.ss + j * p.sj : 0;
                    tile(p, a, p.ao + i * p.ars, panels, bj, from, si, c, p.co + i * p.cs + j);
                    continue;
                }
                int rows = Math.min(height, p.m - i);
                float[] tile = Edges.temporary(p, i, j, rows, width, step, start);
                Product inTile = Edges.inTemporary(p, step);
                if (complete) {
                    tile(inTile, a, p.ao + i * p.ars, panels, bj, tile, 0, tile, 0);
                } else {
                    tile(inTile.a(0, VectorTiles.APART, 1), rest, 0, panels, bj, tile, 0, tile, 0);
                }
                Edges.copyBack(p, i, j, rows, width, step, tile, c);
            }
        }
    }

    /** One tile; ao, bo, fo and co are its places in A, B, the initial values of the sums and C. */
    static void tile(Product p, float[] a, int ao, float[] b, int bo, float[] from, int fo, float[] c, int co) {
        if (p.bps == WIDE) {
            VectorTiles.rows6x2(p.k, a, ao, p.ars, b, bo, from, fo, p.ss, c, co, p.cs);
        } else {
            VectorTiles.rows8x1(p.k, a, ao, p.ars, b, bo, from, fo, p.ss, c, co, p.cs);
        }
    }
}
