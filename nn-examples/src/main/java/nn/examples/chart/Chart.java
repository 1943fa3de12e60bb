package nn.examples.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.examples.numeric.Statistics;

/**
 * Lines, bands and points over two axes: a signal by depth, training curves, singular values, a phase diagram.
 *
 * @param title the heading
 * @param alternative the contents in words
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series drawn in this order
 * @param sliders settings that the reader can move
 */
public record Chart(String title, String alternative, Axis x, Axis y, List<Series> series, List<Slider> sliders)
        implements Drawing {
    /** Copies the lists. */
    public Chart {
        series = List.copyOf(series);
        sliders = List.copyOf(sliders);
    }

    /** The form of a series. */
    public enum Style {
        /** A measured line. */
        LINE,
        /** A dashed line, for theory. */
        PREDICTION,
        /** The area between {@code low} and {@code high}. */
        BAND,
        /** Dots. */
        POINTS,
        /** One large dot with its name next to it, for the place of this run. */
        MARK,
        /** Words at a place, such as the name of a phase. */
        LABEL
    }

    /**
     * One line, band or cloud of points.
     *
     * @param name its name in the legend
     * @param of the name of the series that it predicts; its own name if it is measured, or predicts none. Series with
     *     the same {@code of} get the same hue
     * @param style the form
     * @param x places
     * @param y values, of the same length
     * @param low the band's lower edge; empty for other styles
     * @param high the band's upper edge; empty for other styles
     */
    public record Series(String name, String of, Style style, double[] x, double[] y, double[] low, double[] high) {
        /** Checks the lengths. */
        public Series {
            if (x.length != y.length || style == Style.BAND && (x.length != low.length || x.length != high.length)) {
                throw new IllegalArgumentException("series " + name + ": " + x.length + " places, " + y.length
                        + " values, bands of " + low.length + " and " + high.length);
            }
        }
    }

    /**
     * An empty chart.
     *
     * @param title the heading
     * @param alternative the contents in words
     * @param x the horizontal axis
     * @param y the vertical axis
     * @return without series
     */
    public static Chart of(String title, String alternative, Axis x, Axis y) {
        return new Chart(title, alternative, x, y, List.of(), List.of());
    }

    private Chart with(String name, Style style, double[] x, double[] y, double[] low, double[] high) {
        return with(new Series(name, name, style, x.clone(), y.clone(), low.clone(), high.clone()));
    }

    private Chart with(Series one) {
        List<Series> longer = new ArrayList<>(series);
        longer.add(one);
        return new Chart(title, alternative, x, y, longer, sliders);
    }

    /**
     * Replaces the words: for a chart that was begun before its numbers were known.
     *
     * @param words the contents in words
     * @return the chart with these words
     */
    public Chart saying(String words) {
        return new Chart(title, words, x, y, series, sliders);
    }

    /**
     * Adds a slider.
     *
     * @param slider with its curves
     * @return the extended chart
     */
    public Chart slider(Slider slider) {
        List<Slider> longer = new ArrayList<>(sliders);
        longer.add(slider);
        return new Chart(title, alternative, x, y, series, longer);
    }

    /**
     * Adds a measured line.
     *
     * @param name its name in the legend
     * @param x places
     * @param y values
     * @return the extended chart
     */
    public Chart line(String name, double[] x, double[] y) {
        return with(name, Style.LINE, x, y, new double[0], new double[0]);
    }

    /**
     * Adds a dashed line for the theory of a measured series, in the hue of that series.
     *
     * @param name its name in the legend
     * @param of the name of the measured series
     * @param x places
     * @param y values
     * @return the extended chart
     */
    public Chart prediction(String name, String of, double[] x, double[] y) {
        return with(new Series(name, of, Style.PREDICTION, x.clone(), y.clone(), new double[0], new double[0]));
    }

    /**
     * Adds a dashed line for the theory of the series of the same name, in its hue; if no series has that name, a
     * reference line without a hue.
     *
     * @param name its name in the legend
     * @param x places
     * @param y values
     * @return the extended chart
     */
    public Chart prediction(String name, double[] x, double[] y) {
        return with(name, Style.PREDICTION, x, y, new double[0], new double[0]);
    }

    /**
     * Adds a band in the hue of the line of the same name.
     *
     * @param name its name in the legend
     * @param x places
     * @param low the lower edge
     * @param high the upper edge
     * @return the extended chart
     */
    public Chart band(String name, double[] x, double[] low, double[] high) {
        return with(name, Style.BAND, x, low, low, high);
    }

    /**
     * Adds repetitions: the line of their means, in a band from their 5 % to their 95 % quantile.
     *
     * @param name its name in the legend
     * @param x places
     * @param samples [place][repetition]
     * @return the extended chart
     */
    public Chart sampled(String name, double[] x, double[][] samples) {
        double[] mean = Arrays.stream(samples).mapToDouble(Statistics::mean).toArray();
        double[] low = Arrays.stream(samples)
                .mapToDouble(s -> Statistics.quantile(0.05, s))
                .toArray();
        double[] high = Arrays.stream(samples)
                .mapToDouble(s -> Statistics.quantile(0.95, s))
                .toArray();
        return band(name, x, low, high).line(name, x, mean);
    }

    /**
     * Adds dots.
     *
     * @param name its name in the legend
     * @param x places
     * @param y values
     * @return the extended chart
     */
    public Chart points(String name, double[] x, double[] y) {
        return with(name, Style.POINTS, x, y, new double[0], new double[0]);
    }

    /**
     * Adds one large dot with its name next to it.
     *
     * @param name a word or two
     * @param x place
     * @param y value
     * @return the extended chart
     */
    public Chart mark(String name, double x, double y) {
        return with(name, Style.MARK, new double[] {x}, new double[] {y}, new double[0], new double[0]);
    }

    /**
     * Adds words at a place.
     *
     * @param words a word or two
     * @param x their middle
     * @param y their middle
     * @return the extended chart
     */
    public Chart label(String words, double x, double y) {
        return with(words, Style.LABEL, new double[] {x}, new double[] {y}, new double[0], new double[0]);
    }

    /**
     * Returns the places 1, 2, 3, ..., such as those of layers.
     *
     * @param n how many
     * @return 1 to n
     */
    public static double[] upTo(int n) {
        double[] places = new double[n];
        for (int i = 0; i < n; i++) {
            places[i] = i + 1;
        }
        return places;
    }
}
