package nn.tensor.internal;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of the vector twin. Each lane owns one element of the result and the inner index runs in order, so the
 * width of the machine's vectors changes nothing.
 *
 * <p>A product is cut into register tiles ({@link VectorTiles}): a block of B, copied once into panels a tile wide; for
 * each block of A, copied into lines at constant steps, every panel in turn, and down each panel the tiles.
 *
 * <p>What measuring taught (one core of Sapphire Rapids with a peak of 174 GFLOP/s, JDK 25):
 * <ul>
 *   <li>The tiles alone reach 150 to 172, 5 by 2 with 256-bit vectors 81 of 84. What a product loses, it loses in
 *       copies of A and B (0.1 to 0.2 ns an element, bound by the second-level cache) and at the edges of C.
 *   <li>Up to some 100 rows, B is better read where it is: 139 in place of 120 for 64 x 784 x 256.
 *   <li>An inner block of 256 is best: 128 and 192 lose 3 to 10 %, 384 and 512 gain nothing. Placing panels at a cache
 *       line's border gains nothing either.
 *   <li>Only whole tiles run in the hot methods. A tile that sticks out of C is computed beside it, and what belongs to
 *       C is copied: a kernel with its tail inside fell to half its speed once an odd size had been seen.
 *   <li>A transpose in registers, 8 by 8 or 16 by 16 by shuffles, took 0.19 to 0.22 ns an element, the plain loop that
 *       writes to panels 0.31; with 256-bit vectors both took 0.30. It is not used yet.
 * </ul>
 */
final class VectorMatmul {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = VectorTiles.LANES;

    /** Columns of a tile two vectors wide. */
    private static final int WIDE = 2 * LANES;

    /**
     * Heights of the tiles two vectors wide. With 32 vector registers (512 bits) 12 by 2 comes within 2 % of the FMA
     * peak, with 16 registers 5 by 2 within 4 %: the most sums that C2 does not spill. The short ones fill up: 32
     * rows are 12 + 12 + 8.
     */
    private static final int TALL = LANES >= 16 ? 12 : 5;
    private static final int SHORT = LANES >= 16 ? 8 : 4;

    /** Height of the tile one vector wide. */
    private static final int NARROW = 8;

    /** Inner steps between a load and a store of C: a panel of B so long stays in a first-level cache. */
    private static final int INNER_BLOCK = 256;

    /** Rows of A in one go: with the inner block, a piece of A that stays in a second-level cache. */
    private static final int ROW_BLOCK = 192;

    /** Up to so many columns, blocks of A are so low that they stay in a first-level cache: they are used but once. */
    private static final int FEW_COLUMNS = 2 * LANES;

    /** Heights of blocks are multiples of this, of {@link #TALL} and of {@link #SHORT}. */
    private static final int LOW = LANES >= 16 ? 24 : 20;

    /** Floats of A in so low a block. */
    private static final int LOW_BLOCK = 8192;

    /** Columns of B in one go: with the inner block, two megabytes of panels. */
    private static final int COLUMN_BLOCK = 2048;

    /** From this many rows on, copying B into panels pays. */
    private static final int WORTH_PACKING = 100;

    /** From this many columns on, copying columns of A pays. */
    private static final int WORTH_COPYING = 128;

    /** Fewer rows than this go one by one. */
    private static final int FEW_ROWS = 4;

    /** Fewer inner steps than this go row by row: the product is as long as the writing of C. */
    private static final int FEW_STEPS = 4;

    /** What sums begin with when C is not to be read: the rows of a tile, all one row. */
    private static final float[] ZEROS = new float[WIDE];

    /**
     * What is compiled, in the order of need: row by row first, then the short tiles, at last the tall ones. Each
     * number stands for all up to it.
     */
    static final int ROW_BY_ROW = 1;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;
    private static final int NARROW_ROWS = 4;
    private static final int TALL_ROWS = 5;
    private static final int TALL_COLUMNS = 6;
    static final int ALL = TALL_COLUMNS;

    private VectorMatmul() {}

    /**
     * {@link Kernels#matmul}.
     *
     * @param compiled what may be used, {@link #ROW_BY_ROW} to {@link #ALL}
     */
    static void multiply(
            int compiled,
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int bps, int bjs,
            float[] c, int co, int ldc,
            boolean accumulate) {
        if (k == 0 && !accumulate) {
            for (int i = 0; i < m; i++) {
                Arrays.fill(c, co + i * ldc, co + i * ldc + n, 0f);
            }
        }
        if (m == 0 || n == 0 || k == 0) {
            return;
        }
        boolean noTile = compiled < (ars == 1 ? COLUMNS : ROWS);
        if (noTile || m < FEW_ROWS || k < FEW_STEPS && bjs == 1) {
            rowByRow(m, n, k, a, ao, ars, aps, b, bo, bps, bjs, c, co, ldc, accumulate);
            return;
        }
        int inner = evenly(k, INNER_BLOCK, 8);
        for (int j0 = 0; j0 < n; j0 += COLUMN_BLOCK) {
            int nb = Math.min(COLUMN_BLOCK, n - j0);
            for (int p0 = 0; p0 < k; p0 += inner) {
                int kb = Math.min(inner, k - p0);
                columnBlock(
                        compiled, m, nb, kb, a, ao + p0 * aps, ars, aps, b, bo + p0 * bps + j0 * bjs, bps, bjs,
                        c, co + j0, ldc, accumulate || p0 > 0);
            }
        }
    }

