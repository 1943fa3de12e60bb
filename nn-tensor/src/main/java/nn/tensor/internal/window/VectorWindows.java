package nn.tensor.internal.window;

import static nn.tensor.internal.product.TilePlan.LANES;
import static nn.tensor.internal.product.TilePlan.WIDE;
import static nn.tensor.internal.product.TilePlan.ZEROS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import nn.tensor.internal.product.Edges;
import nn.tensor.internal.product.Packing;
import nn.tensor.internal.product.TilePlan;
import nn.tensor.internal.thread.CacheLines;
import nn.tensor.internal.thread.PerThread;
import nn.tensor.internal.thread.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Products of windows on vectors: each lane owns one element of the result, by register tiles ({@link
 * VectorWindowTiles}). A tile that sticks out of the result is computed into a temporary, whose valid part is copied,
 * unless what lies beside it is computed later. The last rows of a result are a whole tile with rows of the one before,
 * which are computed once more.
 */
public final class VectorWindows implements WindowKernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final WindowKernels SCALAR = new ScalarWindows();

    /** Windows of a tile one vector wide, of one two vectors wide (16 registers hold 6 by 2), and of depthwise ones. */
    private static final int HIGH = 8;

    private static final int WIDE_HIGH = LANES >= 16 ? 8 : 6;

    /** Elements of windows in a tile of sums over windows, two vectors wide and one. */
    private static final int OUTER_WIDE = LANES >= 16 ? 8 : 5;

    private static final int OUTER = LANES >= 16 ? 16 : 8;

    /** Taps in a tile of depthwise sums: those of a kernel of 3 x 3. */
    private static final int DEPTHWISE_TAPS = 9;

    /** Columns of a tile that adds to what is there: 16 registers do not hold 8 by 2. */
    static final int ADDED = LANES >= 16 ? WIDE : LANES;

    /** Floats of a panel of B that stay in a second-level cache. */
    private static final int PANEL = 1 << 17;

    /** Places in the longest table that a tile needs: at least HIGH and DEPTHWISE_TAPS. */
    private static final int MOST_PLACES = 16;

    /** Places of the rows of a temporary tile, one and two vectors wide, and of one row that all rows share. */
    private static final int[] ROWS = places(LANES);

    private static final int[] WIDE_ROWS = places(WIDE);
    private static final int[] ONE_ROW = places(0);

    /** Short tables of places, made longer: of windows, of their results and of taps. */
    private static final PerThread<int[]> AT = new PerThread<>(() -> new int[MOST_PLACES]);

    private static final PerThread<int[]> TO = new PerThread<>(() -> new int[MOST_PLACES]);
    private static final PerThread<int[]> TAPS = new PerThread<>(() -> new int[MOST_PLACES]);

    private static int[] places(int step) {
        int[] places = new int[HIGH];
        Arrays.setAll(places, i -> i * step);
        return places;
    }

    @Override
    public void product(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        int runs = w.taps().length;
        int run = w.run();
        if (w.size() == 0 || p.count == 0) {
            SCALAR.product(p, w, a, b, row, c);
            return;
        }
        int[] at = atLeast(HIGH, w.at(), p.count, AT);
        int[] to = atLeast(HIGH, w.to(), p.count, TO);
        int block = Math.clamp(PANEL / WIDE / run, 1, runs);
        float[] panel = Scratch.PANEL.floats(CacheLines.FIRST + block * run * WIDE);
        p.bp = CacheLines.FIRST;
        for (int q = 0; q < runs; q += block) {
            p.firstRun = q;
            p.endOfRuns = Math.min(q + block, runs);
            int steps = (p.endOfRuns - q) * run;
            for (int j = 0; j < p.n; j += p.step) {
                p.part(j, p.n - j <= LANES || run == 1 ? LANES : q == 0 ? WIDE : ADDED);
                int from = p.bo + q * run * p.bs + j;
                Packing.copyVectors(p.width, steps, b, from, p.bs, panel, p.bp, p.step);
                if (q == 0) {
                    strip(p, w, at, to, a, panel, row == null ? ZEROS : start(p, row), c);
                } else {
                    addedStrip(p, w, at, to, a, panel, c);
                }
            }
        }
    }

    /** A table of at least {@code size} places, in a buffer if there are fewer; then the last is repeated. */
    private static int[] atLeast(int size, int[] places, int count, PerThread<int[]> buffer) {
        if (count >= size) {
            return places;
        }
        int[] more = buffer.get();
        System.arraycopy(places, 0, more, 0, count);
        Arrays.fill(more, count, size, places[count - 1]);
        return more;
    }

    private static float[] start(WindowProduct p, float[] row) {
        float[] start = Scratch.START.floats(WIDE);
        Packing.copyVectors(p.width, 1, row, p.ro + p.j, 0, start, 0, p.step);
        return start;
    }

    /** All windows, and the columns of one panel. Sums begin with a row. */
    private static void strip(
            WindowProduct p, WindowRows w, int[] at, int[] to, float[] a, float[] panel, float[] row, float[] c) {
        int high = p.step == WIDE ? WIDE_HIGH : HIGH;
        int cj = p.co + p.j;
        p.ap = p.ao;
        p.fp = 0;
        for (int i = 0; i < p.count; i += high) {
            p.ai = Math.clamp(p.count - high, 0, i); // of the tile's windows, some of which may be done
            int end = p.ai + high;
            if (end <= p.count && (p.width == p.step || mayOverrun(p, to, end))) {
                p.ci = p.ai;
                p.cp = cj;
                tile(p, w.taps(), w.run(), a, at, panel, row, c, to);
            } else {
                float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
                int[] rows = rows(p.step);
                p.ci = 0;
                p.cp = 0;
                tile(p, w.taps(), w.run(), a, at, panel, row, tile, rows);
                int done = i - p.ai;
                copy(Math.min(high - done, p.count - i), p.width, tile, 0, rows, done, c, cj, to, i);
            }
        }
    }

    /**
     * Whether a tile that is wider than C may be written to C directly: where results follow each other without gaps,
     * the excess of a row lies in the next ones, which are computed later.
     *
     * @param end the first window behind the tile
     */
    private static boolean mayOverrun(WindowProduct p, int[] to, int end) {
        int next = end + (p.step - 1) / p.width; // one behind the windows that the last row's excess may lie in
        return p.width == p.n && next <= p.count && to[next - 1] - to[p.ai] == (next - 1 - p.ai) * p.width;
    }

    private static int[] rows(int step) {
        return step == WIDE ? WIDE_ROWS : ROWS;
    }

    /** The same, added to C. */
    private static void addedStrip(
            WindowProduct p, WindowRows w, int[] at, int[] to, float[] a, float[] panel, float[] c) {
        int cj = p.co + p.j;
        p.ap = p.ao;
        for (int i = 0; i < p.count; i += HIGH) {
            p.ai = i;
            if (p.width == p.step && i + HIGH <= p.count) {
                p.fi = i;
                p.ci = i;
                p.fp = cj;
                p.cp = cj;
                addedTile(p, w.taps(), w.run(), a, at, panel, c, to, c, to);
                continue;
            }
            p.ai = Math.clamp(p.count - HIGH, 0, i);
            int some = Math.min(HIGH, p.count - i);
            int done = i - p.ai;
            float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
            int[] rows = rows(p.step);
            copy(some, p.width, c, cj, to, i, tile, 0, rows, done);
            p.fi = 0;
            p.ci = 0;
            p.fp = 0;
            p.cp = 0;
            addedTile(p, w.taps(), w.run(), a, at, panel, tile, rows, tile, rows);
            copy(some, p.width, tile, 0, rows, done, c, cj, to, i);
        }
    }

    /** Copies a number of columns of rows at places of two tables. */
    private static void copy(
            int rows, int width, float[] x, int xo, int[] xt, int xi, float[] y, int yo, int[] yt, int yi) {
        for (int v = 0; v < width; v += LANES) {
            VectorMask<Float> lanes = SPECIES.indexInRange(v, width);
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, x, xo + xt[xi + r] + v, lanes).intoArray(y, yo + yt[yi + r] + v, lanes);
            }
        }
    }

    /** One tile, whose sums begin with a row. */
    static void tile(
            WindowProduct p, int[] taps, int run, float[] a, int[] at, float[] b, float[] row, float[] c, int[] ct) {
        int q = p.firstRun;
        int end = p.endOfRuns;
        int ao = p.ap;
        int ai = p.ai;
        int bo = p.bp;
        int fo = p.fp;
        int co = p.cp;
        int ci = p.ci;
        if (run == 1 && at[ai + HIGH - 1] - at[ai] == HIGH - 1) { // places ascend, so they are neighbours
            VectorWindowTiles.neighbours8x1(q, end, taps, a, ao, at, ai, b, bo, row, fo, c, co, ct, ci);
        } else if (run == 1) {
            VectorWindowTiles.singles8x1(q, end, taps, a, ao, at, ai, b, bo, row, fo, c, co, ct, ci);
        } else if (p.step == LANES) {
            VectorWindowTiles.windows8x1(q, end, taps, run, a, ao, at, ai, b, bo, row, fo, c, co, ct, ci);
        } else if (LANES >= 16) {
            VectorWindowTiles.windows8x2(q, end, taps, run, a, ao, at, ai, b, bo, row, fo, c, co, ct, ci);
        } else {
            VectorWindowTiles.windows6x2(q, end, taps, run, a, ao, at, ai, b, bo, row, fo, c, co, ct, ci);
        }
    }

    /** One tile, whose sums begin with what is at places of a table. */
    static void addedTile(
            WindowProduct p,
            int[] taps,
            int run,
            float[] a,
            int[] at,
            float[] b,
            float[] from,
            int[] ft,
            float[] c,
            int[] ct) {
        int q = p.firstRun;
        int end = p.endOfRuns;
        int ao = p.ap;
        int ai = p.ai;
        int bo = p.bp;
        int fo = p.fp;
        int fi = p.fi;
        int co = p.cp;
        int ci = p.ci;
        if (p.step == LANES) {
            VectorWindowTiles.added8x1(q, end, taps, run, a, ao, at, ai, b, bo, from, fo, ft, fi, c, co, ct, ci);
        } else {
            VectorWindowTiles.added8x2(q, end, taps, run, a, ao, at, ai, b, bo, from, fo, ft, fi, c, co, ct, ci);
        }
    }

    @Override
    public void outer(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        for (int j = 0; j < p.n; j += p.step) {
            p.part(j, p.n - j > LANES && w.run() > 1 ? WIDE : LANES);
            if (p.width == p.step) {
                p.bp = p.bo + j;
                p.bStep = p.bs;
                outerStrip(p, w, a, b, c);
            } else {
                float[] panel = Scratch.PANEL.floats(p.count * p.step);
                Packing.copyVectors(p.width, p.count, b, p.bo + j, p.bs, panel, 0, p.step);
                p.bp = 0;
                p.bStep = p.step;
                outerStrip(p, w, a, panel, c);
            }
        }
    }

    private static void outerStrip(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        int run = w.run();
        int step = p.step;
        int high = step == WIDE ? OUTER_WIDE : run == 1 || run < OUTER ? HIGH : OUTER;
        // a tile's elements are neighbours: those of one run, or single ones of a table
        int runs = run == 1 ? 1 : w.taps().length;
        int length = run == 1 ? w.taps().length : run;
        int[] taps = run == 1 ? atLeast(HIGH, w.taps(), length, TAPS) : w.taps();
        for (int q = 0; q < runs; q++) {
            for (int e = 0; e < length; e += high) {
                int begin = Math.clamp(length - high, 0, e);
                int rows = Math.min(high, length - e);
                int ci = p.co + p.j + (q * length + e) * p.cs;
                boolean inside = p.width == step && rows == high;
                p.ai = begin;
                p.ap = run == 1 ? p.ao : p.ao + taps[q] + begin;
                if (inside) {
                    p.fp = p.first ? 0 : ci;
                    p.fStep = p.first ? 0 : p.cs;
                    p.cp = ci;
                    p.cStep = p.cs;
                    outerTile(p, run, high, taps, a, w.at(), b, p.first ? ZEROS : c, c);
                    continue;
                }
                int done = e - begin;
                float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
                if (p.first) {
                    Arrays.fill(tile, 0, high * step, 0f);
                } else {
                    Packing.copyVectors(p.width, rows, c, ci, p.cs, tile, done * step, step);
                }
                p.fp = 0;
                p.fStep = step;
                p.cp = 0;
                p.cStep = step;
                outerTile(p, run, high, taps, a, w.at(), b, tile, tile);
                copyBack(rows, p.width, step, tile, done * step, c, ci, p.cs);
            }
        }
    }

    private static void copyBack(int rows, int width, int step, float[] tile, int from, float[] c, int co, int cs) {
        for (int v = 0; v < width; v += LANES) {
            VectorMask<Float> lanes = SPECIES.indexInRange(v, width);
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, tile, from + r * step + v).intoArray(c, co + r * cs + v, lanes);
            }
        }
    }

    /** One tile of sums over windows: of neighbouring elements, or of those of a table. */
    static void outerTile(
            WindowProduct p, int run, int high, int[] taps, float[] a, int[] at, float[] b, float[] from, float[] c) {
        int count = p.count;
        int ao = p.ap;
        int bo = p.bp;
        int bs = p.bStep;
        int fo = p.fp;
        int fs = p.fStep;
        int co = p.cp;
        int cs = p.cStep;
        if (run == 1) {
            VectorWindowTiles.outerSingles8x1(count, taps, p.ai, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (p.step == LANES && high == 16) {
            VectorWindowTiles.outer16x1(count, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (p.step == LANES) {
            VectorWindowTiles.outer8x1(count, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (LANES >= 16) {
            VectorWindowTiles.outer8x2(count, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else {
            VectorWindowTiles.outer5x2(count, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
        }
    }

    @Override
    public void scatter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        int runs = w.taps().length;
        int run = w.run();
        int strips = TilePlan.roundUp(run, LANES);
        float[] panels = Scratch.PANEL.floats(CacheLines.FIRST + runs * strips * p.k);
        for (int q = 0; q < runs; q++) {
            for (int j = 0; j < run; j += ADDED) {
                int step = run - j > LANES ? ADDED : LANES;
                int to = CacheLines.FIRST + (q * strips + j) * p.k;
                Packing.copyVectors(Math.min(step, run - j), p.k, b, p.bo + q * run + j, w.size(), panels, to, step);
            }
        }
        int rows = p.count / p.columns;
        int[] at = AT.get();
        int[] to = TO.get();
        for (int row = 0; row < rows; row += HIGH) {
            int some = Math.min(HIGH, rows - row);
            for (int r = 0; r < HIGH; r++) {
                int window = (row + Math.min(r, some - 1)) * p.columns;
                at[r] = window * p.as;
                to[r] = w.at()[window];
            }
            for (int q = runs - 1; q >= 0; q--) {
                // from last to first, so that an element of several windows meets them in their order
                for (int j = (run - 1) / ADDED * ADDED; j >= 0; j -= ADDED) {
                    p.step = run - j > LANES ? ADDED : LANES;
                    p.width = Math.min(p.step, run - j);
                    p.bp = CacheLines.FIRST + (q * strips + j) * p.k;
                    scatterRow(p, some, w, w.taps()[q] + j, a, at, panels, c, to);
                }
            }
        }
    }

    /** Some elements of all windows of some rows, each tile of those in the same column. */
    private static void scatterRow(
            WindowProduct p, int some, WindowRows w, int place, float[] a, int[] at, float[] b, float[] c, int[] to) {
        p.firstRun = 0;
        p.endOfRuns = 1;
        p.ai = 0;
        p.fi = 0;
        p.ci = 0;
        for (int s = 0; s < p.columns; s++) {
            p.ap = p.ao + s * p.as;
            p.fp = p.co + w.at()[s] - w.at()[0] + place;
            p.cp = p.fp;
            if (some < HIGH) {
                float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
                p.cp = 0;
                addedTile(p, ONE_ROW, p.k, a, at, b, c, to, tile, rows(p.step));
                copy(some, p.width, tile, 0, rows(p.step), 0, c, p.fp, to, 0);
            } else if (p.width < p.step) {
                addedPart(p, p.k, a, at, b, c, to);
            } else {
                addedTile(p, ONE_ROW, p.k, a, at, b, c, to, c, to);
            }
        }
    }

    /** One tile of one run, whose first columns, up to a width, are added to what is at places of a table. */
    static void addedPart(WindowProduct p, int run, float[] a, int[] at, float[] b, float[] c, int[] ct) {
        int end = p.endOfRuns;
        int ao = p.ap;
        int bo = p.bp;
        int width = p.width;
        int co = p.cp;
        if (p.step == LANES) {
            VectorWindowTiles.addedPart8x1(0, end, ONE_ROW, run, a, ao, at, 0, b, bo, width, c, co, ct, 0);
        } else {
            VectorWindowTiles.addedPart8x2(0, end, ONE_ROW, run, a, ao, at, 0, b, bo, width, c, co, ct, 0);
        }
    }

    @Override
    public void depthwise(WindowProduct p, WindowRows w, float[] a, float[] b, float @Nullable [] row, float[] c) {
        int[] taps = w.taps();
        int full = p.count < HIGH ? 0 : SPECIES.loopBound(p.n);
        for (int j = 0; j < full; j += LANES) {
            float[] from = row == null ? ZEROS : row;
            int fo = row == null ? 0 : p.ro + j;
            int aj = p.ao + j;
            int bj = p.bo + j;
            int cj = p.co + j;
            for (int i = 0; i < p.count; i += HIGH) {
                int first = Math.min(i, p.count - HIGH);
                VectorWindowTiles.depthwise8(
                        taps.length, taps, a, aj, w.at(), first, b, bj, p.n, from, fo, c, cj, w.to());
            }
        }
        ScalarWindows.depthwise(p, w, full, a, b, row, c);
    }

    @Override
    public void max(PoolWindows w, int count, float[] a, int ao, int place, float[] c, int co, int[] places, int po) {
        int n = w.n();
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < count; i++) {
            int ai = ao + i * w.step();
            int ci = co + i * n;
            int pi = po + i * n;
            int base = place + i * w.apart();
            for (int j = 0; j < full; j += LANES) {
                largest(w.taps(), w.tapPlaces(), a, ai + j, base, c, ci + j, places, pi + j);
            }
            if (full < n) {
                ScalarWindows.largest(w, full, a, ai, base, c, ci, places, pi);
            }
        }
    }

    /** The largest elements of one window in one vector of channels. */
    static void largest(
            int[] taps, int[] tapPlaces, float[] a, int ao, int place, float[] c, int co, int[] places, int po) {
        if (taps.length == 0) {
            return;
        }
        FloatVector most = FloatVector.fromArray(SPECIES, a, ao + taps[0]);
        IntVector at = IntVector.broadcast(INTS, tapPlaces[0]);
        for (int q = 1; q < taps.length; q++) {
            FloatVector value = FloatVector.fromArray(SPECIES, a, ao + taps[q]);
            VectorMask<Float> takes =
                    value.compare(VectorOperators.GT, most).or(value.compare(VectorOperators.NE, value));
            VectorMask<Float> keeps = takes.not();
            most = value.blend(most, keeps);
            at = IntVector.broadcast(INTS, tapPlaces[q]).blend(at, keeps.cast(INTS));
        }
        most.intoArray(c, co);
        at.add(place).intoArray(places, po);
    }

    @Override
    public void depthwiseOuter(WindowProduct p, WindowRows w, float[] a, float[] b, float[] c) {
        int full = SPECIES.loopBound(p.n);
        int number = w.taps().length;
        if (number > 0) {
            int[] taps = atLeast(DEPTHWISE_TAPS, w.taps(), number, TAPS);
            for (int j = 0; j < full; j += LANES) {
                for (int q = 0; q < number; q += DEPTHWISE_TAPS) {
                    p.j = j;
                    p.firstRun = q;
                    depthwiseTaps(p, w, taps, a, b, c);
                }
            }
        }
        ScalarWindows.depthwiseOuter(p, w, full, a, b, c);
    }

    private static void depthwiseTaps(WindowProduct p, WindowRows w, int[] taps, float[] a, float[] b, float[] c) {
        int n = p.n;
        int q = p.firstRun;
        int number = w.taps().length;
        int rows = Math.min(DEPTHWISE_TAPS, number - q);
        int begin = Math.clamp(number - DEPTHWISE_TAPS, 0, q);
        int cq = p.co + p.j + q * n;
        float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
        int done = q - begin;
        if (p.first) {
            Arrays.fill(tile, 0, DEPTHWISE_TAPS * LANES, 0f);
        } else {
            Packing.copyVectors(LANES, rows, c, cq, n, tile, done * LANES, LANES);
        }
        int aj = p.ao + p.j;
        int bj = p.bo + p.j;
        VectorWindowTiles.depthwiseOuter9(
                p.count, taps, begin, a, aj, w.at(), b, bj, n, tile, 0, LANES, tile, 0, LANES);
        copyBack(rows, LANES, LANES, tile, done * LANES, c, cq, n);
    }
}
