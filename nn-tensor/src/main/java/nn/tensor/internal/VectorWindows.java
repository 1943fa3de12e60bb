package nn.tensor.internal;

import static nn.tensor.internal.TilePlan.LANES;
import static nn.tensor.internal.TilePlan.WIDE;
import static nn.tensor.internal.TilePlan.ZEROS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Products of windows on vectors: each lane owns one element of the result, by register tiles ({@link
 * VectorWindowTiles}). A tile that sticks out of the result is computed into a temporary, whose valid part is copied.
 * The last rows of a result are a whole tile with rows of the one before, which are computed once more.
 */
final class VectorWindows implements WindowKernels {
    private static final ScalarWindows SCALAR = new ScalarWindows();
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /** Windows of a tile one vector wide, of one two vectors wide (16 registers hold 6 by 2), and of depthwise ones. */
    private static final int HIGH = 8;

    private static final int WIDE_HIGH = LANES >= 16 ? 8 : 6;

    /** Elements of windows in a tile of sums over windows, two vectors wide and one. */
    private static final int OUTER_WIDE = LANES >= 16 ? 8 : 5;

    private static final int OUTER = LANES >= 16 ? 16 : 8;

    /** Taps in a tile of depthwise sums: those of a kernel of 3 x 3. */
    private static final int DEPTHWISE_TAPS = 9;

    /** Columns of a tile that adds to windows: 16 registers do not hold 8 by 2. */
    private static final int SCATTERED = LANES >= 16 ? WIDE : LANES;

    /** Floats of a panel of B that stay in a second-level cache. */
    private static final int PANEL = 1 << 15;

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
    public void product(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        int runs = w.taps().length;
        int run = w.run();
        if (w.size() == 0 || count == 0) {
            SCALAR.product(w, count, n, a, ao, b, bo, bs, row, ro, c, co);
            return;
        }
        int[] at = atLeast(HIGH, w.at(), count, AT);
        int[] to = atLeast(HIGH, w.to(), count, TO);
        int block = Math.clamp(PANEL / WIDE / run, 1, runs);
        float[] panel = Scratch.PANEL.floats(block * run * WIDE);
        for (int q = 0; q < runs; q += block) {
            int end = Math.min(q + block, runs);
            for (int j = 0; j < n; ) {
                boolean wide = n - j > LANES && run > 1;
                int step = wide ? WIDE : LANES;
                int width = Math.min(step, n - j);
                Packing.copyVectors(width, (end - q) * run, b, bo + q * run * bs + j, bs, panel, 0, step);
                float[] from = q > 0 ? c : row == null ? ZEROS : start(width, step, row, ro + j);
                strip(q, end, w.taps(), run, at, to, count, width, step, a, ao, panel, from, c, co + j);
                j += step;
            }
        }
    }

    /** A table of places with at least so many of them, in a buffer if there are fewer; then the last is repeated. */
    private static int[] atLeast(int size, int[] places, int count, PerThread<int[]> buffer) {
        if (count >= size) {
            return places;
        }
        int[] more = buffer.get();
        System.arraycopy(places, 0, more, 0, count);
        Arrays.fill(more, count, size, places[count - 1]);
        return more;
    }

    private static float[] start(int width, int step, float[] row, int ro) {
        float[] start = Scratch.START.floats(WIDE);
        Packing.copyVectors(width, 1, row, ro, 0, start, 0, step);
        return start;
    }

