package nn.tensor.internal;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of the vector kernels. Each lane owns one element of the result and the inner index runs in order, so the
 * width of the machine's vectors changes nothing.
 *
 * <p>A product is cut into register tiles ({@link VectorTiles}): a block of B, copied into panels a tile wide where
 * that pays; for each block of rows of A, every panel in turn, and down each panel the tiles. Tiles two vectors wide
 * cover most of C; the remaining columns, fewer than two vectors, are covered by narrower tiles, of which some lanes
 * may lie outside C. Where the inner size is short, strips of B stay in registers instead ({@link VectorSteps}), and
 * where A has few rows and B lies column by column, squares of B are transposed in registers ({@link VectorTranspose}).
 *
 * <p>The sizes below were chosen by measurement; see PERFORMANCE.md, "Measurements behind the kernels". Only whole
 * tiles run in the hot methods: a partial bottom tile is computed into a temporary and its valid part copied, because
 * C2 compiles slower code for a kernel with a tail once it has seen an odd size.
 */
final class VectorMatmul {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = VectorTiles.LANES;

    /** Columns of a tile two vectors wide. */
    private static final int WIDE = 2 * LANES;

    /**
     * Heights of the tiles two vectors wide that read a copy of A, or A by columns. They are the
     * largest that C2 does not spill: 12 by 2 with 32 vector registers (512 bits), 5 by 2 with 16. The short ones cover
     * the rest: 32 rows are 12 + 12 + 8.
     */
    private static final int TALL = LANES >= 16 ? 12 : 5;

    private static final int SHORT = LANES >= 16 ? 8 : 4;

    /**
     * Whether tiles run along rows of C where B is read in place, with 512 bits only, and their height then: 13 + 13 +
     * 13 + 13 + 12 rows are better than 12 + 12 + 12 + 12 + 8 + 8. With one row more, C2 spills.
     */
    private static final boolean ALONG_ROWS = LANES >= 16;

    private static final int TALLEST = ALONG_ROWS ? TALL + 1 : TALL;

    /** Height of the tile that reads A where it is. */
    private static final int DIRECT = 6;

    /** Heights of the tiles one vector wide, by rows and by columns of A. */
    private static final int NARROW_ROWS = 8;

    private static final int NARROW_COLUMNS = LANES >= 16 ? 16 : 8;

    /** Columns of the tile one row high. */
    private static final int LONG = 16 * LANES;

    /** The most floats of a tile. */
    private static final int LARGEST_TILE = 16 * WIDE;

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
    private static final int COLUMN_BLOCK = 1024;

    /** From this many rows on, copying B into panels pays, unless tiles go along rows. */
    private static final int WORTH_PACKING = 100;

    /**
     * The same where tiles go along rows, for a B that stays in a second-level cache.
     */
    private static final int WORTH_PACKING_CACHED = 300;

    /** The same for a larger B. */
    private static final int WORTH_PACKING_LARGE = 24;

    /** Floats of B that stay in a second-level cache of 2 MB together with A and C. */
    private static final int CACHED = 3 << 17;

    /**
     * Up to this number of columns, each element of A is read too few times for a copy to pay. With 16 vector registers
     * it never pays: 6 by 2 without a copy is faster than 5 by 2 on a copy.
     */
    private static final int FEW_COLUMNS = LANES >= 16 ? 48 : Integer.MAX_VALUE;

    /** From this many columns on, copying columns of A pays. */
    private static final int WORTH_COPYING = 128;

    /**
     * Fewer rows than this are computed one by one, except narrow ones that together have enough elements for a vector.
     */
    static final int FEW_ROWS = 4;

    /** Fewer inner steps than this are computed row by row if rows are long: writing C takes most of the time. */
    private static final int FEW_STEPS = 4;

    /**
     * The longest inner size whose strips of B stay in registers: with 32 of them, two vectors for each of 12 steps,
     * with 16 for each of 6.
     */
    static final int MOST_STEPS = LANES >= 16 ? 12 : 6;

    /** Floats of C that stay in a first-level cache while the strips, which share its rows, are computed. */
    private static final int STRIPS_BLOCK = 1 << 13;

    /** Columns packed together: with the maximum of steps, B takes less than a buffer. */
    private static final int STRIPS_COLUMNS = 1 << 16;

    /** Fewer rows of a strip than this do not pay for loading its part of B. */
    private static final int STRIP_ROWS = 32;

