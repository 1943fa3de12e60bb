package nn.train.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import nn.tensor.Tensor;

/** Numbers in named columns, as a CSV file holds them: see {@link Csv}. */
public final class Table {
    private final List<String> columns;
    private final Tensor values;
    private final String source;
    private final int firstLine;

    Table(List<String> columns, Tensor values, String source, int firstLine) {
        this.columns = List.copyOf(columns);
        this.values = values;
        this.source = source;
        this.firstLine = firstLine;
    }

    /**
     * The names of the columns.
     *
     * @return in order; {@code 1}, {@code 2} and so on for a file without a header
     */
    public List<String> columns() {
        return columns;
    }

    /**
     * All numbers.
     *
     * @return [rows x columns], not a copy
     */
    public Tensor values() {
        return values;
    }

    /**
     * The numbers of some columns.
     *
     * @param names which, in the order wanted
     * @return a copy [rows x names]
     * @throws IllegalArgumentException if there is no such column, or none is named
     */
    public Tensor select(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("select: no column named; there are " + columns);
        }
        return take(Arrays.stream(names).mapToInt(this::index).toArray());
    }

    /**
     * Examples whose targets are numbers.
     *
     * @param targets the columns to be told from all others
     * @return x [rows x other columns], y [rows x targets], copies
     * @throws IllegalArgumentException if there is no such column, none is named, or no other is left
     */
    public Dataset withTargets(String... targets) {
        return new Dataset(others(targets), select(targets));
    }

    /**
     * Examples whose targets are classes.
     *
     * @param label the column of class numbers
     * @param classes how many there are
     * @return x [rows x other columns], y [rows], copies
     * @throws IllegalArgumentException if there is no such column, or no other
     * @throws DataFormatException if a label is not a whole number from 0 to {@code classes - 1}; names its line
     */
    public Dataset withLabels(String label, int classes) throws DataFormatException {
        Tensor x = others(label);
        Tensor labels = select(label).reshape(values.dim(0));
        for (int row = 0; row < labels.size(); row++) {
            float value = labels.get(row);
            if (!(value >= 0 && value < classes) || value != (int) value) {
                throw new DataFormatException(
                        source,
                        "line " + (firstLine + row) + ", column " + (index(label) + 1) + " ('" + label + "')",
                        -1,
                        value + " is no label: allowed are the whole numbers 0 to " + (classes - 1) + ", for there are "
                                + classes + " classes");
            }
        }
        return new Dataset(x, labels);
    }

    private Tensor others(String... names) {
        List<Integer> without = Arrays.stream(names).map(this::index).toList();
        int[] kept = IntStream.range(0, columns.size()).filter(i -> !without.contains(i)).toArray();
        if (kept.length == 0) {
            throw new IllegalArgumentException(
                    "no column is left for the inputs beside " + Arrays.toString(names) + " of " + columns);
        }
        return take(kept);
    }

    private int index(String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no column '" + name + "'; there are " + columns);
        }
        return index;
    }

    private Tensor take(int[] which) {
        int rows = values.dim(0);
        Tensor taken = Tensor.zeros(rows, which.length);
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < which.length; i++) {
                taken.set(values.get(row, which[i]), row, i);
            }
        }
        return taken;
    }

    /** Such as {@code Table of 309 rows: [YEAR, SUNACTIVITY]}. */
    @Override
    public String toString() {
        return "Table of " + values.dim(0) + (values.dim(0) == 1 ? " row: " : " rows: ") + columns;
    }
}
