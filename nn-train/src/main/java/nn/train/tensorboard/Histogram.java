package nn.train.tensorboard;

import java.util.Arrays;
import nn.tensor.Tensor;

/**
 * The distribution of a tensor's elements over buckets whose limits grow by a quarter of a power of two: 0, then 1,
 * 1.25, 1.5 and 1.75 times each power from 2^-64 on, and the same below 0. Smaller magnitudes count as 0. The buckets
 * are those between the smallest and the largest element.
 *
 * @param min the smallest element
 * @param max the largest element
 * @param sum of the elements
 * @param sumOfSquares of the elements
 * @param limits the upper limit of each bucket
 * @param counts the number of elements of each bucket
 */
record Histogram(double min, double max, double sum, double sumOfSquares, double[] limits, double[] counts) {
    private static final int SHIFT = 21; // bits of a float below those of its bucket: two of the fraction stay
    private static final int SMALLEST = Float.floatToIntBits(0x1p-64f) >>> SHIFT;
    private static final int LARGEST = Float.floatToIntBits(Float.MAX_VALUE) >>> SHIFT;
    private static final int ZERO = LARGEST - SMALLEST + 1; // index of the bucket of 0

    /** Counts the elements of a tensor, which are finite, and at least one. */
    static Histogram of(Tensor values) {
        double[] counts = new double[2 * ZERO + 1];
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double squares = 0;
        for (int i = 0; i < values.size(); i++) {
            float value = values.array()[values.offset() + i];
            counts[bucket(value)]++;
            min = Math.min(min, value);
            max = Math.max(max, value);
            squares += (double) value * value;
        }
        int from = bucket((float) min);
        int to = bucket((float) max) + 1;
        double[] limits = new double[to - from];
        Arrays.setAll(limits, i -> limit(from + i));
        return new Histogram(min, max, values.sum(), squares, limits, Arrays.copyOfRange(counts, from, to));
    }

    private static int bucket(float value) {
        int magnitude = Float.floatToIntBits(Math.abs(value)) >>> SHIFT;
        if (magnitude < SMALLEST) {
            return ZERO;
        }
        int above = magnitude - SMALLEST + 1;
        return value > 0 ? ZERO + above : ZERO - above;
    }

    /** Returns the upper limit of a bucket: of those below 0, the end that is nearer to 0. */
    private static double limit(int bucket) {
        if (bucket == ZERO) {
            return 0x1p-64;
        }
        int above = Math.abs(bucket - ZERO);
        int bits = bucket > ZERO ? SMALLEST + above : SMALLEST + above - 1; // the next bucket's beginning, or its own
        double limit = bits > LARGEST ? 0x1p128 : Float.intBitsToFloat(bits << SHIFT);
        return bucket > ZERO ? limit : -limit;
    }
}
