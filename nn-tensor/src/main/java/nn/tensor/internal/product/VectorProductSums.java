package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.SHORT;
import static nn.tensor.internal.product.TilePlan.WIDE;

import java.util.Arrays;
import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.PerThread;
import nn.tensor.internal.thread.Scratch;

/**
 * Sums of products over a tree by register tiles ({@link VectorTreeTiles}). The operands of all leaves are packed like
 * those of one product. A tile runs over the rows of one leaf after the other; after each, it is added to the sums of
 * the nodes that end there, which are held in tiles of their own.
 *
 * <p>Where the rows of all leaves fit into one block, each tile of C goes through all of them, and held sums stay in a
 * first-level cache. Otherwise C is computed in pieces, and the sums of all tiles of a piece are held from one block of
 * rows to the next.
 *
 * <p>Each thread has one of these, whose fields say what it computes next.
 */
public final class VectorProductSums {
    /** The taller of the two heights of tiles: no taller than the vectors that copy A. */
    static final int TALL = LANES >= TilePlan.TALL ? TilePlan.TALL : SHORT;

    /** Floats of a tile. */
    static final int TILE = TALL * WIDE;

    /** The most rows of a block. */
    private static final int BLOCK = 512;

    /** Floats of a block of A, and of one of B: they share a second-level cache. */
    private static final int LEFT = 1 << 17;

    private static final int RIGHT = 1 << 18;

    /** Heights of pieces of C are multiples of this, which tiles of each height fill. */
    private static final int HEIGHT = 48;

    /** Columns of a piece of C that is computed in several blocks, and floats of all sums that are held for it. */
    private static final int PIECE_COLUMNS = 256;

    private static final int PIECES = 1 << 19;

    /** Floats of a C that is computed from top to bottom, see {@link ColumnTiles}. */
    private static final int CACHED = 1 << 19;

    /** Rows by which the tiles of a copy of A are apart, see {@link ColumnTiles}. */
    private static final int SPACE = 4;

    /** Rows of B that are copied into all panels before the next ones. */
    private static final int ROWS_AT_ONCE = 8;

    /** Where a tile of zeros is in the buffer of sums, and where the sums begin: at cache lines. */
    private static final int ZEROS = CacheLines.FIRST;

    private static final int SUMS = ZEROS + TILE;

    /** Floats of a buffer for a {@link #trial}. */
    static final int TRIAL = SUMS + TILE;

    private static final PerThread<VectorProductSums> HELD = new PerThread<>(VectorProductSums::new);

    // a piece of C
    private int row;
    private int column;
    private int rows;
    private int columns;
    private int tiled; // rows that tiles cover, some of them beyond C
    private int endOfTall; // rows of these that tall tiles cover
    private int wide; // columns that tiles two vectors wide cover
    private int last; // the width of the tile for the other columns

    // a block of steps
    private int first;
    private int end;
    private int inner; // rows of their leaves
    private int held; // sums that are held when it begins
    private boolean isAll; // whether there is no other block

    // a step of a tile
    private int k;
    private int ao;
    private int as;
    private int bo;
    private int bs;
    private int from; // where the product begins in the held sums
    private int added;
    private int ho; // the first held sum that is added
    private int apart; // from a held sum to the next one
    private int to; // where its sum is held

    private VectorProductSums() {}

    /** {@code Kernels.sumProducts}. */
    public static void sum(ProductSums products, TreeSteps steps, Submatrix part, float[] c, int co) {
        int row = (part.at - part.column) / part.step;
        int column = part.column;
        int m = part.rows;
        int n = part.columns;
        VectorProductSums own = HELD.get();
        own.begin(steps);
        int width = own.isAll ? RIGHT / Math.max(1, own.inner) / WIDE * WIDE : PIECE_COLUMNS;
        width = Math.max(WIDE, width);
        int most = own.isAll
                ? LEFT / Math.max(HEIGHT, own.inner)
                : PIECES / steps.most / TilePlan.roundUp(Math.min(n, width), WIDE);
        int high = TilePlan.evenly(m, Math.max(HEIGHT, most / HEIGHT * HEIGHT), HEIGHT);
        for (int j = 0; j < n; j += width) {
            for (int i = 0; i < m; i += high) {
                own.piece(row + i, column + j, Math.min(high, m - i), Math.min(width, n - j));
                own.compute(products, steps, i == 0, c, co);
            }
        }
    }

