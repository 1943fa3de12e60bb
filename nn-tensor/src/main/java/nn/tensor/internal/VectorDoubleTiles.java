package nn.tensor.internal;

import static nn.tensor.internal.DoubleMatmul.WIDTH;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of a product of strips in double: so many rows of C by so many vectors, kept in registers
 * while the inner index runs. Written by {@code TileWriter}, which stands among the tests; not to be edited
 * by hand.
 *
 * <p>Element (r, p) of A is at {@code ao + r * WIDTH + p} in a tile of rows, at {@code ao + r + p * WIDTH} in
 * a tile of columns. Rows of B and C are WIDTH apart: with a constant step C2 (JDK 25) drops range checks.
 * With a negative k nothing is done ({@link VectorWarmUp}).
 */
final class VectorDoubleTiles {
    /** At most 512 bits, so that four vectors never are wider than a strip. */
    static final VectorSpecies<Double> SPECIES =
            DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
                    ? VectorSpecies.of(double.class, VectorShape.S_512_BIT)
                    : DoubleVector.SPECIES_PREFERRED;

    /** Doubles in a vector. */
    static final int LANES = SPECIES.length();

    private VectorDoubleTiles() {}

    /** 6 by 4, A row by row. */
    static void rows6x4(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (k < 0) {
            return;
        }
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector d0 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector e0 = DoubleVector.fromArray(SPECIES, c, co + 2 * LANES);
        DoubleVector f0 = DoubleVector.fromArray(SPECIES, c, co + 3 * LANES);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH);
        DoubleVector d1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + LANES);
        DoubleVector e1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + 2 * LANES);
        DoubleVector f1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + 3 * LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH);
        DoubleVector d2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + LANES);
        DoubleVector e2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + 2 * LANES);
        DoubleVector f2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + 3 * LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH);
        DoubleVector d3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + LANES);
        DoubleVector e3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + 2 * LANES);
        DoubleVector f3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + 3 * LANES);
        DoubleVector c4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH);
        DoubleVector d4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH + LANES);
        DoubleVector e4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH + 2 * LANES);
        DoubleVector f4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH + 3 * LANES);
        DoubleVector c5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH);
        DoubleVector d5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH + LANES);
        DoubleVector e5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH + 2 * LANES);
        DoubleVector f5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH + 3 * LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, bp + 2 * LANES);
            DoubleVector b3 = DoubleVector.fromArray(SPECIES, b, bp + 3 * LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            e0 = x.fma(b2, e0);
            f0 = x.fma(b3, f0);
            x = DoubleVector.broadcast(SPECIES, a[ap + WIDTH]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            e1 = x.fma(b2, e1);
            f1 = x.fma(b3, f1);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2 * WIDTH]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            e2 = x.fma(b2, e2);
            f2 = x.fma(b3, f2);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3 * WIDTH]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            e3 = x.fma(b2, e3);
            f3 = x.fma(b3, f3);
            x = DoubleVector.broadcast(SPECIES, a[ap + 4 * WIDTH]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            e4 = x.fma(b2, e4);
            f4 = x.fma(b3, f4);
            x = DoubleVector.broadcast(SPECIES, a[ap + 5 * WIDTH]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            e5 = x.fma(b2, e5);
            f5 = x.fma(b3, f5);
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        e0.intoArray(c, co + 2 * LANES);
        f0.intoArray(c, co + 3 * LANES);
        c1.intoArray(c, co + WIDTH);
        d1.intoArray(c, co + WIDTH + LANES);
        e1.intoArray(c, co + WIDTH + 2 * LANES);
        f1.intoArray(c, co + WIDTH + 3 * LANES);
        c2.intoArray(c, co + 2 * WIDTH);
        d2.intoArray(c, co + 2 * WIDTH + LANES);
        e2.intoArray(c, co + 2 * WIDTH + 2 * LANES);
        f2.intoArray(c, co + 2 * WIDTH + 3 * LANES);
        c3.intoArray(c, co + 3 * WIDTH);
        d3.intoArray(c, co + 3 * WIDTH + LANES);
        e3.intoArray(c, co + 3 * WIDTH + 2 * LANES);
        f3.intoArray(c, co + 3 * WIDTH + 3 * LANES);
        c4.intoArray(c, co + 4 * WIDTH);
        d4.intoArray(c, co + 4 * WIDTH + LANES);
        e4.intoArray(c, co + 4 * WIDTH + 2 * LANES);
        f4.intoArray(c, co + 4 * WIDTH + 3 * LANES);
        c5.intoArray(c, co + 5 * WIDTH);
        d5.intoArray(c, co + 5 * WIDTH + LANES);
        e5.intoArray(c, co + 5 * WIDTH + 2 * LANES);
        f5.intoArray(c, co + 5 * WIDTH + 3 * LANES);
    }

    /** 8 by 2, A column by column. */
    static void columns8x2(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (k < 0) {
            return;
        }
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector d0 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH);
        DoubleVector d1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH);
        DoubleVector d2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH);
        DoubleVector d3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + LANES);
        DoubleVector c4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH);
        DoubleVector d4 = DoubleVector.fromArray(SPECIES, c, co + 4 * WIDTH + LANES);
        DoubleVector c5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH);
        DoubleVector d5 = DoubleVector.fromArray(SPECIES, c, co + 5 * WIDTH + LANES);
        DoubleVector c6 = DoubleVector.fromArray(SPECIES, c, co + 6 * WIDTH);
        DoubleVector d6 = DoubleVector.fromArray(SPECIES, c, co + 6 * WIDTH + LANES);
        DoubleVector c7 = DoubleVector.fromArray(SPECIES, c, co + 7 * WIDTH);
        DoubleVector d7 = DoubleVector.fromArray(SPECIES, c, co + 7 * WIDTH + LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p * WIDTH;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = DoubleVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
            x = DoubleVector.broadcast(SPECIES, a[ap + 4]);
            c4 = x.fma(b0, c4);
            d4 = x.fma(b1, d4);
            x = DoubleVector.broadcast(SPECIES, a[ap + 5]);
            c5 = x.fma(b0, c5);
            d5 = x.fma(b1, d5);
            x = DoubleVector.broadcast(SPECIES, a[ap + 6]);
            c6 = x.fma(b0, c6);
            d6 = x.fma(b1, d6);
            x = DoubleVector.broadcast(SPECIES, a[ap + 7]);
            c7 = x.fma(b0, c7);
            d7 = x.fma(b1, d7);
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + WIDTH);
        d1.intoArray(c, co + WIDTH + LANES);
        c2.intoArray(c, co + 2 * WIDTH);
        d2.intoArray(c, co + 2 * WIDTH + LANES);
        c3.intoArray(c, co + 3 * WIDTH);
        d3.intoArray(c, co + 3 * WIDTH + LANES);
        c4.intoArray(c, co + 4 * WIDTH);
        d4.intoArray(c, co + 4 * WIDTH + LANES);
        c5.intoArray(c, co + 5 * WIDTH);
        d5.intoArray(c, co + 5 * WIDTH + LANES);
        c6.intoArray(c, co + 6 * WIDTH);
        d6.intoArray(c, co + 6 * WIDTH + LANES);
        c7.intoArray(c, co + 7 * WIDTH);
        d7.intoArray(c, co + 7 * WIDTH + LANES);
    }

    /** 4 by 2, A row by row. */
    static void rows4x2(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (k < 0) {
            return;
        }
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector d0 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH);
        DoubleVector d1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH);
        DoubleVector d2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH);
        DoubleVector d3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = DoubleVector.broadcast(SPECIES, a[ap + WIDTH]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2 * WIDTH]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3 * WIDTH]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + WIDTH);
        d1.intoArray(c, co + WIDTH + LANES);
        c2.intoArray(c, co + 2 * WIDTH);
        d2.intoArray(c, co + 2 * WIDTH + LANES);
        c3.intoArray(c, co + 3 * WIDTH);
        d3.intoArray(c, co + 3 * WIDTH + LANES);
    }

    /** 4 by 2, A column by column. */
    static void columns4x2(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (k < 0) {
            return;
        }
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector d0 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH);
        DoubleVector d1 = DoubleVector.fromArray(SPECIES, c, co + WIDTH + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH);
        DoubleVector d2 = DoubleVector.fromArray(SPECIES, c, co + 2 * WIDTH + LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH);
        DoubleVector d3 = DoubleVector.fromArray(SPECIES, c, co + 3 * WIDTH + LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p * WIDTH;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            d0 = x.fma(b1, d0);
            x = DoubleVector.broadcast(SPECIES, a[ap + 1]);
            c1 = x.fma(b0, c1);
            d1 = x.fma(b1, d1);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2]);
            c2 = x.fma(b0, c2);
            d2 = x.fma(b1, d2);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3]);
            c3 = x.fma(b0, c3);
            d3 = x.fma(b1, d3);
        }
        c0.intoArray(c, co);
        d0.intoArray(c, co + LANES);
        c1.intoArray(c, co + WIDTH);
        d1.intoArray(c, co + WIDTH + LANES);
        c2.intoArray(c, co + 2 * WIDTH);
        d2.intoArray(c, co + 2 * WIDTH + LANES);
        c3.intoArray(c, co + 3 * WIDTH);
        d3.intoArray(c, co + 3 * WIDTH + LANES);
    }

    /** 1 by 4, A row by row. */
    static void rows1x4(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (k < 0) {
            return;
        }
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, bp + 2 * LANES);
            DoubleVector b3 = DoubleVector.fromArray(SPECIES, b, bp + 3 * LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c0 = x.fma(b0, c0);
            c1 = x.fma(b1, c1);
            c2 = x.fma(b2, c2);
            c3 = x.fma(b3, c3);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + LANES);
        c2.intoArray(c, co + 2 * LANES);
        c3.intoArray(c, co + 3 * LANES);
    }
}
