package nn.tensor.internal;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of a product: so many rows of C by so many vectors, kept in registers while the inner index
 * runs. Written by {@code TileWriter}, which stands among the tests; not to be edited by hand.
 *
 * <p>Element (r, p) of A is at {@code ao + r * as + p} in a tile of rows, at {@code ao + r * APART + p} in one of
 * a block, where {@code as} is 1, and at {@code ao + r + p * as} in one of columns. Element (p, j) of B is at
 * {@code bo + p * bs + j}; the tile of rows that is two vectors wide takes B from a panel as
 * wide. Element (r, j) of C is at {@code co + r * cs + j}. Sums begin with {@code from}, in rows at the step
 * {@code fs}: C itself, a bias or zeros with a step of 0. With a negative k nothing is done ({@link
 * VectorWarmUp}).
 *
 * <p>What C2 (JDK 25) needs here, and what it cost to do otherwise, in GFLOP/s of one core of 174:
 * <ul>
 *   <li>In a tile of a block, the places of A's elements differ from one another by constants, so that one
 *       register addresses all of them and two range checks cover them. With a variable step: 80 to 140 in
 *       place of 160 to 175.
 *   <li>In a tile of rows, places are the counter plus something fixed, or times a constant: then C2 checks
 *       ranges before the loop. It keeps a register for each row, so there are at most eight. Where there
 *       are eight, the step of B is a variable: with a constant 80 in place of 118.
 *   <li>In the others, the inner steps of A and B are variables, {@code as} even where it is always 1: with a
 *       constant C2 splits the loop, and 12 by 2 varied between 119 and 155.
 *   <li>Rows of C are places computed by a multiplication. Stepped through by additions, which are fewer
 *       instructions, they cost the loop a fifth (121 in place of 150 for a product of 256).
 *   <li>The sums begin with a load that is always done; a branch around it made C2 spill.
 *   <li>There is no mask: C2 boxed the sums of a tile that had one as an argument, and took three times as
 *       long over a tile of masked loads and stores.
 * </ul>
 */
final class VectorTiles {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    static final int LANES = SPECIES.length();

    /**
     * Floats from row to row of A in a tile of rows: the longest row and a cache line, so that neighbours
     * fall into neighbouring sets of a cache.
     */
    static final int APART = 256 + 16;

    private VectorTiles() {}

