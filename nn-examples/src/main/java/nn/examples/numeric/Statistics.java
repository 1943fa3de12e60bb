package nn.examples.numeric;

import java.util.Arrays;
import nn.init.nonlinearity.Nonlinearity;

/** Means, intervals and quantiles of repetitions. */
public final class Statistics {
    private static final double Z = 1.959963984540054;

    private Statistics() {}

    /**
     * Returns the mean.
     *
     * @param sample at least one value
     * @return their sum, in order, over their number
     */
    public static double mean(double... sample) {
        double sum = 0;
        for (double x : sample) {
            sum += x;
        }
        return sum / sample.length;
    }

    /**
     * Returns the standard deviation, with n - 1.
     *
     * @param sample values
     * @return NaN for fewer than two
     */
    public static double deviation(double... sample) {
        double mean = mean(sample);
        double squares = 0;
        for (double x : sample) {
            squares += (x - mean) * (x - mean);
        }
        return Math.sqrt(squares / (sample.length - 1.0));
    }

    /**
     * Returns half of the 95 % interval of the mean, by Student's t.
     *
     * @param sample values
     * @return 0 for a single value, whose spread is unknown
     */
    public static double margin(double... sample) {
        int n = sample.length;
        return n < 2 ? 0 : student(n - 1) * deviation(sample) / Math.sqrt(n);
    }

    /**
     * Returns half of the 95 % interval of a proportion (Wilson, 1927), which does not vanish at 0 and 1.
     *
     * @param hits number of successes
     * @param tries number of trials
     * @return half of the interval's length
     */
    public static double proportionMargin(long hits, long tries) {
        double p = (double) hits / tries;
        double z2 = Z * Z / tries;
        return Z / (1 + z2) * Math.sqrt(p * (1 - p) / tries + z2 / (4 * tries));
    }

    /**
     * Returns a quantile, interpolated linearly between neighbours.
     *
     * @param share from 0 to 1
     * @param sample values in any order
     * @return the value that this share of the sample does not exceed
     */
    public static double quantile(double share, double... sample) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /**
     * Returns the normal distribution function.
     *
     * @param x in standard deviations
     * @return the probability of a smaller value
     */
    public static double normalBelow(double x) {
        return (1 + Nonlinearity.ERF.value(x / Math.sqrt(2))) / 2;
    }

    /** The 97.5 % quantile of Student's t: exact for 1 and 2 degrees, else by Hill's expansion (to 1e-3 from 3 on). */
    private static double student(int degrees) {
        if (degrees == 1) {
            return 12.706204736432095;
        }
        if (degrees == 2) {
            return 4.302652729911275;
        }
        double z = Z;
        double z3 = z * z * z;
        double z5 = z3 * z * z;
        double z7 = z5 * z * z;
        double z9 = z7 * z * z;
        double n = degrees;
        return z
                + (z3 + z) / (4 * n)
                + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
                + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
                + (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92160 * n * n * n * n);
    }
}