    /** Zeros as initial values of sums: one row for all rows of a tile. */
    private static final float[] ZEROS = new float[LONG];

    /**
     * Stages of compilation: row by row first, then the short tiles, at last the tall ones. Each number includes the
     * previous ones.
     */
    static final int ROW_BY_ROW = 1;

    private static final int BLOCK = 2;
    private static final int COLUMNS = 3;
    private static final int WIDE_BY_ROWS = 4;
    private static final int NARROW_BY_ROWS = 5;
    private static final int TALL_BLOCK = 6;
    private static final int TALL_COLUMNS = 7;
    private static final int NARROW_BY_COLUMNS = 8;
    private static final int LONG_ROW = 9;
    private static final int TALLEST_BLOCK = 10;
    static final int ALL = TALLEST_BLOCK;

    private VectorMatmul() {}

    /**
     * Whether the inner size is so short that it pays to keep strips of B in registers: each element of C then costs
     * little more than its store. Long rows of C are better written one by one if there are few steps.
     */
    static boolean isShort(int m, int n, int k, int bjs) {
        return k > 0 && k <= MOST_STEPS && m >= FEW_ROWS && n >= WIDE && (k >= FEW_STEPS || bjs != 1 || n < LONG);
    }

    /** {@link Kernels#matmul} with all tiles. */
    static void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        boolean squares = VectorTranspose.fits(m, n, k, bjs);
        boolean strips = isShort(m, n, k, bjs);
        multiply(ALL, squares, strips, m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
    }

    /**
     * {@link Kernels#matmul} with the compiled tiles.
     *
     * @param tiles the tiles that may be used, {@link #ROW_BY_ROW} to {@link #ALL}
     * @param squares whether to use {@link VectorTranspose}, which fits
     * @param strips whether to use {@link VectorSteps}, for a short inner size
     */
    static void multiply(
            int tiles,
            boolean squares,
            boolean strips,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        if (squares) {
            VectorTranspose.multiply(m, n, k, a, ao, ars, aps, b, bo, bjs, c, co, ldc, from, fo, fs);
            return;
        }
        int done = strips ? shortStrips(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs) : 0;
        tiles(
                tiles,
                m,
                n - done,
                k,
                a,
                ao,
                ars,
                aps,
                b,
                bo + done * bjs,
                bps,
                bjs,
                c,
                co + done,
                ldc,
                from,
                fo + done,
                fs);
    }

    /**
     * Computes strips of a product whose inner size {@linkplain #isShort is short}.
     *
     * @return the number of their columns
     */
    private static int shortStrips(
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        int wide = n / WIDE * WIDE;
        for (int j = 0; j < wide; j += STRIPS_COLUMNS) {
            stripsOf(
                    Math.min(STRIPS_COLUMNS, wide - j),
                    m,
                    k,
                    a,
                    ao,
                    ars,
                    aps,
                    b,
                    bo + j * bjs,
                    bps,
                    bjs,
                    c,
                    co + j,
                    ldc,
                    from,
                    fo + j,
                    fs);
        }
        return wide;
    }

    private static void stripsOf(
            int wide,
            int m,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        float[] x = b;
        int xo = bo;
        int xs = bps;
        if (bjs != 1) {
            x = Scratch.PANEL.floats(k * wide);
            xo = 0;
            xs = wide;
            Kernels.active().transpose(wide, k, b, bo, bjs, x, 0, wide);
        }
        int height = Math.max(STRIP_ROWS, STRIPS_BLOCK / wide);
        for (int i = 0; i < m; i += height) {
            int rows = Math.min(height, m - i);
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            int fi = fo + i * fs;
            for (int j = 0; j < wide; j += WIDE) {
                VectorSteps.strip(
                        k,
                        rows,
                        a,
                        ai,
                        ars,
                        aps,
                        x,
                        xo + j,
                        xs,
                        from == null ? ZEROS : from,
                        from == null ? 0 : fi + j,
                        from == null ? 0 : fs,
                        c,
                        ci + j,
                        ldc);
            }
        }
    }