    /** All rows, one block of B. */
    private static void columnBlock(
            int compiled,
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int bps, int bjs,
            float[] c, int co, int ldc,
            boolean add) {
        boolean byRows = ars != 1;
        boolean narrow = byRows && compiled >= NARROW_ROWS;
        int tall = compiled >= (byRows ? TALL_ROWS : TALL_COLUMNS) ? TALL : SHORT;
        boolean packed = m >= WORTH_PACKING || bjs != 1;
        float[] panels = Scratch.PANEL.floats(packed ? k * (n + WIDE) : k * WIDE);
        for (int j = packed ? 0 : n - n % WIDE; j < n; j += WIDE) {
            int padded = narrow && n - j <= LANES ? LANES : WIDE;
            copyPanel(
                    Math.min(WIDE, n - j), padded, k, b, bo + j * bjs, bps, bjs, panels, packed ? j * k : 0);
        }
        int height = evenly(m, n <= FEW_COLUMNS ? Math.max(LOW, LOW_BLOCK / k / LOW * LOW) : ROW_BLOCK, LOW);
        for (int i = 0; i < m; i += height) {
            int mb = Math.min(height, m - i);
            int ap = ao + i * ars;
            int rows = tiledRows(mb, tall, SHORT);
            float[] x = a;
            int xo = ap;
            int xs = aps;
            if (byRows) {
                x = Scratch.BLOCK.floats((mb + NARROW) * VectorTiles.APART);
                xo = 0;
                xs = 1;
                copyRows(mb, k, a, ap, ars, aps, x);
            } else if (n >= WORTH_COPYING || rows != mb) {
                xs = roundUp(mb + NARROW, 16) + 16;
                x = Scratch.BLOCK.floats(k * xs);
                xo = 0;
                for (int p = 0; p < k; p++) {
                    System.arraycopy(a, ap + p * aps, x, p * xs, mb);
                }
            }
            for (int j = 0; j < n; j += WIDE) {
                int width = Math.min(WIDE, n - j);
                boolean copied = packed || width < WIDE;
                boolean oneVector = narrow && width <= LANES;
                strip(
                        mb, width, oneVector, tall, k, byRows, x, xo, xs,
                        copied ? panels : b, packed ? j * k : copied ? 0 : bo + j,
                        copied ? oneVector ? LANES : WIDE : bps,
                        c, co + i * ldc + j, ldc, add);
            }
        }
    }