    /** All windows, and the columns of one panel. Sums begin with the first row of {@code from}, or with C. */
    private static void strip(
            int q,
            int end,
            int[] taps,
            int run,
            int[] at,
            int[] to,
            int count,
            int width,
            int step,
            float[] a,
            int ao,
            float[] panel,
            float[] from,
            float[] c,
            int co) {
        int high = step == WIDE ? WIDE_HIGH : HIGH;
        int[] rows = step == WIDE ? WIDE_ROWS : ROWS;
        boolean more = from == c;
        for (int i = 0; i < count; i += high) {
            int first = Math.clamp(count - high, 0, i); // of the tile's windows, some of which may be done
            boolean inside = width == step && (first == i && i + high <= count || !more && first + high <= count);
            if (inside) {
                int[] ft = more ? to : ONE_ROW;
                tile(
                        q,
                        end,
                        taps,
                        run,
                        step,
                        a,
                        ao,
                        at,
                        first,
                        panel,
                        from,
                        more ? co : 0,
                        ft,
                        more ? first : 0,
                        c,
                        co,
                        to,
                        first);
                continue;
            }
            float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
            int[] ft = ONE_ROW;
            if (more) {
                copy(c, co, to, first, tile, 0, rows, 0, high, width);
                ft = rows;
            }
            tile(q, end, taps, run, step, a, ao, at, first, panel, more ? tile : from, 0, ft, 0, tile, 0, rows, 0);
            int done = i - first;
            copy(tile, 0, rows, done, c, co, to, i, Math.min(high - done, count - i), width);
        }
    }

    /** Copies a number of columns of rows at places of two tables. */
    private static void copy(
            float[] x, int xo, int[] xt, int xi, float[] y, int yo, int[] yt, int yi, int rows, int width) {
        for (int v = 0; v < width; v += LANES) {
            VectorMask<Float> lanes = SPECIES.indexInRange(v, width);
            for (int r = 0; r < rows; r++) {
                FloatVector.fromArray(SPECIES, x, xo + xt[xi + r] + v, lanes).intoArray(y, yo + yt[yi + r] + v, lanes);
            }
        }
    }

    /** One tile. */
    static void tile(
            int q,
            int end,
            int[] taps,
            int run,
            int step,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            float[] from,
            int fo,
            int[] ft,
            int fi,
            float[] c,
            int co,
            int[] ct,
            int ci) {
        if (run == 1) {
            VectorWindowTiles.singles8x1(q, end, taps, a, ao, at, ai, b, 0, from, fo, ft, fi, c, co, ct, ci);
        } else if (step == LANES) {
            VectorWindowTiles.rows8x1(q, end, taps, run, a, ao, at, ai, b, 0, from, fo, ft, fi, c, co, ct, ci);
        } else if (LANES >= 16) {
            VectorWindowTiles.rows8x2(q, end, taps, run, a, ao, at, ai, b, 0, from, fo, ft, fi, c, co, ct, ci);
        } else {
            VectorWindowTiles.rows6x2(q, end, taps, run, a, ao, at, ai, b, 0, from, fo, ft, fi, c, co, ct, ci);
        }
    }

    @Override
    public void outer(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            boolean first,
            float[] c,
            int co,
            int cs) {
        for (int j = 0; j < n; ) {
            boolean wide = n - j > LANES && w.run() > 1;
            int step = wide ? WIDE : LANES;
            int width = Math.min(step, n - j);
            if (width == step) {
                outerStrip(w, count, width, step, a, ao, b, bo + j, bs, first, c, co + j, cs);
            } else {
                float[] panel = Scratch.PANEL.floats(count * step);
                Packing.copyVectors(width, count, b, bo + j, bs, panel, 0, step);
                outerStrip(w, count, width, step, a, ao, panel, 0, step, first, c, co + j, cs);
            }
            j += step;
        }
    }

