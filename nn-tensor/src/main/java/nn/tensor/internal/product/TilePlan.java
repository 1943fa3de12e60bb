package nn.tensor.internal.product;

import nn.tensor.internal.warmup.Compiled;
import nn.tensor.internal.warmup.Operation;

/**
 * How a product is cut into register tiles ({@link VectorTiles}), and the sizes of tiles and blocks, which were chosen
 * by measurement; see PERFORMANCE.md, "Measurements behind the kernels".
 *
 * <p>Columns of C up to {@link #wide} are covered by tiles two vectors wide, those up to {@link #end} by tiles {@link
 * #last} floats wide, of which some lanes may lie outside C, and the others are computed row by row.
 */
public final class TilePlan {
    /** Floats in a vector. */
    public static final int LANES = VectorTiles.LANES;

    /** Columns of a tile two vectors wide. */
    public static final int WIDE = 2 * LANES;

    /**
     * Heights of the tiles two vectors wide that read a copy of A, or A by columns. They are the
     * largest that C2 does not spill: 12 by 2 with 32 vector registers (512 bits), 5 by 2 with 16. The short ones cover
     * the rest: 32 rows are 12 + 12 + 8.
     */
    static final int TALL = LANES >= 16 ? 12 : 5;

    static final int SHORT = LANES >= 16 ? 8 : 4;

    /**
     * Whether tiles run along rows of C where B is read in place, with 512 bits only, and their height then: 13 + 13 +
     * 13 + 13 + 12 rows are better than 12 + 12 + 12 + 12 + 8 + 8. With one row more, C2 spills.
     */
    static final boolean ALONG_ROWS = LANES >= 16;

    static final int TALLEST = ALONG_ROWS ? TALL + 1 : TALL;

    /** Height of the tile two vectors wide that reads A where it is. */
    static final int DIRECT = 6;

    /** Heights of the tiles one vector wide, by rows and by columns of A. */
    static final int NARROW_ROWS = 8;

    static final int NARROW_COLUMNS = LANES >= 16 ? 16 : 8;

    /** Columns of the tile one row high. */
    static final int LONG = 16 * LANES;

    /** Zeros as initial values of sums: one row for all rows of a tile. */
    public static final float[] ZEROS = new float[LONG];

    /** Inner steps between a load and a store of C: a panel of B of this length stays in a first-level cache. */
    private static final int INNER_BLOCK = 256;

    /** Rows of a block of A, which stays in a second-level cache. */
    private static final int ROW_BLOCK = 384;

    /**
     * Up to this number of floats, a block of B stays in a first-level cache together with a short block of A. Then it
     * pays to go through C from top to bottom, {@link #SHORT_BLOCK} rows at a time, and to write each row at once.
     */
    private static final int SMALL_BLOCK = 6144;

    /** Heights of blocks are multiples of this, which tiles of each height, or tall and short ones together, fill. */
    private static final int SHORT_BLOCK = 48;

    /**
     * Columns of a block of B: with the inner block, a megabyte of panels. Twice as much leaves no room for A in a
     * second-level cache of two.
     */
    static final int COLUMN_BLOCK = 1024;

    /** Floats of a C that stays in a second-level cache from one inner block to the next. */
    private static final int CACHED = 1 << 18;

    /** Floats of a block of B. */
    private static final int PANELS = 256 * COLUMN_BLOCK;

    /**
     * Up to this number of columns, each element of A is read too few times for a copy to pay. With 16 vector registers
     * it never pays: 6 by 2 without a copy is faster than 5 by 2 on a copy.
     */
    private static final int FEW_COLUMNS = LANES >= 16 ? 48 : Integer.MAX_VALUE;

    /** From this many columns on, copying columns of A pays. */
    private static final int WORTH_COPYING = 128;

    /** Whether B is copied into panels; otherwise only its last columns are. */
    boolean packed;

    /** Columns covered by tiles two vectors wide: a multiple of {@link #WIDE}. */
    int wide;

    /** Columns covered by tiles. */
    int end;

    /** Width of the tiles for the columns from {@link #wide} to {@link #end}: one vector or two. */
    int last;

    /** Rows of C that are computed together: a block of A. */
    int rows;

    /** Inner steps of a tile, of which a block of B may have several times as many. */
    int inner;

    /** Heights of tiles: what is compiled of {@link #TALL} and {@link #TALLEST}. */
    int tall;

    int tallest;

    /** Whether tiles two vectors wide read A where it is. */
    boolean direct;