    /** 6 by 2, A where it is, row by row. */
    static void rows6x2(
            int k, float[] a, int ao, int as, float[] b, int bo,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int a0 = ao;
        int a1 = ao + as;
        int a2 = ao + 2 * as;
        int a3 = ao + 3 * as;
        int a4 = ao + 4 * as;
        int a5 = ao + 5 * as;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * (2 * LANES));
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * (2 * LANES) + LANES);
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
    }

    /** 13 by 2, A copied, row by row. */
    static void block13x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs + LANES);
        FloatVector c9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs + LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs);
        FloatVector d10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs + LANES);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs);
        FloatVector d11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs + LANES);
        FloatVector c12 = FloatVector.fromArray(SPECIES, from, fo + 12 * fs);
        FloatVector d12 = FloatVector.fromArray(SPECIES, from, fo + 12 * fs + LANES);
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + APART]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2 * APART]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3 * APART]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4 * APART]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5 * APART]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6 * APART]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7 * APART]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            x = FloatVector.broadcast(SPECIES, a[ap + 8 * APART]);
            c8 = x.fma(b0, c8);
            d8 = x.fma(b1, d8);
            x = FloatVector.broadcast(SPECIES, a[ap + 9 * APART]);
            c9 = x.fma(b0, c9);
            d9 = x.fma(b1, d9);
            x = FloatVector.broadcast(SPECIES, a[ap + 10 * APART]);
            c10 = x.fma(b0, c10);
            d10 = x.fma(b1, d10);
            x = FloatVector.broadcast(SPECIES, a[ap + 11 * APART]);
            c11 = x.fma(b0, c11);
            d11 = x.fma(b1, d11);
            x = FloatVector.broadcast(SPECIES, a[ap + 12 * APART]);
            c12 = x.fma(b0, c12);
            d12 = x.fma(b1, d12);
            ap += as;
            bp += bs;
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
        c8.intoArray(c, co + 8 * cs);
        d8.intoArray(c, co + 8 * cs + LANES);
        c9.intoArray(c, co + 9 * cs);
        d9.intoArray(c, co + 9 * cs + LANES);
        c10.intoArray(c, co + 10 * cs);
        d10.intoArray(c, co + 10 * cs + LANES);
        c11.intoArray(c, co + 11 * cs);
        d11.intoArray(c, co + 11 * cs + LANES);
        c12.intoArray(c, co + 12 * cs);
        d12.intoArray(c, co + 12 * cs + LANES);
    }

    /** 12 by 2, A copied, row by row. */
    static void block12x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs + LANES);
        FloatVector c9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs + LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs);
        FloatVector d10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs + LANES);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs);
        FloatVector d11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs + LANES);
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + APART]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2 * APART]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3 * APART]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4 * APART]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5 * APART]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6 * APART]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7 * APART]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            x = FloatVector.broadcast(SPECIES, a[ap + 8 * APART]);
            c8 = x.fma(b0, c8);
            d8 = x.fma(b1, d8);
            x = FloatVector.broadcast(SPECIES, a[ap + 9 * APART]);
            c9 = x.fma(b0, c9);
            d9 = x.fma(b1, d9);
            x = FloatVector.broadcast(SPECIES, a[ap + 10 * APART]);
            c10 = x.fma(b0, c10);
            d10 = x.fma(b1, d10);
            x = FloatVector.broadcast(SPECIES, a[ap + 11 * APART]);
            c11 = x.fma(b0, c11);
            d11 = x.fma(b1, d11);
            ap += as;
            bp += bs;
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
        c8.intoArray(c, co + 8 * cs);
        d8.intoArray(c, co + 8 * cs + LANES);
        c9.intoArray(c, co + 9 * cs);
        d9.intoArray(c, co + 9 * cs + LANES);
        c10.intoArray(c, co + 10 * cs);
        d10.intoArray(c, co + 10 * cs + LANES);
        c11.intoArray(c, co + 11 * cs);
        d11.intoArray(c, co + 11 * cs + LANES);
    }

    /** 12 by 2, A column by column. */
    static void columns12x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs);
        FloatVector d8 = FloatVector.fromArray(SPECIES, from, fo + 8 * fs + LANES);
        FloatVector c9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs);
        FloatVector d9 = FloatVector.fromArray(SPECIES, from, fo + 9 * fs + LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs);
        FloatVector d10 = FloatVector.fromArray(SPECIES, from, fo + 10 * fs + LANES);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs);
        FloatVector d11 = FloatVector.fromArray(SPECIES, from, fo + 11 * fs + LANES);
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            x = FloatVector.broadcast(SPECIES, a[ap + 8]);
            c8 = x.fma(b0, c8);
            d8 = x.fma(b1, d8);
            x = FloatVector.broadcast(SPECIES, a[ap + 9]);
            c9 = x.fma(b0, c9);
            d9 = x.fma(b1, d9);
            x = FloatVector.broadcast(SPECIES, a[ap + 10]);
            c10 = x.fma(b0, c10);
            d10 = x.fma(b1, d10);
            x = FloatVector.broadcast(SPECIES, a[ap + 11]);
            c11 = x.fma(b0, c11);
            d11 = x.fma(b1, d11);
            ap += as;
            bp += bs;
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
        c8.intoArray(c, co + 8 * cs);
        d8.intoArray(c, co + 8 * cs + LANES);
        c9.intoArray(c, co + 9 * cs);
        d9.intoArray(c, co + 9 * cs + LANES);
        c10.intoArray(c, co + 10 * cs);
        d10.intoArray(c, co + 10 * cs + LANES);
        c11.intoArray(c, co + 11 * cs);
        d11.intoArray(c, co + 11 * cs + LANES);
    }

    /** 8 by 2, A copied, row by row. */
    static void block8x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + APART]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2 * APART]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3 * APART]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4 * APART]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5 * APART]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6 * APART]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7 * APART]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            ap += as;
            bp += bs;
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

    /** 8 by 2, A column by column. */
    static void columns8x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
            ap += as;
            bp += bs;
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

    /** 5 by 2, A copied, row by row. */
    static void block5x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + APART]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2 * APART]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3 * APART]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4 * APART]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            ap += as;
            bp += bs;
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

    /** 5 by 2, A column by column. */
    static void columns5x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            ap += as;
            bp += bs;
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

    /** 4 by 2, A copied, row by row. */
    static void block4x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + APART]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2 * APART]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3 * APART]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            ap += as;
            bp += bs;
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + cs);
        d1.intoArray(c, co + cs + LANES);
        c2.intoArray(c, co + 2 * cs);
        d2.intoArray(c, co + 2 * cs + LANES);
        c3.intoArray(c, co + 3 * cs);
        d3.intoArray(c, co + 3 * cs + LANES);
    }

    /** 4 by 2, A column by column. */
    static void columns4x2(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            ap += as;
            bp += bs;
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + cs);
        d1.intoArray(c, co + cs + LANES);
        c2.intoArray(c, co + 2 * cs);
        d2.intoArray(c, co + 2 * cs + LANES);
        c3.intoArray(c, co + 3 * cs);
        d3.intoArray(c, co + 3 * cs + LANES);
    }

    /** 8 by 1, A where it is, row by row. */
    static void rows8x1(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int a0 = ao;
        int a1 = ao + as;
        int a2 = ao + 2 * as;
        int a3 = ao + 3 * as;
        int a4 = ao + 4 * as;
        int a5 = ao + 5 * as;
        int a6 = ao + 6 * as;
        int a7 = ao + 7 * as;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
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
            bp += bs;
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

    /** 16 by 1, A column by column. */
    static void columns16x1(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7]);
            c7 = x.fma(b0, c7);
            x = FloatVector.broadcast(SPECIES, a[ap + 8]);
            c8 = x.fma(b0, c8);
            x = FloatVector.broadcast(SPECIES, a[ap + 9]);
            c9 = x.fma(b0, c9);
            x = FloatVector.broadcast(SPECIES, a[ap + 10]);
            c10 = x.fma(b0, c10);
            x = FloatVector.broadcast(SPECIES, a[ap + 11]);
            c11 = x.fma(b0, c11);
            x = FloatVector.broadcast(SPECIES, a[ap + 12]);
            c12 = x.fma(b0, c12);
            x = FloatVector.broadcast(SPECIES, a[ap + 13]);
            c13 = x.fma(b0, c13);
            x = FloatVector.broadcast(SPECIES, a[ap + 14]);
            c14 = x.fma(b0, c14);
            x = FloatVector.broadcast(SPECIES, a[ap + 15]);
            c15 = x.fma(b0, c15);
            ap += as;
            bp += bs;
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

    /** 8 by 1, A column by column. */
    static void columns8x1(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
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
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            x = FloatVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            x = FloatVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            x = FloatVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            x = FloatVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            x = FloatVector.broadcast(SPECIES, a[ap + 5]);
            c5 = x.fma(b0, c5);
            x = FloatVector.broadcast(SPECIES, a[ap + 6]);
            c6 = x.fma(b0, c6);
            x = FloatVector.broadcast(SPECIES, a[ap + 7]);
            c7 = x.fma(b0, c7);
            ap += as;
            bp += bs;
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

    /** 1 by 16, A copied, row by row. */
    static void block1x16(
            int k, float[] a, int ao, int as, float[] b, int bo, int bs,
            float[] from, int fo, int fs, float[] c, int co, int cs) {
        if (k < 0) {
            return;
        }
        FloatVector c0 = FloatVector.fromArray(SPECIES, from, fo);
        FloatVector c1 = FloatVector.fromArray(SPECIES, from, fo + LANES);
        FloatVector c2 = FloatVector.fromArray(SPECIES, from, fo + 2 * LANES);
        FloatVector c3 = FloatVector.fromArray(SPECIES, from, fo + 3 * LANES);
        FloatVector c4 = FloatVector.fromArray(SPECIES, from, fo + 4 * LANES);
        FloatVector c5 = FloatVector.fromArray(SPECIES, from, fo + 5 * LANES);
        FloatVector c6 = FloatVector.fromArray(SPECIES, from, fo + 6 * LANES);
        FloatVector c7 = FloatVector.fromArray(SPECIES, from, fo + 7 * LANES);
        FloatVector c8 = FloatVector.fromArray(SPECIES, from, fo + 8 * LANES);
        FloatVector c9 = FloatVector.fromArray(SPECIES, from, fo + 9 * LANES);
        FloatVector c10 = FloatVector.fromArray(SPECIES, from, fo + 10 * LANES);
        FloatVector c11 = FloatVector.fromArray(SPECIES, from, fo + 11 * LANES);
        FloatVector c12 = FloatVector.fromArray(SPECIES, from, fo + 12 * LANES);
        FloatVector c13 = FloatVector.fromArray(SPECIES, from, fo + 13 * LANES);
        FloatVector c14 = FloatVector.fromArray(SPECIES, from, fo + 14 * LANES);
        FloatVector c15 = FloatVector.fromArray(SPECIES, from, fo + 15 * LANES);
        int ap = ao;
        int bp = bo;
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(FloatVector.fromArray(SPECIES, b, bp), c0);
            c1 = x.fma(FloatVector.fromArray(SPECIES, b, bp + LANES), c1);
            c2 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 2 * LANES), c2);
            c3 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 3 * LANES), c3);
            c4 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 4 * LANES), c4);
            c5 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 5 * LANES), c5);
            c6 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 6 * LANES), c6);
            c7 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 7 * LANES), c7);
            c8 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 8 * LANES), c8);
            c9 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 9 * LANES), c9);
            c10 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 10 * LANES), c10);
            c11 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 11 * LANES), c11);
            c12 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 12 * LANES), c12);
            c13 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 13 * LANES), c13);
            c14 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 14 * LANES), c14);
            c15 = x.fma(FloatVector.fromArray(SPECIES, b, bp + 15 * LANES), c15);
            ap += as;
            bp += bs;
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + LANES);
        c2.intoArray(c, co + 2 * LANES);
        c3.intoArray(c, co + 3 * LANES);
        c4.intoArray(c, co + 4 * LANES);
        c5.intoArray(c, co + 5 * LANES);
        c6.intoArray(c, co + 6 * LANES);
        c7.intoArray(c, co + 7 * LANES);
        c8.intoArray(c, co + 8 * LANES);
        c9.intoArray(c, co + 9 * LANES);
        c10.intoArray(c, co + 10 * LANES);
        c11.intoArray(c, co + 11 * LANES);
        c12.intoArray(c, co + 12 * LANES);
        c13.intoArray(c, co + 13 * LANES);
        c14.intoArray(c, co + 14 * LANES);
        c15.intoArray(c, co + 15 * LANES);
    }
}