    /** A tile's width of columns of B, side by side; those that are missing are zeros. */
    private static void copyPanel(
            int width, int padded, int k, float[] b, int bo, int bps, int bjs, float[] panel, int po) {
        if (bjs == 1 && width == WIDE) {
            copyTwoVectors(k, b, bo, bps, panel, po);
            return;
        }
        if (width < padded) {
            Arrays.fill(panel, po, po + k * padded, 0f);
        }
        if (bjs == 1) {
            for (int p = 0; p < k; p++) {
                System.arraycopy(b, bo + p * bps, panel, po + p * padded, width);
            }
        } else {
            Matmul.transpose(width, k, b, bo, bjs, panel, po, padded);
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

    private static void copyRows(int m, int k, float[] a, int ao, int ars, int aps, float[] x) {
        for (int i = 0; i < m; i++) {
            int from = ao + i * ars;
            int to = i * VectorTiles.APART;
            if (aps == 1) {
                System.arraycopy(a, from, x, to, k);
            } else {
                for (int p = 0; p < k; p++) {
                    x[to + p] = a[from + p * aps];
                }
            }
        }
    }

    /** The least number of rows, from m on, that tiles of two heights make up. */
    private static int tiledRows(int m, int tall, int small) {
        int rows = m;
        while (shortTiles(rows, tall, small) < 0) {
            rows++;
        }
        return rows;
    }

    /** How few short tiles fill the rows up together with tall ones; -1 if none do. */
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

    /** One panel, all rows of a block. */
    private static void strip(
            int m, int width, boolean narrow, int highest, int k,
            boolean byRows, float[] a, int ao, int as,
            float[] b, int bo, int bs,
            float[] c, int co, int cs,
            boolean add) {
        int tall = narrow ? NARROW : highest;
        int small = narrow ? NARROW : SHORT;
        boolean whole = width == (narrow ? LANES : WIDE);
        int rows = tiledRows(m, tall, small);
        int endOfTall = rows - small * shortTiles(rows, tall, small);
        int apart = byRows ? VectorTiles.APART : 1;
        int i = 0;
        while (i < rows) {
            int height = i < endOfTall ? tall : small;
            int ci = co + i * cs;
            if (whole && i + height <= m) {
                tile(height, narrow, k, byRows, a, ao + i * apart, as, b, bo, bs,
                        add ? c : ZEROS, add ? ci : 0, add ? cs : 0, c, ci, cs);
            } else {
                edge(height, narrow, Math.min(height, m - i), width, k,
                        byRows, a, ao + i * apart, as, b, bo, bs, c, ci, cs, add);
            }
            i += height;
        }
    }

    /** A tile of which not all belongs to C, computed beside it; only what belongs to C is copied. */
    private static void edge(
            int height, boolean narrow, int rows, int width, int k,
            boolean byRows, float[] a, int ao, int as,
            float[] b, int bo, int bs,
            float[] c, int co, int cs,
            boolean add) {
        int padded = narrow ? LANES : WIDE;
        float[] beside = Scratch.TILE.floats(height * padded);
        if (add) {
            for (int r = 0; r < rows; r++) {
                System.arraycopy(c, co + r * cs, beside, r * padded, width);
            }
        }
        tile(height, narrow, k, byRows, a, ao, as, b, bo, bs,
                add ? beside : ZEROS, 0, add ? padded : 0, beside, 0, padded);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(beside, r * padded, c, co + r * cs, width);
        }
    }

    /** Inner steps of {@link #compile}: a loop, but not so long that C2 would replace it while it runs. */
    private static final int STEPS = 24;

    /** Columns of {@link #compile}, row by row. */
    private static final int SPAN = 16 * LANES;

    /** Runs one of what may be compiled, on the least data that shows C2 what matters. */
    static void compile(int what, boolean add) {
        float[] data = Scratch.PANEL.floats(STEPS * SPAN);
        float[] c = Scratch.TILE.floats(Math.max(TALL, NARROW) * WIDE + SPAN);
        if (what == ROW_BY_ROW) {
            row(SPAN, STEPS, data, 0, 1, data, 0, SPAN, c, 0, add);
        } else {
            float[] a = Scratch.BLOCK.floats(Math.max(TALL, NARROW) * VectorTiles.APART);
            boolean narrow = what == NARROW_ROWS;
            int height = narrow ? NARROW : what < NARROW_ROWS ? SHORT : TALL;
            boolean byRows = what != COLUMNS && what != TALL_COLUMNS;
            tile(
                    height, narrow, STEPS, byRows, a, 0, 1, data, 0, narrow ? LANES : WIDE,
                    add ? c : ZEROS, 0, add ? WIDE : 0, c, 0, WIDE);
        }
    }

    private static void tile(
            int height, boolean narrow, int k,
            boolean byRows, float[] a, int ao, int as,
            float[] b, int bo, int bs,
            float[] from, int fo, int fs,
            float[] c, int co, int cs) {
        if (byRows) {
            if (narrow) {
                VectorTiles.rows8x1(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            } else if (height == 12) {
                VectorTiles.rows12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            } else if (height == 8) {
                VectorTiles.rows8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            } else if (height == 5) {
                VectorTiles.rows5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            } else {
                VectorTiles.rows4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
            }
        } else if (height == 12) {
            VectorTiles.columns12x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (height == 8) {
            VectorTiles.columns8x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (height == 5) {
            VectorTiles.columns5x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        } else {
            VectorTiles.columns4x2(k, a, ao, as, b, bo, bs, from, fo, fs, c, co, cs);
        }
    }

    /**
     * For a batch of one, for an inner size so short that the product is as long as the writing of C, and for the time
     * until the tiles are compiled: small methods do the work, which C2 soon has.
     */
    private static void rowByRow(
            int m, int n, int k,
            float[] a, int ao, int ars, int aps,
            float[] b, int bo, int bps, int bjs,
            float[] c, int co, int ldc,
            boolean add) {
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            if (bjs == 1) {
                row(n, k, a, ai, aps, b, bo, bps, c, ci, add);
            } else {
                ScalarKernels.dots(n, k, a, ai, aps, b, bo, bjs, c, ci, add);
            }
        }
    }

    /** Walks B along its rows, four at a time. */
    private static void row(
            int n, int k, float[] a, int ao, int as, float[] b, int bo, int bs, float[] c, int co, boolean add) {
        if (!add) {
            Arrays.fill(c, co, co + n, 0f);
        }
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

    /** The size of as few equal blocks as the limit allows, a multiple of a step. */
    private static int evenly(int size, int limit, int step) {
        int blocks = (size + limit - 1) / limit;
        return roundUp((size + blocks - 1) / blocks, step);
    }

    private static int roundUp(int n, int step) {
        return (n + step - 1) / step * step;
    }
}