    /**
     * Plans the product of a block of B.
     *
     * @param compiled the tiles that may be used; asks for none that the product does not need
     * @param packed whether B is copied
     */
    void set(Compiled compiled, Product p, boolean packed) {
        int m = p.m;
        int n = p.n;
        int k = p.k;
        boolean byColumns = p.byColumns();
        this.packed = packed;
        inner = innerBlock(k);
        wide = n / WIDE * WIDE;
        last = n - wide > LANES ? WIDE : LANES;
        end = wide < n && compiled.has(lastTile(byColumns), p.work()) ? n : wide;
        boolean lowBlocks = k * n <= SMALL_BLOCK && wide > 0 && m > 2 * SHORT_BLOCK;
        rows = evenly(m, lowBlocks ? SHORT_BLOCK : ROW_BLOCK, SHORT_BLOCK);
        direct = packed && n <= FEW_COLUMNS && !byColumns && readsInPlace(compiled, p);
        tall = direct ? SHORT : tall(compiled, p);
        boolean alongRows = !byColumns && !direct && wide > WIDE && tall == TALL && fillTallest(m);
        tallest = alongRows && compiled.has(Operation.TALLEST_BLOCK, p.work()) ? TALLEST : tall;
    }

    private Operation lastTile(boolean byColumns) {
        if (last == WIDE) {
            return byColumns ? Operation.COLUMNS : Operation.WIDE_BY_ROWS;
        }
        return byColumns ? Operation.NARROW_BY_COLUMNS : Operation.NARROW_BY_ROWS;
    }

    private static boolean readsInPlace(Compiled compiled, Product p) {
        boolean tile = compiled.has(Operation.WIDE_BY_ROWS, p.work());
        return p.m % DIRECT == 0 ? tile : compiled.has(Operation.EDGES, p.work()) && tile;
    }

    /** The height of tall tiles on a copy of A, or on an A that lies column by column, of what is compiled. */
    static int tall(Compiled compiled, Product p) {
        Operation tile = p.byColumns() ? Operation.TALL_COLUMNS : Operation.TALL_BLOCK;
        return p.m > SHORT && compiled.has(tile, p.work()) ? TALL : SHORT;
    }

    /** Whether the tallest tiles take part in covering a number of rows; see {@code WideTiles.alongRows}. */
    private static boolean fillTallest(int m) {
        int fewest = (m + TALLEST - 1) / TALLEST;
        return ALONG_ROWS && m > TALLEST && fewest * TALL < m;
    }

    /** Whether no tile sticks out of a C of some rows and columns. */
    static boolean isWhole(int m, int n) {
        return m % 16 == 0 && n % WIDE == 0;
    }

    /** The first column of B that is copied into panels. */
    int firstPacked() {
        return packed ? 0 : wide;
    }

    /**
     * Inner steps of a block of B. For a large C whose columns are all covered by tiles that go along rows, they are
     * several inner blocks, as many as {@link #PANELS} holds: a row of tiles is then computed in all of them, one after
     * the other, while its part of C stays in a first-level cache.
     */
    static int steps(int m, int n, int k, boolean byColumns) {
        int inner = innerBlock(k);
        boolean alongRows = ALONG_ROWS && !byColumns && n > FEW_COLUMNS && n % WIDE == 0;
        return alongRows && (long) m * n > CACHED ? Math.max(1, PANELS / (inner * n)) * inner : inner;
    }

    /** Inner steps of a tile. */
    static int innerBlock(int k) {
        return evenly(k, INNER_BLOCK, 8);
    }

    /** The size of the fewest equal blocks within the limit, a multiple of a step. */
    static int evenly(int size, int limit, int step) {
        int blocks = (size + limit - 1) / limit;
        return roundUp((size + blocks - 1) / blocks, step);
    }

    /** The smallest multiple of a step from n on. */
    public static int roundUp(int n, int step) {
        return (n + step - 1) / step * step;
    }

    /** Whether a number of rows of an A that lies column by column is copied, with room for whole tiles. */
    boolean copiesColumns(int m) {
        boolean wides = wide > 0 || last == WIDE;
        boolean narrows = wide < end && last == LANES;
        boolean fits = (!wides || tiledRows(m, tall) == m) && (!narrows || m % NARROW_COLUMNS == 0);
        return end >= WORTH_COPYING || !fits;
    }

    /**
     * Whether a copy of an A that lies column by column is made tile by tile, where all tiles are two vectors wide. A
     * tile of 12 rows then reads 12 KB in 256 steps, which stay in a first-level cache beside a panel of B. From a copy
     * row by row, it would read parts of 27 KB of cache lines.
     */
    boolean copiesByTiles() {
        return LANES >= TALL && tall == TALL && (wide == end || last == WIDE);
    }

    /** The smallest number of rows, at least m, that tall and short tiles cover exactly. */
    static int tiledRows(int m, int tall) {
        int rows = m;
        while (shortTiles(rows, tall) < 0) {
            rows++;
        }
        return rows;
    }

    /** The number of these rows that tall tiles cover; short tiles cover the rest. */
    static int tallRows(int tiledRows, int tall) {
        return tiledRows - SHORT * shortTiles(tiledRows, tall);
    }

    /** The smallest number of short tiles that cover the rows together with tall ones; -1 if there is none. */
    private static int shortTiles(int rows, int tall) {
        int count = 0;
        for (int rest = rows; rest >= 0; rest -= SHORT) {
            if (rest % tall == 0) {
                return count;
            }
            count++;
        }
        return -1;
    }
}
