package nn.tensor.internal;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of products of windows ({@link WindowKernels}). They differ from {@link VectorTiles} in that a table
 * says where each window begins, so a tile may take any windows, and that a window is read in runs.
 *
 * <p>Where tiles take rows of windows, element p of run q of window r is at {@code ao + at[ai + r] + taps[q] + p}, and
 * row r of the result at {@code co + ct[ci + r]}; its sums begin with what is at {@code fo + ft[fi + r]}. B is a panel
 * of the tile's width. What {@link VectorTiles} says about C2 holds here too: places within an inner loop are the
 * counter plus a fixed number, or one variable plus constants.
 */
final class VectorWindowTiles {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private VectorWindowTiles() {}

    /** 8 windows by 2 vectors of columns. */
    static void rows8x2(
            int first,
            int end,
            int[] taps,
            int run,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int[] ft,
            int fi,
            float[] c,
            int co,
            int[] ct,
            int ci) {
        if (end <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi]);
        FloatVector d0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi] + LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1]);
        FloatVector d1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1] + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2]);
        FloatVector d2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2] + LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3]);
        FloatVector d3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3] + LANES);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4]);
        FloatVector d4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4] + LANES);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5]);
        FloatVector d5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5] + LANES);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 6]);
        FloatVector d6 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 6] + LANES);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 7]);
        FloatVector d7 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 7] + LANES);
        int bq = bo;
        for (int q = first; q < end; q++) {
            int tap = ao + taps[q];
            int a0 = tap + at[ai];
            int a1 = tap + at[ai + 1];
            int a2 = tap + at[ai + 2];
            int a3 = tap + at[ai + 3];
            int a4 = tap + at[ai + 4];
            int a5 = tap + at[ai + 5];
            int a6 = tap + at[ai + 6];
            int a7 = tap + at[ai + 7];
            for (int p = 0; p < run; p++) {
                FloatVector b0 = FloatVector.fromArray(SPECIES, b, bq + p * (2 * LANES));
                FloatVector b1 = FloatVector.fromArray(SPECIES, b, bq + p * (2 * LANES) + LANES);
                FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + p]);
                c0 = x.fma(b0, c0);
                d0 = x.fma(b1, d0);
                x = FloatVector.broadcast(SPECIES, a[a1 + p]);
                c1 = x.fma(b0, c1);
                d1 = x.fma(b1, d1);
                x = FloatVector.broadcast(SPECIES, a[a2 + p]);
                c2 = x.fma(b0, c2);
                d2 = x.fma(b1, d2);
                x = FloatVector.broadcast(SPECIES, a[a3 + p]);
                c3 = x.fma(b0, c3);
                d3 = x.fma(b1, d3);
                x = FloatVector.broadcast(SPECIES, a[a4 + p]);
                c4 = x.fma(b0, c4);
                d4 = x.fma(b1, d4);
                x = FloatVector.broadcast(SPECIES, a[a5 + p]);
                c5 = x.fma(b0, c5);
                d5 = x.fma(b1, d5);
                x = FloatVector.broadcast(SPECIES, a[a6 + p]);
                c6 = x.fma(b0, c6);
                d6 = x.fma(b1, d6);
                x = FloatVector.broadcast(SPECIES, a[a7 + p]);
                c7 = x.fma(b0, c7);
                d7 = x.fma(b1, d7);
            }
            bq += run * (2 * LANES);
        }
        c0.intoArray(c, co + ct[ci]);
        d0.intoArray(c, co + ct[ci] + LANES);
        c1.intoArray(c, co + ct[ci + 1]);
        d1.intoArray(c, co + ct[ci + 1] + LANES);
        c2.intoArray(c, co + ct[ci + 2]);
        d2.intoArray(c, co + ct[ci + 2] + LANES);
        c3.intoArray(c, co + ct[ci + 3]);
        d3.intoArray(c, co + ct[ci + 3] + LANES);
        c4.intoArray(c, co + ct[ci + 4]);
        d4.intoArray(c, co + ct[ci + 4] + LANES);
        c5.intoArray(c, co + ct[ci + 5]);
        d5.intoArray(c, co + ct[ci + 5] + LANES);
        c6.intoArray(c, co + ct[ci + 6]);
        d6.intoArray(c, co + ct[ci + 6] + LANES);
        c7.intoArray(c, co + ct[ci + 7]);
        d7.intoArray(c, co + ct[ci + 7] + LANES);
    }

    /** 6 windows by 2 vectors of columns. */
    static void rows6x2(
            int first,
            int end,
            int[] taps,
            int run,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int[] ft,
            int fi,
            float[] c,
            int co,
            int[] ct,
            int ci) {
        if (end <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi]);
        FloatVector d0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi] + LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1]);
        FloatVector d1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1] + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2]);
        FloatVector d2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2] + LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3]);
        FloatVector d3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3] + LANES);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4]);
        FloatVector d4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4] + LANES);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5]);
        FloatVector d5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5] + LANES);
        int bq = bo;
        for (int q = first; q < end; q++) {
            int tap = ao + taps[q];
            int a0 = tap + at[ai];
            int a1 = tap + at[ai + 1];
            int a2 = tap + at[ai + 2];
            int a3 = tap + at[ai + 3];
            int a4 = tap + at[ai + 4];
            int a5 = tap + at[ai + 5];
            for (int p = 0; p < run; p++) {
                FloatVector b0 = FloatVector.fromArray(SPECIES, b, bq + p * (2 * LANES));
                FloatVector b1 = FloatVector.fromArray(SPECIES, b, bq + p * (2 * LANES) + LANES);
                FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + p]);
                c0 = x.fma(b0, c0);
                d0 = x.fma(b1, d0);
                x = FloatVector.broadcast(SPECIES, a[a1 + p]);
                c1 = x.fma(b0, c1);
                d1 = x.fma(b1, d1);
                x = FloatVector.broadcast(SPECIES, a[a2 + p]);
                c2 = x.fma(b0, c2);
                d2 = x.fma(b1, d2);
                x = FloatVector.broadcast(SPECIES, a[a3 + p]);
                c3 = x.fma(b0, c3);
                d3 = x.fma(b1, d3);
                x = FloatVector.broadcast(SPECIES, a[a4 + p]);
                c4 = x.fma(b0, c4);
                d4 = x.fma(b1, d4);
                x = FloatVector.broadcast(SPECIES, a[a5 + p]);
                c5 = x.fma(b0, c5);
                d5 = x.fma(b1, d5);
            }
            bq += run * (2 * LANES);
        }
        c0.intoArray(c, co + ct[ci]);
        d0.intoArray(c, co + ct[ci] + LANES);
        c1.intoArray(c, co + ct[ci + 1]);
        d1.intoArray(c, co + ct[ci + 1] + LANES);
        c2.intoArray(c, co + ct[ci + 2]);
        d2.intoArray(c, co + ct[ci + 2] + LANES);
        c3.intoArray(c, co + ct[ci + 3]);
        d3.intoArray(c, co + ct[ci + 3] + LANES);
        c4.intoArray(c, co + ct[ci + 4]);
        d4.intoArray(c, co + ct[ci + 4] + LANES);
        c5.intoArray(c, co + ct[ci + 5]);
        d5.intoArray(c, co + ct[ci + 5] + LANES);
    }

    /** 8 windows by 1 vector of columns. */
    static void rows8x1(
            int first,
            int end,
            int[] taps,
            int run,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int[] ft,
            int fi,
            float[] c,
            int co,
            int[] ct,
            int ci) {
        if (end <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi]);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1]);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2]);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3]);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4]);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5]);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 6]);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 7]);
        int bq = bo;
        for (int q = first; q < end; q++) {
            int tap = ao + taps[q];
            int a0 = tap + at[ai];
            int a1 = tap + at[ai + 1];
            int a2 = tap + at[ai + 2];
            int a3 = tap + at[ai + 3];
            int a4 = tap + at[ai + 4];
            int a5 = tap + at[ai + 5];
            int a6 = tap + at[ai + 6];
            int a7 = tap + at[ai + 7];
            for (int p = 0; p < run; p++) {
                FloatVector b0 = FloatVector.fromArray(SPECIES, b, bq + p * LANES);
                FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + p]);
                c0 = x.fma(b0, c0);
                x = FloatVector.broadcast(SPECIES, a[a1 + p]);
                c1 = x.fma(b0, c1);
                x = FloatVector.broadcast(SPECIES, a[a2 + p]);
                c2 = x.fma(b0, c2);
                x = FloatVector.broadcast(SPECIES, a[a3 + p]);
                c3 = x.fma(b0, c3);
                x = FloatVector.broadcast(SPECIES, a[a4 + p]);
                c4 = x.fma(b0, c4);
                x = FloatVector.broadcast(SPECIES, a[a5 + p]);
                c5 = x.fma(b0, c5);
                x = FloatVector.broadcast(SPECIES, a[a6 + p]);
                c6 = x.fma(b0, c6);
                x = FloatVector.broadcast(SPECIES, a[a7 + p]);
                c7 = x.fma(b0, c7);
            }
            bq += run * LANES;
        }
        c0.intoArray(c, co + ct[ci]);
        c1.intoArray(c, co + ct[ci + 1]);
        c2.intoArray(c, co + ct[ci + 2]);
        c3.intoArray(c, co + ct[ci + 3]);
        c4.intoArray(c, co + ct[ci + 4]);
        c5.intoArray(c, co + ct[ci + 5]);
        c6.intoArray(c, co + ct[ci + 6]);
        c7.intoArray(c, co + ct[ci + 7]);
    }

    /** 8 elements of all windows by 2 vectors of columns. */
    static void outer8x2(
            int count,
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
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, from, fo + LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, from, fo + fs + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs + LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs + LANES);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs + LANES);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs);
        FloatVector d5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs + LANES);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs);
        FloatVector d6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs + LANES);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs);
        FloatVector d7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs + LANES);
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int ai = ao + at[i];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bi + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ai]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ai + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ai + 5]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ai + 6]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ai + 7]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            bi += bs;
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + cs);
        d1.intoArray(c, co + cs + LANES);
        c2.intoArray(c, co + 2 * cs);
        d2.intoArray(c, co + 2 * cs + LANES);
        c3.intoArray(c, co + 3 * cs);
        d3.intoArray(c, co + 3 * cs + LANES);
        c4.intoArray(c, co + 4 * cs);
        d4.intoArray(c, co + 4 * cs + LANES);
        c5.intoArray(c, co + 5 * cs);
        d5.intoArray(c, co + 5 * cs + LANES);
        c6.intoArray(c, co + 6 * cs);
        d6.intoArray(c, co + 6 * cs + LANES);
        c7.intoArray(c, co + 7 * cs);
        d7.intoArray(c, co + 7 * cs + LANES);
    }

    /** 5 elements of all windows by 2 vectors of columns. */
    static void outer5x2(
            int count,
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
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector d0 = FloatVector.fromArray(SPECIES, from, fo + LANES);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector d1 = FloatVector.fromArray(SPECIES, from, fo + fs + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector d2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs + LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector d3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs + LANES);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector d4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs + LANES);
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int ai = ao + at[i];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bi + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ai]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ai + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            bi += bs;
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + cs);
        d1.intoArray(c, co + cs + LANES);
        c2.intoArray(c, co + 2 * cs);
        d2.intoArray(c, co + 2 * cs + LANES);
        c3.intoArray(c, co + 3 * cs);
        d3.intoArray(c, co + 3 * cs + LANES);
        c4.intoArray(c, co + 4 * cs);
        d4.intoArray(c, co + 4 * cs + LANES);
    }

    /** 16 elements of all windows by 1 vector of columns. */
    static void outer16x1(
            int count,
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
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs);
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs);
        FloatVector c9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs);
        FloatVector c12 = FloatVector.fromArray(SPECIES, from, fo + 12 * fs);
        FloatVector c13 = FloatVector.fromArray(SPECIES, from, fo + 13 * fs);
        FloatVector c14 = FloatVector.fromArray(SPECIES, from, fo + 14 * fs);
        FloatVector c15 = FloatVector.fromArray(SPECIES, from, fo + 15 * fs);
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int ai = ao + at[i];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ai]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[ai + 4]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[ai + 5]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[ai + 6]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[ai + 7]);
            c7 = x.fma(b0, c7);
            x = FloatVector.broadcast(SPECIES, a[ai + 8]);
            c8 = x.fma(b0, c8);
            x = FloatVector.broadcast(SPECIES, a[ai + 9]);
            c9 = x.fma(b0, c9);
            x = FloatVector.broadcast(SPECIES, a[ai + 10]);
            c10 = x.fma(b0, c10);
            x = FloatVector.broadcast(SPECIES, a[ai + 11]);
            c11 = x.fma(b0, c11);
            x = FloatVector.broadcast(SPECIES, a[ai + 12]);
            c12 = x.fma(b0, c12);
            x = FloatVector.broadcast(SPECIES, a[ai + 13]);
            c13 = x.fma(b0, c13);
            x = FloatVector.broadcast(SPECIES, a[ai + 14]);
            c14 = x.fma(b0, c14);
            x = FloatVector.broadcast(SPECIES, a[ai + 15]);
            c15 = x.fma(b0, c15);
            bi += bs;
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + cs);
        c2.intoArray(c, co + 2 * cs);
        c3.intoArray(c, co + 3 * cs);
        c4.intoArray(c, co + 4 * cs);
        c5.intoArray(c, co + 5 * cs);
        c6.intoArray(c, co + 6 * cs);
        c7.intoArray(c, co + 7 * cs);
        c8.intoArray(c, co + 8 * cs);
        c9.intoArray(c, co + 9 * cs);
        c10.intoArray(c, co + 10 * cs);
        c11.intoArray(c, co + 11 * cs);
        c12.intoArray(c, co + 12 * cs);
        c13.intoArray(c, co + 13 * cs);
        c14.intoArray(c, co + 14 * cs);
        c15.intoArray(c, co + 15 * cs);
    }

    /** 8 elements of all windows by 1 vector of columns. */
    static void outer8x1(
            int count,
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
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs);
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int ai = ao + at[i];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ai]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[ai + 1]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[ai + 2]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[ai + 3]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[ai + 4]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[ai + 5]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[ai + 6]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[ai + 7]);
            c7 = x.fma(b0, c7);
            bi += bs;
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + cs);
        c2.intoArray(c, co + 2 * cs);
        c3.intoArray(c, co + 3 * cs);
        c4.intoArray(c, co + 4 * cs);
        c5.intoArray(c, co + 5 * cs);
        c6.intoArray(c, co + 6 * cs);
        c7.intoArray(c, co + 7 * cs);
    }

    /** 8 windows by one vector of channels. */
    static void depthwise8(
            int count,
            int[] taps,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            int bo,
            int n,
            float[] from,
            int fo,
            float[] c,
            int co,
            int[] to) {
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        FloatVector c4 = c0;
        FloatVector c5 = c0;
        FloatVector c6 = c0;
        FloatVector c7 = c0;
        int a0 = ao + at[ai];
        int a1 = ao + at[ai + 1];
        int a2 = ao + at[ai + 2];
        int a3 = ao + at[ai + 3];
        int a4 = ao + at[ai + 4];
        int a5 = ao + at[ai + 5];
        int a6 = ao + at[ai + 6];
        int a7 = ao + at[ai + 7];
        for (int q = 0; q < count; q++) {
            int tap = taps[q];
            FloatVector x = FloatVector.fromArray(SPECIES, b, bo + q * n);
            c0 = x.fma(FloatVector.fromArray(SPECIES, a, a0 + tap), c0);
            c1 = x.fma(FloatVector.fromArray(SPECIES, a, a1 + tap), c1);
            c2 = x.fma(FloatVector.fromArray(SPECIES, a, a2 + tap), c2);
            c3 = x.fma(FloatVector.fromArray(SPECIES, a, a3 + tap), c3);
            c4 = x.fma(FloatVector.fromArray(SPECIES, a, a4 + tap), c4);
            c5 = x.fma(FloatVector.fromArray(SPECIES, a, a5 + tap), c5);
            c6 = x.fma(FloatVector.fromArray(SPECIES, a, a6 + tap), c6);
            c7 = x.fma(FloatVector.fromArray(SPECIES, a, a7 + tap), c7);
        }
        c0.intoArray(c, co + to[ai]);
        c1.intoArray(c, co + to[ai + 1]);
        c2.intoArray(c, co + to[ai + 2]);
        c3.intoArray(c, co + to[ai + 3]);
        c4.intoArray(c, co + to[ai + 4]);
        c5.intoArray(c, co + to[ai + 5]);
        c6.intoArray(c, co + to[ai + 6]);
        c7.intoArray(c, co + to[ai + 7]);
    }

    /** 9 taps of all windows by one vector of channels. */
    static void depthwiseOuter9(
            int count,
            int[] taps,
            int q,
            float[] a,
            int ao,
            int[] at,
            float[] b,
            int bo,
            int n,
            float[] from,
            int fo,
            int fs,
            float[] c,
            int co,
            int cs) {
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs);
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs);
        int a0 = ao + taps[q];
        int a1 = ao + taps[q + 1];
        int a2 = ao + taps[q + 2];
        int a3 = ao + taps[q + 3];
        int a4 = ao + taps[q + 4];
        int a5 = ao + taps[q + 5];
        int a6 = ao + taps[q + 6];
        int a7 = ao + taps[q + 7];
        int a8 = ao + taps[q + 8];
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int place = at[i];
            FloatVector x = FloatVector.fromArray(SPECIES, b, bi);
            c0 = x.fma(FloatVector.fromArray(SPECIES, a, a0 + place), c0);
            c1 = x.fma(FloatVector.fromArray(SPECIES, a, a1 + place), c1);
            c2 = x.fma(FloatVector.fromArray(SPECIES, a, a2 + place), c2);
            c3 = x.fma(FloatVector.fromArray(SPECIES, a, a3 + place), c3);
            c4 = x.fma(FloatVector.fromArray(SPECIES, a, a4 + place), c4);
            c5 = x.fma(FloatVector.fromArray(SPECIES, a, a5 + place), c5);
            c6 = x.fma(FloatVector.fromArray(SPECIES, a, a6 + place), c6);
            c7 = x.fma(FloatVector.fromArray(SPECIES, a, a7 + place), c7);
            c8 = x.fma(FloatVector.fromArray(SPECIES, a, a8 + place), c8);
            bi += n;
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + cs);
        c2.intoArray(c, co + 2 * cs);
        c3.intoArray(c, co + 3 * cs);
        c4.intoArray(c, co + 4 * cs);
        c5.intoArray(c, co + 5 * cs);
        c6.intoArray(c, co + 6 * cs);
        c7.intoArray(c, co + 7 * cs);
        c8.intoArray(c, co + 8 * cs);
    }

    /** 8 windows by one vector of columns, for runs of one element. */
    static void singles8x1(
            int first,
            int end,
            int[] taps,
            float[] a,
            int ao,
            int[] at,
            int ai,
            float[] b,
            int bo,
            float[] from,
            int fo,
            int[] ft,
            int fi,
            float[] c,
            int co,
            int[] ct,
            int ci) {
        if (end <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo + ft[fi]);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 1]);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 2]);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 3]);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 4]);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 5]);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 6]);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + ft[fi + 7]);
        int a0 = ao + at[ai];
        int a1 = ao + at[ai + 1];
        int a2 = ao + at[ai + 2];
        int a3 = ao + at[ai + 3];
        int a4 = ao + at[ai + 4];
        int a5 = ao + at[ai + 5];
        int a6 = ao + at[ai + 6];
        int a7 = ao + at[ai + 7];
        for (int q = first; q < end; q++) {
            int tap = taps[q];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + (q - first) * LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + tap]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[a1 + tap]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[a2 + tap]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[a3 + tap]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[a4 + tap]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[a5 + tap]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[a6 + tap]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[a7 + tap]);
            c7 = x.fma(b0, c7);
        }
        c0.intoArray(c, co + ct[ci]);
        c1.intoArray(c, co + ct[ci + 1]);
        c2.intoArray(c, co + ct[ci + 2]);
        c3.intoArray(c, co + ct[ci + 3]);
        c4.intoArray(c, co + ct[ci + 4]);
        c5.intoArray(c, co + ct[ci + 5]);
        c6.intoArray(c, co + ct[ci + 6]);
        c7.intoArray(c, co + ct[ci + 7]);
    }

    /** 8 single elements of all windows by one vector of columns. */
    static void outerSingles8x1(
            int count,
            int[] taps,
            int q,
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
        if (count <= EmptyCall.STEPS) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + fs);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * fs);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * fs);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * fs);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * fs);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * fs);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * fs);
        int a0 = ao + taps[q];
        int a1 = ao + taps[q + 1];
        int a2 = ao + taps[q + 2];
        int a3 = ao + taps[q + 3];
        int a4 = ao + taps[q + 4];
        int a5 = ao + taps[q + 5];
        int a6 = ao + taps[q + 6];
        int a7 = ao + taps[q + 7];
        int bi = bo;
        for (int i = 0; i < count; i++) {
            int place = at[i];
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bi);
            FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + place]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[a1 + place]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[a2 + place]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[a3 + place]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[a4 + place]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[a5 + place]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[a6 + place]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[a7 + place]);
            c7 = x.fma(b0, c7);
            bi += bs;
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + cs);
        c2.intoArray(c, co + 2 * cs);
        c3.intoArray(c, co + 3 * cs);
        c4.intoArray(c, co + 4 * cs);
        c5.intoArray(c, co + 5 * cs);
        c6.intoArray(c, co + 6 * cs);
        c7.intoArray(c, co + 7 * cs);
    }
}
