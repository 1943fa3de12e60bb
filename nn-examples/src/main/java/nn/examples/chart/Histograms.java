package nn.examples.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Histograms stacked over one common axis, such as one for each layer.
 *
 * @param title the heading
 * @param alternative the contents in words
 * @param x the axis of the values
 * @param low the start of the first bin
 * @param high the end of the last bin; values beyond the ends count in the outermost bins
 * @param bins their number, all of equal width
 * @param groups the histograms
 */
public record Histograms(
        String title, String alternative, Axis x, double low, double high, int bins, List<Group> groups)
        implements Drawing {
    /** Checks the bins, and copies the list. */
    public Histograms {
        groups = List.copyOf(groups);
        if (!(low < high) || bins < 1) {
            throw new IllegalArgumentException(title + ": " + bins + " bins from " + low + " to " + high);
        }
    }

    /**
     * One histogram.
     *
     * @param name such as {@code layer 3}
     * @param shares of the values in each bin; their sum is 1
     */
    public record Group(String name, double[] shares) {}

    /**
     * Creates a drawing without histograms.
     *
     * @param title the heading
     * @param alternative the contents in words
     * @param x the title of the axis
     * @param low the start of the first bin
     * @param high the end of the last bin
     * @param bins the number of bins
     * @return without groups
     */
    public static Histograms of(String title, String alternative, String x, double low, double high, int bins) {
        return new Histograms(title, alternative, Axis.linear(x), low, high, bins, List.of());
    }

    /**
     * Adds a histogram.
     *
     * @param name such as {@code layer 3}
     * @param values at least one; NaN counts in no bin
     * @return the extended drawing
     */
    public Histograms with(String name, float... values) {
        double[] shares = new double[bins];
        for (float value : values) {
            if (!Float.isNaN(value)) {
                int bin = (int) Math.floor((value - low) / (high - low) * bins);
                shares[Math.clamp(bin, 0, bins - 1)] += 1.0 / values.length;
            }
        }
        List<Group> longer = new ArrayList<>(groups);
        longer.add(new Group(name, shares));
        return new Histograms(title, alternative, x, low, high, bins, longer);
    }
}
