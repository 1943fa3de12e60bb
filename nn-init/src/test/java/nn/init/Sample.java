package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import nn.tensor.Key;
import nn.tensor.Tensor;

/**
 * What an initializer draws, and how to judge it. Every bound is five standard deviations of the statistic, so a right
 * initializer passes for all but one key in a million; the keys are fixed.
 */
final class Sample {
    /** Very different, so that an initializer that mixes them up, or reads them off the shape, is far off. */
    static final Fans FANS = new Fans(600, 50);

    static final double NORMAL_KURTOSIS = 3;
    static final double UNIFORM_KURTOSIS = 1.8;

    /** The other way round than the fans: a shape has nothing to say. */
    private static final int[] SHAPE = {50, 2000};

    private final Tensor values;

    private Sample(Tensor values) {
        this.values = values;
    }

    static Sample of(Initializer initializer) {
        return new Sample(filled(initializer, SHAPE));
    }

    static Sample of(Distribution distribution, double deviation) {
        return of((out, fans, key) -> distribution.fill(out, deviation, key));
    }

    static Tensor filled(Initializer initializer, int... shape) {
        return filled(initializer, Key.of(20260125), shape);
    }

    static Tensor filled(Initializer initializer, Key key, int... shape) {
        Tensor out = Tensor.full(Float.NaN, shape);
        initializer.fill(out, FANS, key);
        return out;
    }

    /**
     * The mean varies by deviation / sqrt(n), the variance relatively by sqrt((kurtosis - 1) / n): here 2.3 % at most.
     */
    Sample hasMoments(double mean, double deviation, double kurtosis) {
        int n = values.size();
        assertThat((values.mean() - mean) / deviation)
                .as("mean, in deviations")
                .isBetween(-5 / Math.sqrt(n), 5 / Math.sqrt(n));
        double slack = 5 * Math.sqrt((kurtosis - 1) / n);
        assertThat(values.variance() / (deviation * deviation))
                .as("variance, of that expected")
                .isBetween(1 - slack, 1 + slack);
        return this;
    }

    Sample staysWithin(double low, double high) {
        float[] sorted = sorted();
        assertThat((double) sorted[0]).isGreaterThanOrEqualTo(low * (1 - 0x1p-23 * Math.signum(low)));
        assertThat((double) sorted[sorted.length - 1]).isLessThanOrEqualTo(high * (1 + 0x1p-23 * Math.signum(high)));
        return this;
    }

    /** A bound that is kept by a wide margin is the wrong bound: some of 100,000 values come close to it. */
    Sample comesNear(double low, double high, double slack) {
        float[] sorted = sorted();
        assertThat((double) sorted[0]).isLessThan(low + slack);
        assertThat((double) sorted[sorted.length - 1]).isGreaterThan(high - slack);
        return this;
    }

    /**
     * Kolmogorov and Smirnov: the largest distance to the distribution function exceeds 2.7 / sqrt(n) once in a
     * million.
     */
    Sample hasDistribution(DoubleUnaryOperator function) {
        float[] sorted = sorted();
        int n = sorted.length;
        double largest = 0;
        for (int i = 0; i < n; i++) {
            double expected = function.applyAsDouble(sorted[i]);
            largest = Math.max(largest, Math.max(expected - (double) i / n, (i + 1.0) / n - expected));
        }
        assertThat(largest * Math.sqrt(n))
                .as("distance of the distribution functions, times sqrt(n)")
                .isLessThan(2.7);
        return this;
    }

    /** Floats are few: 100,000 uniform ones collide some 300 times. */
    Sample hardlyRepeats() {
        float[] sorted = sorted();
        int distinct = 1;
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] != sorted[i - 1]) {
                distinct++;
            }
        }
        assertThat(distinct).as("distinct values").isGreaterThan(sorted.length * 99 / 100);
        return this;
    }

    private float[] sorted() {
        float[] sorted = values.toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    static DoubleUnaryOperator normal(double deviation) {
        return x -> phi(x / deviation);
    }

    static DoubleUnaryOperator uniform(double low, double high) {
        return x -> (x - low) / (high - low);
    }

    static DoubleUnaryOperator truncated(double parent, double cut) {
        return x -> (phi(x / parent) - phi(-cut)) / (phi(cut) - phi(-cut));
    }

    /** The distribution function of the standard normal: Abramowitz and Stegun 26.2.17, to 7.5e-8. */
    private static double phi(double z) {
        double t = 1 / (1 + 0.2316419 * Math.abs(z));
        double series =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double tail = series * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        return z > 0 ? 1 - tail : tail;
    }
}
