package nn.tensor.internal.product;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.SHORT;
import static nn.tensor.internal.product.TilePlan.WIDE;

import nn.tensor.internal.row.Submatrix;
import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.PerThread;
import nn.tensor.internal.thread.Scratch;

/**
 * Sums of products over a tree by register tiles ({@link VectorTreeTiles}). The operands of all leaves are packed like
 * those of one product. A tile of C is computed leaf by leaf. Products of up to eight leaves that are a subtree are
 * held until all of them are there, and added at once ({@link VectorTreeSums}); all others are added one by one.
 *
 * <p>With vectors of 512 bits, two neighbours of such a subtree with as many rows, 128 at most, are a pair, if all
 * neighbours in it are: their products are computed together, and added in registers.
 *
 * <p>Where the rows of all leaves fit into one block, each tile of C goes through all of them, and held tiles stay in a
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

    /** The most rows of a piece of C, chosen by measurement: see PERFORMANCE.md, "Sums of products over a tree". */
    private static final int ROWS = 288;

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

    /** The most leaves whose products are added at once. */
    private static final int GROUP = 8;

    /** Whether there are registers for the sums of a pair: those of two tiles of half the height. */
    private static final boolean PAIRS = LANES >= 16;

    /**
     * The most rows of each product of a pair: a pair goes through its rows of B twice, once for each half of the tile,
     * and these should stay in a first-level cache.
     */
    private static final int PAIR_ROWS = 128;

    /** Where the products of a group begin in the buffer of held tiles, and where sums begin: at cache lines. */
    private static final int PRODUCTS = CacheLines.FIRST;

    private static final int SUMS = PRODUCTS + GROUP * TILE;

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
    private boolean endsWithAddition; // whether the last sum adds held tiles, so that it can go to C

    private int[] group = {}; // for the first step of each group: how many steps have products that are added at once
    private boolean[] inPairs = {}; // for the same steps: whether the products of neighbours are added in registers

    // a tile
    private int height;
    private int width;
    private int ao; // of its next step
    private int bo;
    private int slot; // where its first sum is held
    private int apart; // from a held sum to the next one

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
                ? Math.min(ROWS, LEFT / Math.max(HEIGHT, own.inner))
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
        if (group.length < steps.count) {
            group = new int[steps.leaf.length];
            inPairs = new boolean[steps.leaf.length];
        }
        for (int s = first; s < end; s += group[s]) {
            group[s] = group(steps, s, end);
            inPairs[s] = PAIRS && group[s] > 1 && arePairs(steps, s, s + group[s]);
            endsWithAddition = steps.added[end - 1] > (inPairs[s] ? 1 : 0); // of the last group, in the end
        }
    }

    /** Whether the two steps of each pair have as many rows, and few. */
    private static boolean arePairs(TreeSteps steps, int from, int to) {
        for (int s = from; s < to; s += 2) {
            if (steps.rows[s] != steps.rows[s + 1] || steps.rows[s] > PAIR_ROWS) {
                return false;
            }
        }
        return true;
    }

    /** The largest number of steps from one on and before an end whose products are those of a whole subtree. */
    private static int group(TreeSteps steps, int from, int end) {
        int count = 1;
        while (count < GROUP && from + 2 * count <= end && steps.isSubtree(from, 2 * count)) {
            count *= 2;
        }
        return count;
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
        boolean isLast = end == steps.count;
        width = j < wide ? WIDE : last;
        for (int i = from; i < below; i += height) {
            height = i < endOfTall ? TALL : SHORT;
            slot = SUMS + (isAll ? 0 : TILE * (j / WIDE * tilesAbove(tiled) + tilesAbove(i)));
            ao = CacheLines.FIRST + i * (inner + SPACE);
            bo = CacheLines.FIRST + j * inner;
            int at = co + (row + i) * n + column + j;
            boolean isWhole = j < wide && i + height <= rows;
            if (isLast && isWhole && endsWithAddition) {
                tile(steps, x, y, sums, c, at, n);
            } else {
                tile(steps, x, y, sums, sums, slot, WIDE);
                if (isLast) {
                    copyBack(Math.min(height, rows - i), Math.min(width, columns - j), width, sums, slot, c, at, n);
                }
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

    /**
     * One tile, which goes through the block of steps.
     *
     * @param c where its last sum goes, if that is an addition: to C, or to where it is held
     * @param cs from row to row of two vectors
     */
    private void tile(TreeSteps steps, float[] x, float[] y, float[] sums, float[] c, int co, int cs) {
        int kind = width == WIDE ? height : -height;
        int a = ao;
        int b = bo;
        int level = held;
        int count;
        for (int s = first; s < end; s += count) {
            count = group[s];
            boolean goesOn = steps.continues[s];
            if (goesOn) {
                level--;
            }
            int atOnce = inPairs[s] ? 2 : 1; // steps of a held tile
            int tiles = count / atOnce;
            int added = steps.added[s + count - 1] - Integer.numberOfTrailingZeros(count);
            int to = tiles > 1 || added > 0 && !goesOn ? PRODUCTS : slot + level * apart;
            for (int i = 0; i < tiles; i++) {
                int k = steps.rows[s + i * atOnce];
                if (atOnce == 2) {
                    multiplyPair(kind, k, x, a, y, b, sums, to + i * TILE);
                } else {
                    multiply(kind, k, x, a, y, b, goesOn, sums, to + i * TILE);
                }
                a += atOnce * k * height;
                b += atOnce * k * width;
            }
            boolean isLast = s + count == steps.count;
            if (tiles > 1) {
                if (added > 0) {
                    add(tiles, sums, to, to + TILE, sums, to, WIDE);
                } else if (isLast) {
                    add(tiles, sums, to, to + TILE, c, co, cs);
                } else {
                    add(tiles, sums, to, to + TILE, sums, slot + level * apart, WIDE);
                }
            }
            for (; added > 0; added--) {
                level--;
                int left = slot + level * apart;
                if (added > 1) {
                    add(2, sums, left, to, sums, to, WIDE);
                } else if (isLast) {
                    add(2, sums, left, to, c, co, cs);
                } else {
                    add(2, sums, left, to, sums, left, WIDE);
                }
            }
            level++;
        }
    }

    /** Adds two held tiles, or four or eight neighbours, of which the first ones are given. */
    private void add(int count, float[] sums, int x, int y, float[] c, int co, int cs) {
        int rows = (height * width + WIDE - 1) / WIDE;
        switch (count) {
            case 2 -> VectorTreeSums.two(rows, sums, x, y, WIDE, c, co, cs);
            case 4 -> VectorTreeSums.four(rows, sums, x, WIDE, c, co, cs);
            default -> VectorTreeSums.eight(rows, sums, x, WIDE, c, co, cs);
        }
    }

    /**
     * The product of a step.
     *
     * @param kind the height of the tile, below 0 if it is one vector wide
     */
    private static void multiply(
            int kind, int k, float[] x, int ao, float[] y, int bo, boolean goesOn, float[] sums, int to) {
        switch (kind) {
            case 12 -> VectorTreeTiles.tile12x2(k, x, ao, y, bo, goesOn, sums, to);
            case 8 -> VectorTreeTiles.tile8x2(k, x, ao, y, bo, goesOn, sums, to);
            case 5 -> VectorTreeTiles.tile5x2(k, x, ao, 5, y, bo, goesOn, sums, to);
            case 4 -> VectorTreeTiles.tile4x2(k, x, ao, 4, y, bo, goesOn, sums, to);
            case -12 -> VectorTreeTiles.tile12x1(k, x, ao, y, bo, goesOn, sums, to);
            case -8 -> VectorTreeTiles.tile8x1(k, x, ao, y, bo, goesOn, sums, to);
            case -5 -> VectorTreeTiles.tile5x1(k, x, ao, 5, y, bo, goesOn, sums, to);
            default -> VectorTreeTiles.tile4x1(k, x, ao, 4, y, bo, goesOn, sums, to);
        }
    }

    /**
     * The sum of the products of two steps with k rows each: the upper half of the tile, then the lower one.
     *
     * @param kind as for {@link #multiply}; there are no pairs with 256 bits, so its height is 12 or 8
     */
    private static void multiplyPair(int kind, int k, float[] x, int ao, float[] y, int bo, float[] sums, int to) {
        switch (kind) {
            case 12 -> {
                VectorTreeTiles.pair6x2(k, x, ao, 12, y, bo, sums, to);
                VectorTreeTiles.pair6x2(k, x, ao + 6, 12, y, bo, sums, to + 6 * WIDE);
            }
            case 8 -> {
                VectorTreeTiles.pair4x2(k, x, ao, 8, y, bo, sums, to);
                VectorTreeTiles.pair4x2(k, x, ao + 4, 8, y, bo, sums, to + 4 * WIDE);
            }
            case -12 -> {
                VectorTreeTiles.pair6x1(k, x, ao, 12, y, bo, sums, to);
                VectorTreeTiles.pair6x1(k, x, ao + 6, 12, y, bo, sums, to + 6 * LANES);
            }
            default -> {
                VectorTreeTiles.pair4x1(k, x, ao, 8, y, bo, sums, to);
                VectorTreeTiles.pair4x1(k, x, ao + 4, 8, y, bo, sums, to + 4 * LANES);
            }
        }
    }

    /** Runs a tile, from zeros and from what it holds, a pair, and additions, for {@link ProductTrials}. */
    static void trial(int k, int height, int width, float[] data) {
        int kind = width == WIDE ? height : -height;
        float[] sums = Scratch.TREE.floats(Math.max(Scratch.LONG, SUMS + TILE));
        multiply(kind, k, data, 0, data, 0, false, sums, PRODUCTS);
        multiply(kind, k, data, 0, data, 0, true, sums, PRODUCTS);
        if (PAIRS) {
            multiplyPair(kind, k, data, 0, data, 0, sums, PRODUCTS);
        }
        int rows = k > 0 ? TALL : 0;
        VectorTreeSums.two(rows, sums, PRODUCTS, PRODUCTS + TILE, WIDE, sums, SUMS, WIDE);
        VectorTreeSums.four(rows, sums, PRODUCTS, WIDE, sums, SUMS, WIDE);
        VectorTreeSums.eight(rows, sums, PRODUCTS, WIDE, sums, SUMS, WIDE);
    }
}
