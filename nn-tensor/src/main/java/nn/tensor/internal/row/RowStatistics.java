package nn.tensor.internal.row;

import nn.tensor.internal.math.Fused;
import nn.tensor.internal.thread.PerThread;

/**
 * The mean and the factor of a row, as kernels in float use them: {@code (x - mean) * factor} is {@code ((shrink * x -
 * high) - low) * factor}. The mean in two parts, high and low, keeps the precision of a row far from 0.
 *
 * <p>Each thread has one such object, which it overwrites.
 */
public final class RowStatistics {
    private static final PerThread<RowStatistics> HELD = new PerThread<>(RowStatistics::new);

    /**
     * Below this factor, differences of elements and their products with gradients may exceed the range of float; then
     * they are divided by 2^70.
     */
    private static final double SMALL = 0x1p-100;

    private static final float SHRINK = 0x1p-70f;

    float shrink;
    float high;
    float low;
    float factor;

    /** For the gradient: the means of d and of d * normal, and the factor without shrinking. */
    public float mean;

    float dot;
    float outer;

    private RowStatistics() {}

    /**
     * Returns what elements are multiplied by before the mean is subtracted.
     *
     * @param factor what their differences from the mean are to be multiplied by
     */
    public static float shrink(double factor) {
        return factor < SMALL ? SHRINK : 1f;
    }

    /** Describes a row; returns this thread's object, which the next row overwrites. */
    public static RowStatistics of(double mean, double factor) {
        RowStatistics row = HELD.get();
        row.shrink = shrink(factor);
        row.high = (float) (mean * row.shrink);
        row.low = (float) (mean * row.shrink - row.high);
        row.factor = (float) (factor / row.shrink);
        row.outer = (float) factor;
        return row;
    }

    /** Sets what the gradient of a row of n needs, from the sums of {@link RowKernels#normalizeSums}. */
    public void gradient(double[] sums, int n) {
        mean = (float) (sums[0] / n);
        dot = (float) (sums[RowKernels.LANES] / n);
    }

    /** The normalized value of an element. */
    float normal(float x) {
        return (Fused.fma(shrink, x, -high) - low) * factor;
    }
}
