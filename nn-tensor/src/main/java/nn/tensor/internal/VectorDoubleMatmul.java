package nn.tensor.internal;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin on the Vector API: a register tile of 4 rows by 2 vectors, as for floats, and single rows of 4 vectors
 * where they fit.
 */
final class VectorDoubleMatmul {
    /** At most 512 bits, so that a tile is never wider than {@link DoubleMatmul#COLUMNS}. */
    private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED.vectorBitSize() > 512
            ? VectorSpecies.of(double.class, VectorShape.S_512_BIT)
            : DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private static final int TILE_ROWS = 4;

    /** Inner steps between a load and a store of C: the 32 columns of A' and of B that a factorization has fit a first-level cache. */
    private static final int INNER_BLOCK = Integer.getInteger("ib", 64);

    private VectorDoubleMatmul() {}

    /** See {@link DoubleMatmul#add}. */
    static void add(
            int m, int n, int k,
            double[] a, int ao, int ars, int aps,
            double[] b, int bo, int ldb,
            double[] c, int co, int ldc) {
        int tiledRows = m - m % TILE_ROWS;
        for (int p0 = 0; p0 < k; p0 += INNER_BLOCK) {
            int kb = Math.min(INNER_BLOCK, k - p0);
            int ap = ao + p0 * aps;
            int bp = bo + p0 * ldb;
            for (int i = 0; i < tiledRows; i += TILE_ROWS) {
                for (int j = 0; j < n; j += 2 * LANES) {
                    tile4x2(kb, a, ap + i * ars, ars, aps, b, bp + j, ldb, c, co + i * ldc + j, ldc);
                }
            }
            for (int i = tiledRows; i < m; i++) {
                int j = 0;
                for (; j + 4 * LANES <= n; j += 4 * LANES) {
                    tile1x4(kb, a, ap + i * ars, aps, b, bp + j, ldb, c, co + i * ldc + j);
                }
                if (j < n) {
                    tile1x2(kb, a, ap + i * ars, aps, b, bp + j, ldb, c, co + i * ldc + j);
                }
            }
        }
    }

    private static void tile4x2(
            int k,
            double[] a, int ao, int ars, int aps,
            double[] b, int bo, int ldb,
            double[] c, int co, int ldc) {
        int row1 = co + ldc;
        int row2 = row1 + ldc;
        int row3 = row2 + ldc;
        DoubleVector c00 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c01 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c10 = DoubleVector.fromArray(SPECIES, c, row1);
        DoubleVector c11 = DoubleVector.fromArray(SPECIES, c, row1 + LANES);
        DoubleVector c20 = DoubleVector.fromArray(SPECIES, c, row2);
        DoubleVector c21 = DoubleVector.fromArray(SPECIES, c, row2 + LANES);
        DoubleVector c30 = DoubleVector.fromArray(SPECIES, c, row3);
        DoubleVector c31 = DoubleVector.fromArray(SPECIES, c, row3 + LANES);
        int a1 = ao + ars;
        int a2 = a1 + ars;
        int a3 = a2 + ars;
        for (int p = 0; p < k; p++) {
            int ap = p * aps;
            int bp = bo + p * ldb;
            DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bp);
            DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bp + LANES);
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ao + ap]);
            c00 = x.fma(b0, c00);
            c01 = x.fma(b1, c01);
            x = DoubleVector.broadcast(SPECIES, a[a1 + ap]);
            c10 = x.fma(b0, c10);
            c11 = x.fma(b1, c11);
            x = DoubleVector.broadcast(SPECIES, a[a2 + ap]);
            c20 = x.fma(b0, c20);
            c21 = x.fma(b1, c21);
            x = DoubleVector.broadcast(SPECIES, a[a3 + ap]);
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

    private static void tile1x4(int k, double[] a, int ao, int aps, double[] b, int bo, int ldb, double[] c, int co) {
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        DoubleVector c2 = DoubleVector.fromArray(SPECIES, c, co + 2 * LANES);
        DoubleVector c3 = DoubleVector.fromArray(SPECIES, c, co + 3 * LANES);
        for (int p = 0; p < k; p++) {
            int bp = bo + p * ldb;
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ao + p * aps]);
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

    private static void tile1x2(int k, double[] a, int ao, int aps, double[] b, int bo, int ldb, double[] c, int co) {
        DoubleVector c0 = DoubleVector.fromArray(SPECIES, c, co);
        DoubleVector c1 = DoubleVector.fromArray(SPECIES, c, co + LANES);
        for (int p = 0; p < k; p++) {
            int bp = bo + p * ldb;
            DoubleVector x = DoubleVector.broadcast(SPECIES, a[ao + p * aps]);
            c0 = x.fma(DoubleVector.fromArray(SPECIES, b, bp), c0);
            c1 = x.fma(DoubleVector.fromArray(SPECIES, b, bp + LANES), c1);
        }
        c0.intoArray(c, co);
        c1.intoArray(c, co + LANES);
    }
}
