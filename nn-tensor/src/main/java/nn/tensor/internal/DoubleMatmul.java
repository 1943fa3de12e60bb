package nn.tensor.internal;

/**
 * Products in double for the factorizations: the same rule as for floats (one chain of fused multiply-adds for each
 * element, inner index in order), in loops that C2 turns into vector code.
 */
public final class DoubleMatmul {
    private DoubleMatmul() {}

    /**
     * {@code C += sign * A B} where A's element (i, p) is at {@code ao + i * ars + p * aps}, B's (p, j) at {@code bo + p
     * * ldb + j}, C's (i, j) at {@code co + i * ldc + j}.
     */
    public static void add(
            double sign, int m, int n, int k,
            double[] a, int ao, int ars, int aps,
            double[] b, int bo, int ldb,
            double[] c, int co, int ldc) {
        for (int i = 0; i < m; i++) {
            int ai = ao + i * ars;
            int ci = co + i * ldc;
            int p = 0;
            for (; p + 4 <= k; p += 4) {
                int ap = ai + p * aps;
                fourSteps(
                        n, sign * a[ap], sign * a[ap + aps], sign * a[ap + 2 * aps], sign * a[ap + 3 * aps],
                        b, bo + p * ldb, ldb, c, ci);
            }
            for (; p < k; p++) {
                double x = sign * a[ai + p * aps];
                int bp = bo + p * ldb;
                for (int j = 0; j < n; j++) {
                    c[ci + j] = Math.fma(x, b[bp + j], c[ci + j]);
                }
            }
        }
    }

    private static void fourSteps(
            int n, double a0, double a1, double a2, double a3, double[] b, int b0, int ldb, double[] c, int co) {
        int b1 = b0 + ldb;
        int b2 = b1 + ldb;
        int b3 = b2 + ldb;
        for (int j = 0; j < n; j++) {
            double sum = Math.fma(a0, b[b0 + j], c[co + j]);
            sum = Math.fma(a1, b[b1 + j], sum);
            sum = Math.fma(a2, b[b2 + j], sum);
            c[co + j] = Math.fma(a3, b[b3 + j], sum);
        }
    }
}
