package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;

/**
 * Copies operands to where tiles read them fast: columns of B into panels, each as wide as a tile and without gaps
 * between its rows, and rows or columns of A into a block.
 */
public final class Packing {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** From this many rows on, copying B pays, unless tiles go along rows. */
    private static final int WORTH_PACKING = 100;

    /** The same where tiles go along rows, for a B that stays in a second-level cache. */
    private static final int WORTH_PACKING_CACHED = 300;

    /** The same where such a B is in many pages. */
    private static final int WORTH_PACKING_PAGES = 200;

    /** The same for a larger B. */
    private static final int WORTH_PACKING_LARGE = 24;

    /** Floats of B that stay in a second-level cache of 2 MB together with A and C. */
    private static final int CACHED = 3 << 17;

    /**
     * Floats of a block of B in 64 pages of 4 KB. A strip of it touches all pages; a first-level cache of addresses has
     * room for 96.
     */
    private static final int FEW_PAGES = 1 << 16;

    /** Rows of B that are copied into all panels before the next ones. */
    private static final int ROWS_AT_ONCE = 8;

    private Packing() {}

    /** Whether to copy B into panels: where it lies column by column, or is read often enough. */
    static boolean pays(Product p) {
        if (p.bjs != 1) {
            return true;
        }
        if (p.byColumns() || !TilePlan.ALONG_ROWS) {
            return p.m >= WORTH_PACKING;
        }
        if ((long) p.n * p.k > CACHED) {
            return p.m >= WORTH_PACKING_LARGE;
        }
        return p.m >= (TilePlan.innerBlock(p.k) * p.n > FEW_PAGES ? WORTH_PACKING_PAGES : WORTH_PACKING_CACHED);
    }

    /**
     * Copies columns of B, from {@link TilePlan#firstPacked} on, into panels as wide as the tiles. The panel of column
     * j begins at {@code (j - firstPacked) * k}.
     */
    static void copyPanels(TilePlan plan, Compiled compiled, Product p, float[] b, float[] panels) {
        int first = plan.firstPacked();
        boolean byRows = p.bjs == 1 && first < plan.wide;
        if (byRows) {
            copyWidePanels(p, plan.wide, b, panels);
        }
        for (int j = byRows ? plan.wide : first; j < plan.end; j += j < plan.wide ? WIDE : plan.last) {
            int step = j < plan.wide ? WIDE : plan.last;
            int width = Math.min(step, plan.end - j);
            int from = p.bo + j * p.bjs;
            int to = CacheLines.FIRST + (j - first) * p.k;
            if (p.bjs != 1) {
                if (width < step) {
                    Arrays.fill(panels, to, to + p.k * step, 0f);
                }
                transpose(compiled, width, p.k, b, from, p.bjs, panels, to, step);
            } else {
                copyVectors(width, p.k, b, from, p.bps, panels, to, step);
            }
        }
    }

    /**
     * Copies all panels two vectors wide of a B that lies row by row, some rows at a time: they are read in order, as
     * the processor expects, and a panel gets whole lines of a cache.
     */
    private static void copyWidePanels(Product p, int wide, float[] b, float[] panels) {
        for (int q = 0; q < p.k; q += ROWS_AT_ONCE) {
            int rows = Math.min(ROWS_AT_ONCE, p.k - q);
            int from = p.bo + q * p.bps;
            int to = CacheLines.FIRST + q * WIDE;
            for (int j = 0; j < wide; j += WIDE) {
                copyTwoVectors(rows, b, from + j, p.bps, panels, to + j * p.k);
            }
        }
    }

    /**
     * Copies an A that lies column by column tile by tile, see {@link WideTiles#strips}: first tall tiles, then short
     * ones.
     *
     * @param step row i of A, if a tile begins there, begins at {@code i * step} in y, behind {@link CacheLines#FIRST}
     * @param first the inner step of the copy at which this A begins; those before it are copied first
     */
    static void copyTiles(Product p, int tall, float[] a, float[] y, int step, int first) {
        int endOfTall = TilePlan.tallRows(TilePlan.tiledRows(p.m, tall), tall);
        for (int q = 0; q < p.k; q += ROWS_AT_ONCE) {
            int columns = Math.min(ROWS_AT_ONCE, p.k - q);
            int from = p.ao + q * p.aps;
            int height;
            for (int i = 0; i < p.m; i += height) {
                height = i < endOfTall ? tall : TilePlan.SHORT;
                int to = CacheLines.FIRST + i * step + (first + q) * height;
                if (i + LANES <= p.m) {
                    copyOneVector(columns, a, from + i, p.aps, y, to, height);
                } else {
                    copyVector(p.m - i, columns, a, from + i, p.aps, y, to, height);
                }
            }
        }
    }