    private static void outerStrip(
            WindowRows w,
            int count,
            int width,
            int step,
            float[] a,
            int ao,
            float[] b,
            int bo,
            int bs,
            boolean first,
            float[] c,
            int co,
            int cs) {
        int high = step == WIDE ? OUTER_WIDE : w.run() == 1 || w.run() < OUTER ? HIGH : OUTER;
        // a tile's elements are neighbours: those of one run, or single ones of a table
        int runs = w.run() == 1 ? 1 : w.taps().length;
        int length = w.run() == 1 ? w.taps().length : w.run();
        int[] taps = w.run() == 1 ? atLeast(HIGH, w.taps(), length, TAPS) : w.taps();
        for (int q = 0; q < runs; q++) {
            for (int p = 0; p < length; p += high) {
                int begin = Math.clamp(length - high, 0, p);
                int rows = Math.min(high, length - p);
                int ci = co + (q * length + p) * cs;
                boolean inside = width == step && rows == high;
                if (inside && !first) {
                    outerTile(w.run(), step, high, count, taps, q, p, a, ao, w.at(), b, bo, bs, c, ci, cs, c, ci, cs);
                } else if (inside) {
                    outerTile(w.run(), step, high, count, taps, q, p, a, ao, w.at(), b, bo, bs, ZEROS, 0, 0, c, ci, cs);
                } else {
                    int done = p - begin;
                    float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
                    if (first) {
                        Arrays.fill(tile, 0, high * step, 0f);
                    } else {
                        Packing.copyVectors(width, rows, c, ci, cs, tile, done * step, step);
                    }
                    outerTile(
                            w.run(), step, high, count, taps, q, begin, a, ao, w.at(), b, bo, bs, tile, 0, step, tile,
                            0, step);
                    copyBack(rows, width, step, tile, done * step, c, ci, cs);
                }
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

    /** One tile of sums over windows: of elements from p on of run q. */
    static void outerTile(
            int run,
            int step,
            int high,
            int count,
            int[] taps,
            int q,
            int p,
            float[] a,
            int ao,
            int[] at,
            float[] b,
            int bo,
            int bs,
            float[] from,
            int fo,
            int fs,
            float[] c,
            int co,
            int cs) {
        if (run == 1) {
            VectorWindowTiles.outerSingles8x1(count, taps, p, a, ao, at, b, bo, bs, from, fo, fs, c, co, cs);
            return;
        }
        int ai = ao + taps[q] + p;
        if (step == LANES && high == 16) {
            VectorWindowTiles.outer16x1(count, a, ai, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (step == LANES) {
            VectorWindowTiles.outer8x1(count, a, ai, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else if (LANES >= 16) {
            VectorWindowTiles.outer8x2(count, a, ai, at, b, bo, bs, from, fo, fs, c, co, cs);
        } else {
            VectorWindowTiles.outer5x2(count, a, ai, at, b, bo, bs, from, fo, fs, c, co, cs);
        }
    }

    @Override
    public void scatter(
            WindowRows w,
            int columns,
            int count,
            int k,
            float[] a,
            int ao,
            int as,
            float[] b,
            int bo,
            float[] c,
            int co) {
        int runs = w.taps().length;
        int strips = TilePlan.roundUp(w.run(), LANES);
        float[] panels = Scratch.PANEL.floats(runs * strips * k);
        for (int q = 0; q < runs; q++) {
            for (int j = 0; j < w.run(); j += SCATTERED) {
                int step = w.run() - j > LANES ? SCATTERED : LANES;
                int width = Math.min(step, w.run() - j);
                int to = (q * strips + j) * k;
                Packing.copyVectors(width, k, b, bo + q * w.run() + j, w.size(), panels, to, step);
            }
        }
        int rows = count / columns;
        int[] at = AT.get();
        int[] to = TO.get();
        for (int row = 0; row < rows; row += HIGH) {
            int some = Math.min(HIGH, rows - row);
            for (int r = 0; r < HIGH; r++) {
                int window = (row + Math.min(r, some - 1)) * columns;
                at[r] = window * as;
                to[r] = w.at()[window];
            }
            for (int q = runs - 1; q >= 0; q--) {
                // from last to first, so that an element of several windows meets them in their order
                for (int j = (w.run() - 1) / SCATTERED * SCATTERED; j >= 0; j -= SCATTERED) {
                    int step = w.run() - j > LANES ? SCATTERED : LANES;
                    int width = Math.min(step, w.run() - j);
                    int panel = (q * strips + j) * k;
                    for (int s = 0; s < columns; s++) {
                        int place = co + w.at()[s] - w.at()[0] + w.taps()[q] + j;
                        scatterTile(some, k, a, ao + s * as, at, panels, panel, width, step, c, place, to);
                    }
                }
            }
        }
    }

    /** One tile of windows in the same column of several rows. */
    private static void scatterTile(
            int rows,
            int k,
            float[] a,
            int ao,
            int[] at,
            float[] panels,
            int panel,
            int width,
            int step,
            float[] c,
            int co,
            int[] to) {
        boolean inside = rows == HIGH && width == step;
        float[] tile = inside ? c : Scratch.TILE.floats(Edges.LARGEST_TILE);
        int[] tt = inside ? to : step == WIDE ? WIDE_ROWS : ROWS;
        int place = inside ? co : 0;
        if (step == LANES) {
            VectorWindowTiles.rows8x1(0, 1, ONE_ROW, k, a, ao, at, 0, panels, panel, c, co, to, 0, tile, place, tt, 0);
        } else {
            VectorWindowTiles.rows8x2(0, 1, ONE_ROW, k, a, ao, at, 0, panels, panel, c, co, to, 0, tile, place, tt, 0);
        }
        if (!inside) {
            copy(tile, 0, tt, 0, c, co, to, 0, rows, width);
        }
    }

    @Override
    public void depthwise(
            WindowRows w,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            float @Nullable [] row,
            int ro,
            float[] c,
            int co) {
        int full = count < HIGH ? 0 : SPECIES.loopBound(n);
        for (int j = 0; j < full; j += LANES) {
            float[] from = row == null ? ZEROS : row;
            int fo = row == null ? 0 : ro + j;
            for (int i = 0; i < count; i += HIGH) {
                int first = Math.min(i, count - HIGH);
                VectorWindowTiles.depthwise8(
                        w.taps().length, w.taps(), a, ao + j, w.at(), first, b, bo + j, n, from, fo, c, co + j, w.to());
            }
        }
        ScalarWindows.depthwise(w, 0, count, full, n, a, ao, b, bo, row, ro, c, co);
    }

    @Override
    public void max(
            int count,
            int n,
            int step,
            int[] taps,
            int[] tapPlaces,
            float[] a,
            int ao,
            int place,
            int apart,
            float[] c,
            int co,
            int[] places,
            int po) {
        int full = SPECIES.loopBound(n);
        for (int i = 0; i < count; i++) {
            int ai = ao + i * step;
            int ci = co + i * n;
            int pi = po + i * n;
            int base = place + i * apart;
            for (int j = 0; j < full; j += LANES) {
                largest(taps, tapPlaces, a, ai + j, base, c, ci + j, places, pi + j);
            }
            if (full < n) {
                ScalarWindows.max(full, n, taps, tapPlaces, a, ai, base, c, ci, places, pi);
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
            most = most.blend(value, takes);
            at = at.blend(tapPlaces[q], takes.cast(INTS));
        }
        most.intoArray(c, co);
        at.add(place).intoArray(places, po);
    }

    @Override
    public void depthwiseOuter(
            WindowRows w, int count, int n, float[] a, int ao, float[] b, int bo, boolean first, float[] c, int co) {
        int full = SPECIES.loopBound(n);
        int number = w.taps().length;
        if (number > 0) {
            int[] taps = atLeast(DEPTHWISE_TAPS, w.taps(), number, TAPS);
            for (int j = 0; j < full; j += LANES) {
                for (int q = 0; q < number; q += DEPTHWISE_TAPS) {
                    depthwiseTaps(w, taps, q, number, count, n, a, ao + j, b, bo + j, first, c, co + j);
                }
            }
        }
        ScalarWindows.depthwiseOuter(w, count, full, n, a, ao, b, bo, first, c, co);
    }

    private static void depthwiseTaps(
            WindowRows w,
            int[] taps,
            int q,
            int number,
            int count,
            int n,
            float[] a,
            int ao,
            float[] b,
            int bo,
            boolean first,
            float[] c,
            int co) {
        int rows = Math.min(DEPTHWISE_TAPS, number - q);
        int begin = Math.clamp(number - DEPTHWISE_TAPS, 0, q);
        int cq = co + q * n;
        float[] tile = Scratch.TILE.floats(Edges.LARGEST_TILE);
        int done = q - begin;
        if (first) {
            Arrays.fill(tile, 0, DEPTHWISE_TAPS * LANES, 0f);
        } else {
            Packing.copyVectors(LANES, rows, c, cq, n, tile, done * LANES, LANES);
        }
        VectorWindowTiles.depthwiseOuter9(count, taps, begin, a, ao, w.at(), b, bo, n, tile, 0, LANES, tile, 0, LANES);
        copyBack(rows, LANES, LANES, tile, done * LANES, c, cq, n);
    }
}
