package nn.examples.experiment;

import java.util.ArrayList;
import java.util.List;

/**
 * Raw measurements: columns of numbers, for {@code --csv}.
 *
 * @param name a word or two
 * @param columns with one name each, all of one length
 */
public record RawTable(String name, List<Column> columns) {
    /** Checks that the columns are of one length. */
    public RawTable {
        columns = List.copyOf(columns);
        for (Column column : columns) {
            if (column.values().length != columns.getFirst().values().length) {
                throw new IllegalArgumentException("table " + name + ": column " + column.name() + " has "
                        + column.values().length + " values, "
                        + columns.getFirst().name() + " has "
                        + columns.getFirst().values().length);
            }
        }
    }

    /**
     * Creates a table without columns.
     *
     * @param name of the table
     * @return to be extended by {@link #with}
     */
    public static RawTable of(String name) {
        return new RawTable(name, List.of());
    }

    /**
     * Adds a column.
     *
     * @param column its name, with the unit
     * @param values as many as in the other columns
     * @return the extended table
     */
    public RawTable with(String column, double... values) {
        List<Column> wider = new ArrayList<>(columns);
        wider.add(new Column(column, values.clone()));
        return new RawTable(name, wider);
    }

    /**
     * Named numbers.
     *
     * @param name with the unit
     * @param values one for each row
     */
    public record Column(String name, double[] values) {}
}
