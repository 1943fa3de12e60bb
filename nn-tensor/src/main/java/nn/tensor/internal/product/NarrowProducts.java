package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Products of fewer columns than a vector has, such as those of an output layer: C' = S' + B' A' in strips of 32 rows
 * of C, which fill two vectors. A that lies column by column is read where it is; of one that lies row by row, the
 * strip is transposed in registers into a panel in a first-level cache. The sums of a strip are transposed in registers
 * on their way to C. For vectors as long as a square ({@link VectorSquares}).
 */
public final class NarrowProducts {
    /** Fewer columns than this are not worth a tile where A lies column by column. */
    public static final int FEW_COLUMNS = RowProducts.FEW_ROWS;

    /** Inner steps of a panel, a multiple of a square's side: it stays in a first-level cache. */
    private static final int INNER_BLOCK = 256;

    /** Floats of the sums of a strip, for as many columns as a vector has at most. */
    private static final int SUMS = LANES * WIDE;

    private NarrowProducts() {}

    /**
     * Whether this pays, for the {@linkplain #rows rows} that strips cover. To transpose A costs as much as is gained
     * for more columns than a tall tile has, and more for few inner steps. One to three columns of an A that lies
     * column by column are computed row by row of the transposed product ({@code Matmul.leftTransposed}).
     */
    static boolean pays(Product p) {
        boolean narrow = LANES == VectorSquares.SIZE && p.n > 0 && p.n < LANES && p.m >= WIDE && p.bjs == 1;
        return narrow && (p.byColumns() ? p.n >= FEW_COLUMNS && p.k >= LANES : p.n <= TilePlan.TALL && p.k >= WIDE);
    }

    /** The number of rows that strips cover; the others, fewer than two vectors have lanes, are left. */
    static int rows(Product p) {
        return p.m / WIDE * WIDE;
    }

    /** Computes these rows. */
    static void multiply(Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        float[] y = b;
        int yo = p.bo;
        if (p.bo + (p.k - 1) * p.bps + LANES > b.length) { // tiles read beyond the last row
            y = Scratch.BLOCK.floats(p.k * p.n + LANES);
            yo = 0;
            int contiguous = p.bps == p.n ? p.k : 1;
            for (int q = 0; q < p.k; q += contiguous) {
                System.arraycopy(b, p.bo + q * p.bps, y, q * p.n, contiguous * p.n);
            }
        }
        int ys = y == b ? p.bps : p.n;
        float[] start = from == null ? TilePlan.ZEROS : Scratch.START.floats(SUMS);
        float[] sums = Scratch.TILE.floats(SUMS + LANES * LANES);
        int rows = rows(p);
        for (int i = 0; i < rows; i += WIDE) {
            if (from != null && (i == 0 || p.ss != 0)) {
                ScalarTranspose.transpose(WIDE, p.n, from, p.so + i * p.ss, p.ss, start, 0, WIDE);
            }
            Product strip =
                    p.part(i, 0, 0, WIDE, p.n, p.k).transpose().a(yo, 1, ys).c(0, WIDE);
            strip(from == null ? strip.beginWithZeros() : strip.beginWithC(), y, a, start, sums);
            boolean mayOverrun = p.cs == p.n && from != c;
            store(p, i, mayOverrun, sums, 0, c);
            store(p, i + LANES, mayOverrun && i + WIDE < rows, sums, LANES, c);
        }
    }

    /** The sums of a strip, C' [n x 32]. */
    private static void strip(Product p, float[] a, float[] b, float[] start, float[] sums) {
        if (p.bjs == 1) {
            tiles(p, a, b, start, sums);
            return;
        }
        int inner = TilePlan.evenly(p.k, INNER_BLOCK, VectorSquares.SIZE);
        float[] panel = Scratch.PANEL.floats(CacheLines.FIRST + inner * WIDE);
        for (int q = 0; q < p.k; q += inner) {
            Product block = p.part(0, 0, q, p.m, WIDE, Math.min(inner, p.k - q));
            VectorTranspose.panel(WIDE, block.k, b, block.bo, block.bjs, panel, CacheLines.FIRST);
            tiles(block.b(CacheLines.FIRST, WIDE, 1), a, panel, q == 0 ? start : sums, sums);
        }
    }

    /** One tile, or two of them for more rows than a tall one has. */
    private static void tiles(Product p, float[] a, float[] b, float[] from, float[] sums) {
        int height = p.m <= 8 ? 8 : p.m <= 10 ? 10 : p.m <= 12 ? 12 : 8;
        WideTiles.tile(p, height, a, p.ao, b, p.bo, from, p.so, sums, 0);
        if (height < p.m) {
            WideTiles.tile(p, height, a, p.ao + height, b, p.bo, from, p.so + height * p.ss, sums, height * WIDE);
        }
    }

    /**
     * Stores 16 rows of C, from row i on; their sums are columns from {@code at} on.
     *
     * @param mayOverrun whether what comes after a row of C may be overwritten, because it is written next
     */
    private static void store(Product p, int i, boolean mayOverrun, float[] sums, int at, float[] c) {
        int to = p.co + i * p.cs;
        if (mayOverrun) {
            VectorSquares.transpose(LANES, sums, at, WIDE, c, to, p.cs);
        } else {
            VectorSquares.transpose(LANES, sums, at, WIDE, sums, SUMS, LANES);
            Edges.copyBack(LANES, p.n, LANES, sums, SUMS, c, to, p.cs);
        }
    }
}