    /** Sets panels of a width as B; column j begins at {@code bo + j * bjs}, from {@link TilePlan#firstPacked} on. */
    static Product panels(TilePlan plan, Product p, int width) {
        return p.b(CacheLines.FIRST - plan.firstPacked() * p.k, width, p.k);
    }

    /** {@code Kernels.transpose}, on vectors if that is compiled. */
    static void transpose(
            Compiled compiled, int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        if (compiled.has(Operation.TRANSPOSE, rows * columns)) {
            VectorTranspose.transpose(rows, columns, x, xo, xs, y, yo, ys);
        } else {
            ScalarTranspose.transpose(rows, columns, x, xo, xs, y, yo, ys);
        }
    }

    /**
     * y = x' for fewer columns than a square has; x has no more than these. Where it may, it reads whole squares,
     * with elements beyond the columns, and writes them to rows of y that nobody reads.
     *
     * @param y with room for {@link VectorSquares#SIZE} rows, from 0 on
     */
    static void transposeShort(Compiled compiled, int rows, int columns, float[] x, int xo, int xs, float[] y, int ys) {
        int readable = (x.length - xo - VectorSquares.SIZE) / xs + 1;
        int squares =
                LANES == VectorSquares.SIZE ? Math.min(rows, readable) / VectorSquares.SIZE * VectorSquares.SIZE : 0;
        if (squares > 0 && compiled.has(Operation.TRANSPOSE, rows * columns)) {
            VectorSquares.transpose(squares, x, xo, xs, y, 0, ys);
        } else {
            squares = 0;
        }
        ScalarTranspose.transpose(rows - squares, columns, x, xo + squares * xs, xs, y, squares, ys);
    }

    /** Copies two vectors of a number of rows. */
    static void copyTwoVectors(int rows, float[] x, int xo, int xs, float[] y, int yo) {
        if (rows == 0) {
            return; // see EmptyCall
        }
        int from = xo;
        int to = yo;
        for (int p = 0; p < rows; p++) {
            FloatVector.fromArray(SPECIES, x, from).intoArray(y, to);
            FloatVector.fromArray(SPECIES, x, from + LANES).intoArray(y, to + LANES);
            from += xs;
            to += WIDE;
        }
    }

    /** Copies one vector of a number of rows, of which the next one overwrites what lies beyond its step. */
    static void copyOneVector(int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        if (rows == 0) {
            return; // see EmptyCall
        }
        int from = xo;
        int to = yo;
        for (int p = 0; p < rows; p++) {
            FloatVector.fromArray(SPECIES, x, from).intoArray(y, to);
            from += xs;
            to += ys;
        }
    }

    /** Copies up to two vectors of a number of rows, padded with zeros to a step. */
    public static void copyVectors(int width, int rows, float[] x, int xo, int xs, float[] y, int yo, int step) {
        for (int v = 0; v < step; v += LANES) {
            copyVector(Math.min(LANES, width - v), rows, x, xo + v, xs, y, yo + v, step);
        }
    }

    /** Copies up to one vector of a number of rows, padded with zeros. */
    static void copyVector(int width, int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        if (rows == 0) {
            return; // before a mask is made, see EmptyCall
        }
        VectorMask<Float> lanes = SPECIES.indexInRange(0, width);
        int from = xo;
        int to = yo;
        for (int p = 0; p < rows; p++) {
            FloatVector.fromArray(SPECIES, x, from, lanes).intoArray(y, to);
            from += xs;
            to += ys;
        }
    }

    /**
     * Copies a matrix row by row into a block. Not by vectors: rows are long enough for the copy that the JVM has.
     *
     * @param xs step from row to row of x
     * @param yo where the block begins in y
     * @param ys step from row to row of the block
     */
    static void copyRows(int rows, int columns, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(x, xo + i * xs, y, yo + i * ys, columns);
        }
    }
}