    /** A product of any size by tiles, or row by row. */
    private static void tiles(
            int compiled,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        if (m == 0 || n == 0) {
            return;
        }
        boolean noTile = compiled < (ars == 1 ? COLUMNS : BLOCK);
        boolean fewRows = m < FEW_ROWS && (n >= LANES || m * n < LANES);
        boolean longRows = k < FEW_STEPS && bjs == 1 && n >= LONG;
        if (noTile || fewRows || longRows || k == 0) {
            rowByRow(compiled, m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, from, fo, fs);
            return;
        }
        boolean packed = bjs != 1 || m >= worthPacking(n, k, ars);
        int inner = evenly(k, INNER_BLOCK, 8);
        for (int j0 = 0; j0 < n; j0 += COLUMN_BLOCK) {
            int nb = Math.min(COLUMN_BLOCK, n - j0);
            for (int p0 = 0; p0 < k; p0 += inner) {
                int kb = Math.min(inner, k - p0);
                boolean first = p0 == 0;
                columnBlock(
                        compiled,
                        packed,
                        m,
                        nb,
                        kb,
                        a,
                        ao + p0 * aps,
                        ars,
                        aps,
                        b,
                        bo + p0 * bps + j0 * bjs,
                        bps,
                        bjs,
                        c,
                        co + j0,
                        ldc,
                        first ? from : c,
                        first ? fo + j0 : co + j0,
                        first ? fs : ldc);
            }
        }
    }

    private static int worthPacking(int n, int k, int ars) {
        boolean byRows = ars != 1;
        if (!byRows || !ALONG_ROWS) {
            return WORTH_PACKING;
        }
        return (long) n * k <= CACHED ? WORTH_PACKING_CACHED : WORTH_PACKING_LARGE;
    }

