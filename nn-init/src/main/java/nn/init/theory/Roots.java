package nn.init.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Sign changes of a function of a positive number: bracketed on a logarithmic grid, then bisected to the last digit.
 */
final class Roots {
    private static final int PER_DECADE = 8;

    private Roots() {}

    /** Returns all sign changes, ascending; a root on the grid counts only if the signs on its two sides differ. */
    static double[] all(DoubleUnaryOperator g, double low, double high) {
        List<Double> roots = new ArrayList<>();
        int steps = (int) Math.ceil(StrictMath.log10(high / low) * PER_DECADE);
        double ratio = StrictMath.pow(high / low, 1.0 / Math.max(steps, 1));
        double before = low;
        double signBefore = 0;
        double x = low;
        for (int i = 0; i <= steps; i++) {
            double sign = Math.signum(g.applyAsDouble(x));
            if (sign != 0) { // also skips functions that are 0 everywhere
                if (signBefore * sign < 0) {
                    roots.add(bisect(g, before, x, signBefore));
                }
                before = x;
                signBefore = sign;
            }
            x *= ratio;
        }
        double[] result = new double[roots.size()];
        Arrays.setAll(result, roots::get);
        return result;
    }

    /** Returns the smallest; NaN if there is none. */
    static double first(DoubleUnaryOperator g, double low, double high) {
        double[] roots = all(g, low, high);
        return roots.length == 0 ? Double.NaN : roots[0];
    }

    /** Returns the largest; NaN if there is none. */
    static double last(DoubleUnaryOperator g, double low, double high) {
        double[] roots = all(g, low, high);
        return roots.length == 0 ? Double.NaN : roots[roots.length - 1];
    }

    private static double bisect(DoubleUnaryOperator g, double low, double high, double signOfLow) {
        while (true) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) {
                return middle;
            }
            if (Math.signum(g.applyAsDouble(middle)) == signOfLow) {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}
