package nn.tensor.internal.row;

import java.util.Arrays;
import nn.tensor.internal.math.Fused;
import nn.tensor.internal.thread.PerThread;
import org.jspecify.annotations.Nullable;

/**
 * What normalization needs of each column of a {@link Submatrix}: the same as {@link RowStatistics}, with a number for
 * each column, but {@link #shrink}, and with minus signs where kernels add.
 */
public final class ColumnStatistics {
    private static final PerThread<ColumnStatistics> HELD = new PerThread<>(() -> new ColumnStatistics(Rows.STRIP));

    /** One number for all columns, so that the bits of a column do not depend on how columns are split. */
    public float shrink;

    /** An element of each column, in double, from which moments are computed. */
    public final double[] origin;

    /** Sums of each column, see {@link RowKernels#columnMoments} and {@link RowKernels#columnDots}. */
    public final double[] sums;

    public final double[] dots;

    final float[] minusHigh;
    final float[] minusLow;

    /** What the differences from the mean are multiplied by, and what is added to them then. */
    final float[] factor;

    final float[] bias;

    /** For the gradient, see {@link RowKernels#normalizeColumnsGrad}. */
    final float[] minusShift;

    final float[] minusSlope;

    private final float[] scale;

    ColumnStatistics(int columns) {
        origin = new double[columns];
        sums = new double[columns];
        dots = new double[columns];
        minusHigh = new float[columns];
        minusLow = new float[columns];
        factor = new float[columns];
        bias = new float[columns];
        minusShift = new float[columns];
        minusSlope = new float[columns];
        scale = new float[columns];
    }

    /** This thread's object, for up to {@link Rows#STRIP} columns. */
    public static ColumnStatistics ofThread() {
        return HELD.get();
    }

    /**
     * Sets what stands for the means of the columns from a given one on.
     *
     * @param shrink for all columns of the matrix
     */
    public void setMeans(int from, int columns, float shrink, double[] means) {
        this.shrink = shrink;
        for (int j = 0; j < columns; j++) {
            double mean = means[from + j] * shrink;
            float high = (float) mean;
            minusHigh[j] = -high;
            minusLow[j] = (float) (high - mean);
        }
    }

    /** Sets the factors of the columns from a given one on, without scale and bias; after the means. */
    public void setFactors(int from, int columns, double[] factors) {
        double growth = 1.0 / shrink; // a power of two: exact, as a quotient would be, which takes longer
        for (int j = 0; j < columns; j++) {
            factor[j] = (float) (factors[from + j] * growth);
        }
    }

    /** Sets factors times scale, and the bias, of the columns from a given one on; after the means. */
    public void setFactors(int from, int columns, double[] factors, Operand scale, Operand bias) {
        copy(from, columns, scale, this.scale);
        copy(from, columns, bias, this.bias);
        double growth = 1.0 / shrink;
        for (int j = 0; j < columns; j++) {
            factor[j] = (float) (factors[from + j] * this.scale[j] * growth);
        }
    }

    /**
     * Sets what the gradients of the columns from a given one on need; after the means. The factor is that of the
     * gradient then, without shrinking.
     *
     * @param scale null if gradients are those at the normalized numbers
     */
    public void setGradient(
            int from, int columns, double[] factors, @Nullable Operand scale, double[] shifts, double[] slopes) {
        if (scale == null) {
            Arrays.fill(this.scale, 0, columns, 1f);
        } else {
            copy(from, columns, scale, this.scale);
        }
        double growth = 1.0 / shrink;
        for (int j = 0; j < columns; j++) {
            factor[j] = (float) (factors[from + j] * this.scale[j]);
            minusShift[j] = (float) -shifts[from + j];
            minusSlope[j] = (float) (-slopes[from + j] * growth);
        }
    }

    /** With arrays of its own that begin at one index, C2 makes vector code of a loop. */
    private static void copy(int from, int columns, Operand row, float[] to) {
        System.arraycopy(row.array(), row.offset() + from, to, 0, columns);
    }

    /** The element of a column, less the mean and not yet multiplied by the factor. */
    float centred(int j, float x) {
        return Fused.fma(shrink, x, minusHigh[j]) + minusLow[j];
    }
}
