package nn.tensor.internal;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin on the Vector API: register tiles of 4 rows by 2 vectors, as for floats. The tile is written out twice,
 * because the place of A's elements must be a constant multiple of the inner index.
 */
public final class VectorDoubleMatmul implements DoubleMatmul {
    /** At most 512 bits, so that four vectors never are wider than a strip. */
    private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
            ? VectorSpecies.of(double.class, VectorShape.S_512_BIT)
            : DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private static final int TILE_ROWS = 4;
    private static final int TILE_COLUMNS = 2 * LANES;
    private static final int ROW_COLUMNS = 4 * LANES;

    /** Inner steps between a load and a store of C: that much of A and of B fits a first-level cache. */
    private static final int INNER_BLOCK = 64;

    @Override
    public void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        int tiledRows = m - m % TILE_ROWS;
        for (int i = 0; i < tiledRows; i += TILE_ROWS) {
            for (int j = 0; j < WIDTH; j += TILE_COLUMNS) {
                tile4x2(k, a, ao + i * WIDTH, b, bo + j, c, co + i * WIDTH + j);
            }
        }
        for (int i = tiledRows; i < m; i++) {
            for (int j = 0; j < WIDTH; j += ROW_COLUMNS) {
                tile1x4(k, a, ao + i * WIDTH, b, bo + j, c, co + i * WIDTH + j);
            }
        }
    }

    @Override
    public void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        for (int p = 0; p < k; p += INNER_BLOCK) {
            int inner = Math.min(INNER_BLOCK, k - p);
            int ap = ao + p * WIDTH;
            int bp = bo + p * WIDTH;
            for (int i = 0; i < WIDTH; i += TILE_ROWS) {
                for (int j = 0; j < WIDTH; j += TILE_COLUMNS) {
                    leftTransposed4x2(inner, a, ap + i, b, bp + j, c, co + i * WIDTH + j);
                }
            }
        }
    }

    @Override
    public void addOuter(int m, double[] u, double[] w, double[] c, int co) {
        for (int j = 0; j < WIDTH; j += ROW_COLUMNS) {
            outer1x4(m, u, w, j, c, co + j);
        }
    }

    /** The element of A is at row * WIDTH + p. */
    private static void tile4x2(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        int row1 = co + WIDTH;
        int row2 = row1 + WIDTH;
        int row3 = row2 + WIDTH;
        DoubleVector c00 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c01 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c10 = DoubleVector.fromArray(SPECIES, c, row1);
        DoubleVector c11 = DoubleVector.fromArray(SPECIES, c, row1 + LANES);
        DoubleVector c20 = DoubleVector.fromArray(SPECIES, c, row2);
        DoubleVector c21 = DoubleVector.fromArray(SPECIES, c, row2 + LANES);
        DoubleVector c30 = DoubleVector.fromArray(SPECIES, c, row3);
        DoubleVector c31 = DoubleVector.fromArray(SPECIES, c, row3 + LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(SPECIES, a[ap + WIDTH]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2 * WIDTH]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3 * WIDTH]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + LANES);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + LANES);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + LANES);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + LANES);
    }

    /** The element of A is at p * WIDTH + row. */
    private static void leftTransposed4x2(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        int row1 = co + WIDTH;
        int row2 = row1 + WIDTH;
        int row3 = row2 + WIDTH;
        DoubleVector c00 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c01 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c10 = DoubleVector.fromArray(SPECIES, c, row1);
        DoubleVector c11 = DoubleVector.fromArray(SPECIES, c, row1 + LANES);
        DoubleVector c20 = DoubleVector.fromArray(SPECIES, c, row2);
        DoubleVector c21 = DoubleVector.fromArray(SPECIES, c, row2 + LANES);
        DoubleVector c30 = DoubleVector.fromArray(SPECIES, c, row3);
        DoubleVector c31 = DoubleVector.fromArray(SPECIES, c, row3 + LANES);
        for (int p = 0; p < k; p++) {
            int ap = ao + p * WIDTH;
            int bp = bo + p * WIDTH;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ap]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(SPECIES, a[ap + 1]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(SPECIES, a[ap + 2]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(SPECIES, a[ap + 3]);
            c30 = x.fma(b0, c30);
            c31 = x.fma(b1, c31);
        }
        c00.intoArray(c, co);
        c01.intoArray(c, co + LANES);
        c10.intoArray(c, row1);
        c11.intoArray(c, row1 + LANES);
        c20.intoArray(c, row2);
        c21.intoArray(c, row2 + LANES);
        c30.intoArray(c, row3);
        c31.intoArray(c, row3 + LANES);
    }

    private static void tile1x4(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * LANES);
        for (int p = 0; p < k; p++) {
            int bp = bo + p * WIDTH;
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ao + p]);
            c0 = x.fma(DoubleVector.fromArray(SPECIES, b, bp), c0);
            c1 = x.fma(DoubleVector.fromArray(SPECIES, b, bp + LANES), c1);
            c2 = x.fma(DoubleVector.fromArray(SPECIES, b, bp + 2 * LANES), c2);
            c3 = x.fma(DoubleVector.fromArray(SPECIES, b, bp + 3 * LANES), c3);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + LANES);
        c2.intoArray(c, co + 2 * LANES);
        c3.intoArray(c, co + 3 * LANES);
    }

    private static void outer1x4(int m, double[] u, double[] w, int wo, double[] c, int co) {
        DoubleVector w0 = DoubleVector.fromArray(SPECIES, w, wo);
        DoubleVector w1 = DoubleVector.fromArray(SPECIES, w, wo + LANES);
        DoubleVector w2 = DoubleVector.fromArray(SPECIES, w, wo + 2 * LANES);
        DoubleVector w3 = DoubleVector.fromArray(SPECIES, w, wo + 3 * LANES);
        for (int i = 0; i < m; i++) {
            int row = co + i * WIDTH;
            DoubleVector x = DoubleVector.broadcast(SPECIES, u[i]);
            x.fma(w0, DoubleVector.fromArray(SPECIES, c, row)).intoArray(c, row);
            x.fma(w1, DoubleVector.fromArray(SPECIES, c, row + LANES)).intoArray(c, row + LANES);
            x.fma(w2, DoubleVector.fromArray(SPECIES, c, row + 2 * LANES)).intoArray(c, row + 2 * LANES);
            x.fma(w3, DoubleVector.fromArray(SPECIES, c, row + 3 * LANES)).intoArray(c, row + 3 * LANES);
        }
    }
}