    /** Describes a piece of C. */
    private void piece(int row, int column, int rows, int columns) {
        this.row = row;
        this.column = column;
        this.rows = rows;
        this.columns = columns;
        tiled = TilePlan.tiledRows(rows, TALL);
        endOfTall = TilePlan.tallRows(tiled, TALL);
        wide = columns / WIDE * WIDE;
        last = columns - wide > LANES ? WIDE : LANES;
    }

    /** Describes the first block of steps. */
    private void begin(TreeSteps steps) {
        first = 0;
        end = 0;
        held = 0;
        next(steps);
        isAll = end == steps.count;
    }

    /** Describes the next block of steps. */
    private void next(TreeSteps steps) {
        for (int s = first; s < end; s++) {
            held += steps.change(s);
        }
        first = end;
        inner = 0;
        while (end < steps.count && inner + steps.rows[end] <= BLOCK) {
            inner += steps.rows[end];
            end++;
        }
    }

    /**
     * Computes the piece, block by block.
     *
     * @param isFirst whether it is the first piece of its columns, whose B is not packed yet
     */
    private void compute(ProductSums products, TreeSteps steps, boolean isFirst, float[] c, int co) {
        int strips = (columns + WIDE - 1) / WIDE;
        apart = isAll ? TILE : TILE * strips * tilesAbove(tiled);
        float[] sums = Scratch.TREE.floats(Math.max(Scratch.LONG, SUMS + steps.most * apart));
        Arrays.fill(sums, ZEROS, SUMS, 0f);
        if (!isAll) {
            begin(steps);
        }
        do {
            float[] x = Scratch.BLOCK.floats(CacheLines.FIRST + tiled * (inner + SPACE));
            float[] y = Scratch.PANEL.floats(CacheLines.FIRST + inner * strips * WIDE);
            copyA(products, steps, x);
            if (isFirst || !isAll) {
                copyB(products, steps, y);
            }
            tiles(products.n, steps, x, y, sums, c, co);
            if (isAll) {
                return; // the next piece has the same block
            }
            next(steps);
        } while (first < steps.count);
    }

    /** Tiles above a row of the piece. */
    private int tilesAbove(int i) {
        return i < endOfTall ? i / TALL : endOfTall / TALL + (i - endOfTall) / SHORT;
    }

    /** Copies the rows of A tile by tile. */
    private void copyA(ProductSums products, TreeSteps steps, float[] x) {
        int done = 0;
        for (int s = first; s < end; s++) {
            int leaf = steps.leaf[s];
            int from = products.a(leaf, steps.row[s]) + row;
            Product p = Product.of(rows, 0, steps.rows[s]).a(from, 1, products.m);
            Packing.copyTiles(p, TALL, products.a(leaf), x, inner + SPACE, done);
            done += p.k;
        }
    }

    /** Copies the rows of B into panels; that of column j begins at {@code j * inner}. */
    private void copyB(ProductSums products, TreeSteps steps, float[] y) {
        int n = products.n;
        int done = 0;
        for (int s = first; s < end; s++) {
            int leaf = steps.leaf[s];
            float[] b = products.b(leaf);
            for (int q = 0; q < steps.rows[s]; q += ROWS_AT_ONCE) {
                int count = Math.min(ROWS_AT_ONCE, steps.rows[s] - q);
                int from = products.b(leaf, steps.row[s] + q) + column;
                for (int j = 0; j < wide; j += WIDE) {
                    Packing.copyTwoVectors(count, b, from + j, n, y, CacheLines.FIRST + j * inner + done * WIDE);
                }
                if (wide < columns) {
                    int at = CacheLines.FIRST + wide * inner + done * last;
                    Packing.copyVectors(columns - wide, count, b, from + wide, n, y, at, last);
                }
                done += count;
            }
        }
    }