    /** All rows, one block of B; whether to copy it into panels. */
    private static void columnBlock(
            int compiled,
            boolean packed,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] start,
            int so,
            int ss) {
        boolean byRows = ars != 1;
        int wide = n / WIDE * WIDE;
        int last = n - wide > LANES ? WIDE : LANES; // width of the tiles for the remaining columns
        int end = n;
        if (wide < n && compiled < (byRows ? NARROW_BY_ROWS : NARROW_BY_COLUMNS)) {
            end = wide;
            rowByRow(
                    compiled,
                    m,
                    n - wide,
                    k,
                    a,
                    ao,
                    ars,
                    aps,
                    b,
                    bo + wide * bjs,
                    bps,
                    bjs,
                    c,
                    co + wide,
                    ldc,
                    start,
                    so + wide,
                    ss);
        }
        int first = packed ? 0 : wide; // first column that is packed
        float[] panels = Scratch.PANEL.floats(k * (end + last - first));
        copyPanels(first, wide, end, last, k, b, bo, bps, bjs, panels);
        float[] from = start == null ? ZEROS : start;
        int fs = start == null ? 0 : ss;
        int fj = start == null ? 0 : 1;
        boolean direct = packed && n <= FEW_COLUMNS && compiled >= WIDE_BY_ROWS;
        boolean fewRows = k * n <= SMALL_BLOCK && wide > 0 && m > 2 * SHORT_BLOCK;
        int height = evenly(m, fewRows ? SHORT_BLOCK : ROW_BLOCK, SHORT_BLOCK);
        for (int i = 0; i < m; i += height) {
            int mb = Math.min(height, m - i);
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            int fi = start == null ? 0 : so + i * ss;
            if (!byRows) {
                columns(
                        compiled >= TALL_COLUMNS ? TALL : SHORT,
                        mb,
                        wide,
                        end,
                        last,
                        k,
                        a,
                        ai,
                        aps,
                        packed ? panels : b,
                        packed ? 0 : bo,
                        packed ? WIDE : bps,
                        packed ? k : 1,
                        panels,
                        first,
                        c,
                        ci,
                        ldc,
                        from,
                        fi,
                        fs,
                        fj);
                continue;
            }
            if (direct) {
                rows(0, wide, WIDE, mb, k, a, ai, ars, panels, 0, c, ci, ldc, from, fi, fs, fj);
            } else if (ALONG_ROWS && !packed && wide > WIDE && mb > TALLEST) {
                inPlace(compiled, mb, wide, k, a, ai, ars, b, bo, bps, c, ci, ldc, from, fi, fs, fj);
            } else if (wide > 0) {
                float[] block = Scratch.BLOCK.floats((mb + TALL) * VectorTiles.APART);
                copyRows(mb, k, a, ai, ars, block);
                tileStrips(
                        compiled >= TALL_BLOCK ? TALL : SHORT,
                        mb,
                        0,
                        wide,
                        k,
                        true,
                        block,
                        0,
                        1,
                        packed ? panels : b,
                        packed ? 0 : bo,
                        packed ? WIDE : bps,
                        packed ? k : 1,
                        c,
                        ci,
                        ldc,
                        from,
                        fi,
                        fs,
                        fj);
            }
            rows(wide, end, last, mb, k, a, ai, ars, panels, first, c, ci, ldc, from, fi, fs, fj);
        }
    }

    /**
     * Columns of C, a multiple of {@link #WIDE}, by tiles that read B in place, along rows of tiles: their piece of A
     * stays in a first-level cache, where a copy costs half as much. Down a strip, both would come from a second-level
     * cache, as the rows of B in a strip mostly share few sets of a first-level one.
     */
    private static void inPlace(
            int compiled,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            int bs,
            float[] c,
            int co,
            int cs,
            float[] start,
            int so,
            int ss,
            int sj) {
        int tall = compiled >= TALL_BLOCK ? TALL : SHORT;
        int tallest = compiled >= TALLEST_BLOCK ? TALLEST : tall;
        int fewest = (m + tallest - 1) / tallest;
        boolean filled = fewest * tall <= m;
        int planned = filled ? m : tiledRows(m, tall, SHORT);
        int endOfTallest = filled ? (m - fewest * tall) * tallest : 0;
        int endOfTall = filled ? m : planned - SHORT * shortTiles(planned, tall, SHORT);
        float[] block = Scratch.BLOCK.floats(TALLEST * VectorTiles.APART);
        int rows;
        for (int i = 0; i < m; i += rows) {
            int height = i < endOfTallest ? tallest : i < endOfTall ? tall : SHORT;
            rows = Math.min(height, m - i);
            copyRows(rows, k, a, ao + i * as, as, block);
            tileStrips(
                    height,
                    rows,
                    0,
                    n,
                    k,
                    true,
                    block,
                    0,
                    1,
                    b,
                    bo,
                    bs,
                    1,
                    c,
                    co + i * cs,
                    cs,
                    start,
                    so + i * ss,
                    ss,
                    sj);
        }
    }

    /**
     * Copies columns of B, from {@code first} on, into panels as wide as the tiles: {@code last} floats from {@code
     * wide} on.
     */
    private static void copyPanels(
            int first, int wide, int end, int last, int k, float[] b, int bo, int bps, int bjs, float[] panels) {
        for (int j = first; j < end; j += j < wide ? WIDE : last) {
            int step = j < wide ? WIDE : last;
            int width = Math.min(step, end - j);
            int from = bo + j * bjs;
            int to = (j - first) * k;
            if (bjs != 1) {
                if (width < step) {
                    Arrays.fill(panels, to, to + k * step, 0f);
                }
                Kernels.active().transpose(width, k, b, from, bjs, panels, to, step);
            } else if (width == WIDE) {
                copyTwoVectors(k, b, from, bps, panels, to);
            } else {
                copyVectors(width, k, b, from, bps, panels, to, step);
            }
        }
    }

    /**
     * Computes columns of C by tiles that read A in place and B from panels. The remaining rows, fewer than a tile has,
     * are copied with padding to a whole tile, which is computed into a temporary.
     */
    private static void rows(
            int begin,
            int end,
            int step,
            int m,
            int k,
            float[] a,
            int ao,
            int as,
            float[] panels,
            int first,
            float[] c,
            int co,
            int cs,
            float[] start,
            int so,
            int ss,
            int sj) {
        if (begin == end) {
            return;
        }
        int height = step == WIDE ? DIRECT : NARROW_ROWS;
        int whole = m / height * height;
        float[] rest = Scratch.BLOCK.floats(height * VectorTiles.APART);
        copyRows(m - whole, k, a, ao + whole * as, as, rest);
        for (int j = begin; j < end; j += step) {
            int width = Math.min(step, end - j);
            int po = (j - first) * k;
            boolean runsOver = runsOver(width, step, c, cs, start);
            float[] from = runsOver && ss == 0 ? padded(width, step, start, so + j * sj) : start;
            for (int i = 0; i < m; i += height) {
                int ci = co + i * cs + j;
                if (i + height <= m && (width == step || runsOver && hasRoom(m - i - height, width, step))) {
                    int fi = from == start ? so + i * ss + j * sj : 0;
                    rowsTile(step, k, a, ao + i * as, as, panels, po, from, fi, ss, c, ci, cs);
                    continue;
                }
                boolean complete = i < whole;
                int rows = Math.min(height, m - i);
                float[] tile = temporaryTile(rows, width, step, start, so + i * ss + j * sj, ss);
                rowsTile(
                        step,
                        k,
                        complete ? a : rest,
                        complete ? ao + i * as : 0,
                        complete ? as : VectorTiles.APART,
                        panels,
                        po,
                        tile,
                        0,
                        step,
                        tile,
                        0,
                        step);
                copyBack(rows, width, step, tile, c, ci, cs);
            }
        }
    }

    /**
     * Whether a tile that is wider than C may be written to C directly: where all of C is narrower than a tile, the
     * excess of a row lies in the next rows, which overwrite it. Not possible where sums begin with the values of C.
     */
    private static boolean runsOver(int width, int step, float[] c, int cs, float[] start) {
        return width < step && cs == width && start != c;
    }

    /** Whether the store of a tile's last row may overrun it by that many elements. */
    private static boolean hasRoom(int rows, int width, int step) {
        return rows * width >= step - width;
    }

    /** A row of initial values, as long as a tile. */
    private static float[] padded(int width, int step, float[] start, int so) {
        float[] row = Scratch.START.floats(WIDE);
        copyVectors(width, 1, start, so, 0, row, 0, step);
        return row;
    }

    private static void rowsTile(
            int step,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int fs,
            float[] c,
            int co,
            int cs) {
        if (step == WIDE) {
            VectorTiles.rows6x2(k, a, ao, as, b, bo, from, fo, fs, c, co, cs);
        } else {
            VectorTiles.rows8x1(k, a, ao, as, b, bo, LANES, from, fo, fs, c, co, cs);
        }
    }

    /** All columns of C where A lies column by column. */
    private static void columns(
            int tall,
            int m,
            int wide,
            int end,
            int last,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            int bs,
            int perColumn,
            float[] panels,
            int first,
            float[] c,
            int co,
            int cs,
            float[] start,
            int so,
            int ss,
            int sj) {
        float[] x = a;
        int xo = ao;
        int xs = as;
        boolean wides = wide > 0 || last == WIDE;
        boolean narrows = wide < end && last == LANES;
        boolean fits = (!wides || tiledRows(m, tall, SHORT) == m) && (!narrows || m % NARROW_COLUMNS == 0);
        if (end >= WORTH_COPYING || !fits) {
            xs = roundUp(m + NARROW_COLUMNS, 16) + 16;
            x = Scratch.BLOCK.floats(k * xs);
            xo = 0;
            for (int q = 0; q < m; q += LANES) {
                copyVector(Math.min(LANES, m - q), k, a, ao + q, as, x, q, xs);
            }
        }
        tileStrips(tall, m, 0, wide, k, false, x, xo, xs, b, bo, bs, perColumn, c, co, cs, start, so, ss, sj);
        if (last == WIDE) {
            int po = -first * k;
            tileStrips(tall, m, wide, end, k, false, x, xo, xs, panels, po, WIDE, k, c, co, cs, start, so, ss, sj);
            return;
        }
        for (int j = wide; j < end; j += LANES) {
            int width = Math.min(LANES, end - j);
            int po = (j - first) * k;
            boolean runsOver = runsOver(width, LANES, c, cs, start);
            float[] from = runsOver && ss == 0 ? padded(width, LANES, start, so + j * sj) : start;
            for (int i = 0; i < m; i += NARROW_COLUMNS) {
                int ci = co + i * cs + j;
                int next = i + NARROW_COLUMNS;
                if (next <= m && (width == LANES || runsOver && hasRoom(m - next, width, LANES))) {
                    int fi = from == start ? so + i * ss + j * sj : 0;
                    columnsTile(k, x, xo + i, xs, panels, po, from, fi, ss, c, ci, cs);
                } else {
                    int rows = Math.min(NARROW_COLUMNS, m - i);
                    float[] tile = temporaryTile(rows, width, LANES, start, so + i * ss + j * sj, ss);
                    columnsTile(k, x, xo + i, xs, panels, po, tile, 0, LANES, tile, 0, LANES);
                    copyBack(rows, width, LANES, tile, c, ci, cs);
                }
            }
        }
    }

    private static void columnsTile(
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int fs,
            float[] c,
            int co,
            int cs) {
        if (NARROW_COLUMNS == 16) {
            VectorTiles.columns16x1(k, a, ao, as, b, bo, LANES, from, fo, fs, c, co, cs);
        } else {
            VectorTiles.columns8x1(k, a, ao, as, b, bo, LANES, from, fo, fs, c, co, cs);
        }
    }

    private static void copyTwoVectors(int k, float[] b, int bo, int bs, float[] panel, int po) {
        int from = bo;
        int to = po;
        for (int p = 0; p < k; p++) {
            FloatVector.fromArray(SPECIES, b, from).intoArray(panel, to);
            FloatVector.fromArray(SPECIES, b, from + LANES).intoArray(panel, to + LANES);
            from += bs;
            to += WIDE;
        }
    }

    /** Copies up to two vectors of a number of rows, padded with zeros to a step. */
    private static void copyVectors(int width, int rows, float[] x, int xo, int xs, float[] y, int yo, int step) {
        for (int v = 0; v < step; v += LANES) {
            copyVector(Math.min(LANES, width - v), rows, x, xo + v, xs, y, yo + v, step);
        }
    }

    /** Copies up to one vector of a number of rows, padded with zeros. */
    private static void copyVector(int width, int rows, float[] x, int xo, int xs, float[] y, int yo, int ys) {
        VectorMask<Float> lanes = SPECIES.indexInRange(0, width);
        int from = xo;
        int to = yo;
        for (int p = 0; p < rows; p++) {
            FloatVector.fromArray(SPECIES, x, from, lanes).intoArray(y, to);
            from += xs;
            to += ys;
        }
    }

    private static void copyRows(int m, int k, float[] a, int ao, int as, float[] x) {
        int whole = SPECIES.loopBound(k);
        VectorMask<Float> rest = SPECIES.indexInRange(whole, k);
        for (int i = 0; i < m; i++) {
            int from = ao + i * as;
            int to = i * VectorTiles.APART;
            for (int p = 0; p < whole; p += LANES) {
                FloatVector.fromArray(SPECIES, a, from + p).intoArray(x, to + p);
            }
            if (whole < k) {
                FloatVector.fromArray(SPECIES, a, from + whole, rest).intoArray(x, to + whole);
            }
        }
    }

    /** The smallest number of rows, at least m, that tiles of two heights cover exactly. */
    private static int tiledRows(int m, int tall, int small) {
        int rows = m;
        while (shortTiles(rows, tall, small) < 0) {
            rows++;
        }
        return rows;
    }

    /** The smallest number of short tiles that cover the rows together with tall ones; -1 if there is none. */
    private static int shortTiles(int rows, int tall, int small) {
        int count = 0;
        for (int rest = rows; rest >= 0; rest -= small) {
            if (rest % tall == 0) {
                return count;
            }
            count++;
        }
        return -1;
    }

    /**
     * Strips of C up to two vectors wide: in each, first tall tiles, then short ones. A is a copy in rows, or lies
     * column by column; column j of B begins at {@code bo + j * perColumn}.
     */
    private static void tileStrips(
            int tall,
            int m,
            int begin,
            int end,
            int k,
            boolean block,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            int bs,
            int perColumn,
            float[] c,
            int co,
            int cs,
            float[] start,
            int so,
            int ss,
            int sj) {
        int rows = tiledRows(m, tall, SHORT);
        int endOfTall = rows - SHORT * shortTiles(rows, tall, SHORT);
        int apart = block ? VectorTiles.APART : 1;
        for (int j = begin; j < end; j += WIDE) {
            int width = Math.min(WIDE, end - j);
            int bj = bo + j * perColumn;
            boolean runsOver = runsOver(width, WIDE, c, cs, start);
            float[] from = runsOver && ss == 0 ? padded(width, WIDE, start, so + j * sj) : start;
            for (int i = 0; i < rows; ) {
                int height = i < endOfTall ? tall : SHORT;
                int ai = ao + i * apart;
                int ci = co + i * cs + j;
                int next = i + height;
                if (next <= m && (width == WIDE || runsOver && hasRoom(m - next, width, WIDE))) {
                    int fi = from == start ? so + i * ss + j * sj : 0;
                    tile(height, k, block, a, ai, as, b, bj, bs, from, fi, ss, c, ci, cs);
                } else {
                    int inside = Math.min(height, m - i);
                    float[] tile = temporaryTile(inside, width, WIDE, start, so + i * ss + j * sj, ss);
                    tile(height, k, block, a, ai, as, b, bj, bs, tile, 0, WIDE, tile, 0, WIDE);
                    copyBack(inside, width, WIDE, tile, c, ci, cs);
                }
                i = next;
            }
        }
    }

    /**
     * A temporary for a tile of which only some rows or columns belong to C, filled with the initial values of the
     * sums.
     *
     * @param step floats from row to row: one vector or two
     */
    private static float[] temporaryTile(int rows, int width, int step, float[] start, int so, int ss) {
        float[] tile = Scratch.TILE.floats(LARGEST_TILE);
        copyVectors(width, rows, start, so, ss, tile, 0, step);
        return tile;
    }

    /** Copies the valid part of a temporary tile into C. */
    private static void copyBack(int rows, int width, int step, float[] tile, float[] c, int co, int cs) {
        for (int v = 0; v < width; v += LANES) {
            VectorMask<Float> lanes = SPECIES.indexInRange(v, width);
            int from = v;
            int to = co + v;
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, tile, from).intoArray(c, to, lanes);
                from += step;
                to += cs;
            }
        }
    }

    /**
     * Inner steps of a trial: C2 unrolls the loop of a narrow tile according to the lengths that it saw.
     */
    private static final int TRIAL_STEPS = 24;

    /** Rows of a trial of strips. */
    private static final int STRIP_TRIAL = 64;

    /** Columns of a trial, row by row. */
    private static final int SPAN = 16 * LANES;

    /**
     * Runs one stage on a little data, for {@link VectorWarmUp}.
     *
     * @param what {@link #ROW_BY_ROW} to {@link #ALL}
     * @param empty whether to call the methods with nothing to do
     */
    static void trial(int what, boolean empty) {
        float[] data = Scratch.PANEL.floats(TRIAL_STEPS * SPAN);
        float[] a = Scratch.BLOCK.floats(16 * VectorTiles.APART);
        float[] c = Scratch.TILE.floats(LARGEST_TILE + SPAN);
        int steps = empty ? -1 : TRIAL_STEPS;
        int rows = empty ? 0 : 2;
        switch (what) {
            case ROW_BY_ROW -> {
                if (empty) {
                    fourSteps(0, 1f, 1f, 1f, 1f, data, 0, 0, c, 0);
                    oneStep(0, 1f, data, 0, c, 0);
                } else {
                    row(SPAN, TRIAL_STEPS, data, 0, 1, data, 0, SPAN, c, 0);
                }
            }
            case BLOCK, TALL_BLOCK, TALLEST_BLOCK -> {
                copyRows(rows, LANES + 1, data, 0, SPAN, a);
                int height = what == BLOCK ? SHORT : what == TALL_BLOCK ? TALL : TALLEST;
                tile(height, steps, true, a, 0, 1, data, 0, WIDE, c, 0, WIDE, c, 0, WIDE);
            }
            case COLUMNS, TALL_COLUMNS -> {
                copyTwoVectors(rows, data, 0, WIDE, a, 0);
                tile(what == COLUMNS ? SHORT : TALL, steps, false, a, 0, 16, data, 0, WIDE, c, 0, WIDE, c, 0, WIDE);
            }
            case WIDE_BY_ROWS -> rowsTile(WIDE, steps, a, 0, TRIAL_STEPS, data, 0, c, 0, WIDE, c, 0, WIDE);
            case NARROW_BY_ROWS -> {
                copyVector(LANES - 1, rows, data, 0, LANES, a, 0, LANES);
                copyBack(rows, LANES - 1, LANES, data, a, 0, LANES);
                rowsTile(LANES, steps, a, 0, TRIAL_STEPS, data, 0, c, 0, WIDE, c, 0, WIDE);
            }
            case NARROW_BY_COLUMNS -> columnsTile(steps, a, 0, 16, data, 0, c, 0, WIDE, c, 0, WIDE);
            case LONG_ROW -> VectorTiles.block1x16(steps, data, 0, 1, data, 0, LONG, ZEROS, 0, 0, c, 0, 0);
            default -> throw new IllegalArgumentException("no stage has the number " + what);
        }
    }

    /** The same for strips of an inner size, 1 to {@link #MOST_STEPS}. */
    static void trialOfStrips(int k, boolean empty) {
        float[] a = Scratch.BLOCK.floats(STRIP_TRIAL * k);
        float[] b = Scratch.PANEL.floats(k * WIDE);
        float[] c = Scratch.TILE.floats(STRIP_TRIAL * WIDE);
        VectorSteps.strip(k, empty ? 0 : STRIP_TRIAL, a, 0, k, 1, b, 0, WIDE, ZEROS, 0, 0, c, 0, WIDE);
    }

    private static void tile(
            int height,
            int k,
            boolean block,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            int bs,
            float[] from,
            int fo,
            int fs,
            float[] c,
            int co,
            int cs) {
        if (block) {
            switch (height) {
                case 13 -> VectorTiles.block13x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                case 12 -> VectorTiles.block12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                case 8 -> VectorTiles.block8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                case 5 -> VectorTiles.block5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                default -> VectorTiles.block4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            }
        } else {
            switch (height) {
                case 12 -> VectorTiles.columns12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                case 8 -> VectorTiles.columns8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                case 5 -> VectorTiles.columns5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
                default -> VectorTiles.columns4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            }
        }
    }

    /**
     * For a batch of up to three rows, for a short inner size, where writing C takes most of the time, and until the
     * tiles are compiled: small methods, which C2 compiles early.
     */
    private static void rowByRow(
            int compiled,
            int m,
            int n,
            int k,
            float[] a,
            int ao,
            int ars,
            int aps,
            float[] b,
            int bo,
            int bps,
            int bjs,
            float[] c,
            int co,
            int ldc,
            float[] from,
            int fo,
            int fs) {
        int longs = compiled >= LONG_ROW && bjs == 1 ? n / LONG * LONG : 0;
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            int fi = fo + i * fs;
            for (int j = 0; j < longs; j += LONG) {
                VectorTiles.block1x16(
                        k,
                        a,
                        ai,
                        aps,
                        b,
                        bo + j,
                        bps,
                        from == null ? ZEROS : from,
                        from == null ? 0 : fi + j,
                        0,
                        c,
                        ci + j,
                        0);
            }
            if (longs < n) {
                ScalarKernels.begin(n - longs, from, fi + longs, c, ci + longs);
                if (bjs == 1) {
                    row(n - longs, k, a, ai, aps, b, bo + longs, bps, c, ci + longs);
                } else {
                    ScalarKernels.dots(n, k, a, ai, aps, b, bo, bjs, c, ci);
                }
            }
        }
    }

    /** One row of C += one row of A times B: walks B along its rows, four at a time. */
    private static void row(int n, int k, float[] a, int ao, int as, float[] b, int bo, int bs, float[] c, int co) {
        int full = SPECIES.loopBound(n);
        int p = 0;
        for (; p + 4 <= k; p += 4) {
            int ap = ao + p * as;
            fourSteps(full, a[ap], a[ap + as], a[ap + 2 * as], a[ap + 3 * as], b, bo + p * bs, bs, c, co);
        }
        for (; p < k; p++) {
            oneStep(full, a[ao + p * as], b, bo + p * bs, c, co);
        }
        if (full < n) {
            ScalarKernels.addRow(n - full, k, a, ao, as, b, bo + full, bs, c, co + full);
        }
    }

    private static void fourSteps(
            int n, float a0, float a1, float a2, float a3, float[] b, int b0, int bs, float[] c, int co) {
        FloatVector x0 = FloatVector.broadcast(SPECIES, a0);
        FloatVector x1 = FloatVector.broadcast(SPECIES, a1);
        FloatVector x2 = FloatVector.broadcast(SPECIES, a2);
        FloatVector x3 = FloatVector.broadcast(SPECIES, a3);
        int b1 = b0 + bs;
        int b2 = b1 + bs;
        int b3 = b2 + bs;
        for (int j = 0; j < n; j += LANES) {
            FloatVector sum = FloatVector.fromArray(SPECIES, c, co + j);
            sum = x0.fma(FloatVector.fromArray(SPECIES, b, b0 + j), sum);
            sum = x1.fma(FloatVector.fromArray(SPECIES, b, b1 + j), sum);
            sum = x2.fma(FloatVector.fromArray(SPECIES, b, b2 + j), sum);
            sum = x3.fma(FloatVector.fromArray(SPECIES, b, b3 + j), sum);
            sum.intoArray(c, co + j);
        }
    }

    private static void oneStep(int n, float a, float[] b, int bo, float[] c, int co) {
        FloatVector x = FloatVector.broadcast(SPECIES, a);
        for (int j = 0; j < n; j += LANES) {
            x.fma(FloatVector.fromArray(SPECIES, b, bo + j), FloatVector.fromArray(SPECIES, c, co + j))
                    .intoArray(c, co + j);
        }
    }

    /** The size of the fewest equal blocks within the limit, a multiple of a step. */
    private static int evenly(int size, int limit, int step) {
        int blocks = (size + limit - 1) / limit;
        return roundUp((size + blocks - 1) / blocks, step);
    }

    private static int roundUp(int n, int step) {
        return (n + step - 1) / step * step;
    }
}
