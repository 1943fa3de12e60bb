package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.Scratch;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The product of the vector kernels. Each lane owns one element of the result and the inner index runs in order, so the
 * width of the machine's vectors changes nothing.
 *
 * <p>A product is cut into register tiles ({@link VectorTiles}, {@link TilePlan}): a block of B, copied into panels a
 * tile wide where that pays ({@link Packing}); for each block of rows of A, every panel in turn, and down each panel
 * the tiles. Tiles two vectors wide cover most of C ({@link WideTiles}, {@link ColumnTiles}); the remaining columns,
 * fewer than two vectors, are covered by narrower tiles, of which some lanes may lie outside C ({@link Edges}). Where
 * the inner size is short, strips of B stay in registers instead ({@link ShortProducts}); where A has few rows and B
 * lies column by column, squares of B are transposed in registers ({@link VectorTranspose}, {@link TransposedStrips}),
 * and other products of few rows go row by row ({@link RowProducts}). Where C has fewer columns than a vector, its rows
 * fill the lanes ({@link NarrowProducts}).
 */
public final class VectorMatmul {
    private VectorMatmul() {}

    /** {@code Kernels.matmul} with what is compiled. */
    public static void multiply(
            Compiled compiled, Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (VectorTranspose.fits(p) && compiled.has(Operation.TRANSPOSED_PRODUCTS, p.n * p.k)) {
            VectorTranspose.multiply(p, a, b, c, from);
            return;
        }
        Product rest = p;
        if (ShortProducts.pays(p) && compiled.has(Operation.steps(p.k), p.m * p.n)) {
            ShortProducts.multiply(compiled, p, a, b, c, from);
            int done = ShortProducts.columns(p);
            rest = p.part(0, done, 0, p.m, p.n - done, p.k);
        }
        if (TransposedStrips.pays(p)
                && hasTiles(compiled, p)
                && compiled.has(Operation.TRANSPOSED_PRODUCTS, p.n * p.k)) {
            TransposedStrips.multiply(compiled, p, a, b, c, from == null ? TilePlan.ZEROS : from);
            return;
        }
        if (NarrowProducts.pays(p) && compiled.has(Operation.NARROW_PRODUCTS, p.m * p.k)) {
            NarrowProducts.multiply(p, a, b, c, from);
            int done = NarrowProducts.rows(p);
            rest = p.part(done, 0, 0, p.m - done, p.n, p.k);
        }
        if (rest.m > 0 && rest.n > 0) {
            if (RowProducts.pays(rest)) {
                rows(compiled, rest, a, b, c, from);
            } else if (hasTiles(compiled, rest)) {
                blocks(compiled, rest, a, b, c, from);
            } else {
                ScalarMatmul.multiply(rest, a, b, c, from);
            }
        }
    }

    /** Whether the tiles that a product cannot do without are compiled. */
    private static boolean hasTiles(Compiled compiled, Product p) {
        boolean tiles = compiled.has(p.byColumns() ? Operation.COLUMNS : Operation.BLOCK, p.work());
        return TilePlan.isWhole(p.m, p.n) ? tiles : compiled.has(Operation.EDGES, p.work()) && tiles;
    }

    private static void rows(Compiled compiled, Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        if (compiled.has(Operation.ROWS, p.work())) {
            RowProducts.multiply(p, a, b, c, from);
        } else {
            ScalarMatmul.multiply(p, a, b, c, from);
        }
    }

    /** Block by block of B. */
    private static void blocks(Compiled compiled, Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        boolean packed = Packing.pays(p);
        for (int j = 0; j < p.n; j += TilePlan.COLUMN_BLOCK) {
            int columns = Math.min(TilePlan.COLUMN_BLOCK, p.n - j);
            int steps = TilePlan.steps(p.m, columns, p.k, p.byColumns());
            for (int q = 0; q < p.k; q += steps) {
                Product block = p.part(0, j, q, p.m, columns, Math.min(steps, p.k - q));
                block(compiled, packed, block, a, b, c, q == 0 ? from : c);
            }
        }
    }

    /**
     * All rows, one block of B.
     *
     * @param packed whether to copy the block into panels
     */
    private static void block(
            Compiled compiled, boolean packed, Product p, float[] a, float[] b, float[] c, float @Nullable [] from) {
        TilePlan plan = p.plan();
        plan.set(compiled, p, packed);
        if (plan.end < p.n) {
            Product others = p.part(0, plan.end, 0, p.m, p.n - plan.end, p.k);
            ScalarMatmul.multiply(others, a, b, c, from);
        }
        float[] panels = Scratch.PANEL.floats(CacheLines.FIRST + p.k * (plan.end + plan.last - plan.firstPacked()));
        Packing.copyPanels(plan, compiled, p, b, panels);
        float[] start = from == null ? TilePlan.ZEROS : from;
        for (int i = 0; i < p.m; i += plan.rows) {
            int rows = Math.min(plan.rows, p.m - i);
            Product block = rows == p.m ? p : p.part(i, 0, 0, rows, p.n, p.k);
            if (p.byColumns()) {
                ColumnTiles.multiply(plan, block, a, b, panels, c, start);
            } else {
                byRows(plan, block, a, b, panels, c, start);
            }
        }
    }

    /** A block of an A that lies row by row, and a block of B. */
    private static void byRows(
            TilePlan plan, Product p, float[] a, float[] b, float[] panels, float[] c, float[] start) {
        if (plan.wide > 0) {
            Product q = plan.packed ? Packing.panels(plan, p.part(), WIDE) : p;
            float[] x = plan.packed ? panels : b;
            if (plan.direct) {
                RowTiles.multiply(q, 0, plan.wide, a, x, c, start);
            } else if (TilePlan.ALONG_ROWS && plan.wide > WIDE && p.m > TilePlan.TALLEST) {
                WideTiles.alongRows(plan, q, a, x, c, start);
            } else {
                WideTiles.downStrips(plan, q, a, x, c, start);
            }
        }
        if (plan.wide < plan.end) {
            Product q = Packing.panels(plan, p.part(), plan.last);
            RowTiles.multiply(q, plan.wide, plan.end, a, panels, c, start);
        }
    }
}
