package nn.tensor.internal.product;

import jdk.incubator.vector.DoubleVector;
import nn.tensor.internal.warmup.EmptyCall;

/**
 * The implementation on the Vector API: register tiles as for floats ({@link VectorDoubleTiles}), here in strips.
 * PERFORMANCE.md, "Measurements behind the kernels", has the reasons for the sizes of the tiles.
 */
public final class VectorDoubleMatmul implements DoubleMatmul {
    private static final int LANES = VectorDoubleTiles.LANES;

    /** Whether there are 32 vector registers, as for vectors of 512 bits; otherwise 16 are assumed. */
    private static final boolean MANY_REGISTERS = LANES >= 8;

    /** Columns of a tile two and four vectors wide. */
    private static final int WIDE = 2 * LANES;

    private static final int WIDEST = 4 * LANES;

    /** Rows of the tile of columns. */
    private static final int HIGH = MANY_REGISTERS ? 8 : 4;

    /** Inner steps between a load and a store of C: that much of A and of B fits a first-level cache. */
    private static final int INNER_BLOCK = 64;

    @Override
    public void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        int tiledRows = MANY_REGISTERS ? m - m % 6 : m - m % 4;
        if (MANY_REGISTERS) {
            for (int i = 0; i < tiledRows; i += 6) {
                for (int j = 0; j < WIDTH; j += WIDEST) {
                    VectorDoubleTiles.rows6x4(k, a, ao + i * WIDTH, b, bo + j, c, co + i * WIDTH + j);
                }
            }
        } else {
            for (int i = 0; i < tiledRows; i += 4) {
                for (int j = 0; j < WIDTH; j += WIDE) {
                    VectorDoubleTiles.rows4x2(k, a, ao + i * WIDTH, b, bo + j, c, co + i * WIDTH + j);
                }
            }
        }
        for (int i = tiledRows; i < m; i++) {
            for (int j = 0; j < WIDTH; j += WIDEST) {
                VectorDoubleTiles.rows1x4(k, a, ao + i * WIDTH, b, bo + j, c, co + i * WIDTH + j);
            }
        }
    }

    @Override
    public void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        for (int p = 0; p < k; p += INNER_BLOCK) {
            int inner = Math.min(INNER_BLOCK, k - p);
            int ap = ao + p * WIDTH;
            int bp = bo + p * WIDTH;
            for (int j = 0; j < WIDTH; j += WIDE) {
                for (int i = 0; i < WIDTH; i += HIGH) {
                    columnsTile(inner, a, ap + i, b, bp + j, c, co + i * WIDTH + j);
                }
            }
        }
    }

    static void columnsTile(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        if (MANY_REGISTERS) {
            VectorDoubleTiles.columns8x2(k, a, ao, b, bo, c, co);
        } else {
            VectorDoubleTiles.columns4x2(k, a, ao, b, bo, c, co);
        }
    }

    @Override
    public void addOuter(int m, double[] u, double[] w, double[] c, int co) {
        for (int j = 0; j < WIDTH; j += WIDEST) {
            outer1x4(m, u, w, j, c, co + j);
        }
    }

    private static void outer1x4(int m, double[] u, double[] w, int wo, double[] c, int co) {
        if (m <= EmptyCall.STEPS) {
            return;
        }
        DoubleVector w0 = DoubleVector.fromArray(VectorDoubleTiles.SPECIES, w, wo);
        DoubleVector w1 = DoubleVector.fromArray(VectorDoubleTiles.SPECIES, w, wo + LANES);
        DoubleVector w2 = DoubleVector.fromArray(VectorDoubleTiles.SPECIES, w, wo + 2 * LANES);
        DoubleVector w3 = DoubleVector.fromArray(VectorDoubleTiles.SPECIES, w, wo + 3 * LANES);
        for (int i = 0; i < m; i++) {
            int row = co + i * WIDTH;
            DoubleVector x = DoubleVector.broadcast(VectorDoubleTiles.SPECIES, u[i]);
            x.fma(w0, DoubleVector.fromArray(VectorDoubleTiles.SPECIES, c, row)).intoArray(c, row);
            x.fma(w1, DoubleVector.fromArray(VectorDoubleTiles.SPECIES, c, row + LANES))
                    .intoArray(c, row + LANES);
            x.fma(w2, DoubleVector.fromArray(VectorDoubleTiles.SPECIES, c, row + 2 * LANES))
                    .intoArray(c, row + 2 * LANES);
            x.fma(w3, DoubleVector.fromArray(VectorDoubleTiles.SPECIES, c, row + 3 * LANES))
                    .intoArray(c, row + 3 * LANES);
        }
    }
}
