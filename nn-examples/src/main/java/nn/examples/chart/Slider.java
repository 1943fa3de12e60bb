package nn.examples.chart;

import java.util.function.DoubleFunction;

/**
 * A setting that the reader of the page can move: the theory at each position, drawn next to the measurement.
 *
 * <p>The curves are computed here, by the same code as the predictions that judge the measurement, and written into the
 * page as numbers.
 *
 * @param title the setting, such as {@code bias b}
 * @param reading the quantity at the right end of the curve, such as {@code E z^2 at layer 50}
 * @param settings the positions, ascending
 * @param start the index of the first position shown
 * @param x places
 * @param y the curves: [position][place]
 */
public record Slider(String title, String reading, double[] settings, int start, double[] x, double[][] y) {
    /** Checks the lengths. */
    public Slider {
        if (settings.length < 2 || settings.length != y.length || start < 0 || start >= settings.length) {
            throw new IllegalArgumentException("slider " + title + ": " + settings.length + " positions, " + y.length
                    + " curves, starts at " + start);
        }
        for (double[] curve : y) {
            if (curve.length != x.length) {
                throw new IllegalArgumentException(
                        "slider " + title + ": a curve of " + curve.length + " values for " + x.length + " places");
            }
        }
    }

    /**
     * Creates a slider and computes its curves.
     *
     * @param title the setting
     * @param reading the quantity at the right end of the curve
     * @param settings the positions, ascending
     * @param shown the first position shown; the nearest one is taken
     * @param x places
     * @param theory returns the curve at a position
     * @return the slider
     */
    public static Slider of(
            String title,
            String reading,
            double[] settings,
            double shown,
            double[] x,
            DoubleFunction<double[]> theory) {
        double[][] y = new double[settings.length][];
        int start = 0;
        for (int i = 0; i < settings.length; i++) {
            y[i] = theory.apply(settings[i]);
            if (Math.abs(settings[i] - shown) < Math.abs(settings[start] - shown)) {
                start = i;
            }
        }
        return new Slider(title, reading, settings.clone(), start, x.clone(), y);
    }

    /**
     * Returns positions at equal distances.
     *
     * @param low the first
     * @param high the last
     * @param step the distance; {@code high - low} is a multiple of it
     * @return low to high
     */
    public static double[] positions(double low, double high, double step) {
        double[] positions = new double[(int) Math.round((high - low) / step) + 1];
        for (int i = 0; i < positions.length; i++) {
            // multiples of a step such as 0.05 are not exact: round them to twelve digits
            positions[i] = Math.rint((low + i * step) * 1e12) / 1e12;
        }
        return positions;
    }
}
