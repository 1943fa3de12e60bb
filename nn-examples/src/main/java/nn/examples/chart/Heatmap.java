package nn.examples.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A matrix as coloured cells, such as a weight or the units that are dead on each input.
 *
 * @param title the heading
 * @param alternative the contents in words
 * @param x the horizontal axis: columns, by their names or from 1
 * @param y the vertical axis: rows from the top, by their names or from 1
 * @param value the quantity of a cell, with its unit
 * @param cells [row][column], all rows of one length
 * @param colours the values of the first and the last colour; empty for the least and the greatest of the cells
 * @param lines drawn over the cells
 */
public record Heatmap(
        String title,
        String alternative,
        Axis x,
        Axis y,
        String value,
        double[][] cells,
        Optional<Range> colours,
        List<Line> lines)
        implements Drawing {
    /**
     * The values between which colours change, one for several drawings that are to be compared.
     *
     * @param low of the first colour
     * @param high of the last colour, no less
     */
    public record Range(double low, double high) {
        /** Checks the order. */
        public Range {
            if (!(low <= high)) {
                throw new IllegalArgumentException("colours from " + low + " to " + high);
            }
        }
    }

    /**
     * A line of theory over the cells.
     *
     * @param name its name in the legend
     * @param x places, in columns: 1 is the middle of the first one. NaN interrupts the line
     * @param y places, in rows, of the same length
     */
    public record Line(String name, double[] x, double[] y) {
        /** Checks the lengths. */
        public Line {
            if (x.length != y.length) {
                throw new IllegalArgumentException(
                        "line " + name + ": " + x.length + " columns, " + y.length + " rows");
            }
        }
    }

    /** Checks that there are cells and that all rows have one length, and copies the lines. */
    public Heatmap {
        lines = List.copyOf(lines);
        if (cells.length == 0 || cells[0].length == 0) {
            throw new IllegalArgumentException(title + ": a matrix without cells");
        }
        for (double[] row : cells) {
            if (row.length != cells[0].length) {
                throw new IllegalArgumentException(title + ": rows of " + cells[0].length + " and " + row.length);
            }
        }
    }

    /**
     * Creates a heat map with linear axes.
     *
     * @param title the heading
     * @param alternative the contents in words
     * @param x the meaning of a column
     * @param y the meaning of a row
     * @param value the quantity of a cell, with its unit
     * @param cells [row][column]
     * @return the drawing
     */
    public static Heatmap of(String title, String alternative, String x, String y, String value, double[][] cells) {
        return new Heatmap(
                title, alternative, Axis.linear(x), Axis.linear(y), value, cells, Optional.empty(), List.of());
    }

    /**
     * Adds a line of theory.
     *
     * @param name its name in the legend
     * @param columns places, 1 being the middle of the first column; NaN interrupts the line
     * @param rows places, of the same length
     * @return the extended drawing
     */
    public Heatmap line(String name, double[] columns, double[] rows) {
        List<Line> longer = new ArrayList<>(lines);
        longer.add(new Line(name, columns.clone(), rows.clone()));
        return new Heatmap(title, alternative, x, y, value, cells, colours, longer);
    }
}