    /** All tiles of the piece: down strips, or along rows where C is large, as {@link ColumnTiles} does. */
    private void tiles(int n, TreeSteps steps, float[] x, float[] y, float[] sums, float[] c, int co) {
        boolean downStrips = (long) rows * n <= CACHED;
        int below;
        for (int i = 0; i < tiled; i = below) {
            below = downStrips ? tiled : i + (i < endOfTall ? TALL : SHORT);
            for (int j = 0; j < columns; j += WIDE) {
                strip(n, steps, i, below, j, x, y, sums, c, co);
            }
        }
    }

    /** Tiles below each other. */
    private void strip(
            int n, TreeSteps steps, int from, int below, int j, float[] x, float[] y, float[] sums, float[] c, int co) {
        int width = j < wide ? WIDE : last;
        int height;
        for (int i = from; i < below; i += height) {
            height = i < endOfTall ? TALL : SHORT;
            int slot = SUMS + (isAll ? 0 : TILE * (j / WIDE * tilesAbove(tiled) + tilesAbove(i)));
            ao = CacheLines.FIRST + i * (inner + SPACE);
            bo = CacheLines.FIRST + j * inner;
            int at = co + (row + i) * n + column + j;
            tile(steps, height, width, slot, x, y, sums);
            if (end == steps.count) {
                copyBack(Math.min(height, rows - i), Math.min(width, columns - j), width, sums, slot, c, at, n);
            }
        }
    }

    /** Copies the part of a tile that belongs to C. */
    private static void copyBack(int rows, int columns, int width, float[] sums, int slot, float[] c, int co, int n) {
        if (columns < width) {
            Edges.copyBack(rows, columns, width, sums, slot, c, co, n);
        } else {
            for (int v = 0; v < width; v += LANES) {
                Packing.copyOneVector(rows, sums, slot + v, width, c, co + v, n);
            }
        }
    }

    /** One tile, which goes through the block of steps. */
    private void tile(TreeSteps steps, int height, int width, int slot, float[] x, float[] y, float[] sums) {
        as = height;
        bs = width;
        int level = held;
        for (int s = first; s < end; s++) {
            boolean goesOn = steps.continues[s];
            if (goesOn) {
                level--;
            }
            k = steps.rows[s];
            added = steps.added[s];
            from = goesOn ? slot + level * apart : ZEROS;
            ho = slot + (level - 1) * apart;
            level -= added;
            to = slot + level * apart;
            run(height, width, x, y, sums);
            level++;
            ao += k * height;
            bo += k * width;
        }
    }

    private void run(int height, int width, float[] x, float[] y, float[] sums) {
        if (width == WIDE) {
            switch (height) {
                case 12 -> VectorTreeTiles.tile12x2(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                case 8 -> VectorTreeTiles.tile8x2(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                case 5 -> VectorTreeTiles.tile5x2(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                default -> VectorTreeTiles.tile4x2(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
            }
        } else {
            switch (height) {
                case 12 -> VectorTreeTiles.tile12x1(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                case 8 -> VectorTreeTiles.tile8x1(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                case 5 -> VectorTreeTiles.tile5x1(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
                default -> VectorTreeTiles.tile4x1(k, x, ao, as, y, bo, bs, sums, from, added, sums, ho, apart, to);
            }
        }
    }

    /** Runs a tile that adds one tile, for {@link ProductTrials}. */
    static void trial(int k, int height, int width, float[] data, float[] sums) {
        VectorProductSums own = HELD.get();
        own.k = k;
        own.ao = 0;
        own.as = height;
        own.bo = 0;
        own.bs = width;
        own.from = ZEROS;
        own.added = 1;
        own.ho = SUMS;
        own.apart = TILE;
        own.to = SUMS;
        own.run(height, width, data, data, sums);
    }
}
