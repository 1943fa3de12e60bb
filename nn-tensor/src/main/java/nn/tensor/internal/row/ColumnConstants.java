package nn.tensor.internal.row;

import nn.tensor.internal.math.Fused;
import nn.tensor.internal.thread.PerThread;

/**
 * What normalization needs of each column of a {@link Submatrix}: the same as {@link RowStatistics}, with a number for
 * each column, but {@link #shrink}, and with minus signs where kernels add.
 */
public final class ColumnConstants {
    private static final PerThread<ColumnConstants> HELD = new PerThread<>(() -> new ColumnConstants(Rows.STRIP));

    /** One number for all columns, so that the bits of a column do not depend on how columns are split. */
    public float shrink;

    /** An element of each column, in double, from which moments are computed. */
    public final double[] origin;

    final float[] minusHigh;
    final float[] minusLow;

    /** What the differences from the mean are multiplied by, and what is added to them then. */
    public final float[] factor;

    public final float[] bias;

    /** For the gradient, see {@link RowKernels#normalizeColumnsGrad}. */
    public final float[] minusShift;

    public final float[] minusSlope;

    ColumnConstants(int columns) {
        origin = new double[columns];
        minusHigh = new float[columns];
        minusLow = new float[columns];
        factor = new float[columns];
        bias = new float[columns];
        minusShift = new float[columns];
        minusSlope = new float[columns];
    }

    /** This thread's object, for up to {@link Rows#STRIP} columns. */
    public static ColumnConstants ofThread() {
        return HELD.get();
    }

    /**
     * Sets what stands for the means and factors of the columns from a given one on.
     *
     * @param shrink for all columns of the matrix
     */
    public void set(int from, int columns, float shrink, double[] means, double[] factors) {
        this.shrink = shrink;
        for (int j = 0; j < columns; j++) {
            double mean = means[from + j] * shrink;
            float high = (float) mean;
            minusHigh[j] = -high;
            minusLow[j] = (float) (high - mean);
            factor[j] = (float) (factors[from + j] / shrink);
        }
    }

    /** The element of a column, less the mean and not yet multiplied by the factor. */
    float centred(int j, float x) {
        return Fused.fma(shrink, x, minusHigh[j]) + minusLow[j];
    }
}
