package nn.init.nonlinearity;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Normal expectations by another way than the library's: Gauss and Legendre's rule of 20 points on panels half as wide
 * as the scale on which activation functions bend, none of them across a kink. Exact to about 1e-14.
 */
final class Integral {
    private static final int POINTS = 20;
    private static final double[] NODES = new double[POINTS];
    private static final double[] WEIGHTS = new double[POINTS];

    static {
        for (int i = 0; i < POINTS; i++) { // roots of Legendre's polynomial by Newton's method
            double x = Math.cos(Math.PI * (i + 0.75) / (POINTS + 0.5));
            double slope = 1;
            for (int iteration = 0; iteration < 20; iteration++) {
                double p = 1;
                double before = 0;
                for (int n = 1; n <= POINTS; n++) {
                    double next = ((2 * n - 1) * x * p - (n - 1) * before) / n;
                    before = p;
                    p = next;
                }
                slope = POINTS * (x * p - before) / (x * x - 1);
                x -= p / slope;
            }
            NODES[i] = x;
            WEIGHTS[i] = 2 / ((1 - x * x) * slope * slope);
        }
    }

    private Integral() {}

    /** E[g(z)], z ~ N(mean, variance). */
    static double expectation(DoubleUnaryOperator g, double mean, double variance, double... kinks) {
        return expectation(g, mean, variance, 0.5, kinks);
    }

    private static double expectation(
            DoubleUnaryOperator g, double mean, double variance, double panel, double... kinks) {
        double s = Math.sqrt(variance);
        double norm = s * Math.sqrt(2 * Math.PI);
        return integral(
                z -> g.applyAsDouble(z) * Math.exp(-(z - mean) * (z - mean) / (2 * variance)) / norm,
                mean - 11 * s,
                mean + 11 * s,
                Math.min(panel, panel * s),
                kinks);
    }

    /** E[g(u, v)], both N(0, variance) with a correlation strictly between -1 and 1. */
    static double expectation(DoubleBinaryOperator g, double variance, double correlation, double... kinks) {
        double rest = variance * (1 - correlation * correlation);
        return expectation(
                u -> expectation(v -> g.applyAsDouble(u, v), correlation * u, rest, 1, kinks), 0, variance, 1, kinks);
    }

    private static double integral(DoubleUnaryOperator g, double low, double high, double panel, double... kinks) {
        double[] inside =
                Arrays.stream(kinks).filter(k -> k > low && k < high).sorted().toArray();
        double sum = 0;
        double from = low;
        for (int piece = 0; piece <= inside.length; piece++) {
            double to = piece < inside.length ? inside[piece] : high;
            int panels = (int) Math.ceil((to - from) / panel);
            double half = (to - from) / (2 * panels);
            for (int p = 0; p < panels; p++) {
                double middle = from + (2 * p + 1) * half;
                for (int i = 0; i < POINTS; i++) {
                    sum += half * WEIGHTS[i] * g.applyAsDouble(Math.fma(half, NODES[i], middle));
                }
            }
            from = to;
        }
        return sum;
    }
}
