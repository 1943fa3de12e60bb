package nn.examples.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nn.examples.numeric.Statistics;

/**
 * Lines, bands and points over two axes: a signal by depth, training curves, singular values, a phase diagram.
 *
 * @param title the heading
 * @param alternative what is to be seen, in words
 * @param x the axis to the right
 * @param y the axis upwards
 * @param series what is drawn, in this order
 * @param sliders settings to move, each with its curve
 */
public record Chart(
        String title, String alternative, Axis x, Axis y, List<Series> series, List<Slider> sliders)
        implements Drawing {
    /** Copies the lists. */
    public Chart {
        series = List.copyOf(series);
        sliders = List.copyOf(sliders);
    }

    /** How a series is drawn. */
    public enum Style {
        /** A measured line. */
        LINE,
        /** A dashed line: what theory says. */
        PREDICTION,
        /** The room between {@code low} and {@code high}. */
        BAND,
        /** Dots. */
        POINTS,
        /** One large dot with its name beside it: this run's place. */
        MARK,
        /** Words at a place, such as the name of a phase. */
        LABEL
    }

    /**
     * One line, band or cloud of points.
     *
     * @param name for the legend
     * @param of the name of the series that it predicts; its own name if it is measured, or predicts none. Series that
     *     are of one get one hue
     * @param style how it is drawn
     * @param x places
     * @param y values, of the same length
     * @param low the band's lower edge; empty for other styles
     * @param high the band's upper edge; empty for other styles
     */
    public record Series(
            String name, String of, Style style, double[] x, double[] y, double[] low, double[] high) {
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
     * @param alternative what is to be seen, in words
     * @param x the axis to the right
     * @param y the axis upwards
     * @return to be filled
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
     * Says what is to be seen in other words: those of a chart that was begun before its numbers were there.
     *
     * @param words what is to be seen
     * @return the chart with these words
     */
    public Chart saying(String words) {
        return new Chart(title, words, x, y, series, sliders);
    }

    /**
     * Adds a setting to move.
     *
     * @param slider with its curves
     * @return the fuller chart
     */
    public Chart slider(Slider slider) {
        List<Slider> longer = new ArrayList<>(sliders);
        longer.add(slider);
        return new Chart(title, alternative, x, y, series, longer);
    }

    /**
     * Adds a measured line.
     *
     * @param name for the legend
     * @param x places
     * @param y values
     * @return the fuller chart
     */
    public Chart line(String name, double[] x, double[] y) {
        return with(name, Style.LINE, x, y, new double[0], new double[0]);
    }

    /**
     * Adds a dashed line of what theory says of a measured series, in the hue of that series.
     *
     * @param name for the legend
     * @param of the name of the measured series
     * @param x places
     * @param y values
     * @return the fuller chart
     */
    public Chart prediction(String name, String of, double[] x, double[] y) {
        return with(new Series(name, of, Style.PREDICTION, x.clone(), y.clone(), new double[0], new double[0]));
    }

    /**
     * Adds a dashed line of what theory says of the series of the same name, in its hue; or, if no series has that
     * name, a line of reference in no hue.
     *
     * @param name for the legend
     * @param x places
     * @param y values
     * @return the fuller chart
     */
    public Chart prediction(String name, double[] x, double[] y) {
        return with(name, Style.PREDICTION, x, y, new double[0], new double[0]);
    }

    /**
     * Adds a band; in the colour of the line of the same name.
     *
     * @param name for the legend
     * @param x places
     * @param low the lower edge
     * @param high the upper edge
     * @return the fuller chart
     */
    public Chart band(String name, double[] x, double[] low, double[] high) {
        return with(name, Style.BAND, x, low, low, high);
    }

    /**
     * Adds repetitions: the line of their means, in a band from their 5 % to their 95 % quantile.
     *
     * @param name for the legend
     * @param x places
     * @param samples [place][repetition]
     * @return the fuller chart
     */
    public Chart sampled(String name, double[] x, double[][] samples) {
        double[] mean = Arrays.stream(samples).mapToDouble(Statistics::mean).toArray();
        double[] low = Arrays.stream(samples).mapToDouble(s -> Statistics.quantile(0.05, s)).toArray();
        double[] high = Arrays.stream(samples).mapToDouble(s -> Statistics.quantile(0.95, s)).toArray();
        return band(name, x, low, high).line(name, x, mean);
    }

    /**
     * Adds dots.
     *
     * @param name for the legend
     * @param x places
     * @param y values
     * @return the fuller chart
     */
    public Chart points(String name, double[] x, double[] y) {
        return with(name, Style.POINTS, x, y, new double[0], new double[0]);
    }

    /**
     * Adds one large dot with its name beside it.
     *
     * @param name a word or two
     * @param x place
     * @param y value
     * @return the fuller chart
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
     * @return the fuller chart
     */
    public Chart label(String words, double x, double y) {
        return with(words, Style.LABEL, new double[] {x}, new double[] {y}, new double[0], new double[0]);
    }

    /**
     * Places 1, 2, 3, ... such as those of layers.
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
