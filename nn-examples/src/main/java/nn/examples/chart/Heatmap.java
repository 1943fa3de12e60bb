package nn.examples.chart;

/**
 * A matrix as coloured cells, such as a weight or the units that are dead on each input.
 *
 * @param title the heading
 * @param alternative the contents in words
 * @param x the horizontal axis: columns, from 1
 * @param y the vertical axis: rows, from 1
 * @param value the quantity of a cell, with its unit
 * @param cells [row][column], all rows of one length
 */
public record Heatmap(String title, String alternative, Axis x, Axis y, String value, double[][] cells)
        implements Drawing {
    /** Checks that there are cells and that all rows have one length. */
    public Heatmap {
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
        return new Heatmap(title, alternative, Axis.linear(x), Axis.linear(y), value, cells);
    }
}
