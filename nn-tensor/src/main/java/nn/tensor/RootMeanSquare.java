package nn.tensor;

import nn.tensor.internal.Kernels;
import nn.tensor.internal.driver.Normalize;
import nn.tensor.internal.row.Operand;
import nn.tensor.internal.row.RowKernels;
import nn.tensor.internal.thread.Parallel;

/** Rows divided by their root mean square; the sum of squares is in double. Threads take rows. */
final class RootMeanSquare {
    /** The cost of an element ({@link Parallel#threadsForElements}). */
    private static final double COST = 0.5;

    private static final ThreadLocal<double[]> SUMS = ThreadLocal.withInitial(() -> new double[RowKernels.SUMS]);

    private static final ThreadLocal<Operand> UNUSED =
            ThreadLocal.withInitial(() -> new Operand(new float[0], 0, 0, 0));

    private RootMeanSquare() {}

    static void rows(Tensor x, double epsilon, Tensor scale, double[] factors, Tensor y) {
        int rows = x.rowsOfElements();
        int parts = Parallel.threadsForElements(COST * x.size());
        if (parts == 1) {
            rows(0, rows, x, epsilon, scale, factors, y);
        } else {
            Parallel.split(rows, Math.min(rows, parts), (from, to) -> rows(from, to, x, epsilon, scale, factors, y));
        }
    }

    private static void rows(int from, int to, Tensor x, double epsilon, Tensor scale, double[] factors, Tensor y) {
        Kernels kernels = Kernels.active();
        double[] sums = SUMS.get();
        int n = x.rowLength();
        float[] values = y.array();
        for (int i = from; i < to; i++) {
            int at = y.offset() + i * n;
            kernels.rows().sumOfSquares(x.array(), x.offset() + i * n, n, sums);
            factors[i] = 1 / Math.sqrt(sums[0] / n + epsilon);
            float shrink = Normalize.shrink(factors[i]);
            kernels.scale(shrink == 1f ? (float) factors[i] : shrink, x.array(), x.offset() + i * n, values, at, n);
            if (shrink != 1f) {
                kernels.scale((float) (factors[i] / shrink), values, at, values, at, n);
            }
            kernels.multiply(values, at, scale.array(), scale.offset(), values, at, n);
        }
    }

    /** The kernel also sums dy, as for a bias; that sum is thrown away. */
    static void rowsGrad(Tensor x, Tensor dy, Tensor scale, double[] factors, Tensor dScale, Tensor dx) {
        Normalize.rowsGrad(
                x.operand(),
                dy.operand(),
                scale.operand(),
                null,
                factors,
                dScale.operand(),
                unused(x.rowLength()),
                dx.operand());
    }

    private static Operand unused(int n) {
        Operand row = UNUSED.get();
        if (row.n() < n) {
            row = new Operand(new float[n], 0, 1, n);
            UNUSED.set(row);
        }
        return row;
    }
}
