package nn.examples.chart;

/**
 * A matrix as coloured cells: how far units differ, which units are dead on which inputs.
 *
 * @param title the heading
 * @param alternative what is to be seen, in words
 * @param x the axis to the right: columns, from 1
 * @param y the axis downwards: rows, from 1
 * @param value what a cell shows, with the unit
 * @param cells [row][column], all rows of one length
 */
public record Heatmap(String title, String alternative, Axis x, Axis y, String value, double[][] cells)
        implements Drawing {
    /** Checks that the matrix is one. */
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
     * A matrix with even axes.
     *
     * @param title the heading
     * @param alternative what is to be seen, in words
     * @param x what the columns are
     * @param y what the rows are
     * @param value what a cell shows, with the unit
     * @param cells [row][column]
     * @return the drawing
     */
    public static Heatmap of(String title, String alternative, String x, String y, String value, double[][] cells) {
        return new Heatmap(title, alternative, Axis.linear(x), Axis.linear(y), value, cells);
    }
}
