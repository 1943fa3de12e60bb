package nn.tensor.internal;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a short inner size: a strip of B, two vectors wide, stays in registers while the rows of A and C
 * go by. Written by {@code TileWriter}, which stands among the tests; not to be edited by hand.
 *
 * <p>Element (i, p) of A is at {@code ao + i * ars + p * aps}, element (p, j) of B at {@code bo + p * bs + j},
 * element (i, j) of C at {@code co + i * cs + j}. Sums begin with {@code from}, in rows at the step {@code fs}:
 * C itself, a bias or zeros with a step of 0. Without rows nothing is done ({@link VectorWarmUp}).
 *
 * <p>Where there are 16 registers, 7 to 12 steps are left to tiles. Strips one vector wide lose: a broadcast
 * that is used once is not loaded by one instruction by C2 (JDK 25), but by two, one of which waits for the
 * only port of shuffles. So do four rows written out to the end, with B in the cache: without checks of ranges
 * in between C2 moves loads up until it spills the sums.
 */
final class VectorSteps {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorSteps() {}

    /** m rows of the strip; k is 1 to 12. */
    static void strip(
            int k, int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        switch (k) {
            case 1 -> strip1(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 2 -> strip2(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 3 -> strip3(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 4 -> strip4(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 5 -> strip5(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 6 -> strip6(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 7 -> strip7(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 8 -> strip8(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 9 -> strip9(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 10 -> strip10(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 11 -> strip11(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            case 12 -> strip12(m, a, ao, ars, aps, b, bo, bs, from, fo, fs, c, co, cs);
            default -> throw new IllegalArgumentException("no strip has " + k + " inner steps");
        }
    }

    private static void strip1(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        int a0 = ao;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip2(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip3(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip4(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip5(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip6(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip7(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip8(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        FloatVector b7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int a7 = ao + 7 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            x = FloatVector.broadcast(SPECIES, a[a7 + at]);
            s = x.fma(b7, s);
            t = x.fma(d7, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip9(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        FloatVector b7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs + LANES);
        FloatVector b8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int a7 = ao + 7 * aps;
        int a8 = ao + 8 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            x = FloatVector.broadcast(SPECIES, a[a7 + at]);
            s = x.fma(b7, s);
            t = x.fma(d7, t);
            x = FloatVector.broadcast(SPECIES, a[a8 + at]);
            s = x.fma(b8, s);
            t = x.fma(d8, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip10(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        FloatVector b7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs + LANES);
        FloatVector b8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs + LANES);
        FloatVector b9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int a7 = ao + 7 * aps;
        int a8 = ao + 8 * aps;
        int a9 = ao + 9 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            x = FloatVector.broadcast(SPECIES, a[a7 + at]);
            s = x.fma(b7, s);
            t = x.fma(d7, t);
            x = FloatVector.broadcast(SPECIES, a[a8 + at]);
            s = x.fma(b8, s);
            t = x.fma(d8, t);
            x = FloatVector.broadcast(SPECIES, a[a9 + at]);
            s = x.fma(b9, s);
            t = x.fma(d9, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip11(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        FloatVector b7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs + LANES);
        FloatVector b8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs + LANES);
        FloatVector b9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs + LANES);
        FloatVector b10 = FloatVector.fromArray(SPECIES, b, bo + 10 * bs);
        FloatVector d10 = FloatVector.fromArray(SPECIES, b, bo + 10 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int a7 = ao + 7 * aps;
        int a8 = ao + 8 * aps;
        int a9 = ao + 9 * aps;
        int a10 = ao + 10 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            x = FloatVector.broadcast(SPECIES, a[a7 + at]);
            s = x.fma(b7, s);
            t = x.fma(d7, t);
            x = FloatVector.broadcast(SPECIES, a[a8 + at]);
            s = x.fma(b8, s);
            t = x.fma(d8, t);
            x = FloatVector.broadcast(SPECIES, a[a9 + at]);
            s = x.fma(b9, s);
            t = x.fma(d9, t);
            x = FloatVector.broadcast(SPECIES, a[a10 + at]);
            s = x.fma(b10, s);
            t = x.fma(d10, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }

    private static void strip12(
            int m, float[] a, int ao, int ars, int aps, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (m == 0) {
            return;
        }
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, b, bo + LANES);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + bs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, b, bo + bs + LANES);
        FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, b, bo + 2 * bs + LANES);
        FloatVector b3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, b, bo + 3 * bs + LANES);
        FloatVector b4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, b, bo + 4 * bs + LANES);
        FloatVector b5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, b, bo + 5 * bs + LANES);
        FloatVector b6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, b, bo + 6 * bs + LANES);
        FloatVector b7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, b, bo + 7 * bs + LANES);
        FloatVector b8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, b, bo + 8 * bs + LANES);
        FloatVector b9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, b, bo + 9 * bs + LANES);
        FloatVector b10 = FloatVector.fromArray(SPECIES, b, bo + 10 * bs);
        FloatVector d10 = FloatVector.fromArray(SPECIES, b, bo + 10 * bs + LANES);
        FloatVector b11 = FloatVector.fromArray(SPECIES, b, bo + 11 * bs);
        FloatVector d11 = FloatVector.fromArray(SPECIES, b, bo + 11 * bs + LANES);
        int a0 = ao;
        int a1 = ao + aps;
        int a2 = ao + 2 * aps;
        int a3 = ao + 3 * aps;
        int a4 = ao + 4 * aps;
        int a5 = ao + 5 * aps;
        int a6 = ao + 6 * aps;
        int a7 = ao + 7 * aps;
        int a8 = ao + 8 * aps;
        int a9 = ao + 9 * aps;
        int a10 = ao + 10 * aps;
        int a11 = ao + 11 * aps;
        int at = 0;
        int fp = fo;
        int cp = co;
        for (int i = 0; i < m; i++) {
            FloatVector s = FloatVector.fromArray(SPECIES, from, fp);
            FloatVector t = FloatVector.fromArray(SPECIES, from, fp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + at]);
            s = x.fma(b0, s);
            t = x.fma(d0, t);
            x = FloatVector.broadcast(SPECIES, a[a1 + at]);
            s = x.fma(b1, s);
            t = x.fma(d1, t);
            x = FloatVector.broadcast(SPECIES, a[a2 + at]);
            s = x.fma(b2, s);
            t = x.fma(d2, t);
            x = FloatVector.broadcast(SPECIES, a[a3 + at]);
            s = x.fma(b3, s);
            t = x.fma(d3, t);
            x = FloatVector.broadcast(SPECIES, a[a4 + at]);
            s = x.fma(b4, s);
            t = x.fma(d4, t);
            x = FloatVector.broadcast(SPECIES, a[a5 + at]);
            s = x.fma(b5, s);
            t = x.fma(d5, t);
            x = FloatVector.broadcast(SPECIES, a[a6 + at]);
            s = x.fma(b6, s);
            t = x.fma(d6, t);
            x = FloatVector.broadcast(SPECIES, a[a7 + at]);
            s = x.fma(b7, s);
            t = x.fma(d7, t);
            x = FloatVector.broadcast(SPECIES, a[a8 + at]);
            s = x.fma(b8, s);
            t = x.fma(d8, t);
            x = FloatVector.broadcast(SPECIES, a[a9 + at]);
            s = x.fma(b9, s);
            t = x.fma(d9, t);
            x = FloatVector.broadcast(SPECIES, a[a10 + at]);
            s = x.fma(b10, s);
            t = x.fma(d10, t);
            x = FloatVector.broadcast(SPECIES, a[a11 + at]);
            s = x.fma(b11, s);
            t = x.fma(d11, t);
            s.intoArray(c, cp);
            t.intoArray(c, cp + LANES);
            at += ars;
            fp += fs;
            cp += cs;
        }
    }
}
