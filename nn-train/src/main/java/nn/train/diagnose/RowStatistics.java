package nn.train.diagnose;

import java.util.Arrays;
import nn.init.nonlinearity.Nonlinearity;
import nn.tensor.Tensor;

/** Statistics of a tensor [... x units], which has a row for each input. */
final class RowStatistics {
    /** A slope is flat if it is less than this share of that at 0, as tanh's is above 0.99. */
    private static final double FLAT = 0.02;

    /** Bounded nonlinearities are flat here. */
    static final double FAR = 40;

    private RowStatistics() {}

    static int units(Tensor t) {
        return t.shape().rank() == 0 ? 1 : t.dim(-1);
    }

    static int count(Tensor t) {
        return t.size() / Math.max(1, units(t));
    }

    /**
     * Returns the mean product of two different rows over the mean square; NaN for one row or if all elements are 0.
     *
     * @param t [... x units]
     */
    static double correlation(Tensor t) {
        int units = units(t);
        int rows = count(t);
        if (rows < 2) {
            return Double.NaN;
        }
        double[] sums = new double[units];
        double squares = 0;
        float[] x = t.array();
        for (int i = 0; i < t.size(); i++) {
            double value = x[t.offset() + i];
            sums[i % units] += value;
            squares += value * value;
        }
        double squaredSums = Arrays.stream(sums).map(sum -> sum * sum).sum();
        return (squaredSums - squares) / ((rows - 1) * squares);
    }

    /** Returns whether all rows are the same. */
    static boolean areEqual(Tensor t) {
        int units = units(t);
        for (int i = units; i < t.size(); i++) {
            if (t.array()[t.offset() + i] != t.array()[t.offset() + i - units]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the share of units whose nonlinearity has derivative 0 for every row.
     *
     * @param z pre-activations [... x units]
     */
    static double dead(Tensor z, Nonlinearity f) {
        int units = units(z);
        boolean[] alive = new boolean[units];
        for (int i = 0; i < z.size(); i++) {
            int unit = i % units;
            alive[unit] |= f.derivative(z.array()[z.offset() + i]) != 0;
        }
        int dead = 0;
        for (boolean unit : alive) {
            dead += unit ? 0 : 1;
        }
        return (double) dead / units;
    }

    /** Returns whether a nonlinearity has flat ends on both sides and a slope between them. */
    static boolean isBounded(Nonlinearity f) {
        double slope = Math.abs(f.derivative(0));
        return slope > 0 && isFlat(f, -FAR, slope) && isFlat(f, FAR, slope);
    }

    /** Returns the least value of a nonlinearity; minus infinity if it has none. */
    static double least(Nonlinearity f) {
        return -largest(f, -1);
    }

    /** Returns the largest value of a nonlinearity; infinity if it has none. */
    static double largest(Nonlinearity f) {
        return largest(f, 1);
    }

    private static double largest(Nonlinearity f, int sign) {
        for (double end : new double[] {-FAR, FAR}) {
            if (sign * (f.value(2 * end) - f.value(end)) > 1e-3) {
                return Double.POSITIVE_INFINITY;
            }
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (double z = -FAR; z <= FAR; z += 0.125) {
            largest = Math.max(largest, sign * f.value(z));
        }
        return largest;
    }

    /**
     * Returns the share of elements at the flat ends of a bounded nonlinearity.
     *
     * @param z pre-activations [... x units]
     */
    static double saturated(Tensor z, Nonlinearity f) {
        double slope = Math.abs(f.derivative(0));
        int flat = 0;
        for (int i = 0; i < z.size(); i++) {
            flat += isFlat(f, z.array()[z.offset() + i], slope) ? 1 : 0;
        }
        return (double) flat / z.size();
    }

    /**
     * Returns the mean square of a nonlinearity's slope, over the square of that at 0.
     *
     * @param z pre-activations [... x units]
     */
    static double slope(Tensor z, Nonlinearity f) {
        double sum = 0;
        for (int i = 0; i < z.size(); i++) {
            double slope = f.derivative(z.array()[z.offset() + i]);
            sum += slope * slope;
        }
        double steepest = f.derivative(0);
        return sum / z.size() / (steepest * steepest);
    }

    static boolean isFlat(Nonlinearity f, double z, double slope) {
        return Math.abs(f.derivative(z)) < FLAT * slope;
    }
}
