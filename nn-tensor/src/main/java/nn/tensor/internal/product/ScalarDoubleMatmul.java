package nn.tensor.internal.product;

import nn.tensor.internal.math.Fused;

/**
 * The implementation in plain Java: a register tile of 2 rows by 4 columns, 8 chains that hide each other's latency.
 */
public final class ScalarDoubleMatmul implements DoubleMatmul {
    private static final int TILE_ROWS = 2;
    private static final int TILE_COLUMNS = 4;

    @Override
    public void add(int m, int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        int tiledRows = m - m % TILE_ROWS;
        tiled(tiledRows, k, a, ao, WIDTH, 1, b, bo, c, co);
        if (tiledRows < m) {
            for (int j = 0; j < WIDTH; j += TILE_COLUMNS) {
                tile1x4(k, a, ao + tiledRows * WIDTH, b, bo + j, c, co + tiledRows * WIDTH + j);
            }
        }
    }

    @Override
    public void addLeftTransposed(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        tiled(WIDTH, k, a, ao, 1, WIDTH, b, bo, c, co);
    }

    @Override
    public void addOuter(int m, double[] u, double[] w, double[] c, int co) {
        for (int i = 0; i < m; i++) {
            int row = co + i * WIDTH;
            for (int j = 0; j < WIDTH; j++) {
                c[row + j] = Fused.fma(u[i], w[j], c[row + j]);
            }
        }
    }

    private static void tiled(
            int m, int k, double[] a, int ao, int ars, int aps, double[] b, int bo, double[] c, int co) {
        for (int i = 0; i < m; i += TILE_ROWS) {
            for (int j = 0; j < WIDTH; j += TILE_COLUMNS) {
                tile2x4(k, a, ao + i * ars, ars, aps, b, bo + j, c, co + i * WIDTH + j);
            }
        }
    }

    private static void tile2x4(int k, double[] a, int ao, int ars, int aps, double[] b, int bo, double[] c, int co) {
        int row1 = co + WIDTH;
        double c00 = c[co], c01 = c[co + 1], c02 = c[co + 2], c03 = c[co + 3];
        double c10 = c[row1], c11 = c[row1 + 1], c12 = c[row1 + 2], c13 = c[row1 + 3];
        for (int p = 0; p < k; p++) {
            int ap = ao + p * aps;
            int bp = bo + p * WIDTH;
            double b0 = b[bp], b1 = b[bp + 1], b2 = b[bp + 2], b3 = b[bp + 3];
            double x = a[ap];
            c00 = Fused.fma(x, b0, c00);
            c01 = Fused.fma(x, b1, c01);
            c02 = Fused.fma(x, b2, c02);
            c03 = Fused.fma(x, b3, c03);
            x = a[ap + ars];
            c10 = Fused.fma(x, b0, c10);
            c11 = Fused.fma(x, b1, c11);
            c12 = Fused.fma(x, b2, c12);
            c13 = Fused.fma(x, b3, c13);
        }
        c[co] = c00;
        c[co + 1] = c01;
        c[co + 2] = c02;
        c[co + 3] = c03;
        c[row1] = c10;
        c[row1 + 1] = c11;
        c[row1 + 2] = c12;
        c[row1 + 3] = c13;
    }

    private static void tile1x4(int k, double[] a, int ao, double[] b, int bo, double[] c, int co) {
        double c0 = c[co], c1 = c[co + 1], c2 = c[co + 2], c3 = c[co + 3];
        for (int p = 0; p < k; p++) {
            int bp = bo + p * WIDTH;
            double x = a[ao + p];
            c0 = Fused.fma(x, b[bp], c0);
            c1 = Fused.fma(x, b[bp + 1], c1);
            c2 = Fused.fma(x, b[bp + 2], c2);
            c3 = Fused.fma(x, b[bp + 3], c3);
        }
        c[co] = c0;
        c[co + 1] = c1;
        c[co + 2] = c2;
        c[co + 3] = c3;
    }
}
