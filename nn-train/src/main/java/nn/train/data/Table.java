package nn.train.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Texts;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Numbers and texts in named columns, as read from a CSV file by {@link Csv}. A table is immutable; each method that
 * changes something returns a new table.
 *
 * <pre>{@code
 * Table train = Csv.withHeader().text("city").allowMissing("NA").read(Path.of("train.csv"));
 * SequencedMap<String, Double> means = train.means("age", "income");
 * Categories cities = train.fillMissing("city", "unknown").categories("city");
 *
 * Dataset data = train.markMissing("age")              // a column "age missing" of 0 and 1
 *         .fillMissing(means)                          // of the training data, for test data too
 *         .fillMissing("city", "unknown")
 *         .oneHot("city", cities)                      // columns "city=Berlin", "city=Paris", ...
 *         .dropMissing()                               // no lines in which another value is missing
 *         .withTargets("price");
 * }</pre>
 *
 * <p>A missing value is never used as a number: {@link #values}, {@link #select} and data sets refuse a column that has
 * one, and name its line.
 */
public final class Table {
    private static final int MAX_CLASSES = 1 << 24; // class numbers are stored as floats

    private final String source;
    private final List<String> columns;
    private final Map<String, Integer> places; // of the columns in the file, from 1
    private final List<String> numeric;
    private final Map<String, Integer> indexes; // of the columns of numbers, in numeric
    private final Tensor numbers; // [rows x numeric columns]
    private final BitSet missing; // of the numbers
    private final SequencedMap<String, @Nullable String[]> texts; // null where missing
    private final int[] lines; // of the rows in the file

    Table(
            String source,
            List<String> columns,
            Map<String, Integer> places,
            Tensor numbers,
            BitSet missing,
            SequencedMap<String, @Nullable String[]> texts,
            int[] lines) {
        this.source = source;
        this.columns = List.copyOf(columns);
        this.places = places;
        this.numeric =
                columns.stream().filter(column -> !texts.containsKey(column)).toList();
        this.indexes = new HashMap<>();
        numeric.forEach(column -> indexes.put(column, indexes.size()));
        this.numbers = numbers;
        this.missing = missing;
        this.texts = texts;
        this.lines = lines;
    }

    /**
     * Returns the names of the columns.
     *
     * @return in order; {@code 1}, {@code 2} and so on for a file without a header
     */
    public List<String> columns() {
        return columns;
    }

    /**
     * Returns the number of rows.
     *
     * @return 1 or more; 0 if all were dropped
     */
    public int rows() {
        return numbers.dim(0);
    }

    /**
     * Returns all numbers.
     *
     * @return [rows x columns], not a copy
     * @throws IllegalStateException if a column holds texts, or a value is missing
     */
    public Tensor values() {
        if (!texts.isEmpty()) {
            throw new IllegalStateException(
                    source + ": column '" + texts.firstEntry().getKey()
                            + "' holds texts; select(...) returns the numbers of other columns, oneHot(...) makes"
                            + " numbers of texts");
        }
        requireNoneMissing(IntStream.range(0, numeric.size()).toArray());
        return numbers;
    }

    /**
     * Returns the numbers of some columns.
     *
     * @param names the columns, in the order of the result
     * @return a copy [rows x names]
     * @throws IllegalArgumentException if there is no such column, it holds texts, or none is named
     * @throws IllegalStateException if a value is missing; names its line
     */
    public Tensor select(String... names) {
        if (Objects.requireNonNull(names, "names").length == 0) {
            throw new IllegalArgumentException("select: no column named; there are " + Texts.list(columns));
        }
        return take(Arrays.stream(names).mapToInt(this::number).toArray());
    }

    /**
     * Returns the texts of a column.
     *
     * @param column a column that was read as {@link Csv#text text}
     * @return one text for each row
     * @throws IllegalArgumentException if there is no such column, or it holds numbers
     * @throws IllegalStateException if a text is missing; names its line
     */
    public List<String> text(String column) {
        return List.of(wholeTexts(column));
    }

    /**
     * Returns the categories of a column: its distinct texts, sorted.
     *
     * @param column a column that was read as {@link Csv#text text}
     * @return the categories, to be used for these and other data
     * @throws IllegalArgumentException if there is no such column, it holds numbers, or there are no rows
     * @throws IllegalStateException if a text is missing; names its line
     */
    public Categories categories(String column) {
        List<String> values = text(column);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("categories: the table has no rows, so column '" + Texts.visible(column)
                    + "' has no categories; were all dropped by dropMissing?");
        }
        return Categories.in(values);
    }

    /**
     * Returns a copy with a column of texts replaced by a column of numbers for each category: 1 where the text is the
     * category, 0 elsewhere. Their names are {@code column=category}.
     *
     * @param column a column that was read as {@link Csv#text text}
     * @param categories the categories of the training data
     * @return a table with more columns
     * @throws DataFormatException if a text is not a category and unknown ones are not allowed; names its line
     * @throws IllegalArgumentException if there is no such column, it holds numbers, two columns would have the same
     *     name, or the numbers would be more than a tensor or the heap can hold
     * @throws IllegalStateException if a text is missing; names its line
     */
    public Table oneHot(String column, Categories categories) throws DataFormatException {
        Objects.requireNonNull(categories, "categories");
        String[] values = wholeTexts(column);
        Map<String, Integer> classes = categories.numbers();
        long size = (long) rows() * (numeric.size() + categories.size());
        if (size > Integer.MAX_VALUE
                || size * Float.BYTES > Runtime.getRuntime().maxMemory()) {
            throw new IllegalArgumentException("one-hot: " + rows() + " rows with " + categories.size()
                    + " categories of column '" + column + "' are " + size + " numbers, more than the heap can hold; is"
                    + " it a name of each row rather than a category?");
        }
        List<String> names =
                categories.names().stream().map(name -> column + "=" + name).toList();
        for (int row = 0; row < values.length; row++) {
            if (!classes.containsKey(values[row]) && !categories.unknownAllowed()) {
                throw problem(
                        row,
                        column,
                        categories.unknown(values[row]) + "; Categories.allowUnknown() encodes such a text as zeros");
            }
        }
        SequencedMap<String, List<String>> instead = new LinkedHashMap<>();
        instead.put(column, names);
        return added(instead, true, (row, added) -> classes.getOrDefault(values[row], -1) == added ? 1 : 0);
    }

    /**
     * Returns a copy with a new column after each of some columns: 1 where its value is missing, 0 elsewhere. The new
     * column is named {@code column missing}. The missing values stay missing.
     *
     * @param names columns of numbers or texts
     * @return a table with more columns
     * @throws IllegalArgumentException if there is no such column, one is named twice, or two columns would have the
     *     same name
     */
    public Table markMissing(String... names) {
        SequencedMap<String, List<String>> markers = new LinkedHashMap<>();
        List<IntPredicate> predicates = new ArrayList<>();
        for (String name : Objects.requireNonNull(names, "names")) {
            predicates.add(isMissing(name));
            if (markers.put(name, List.of(name + " missing")) != null) {
                throw new IllegalArgumentException(
                        "markMissing: column '" + Texts.visible(name) + "' is named twice; name it once");
            }
        }
        return added(markers, false, (row, added) -> predicates.get(added).test(row) ? 1 : 0);
    }

    /**
     * Returns a copy without the rows in which a value of some columns is missing.
     *
     * @param names the columns; none for all
     * @return a table of the other rows
     * @throws IllegalArgumentException if there is no such column
     */
    public Table dropMissing(String... names) {
        List<IntPredicate> any = (Objects.requireNonNull(names, "names").length == 0 ? columns : Arrays.asList(names))
                .stream().map(this::isMissing).toList();
        int[] kept = IntStream.range(0, rows())
                .filter(row -> any.stream().noneMatch(missing -> missing.test(row)))
                .toArray();
        int width = numeric.size();
        Tensor left = BatchRows.take(numbers, 0, kept);
        BitSet leftMissing = new BitSet();
        SequencedMap<String, @Nullable String[]> leftTexts = new LinkedHashMap<>();
        texts.forEach((name, values) -> leftTexts.put(
                name, Arrays.stream(kept).mapToObj(row -> values[row]).toArray(String[]::new)));
        for (int i = 0; i < kept.length; i++) {
            for (int j = 0; j < width; j++) {
                leftMissing.set(i * width + j, missing.get(kept[i] * width + j));
            }
        }
        int[] leftLines = Arrays.stream(kept).map(row -> lines[row]).toArray();
        return new Table(source, columns, places, left, leftMissing, leftTexts, leftLines);
    }

    /**
     * Returns a copy in which a number replaces the missing values of a column.
     *
     * @param column a column of numbers
     * @param value the number
     * @return a table without missing values in that column
     * @throws IllegalArgumentException if there is no such column, it holds texts, or the value is not a finite float
     */
    public Table fillMissing(String column, double value) {
        return fillMissing(new LinkedHashMap<>(Collections.singletonMap(column, value)));
    }

    /**
     * Returns a copy in which a text replaces the missing values of a column.
     *
     * @param column a column of texts
     * @param text the text
     * @return a table without missing values in that column
     * @throws IllegalArgumentException if there is no such column, or it holds numbers
     */
    public Table fillMissing(String column, String text) {
        Objects.requireNonNull(text, "text");
        @Nullable String[] filled = texts(column).clone();
        for (int row = 0; row < filled.length; row++) {
            filled[row] = filled[row] == null ? text : filled[row];
        }
        SequencedMap<String, @Nullable String[]> all = new LinkedHashMap<>(texts);
        all.put(column, filled);
        return new Table(source, columns, places, numbers, missing, all, lines);
    }

    /**
     * Returns a copy in which numbers replace the missing values of some columns.
     *
     * @param values the numbers by the names of the columns, such as the {@link #means} of the training data
     * @return a table without missing values in those columns
     * @throws IllegalArgumentException if there is no such column, it holds texts, or a value is not a finite float
     */
    public Table fillMissing(SequencedMap<String, Double> values) {
        Objects.requireNonNull(values, "values");
        Tensor filled = numbers.copy();
        BitSet left = (BitSet) missing.clone();
        values.forEach((name, value) -> {
            int column = number(name);
            Objects.requireNonNull(value, () -> "value for column '" + name + "'");
            if (!Float.isFinite(value.floatValue())) {
                throw new IllegalArgumentException(
                        "fillMissing: " + value + " for column '" + name + "'; it must be a finite float");
            }
            for (int row = 0; row < rows(); row++) {
                int at = row * numeric.size() + column;
                if (left.get(at)) {
                    filled.set(value.floatValue(), row, column);
                    left.clear(at);
                }
            }
        });
        return new Table(source, columns, places, filled, left, texts, lines);
    }

    /**
     * Returns the means of the values that are not missing, which can replace missing ones here and in other data.
     *
     * @param names columns of numbers
     * @return the means by the names
     * @throws IllegalArgumentException if there is no such column, it holds texts, all its values are missing, or there
     *     are no rows
     */
    public SequencedMap<String, Double> means(String... names) {
        SequencedMap<String, Double> means = new LinkedHashMap<>();
        for (String name : Objects.requireNonNull(names, "names")) {
            int column = number(name);
            double sum = 0;
            int count = 0;
            for (int row = 0; row < rows(); row++) {
                if (!missing.get(row * numeric.size() + column)) {
                    sum += numbers.get(row, column);
                    count++;
                }
            }
            if (rows() == 0) {
                throw new IllegalArgumentException("means: the table has no rows, so column '" + Texts.visible(name)
                        + "' has no mean; were all dropped by dropMissing?");
            }
            if (count == 0) {
                throw new IllegalArgumentException(
                        "means: every value of column '" + name + "' is missing, so it has no mean; leave it out");
            }
            means.put(name, sum / count);
        }
        return Collections.unmodifiableSequencedMap(means);
    }

    /**
     * Returns examples whose targets are numbers.
     *
     * @param targets the columns of the targets; all others are inputs
     * @return x [rows x other columns], y [rows x targets], copies
     * @throws IllegalArgumentException if there is no such column, none is named, one is named twice, no other is left,
     *     or one holds texts
     * @throws IllegalStateException if a value is missing; names its line
     */
    public Dataset withTargets(String... targets) {
        Set<String> seen = new HashSet<>();
        for (String target : Objects.requireNonNull(targets, "targets")) {
            if (!seen.add(target)) {
                throw new IllegalArgumentException("withTargets: column '" + Texts.visible("" + target)
                        + "' is named twice; name each target once");
            }
        }
        return new Dataset(others(targets), select(targets));
    }

    /**
     * Returns examples whose targets are class numbers.
     *
     * @param label the column of class numbers
     * @param classes the number of classes, 1 to 2^24
     * @return x [rows x other columns], y [rows], copies
     * @throws IllegalArgumentException if there is no such column, no other, one holds texts, or the number of classes
     *     is out of its range
     * @throws IllegalStateException if a value is missing; names its line
     * @throws DataFormatException if a label is not a whole number from 0 to {@code classes - 1}; names its line
     */
    public Dataset withLabels(String label, int classes) throws DataFormatException {
        if (classes < 1 || classes > MAX_CLASSES) {
            throw new IllegalArgumentException("withLabels: " + classes + " classes for column '"
                    + Texts.visible("" + label) + "'; there must be 1 to " + MAX_CLASSES
                    + ", because floats tell neighbouring whole numbers apart only below 2^24");
        }
        Tensor x = others(label);
        Tensor labels = select(label).reshape(rows());
        for (int row = 0; row < labels.size(); row++) {
            float value = labels.get(row);
            if (!(value >= 0 && value < classes) || value != (int) value) {
                throw problem(
                        row,
                        label,
                        value + " is not a label: labels are whole numbers from 0 to " + (classes - 1)
                                + ", as there are " + classes + " classes");
            }
        }
        return new Dataset(x, labels);
    }

    /**
     * Returns examples whose targets are class names.
     *
     * @param label the column of class names, read as {@link Csv#text text}
     * @param classes the classes; the number of each one is its label
     * @return x [rows x other columns], y [rows], copies
     * @throws IllegalArgumentException if there is no such column, it holds numbers, there is no other, or another
     *     holds texts
     * @throws IllegalStateException if a value is missing; names its line
     * @throws DataFormatException if a text is not a class; names its line
     */
    public Dataset withLabels(String label, Categories classes) throws DataFormatException {
        Objects.requireNonNull(classes, "classes");
        Tensor x = others(label);
        String[] names = wholeTexts(label);
        Map<String, Integer> numbersByName = classes.numbers();
        Tensor labels = Tensor.zeros(rows());
        for (int row = 0; row < names.length; row++) {
            Integer number = numbersByName.get(names[row]);
            if (number == null) {
                throw problem(row, label, classes.unknown(names[row]));
            }
            labels.set(number, row);
        }
        return new Dataset(x, labels);
    }

    private Tensor others(String... names) {
        Set<String> without = new LinkedHashSet<>(Arrays.asList(names));
        without.forEach(this::require);
        List<String> kept =
                columns.stream().filter(column -> !without.contains(column)).toList();
        if (kept.isEmpty()) {
            throw new IllegalArgumentException(
                    "no column is left for the inputs without " + Texts.list(without) + " of " + Texts.list(columns));
        }
        return take(kept.stream().mapToInt(this::number).toArray());
    }

    private void require(String name) {
        Objects.requireNonNull(name, "column");
        if (!indexes.containsKey(name) && !texts.containsKey(name)) {
            throw new IllegalArgumentException(
                    "no column '" + Texts.visible(name) + "'; there are " + Texts.list(columns));
        }
    }

    /** Returns the index of a column among those of numbers. */
    private int number(String name) {
        require(name);
        Integer index = indexes.get(name);
        if (index == null) {
            throw new IllegalArgumentException("column '" + name + "' holds texts; make numbers of them by oneHot(\""
                    + name + "\", categories), use them as labels by withLabels(\"" + name
                    + "\", categories), or leave the column out by Csv.without(\"" + name + "\")");
        }
        return index;
    }

    private @Nullable String[] texts(String name) {
        require(name);
        @Nullable String[] values = texts.get(name);
        if (values == null) {
            throw new IllegalArgumentException(
                    "column '" + name + "' holds numbers; read it as text by Csv.text(\"" + name + "\")");
        }
        return values;
    }

    private String[] wholeTexts(String name) {
        @Nullable String[] values = texts(name);
        for (int row = 0; row < values.length; row++) {
            if (values[row] == null) {
                throw stillMissing(row, name);
            }
        }
        return values;
    }

    private IntPredicate isMissing(String name) {
        require(name);
        @Nullable String[] values = texts.get(name);
        if (values != null) {
            return row -> values[row] == null;
        }
        int column = number(name);
        return row -> missing.get(row * numeric.size() + column);
    }

    private void requireNoneMissing(int[] which) {
        if (missing.isEmpty()) {
            return;
        }
        for (int row = 0; row < rows(); row++) {
            for (int column : which) {
                if (missing.get(row * numeric.size() + column)) {
                    throw stillMissing(row, numeric.get(column));
                }
            }
        }
    }

    private IllegalStateException stillMissing(int row, String column) {
        return new IllegalStateException(source + ": " + place(row, column)
                + ": the value is missing; leave such lines out by dropMissing(), or fill in another by"
                + " fillMissing(...)");
    }

    private DataFormatException problem(int row, String column, String problem) {
        return new DataFormatException(source, place(row, column), -1, problem);
    }

    private String place(int row, String column) {
        Integer number = places.get(column);
        return "line " + lines[row] + ", column " + (number == null ? "" : number + " ") + "('" + Texts.visible(column)
                + "')";
    }

    private Tensor take(int[] which) {
        requireNoneMissing(which);
        Tensor taken = Tensor.zeros(rows(), which.length);
        for (int row = 0; row < rows(); row++) {
            for (int i = 0; i < which.length; i++) {
                taken.set(numbers.get(row, which[i]), row, i);
            }
        }
        return taken;
    }

    /** Computes the values of new columns, which are numbered in the order of their names. */
    @FunctionalInterface
    private interface Numbers {
        float get(int row, int added);
    }

    /** Adds columns of numbers after some columns, or replaces these. */
    private Table added(SequencedMap<String, List<String>> names, boolean replace, Numbers values) {
        List<String> all = new ArrayList<>();
        for (String name : columns) {
            if (!(replace && names.containsKey(name))) {
                all.add(name);
            }
            all.addAll(names.getOrDefault(name, List.of()));
        }
        Set<String> seen = new HashSet<>();
        for (String name : all) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(
                        "two columns would be named '" + Texts.visible(name) + "'; rename the one in the file");
            }
        }
        SequencedMap<String, @Nullable String[]> left = new LinkedHashMap<>(texts);
        if (replace) {
            names.keySet().forEach(left::remove);
        }
        List<String> order =
                all.stream().filter(name -> !left.containsKey(name)).toList();
        Map<String, Integer> added = new HashMap<>();
        names.values().forEach(some -> some.forEach(name -> added.put(name, added.size())));
        int[] from = order.stream()
                .mapToInt(name -> added.containsKey(name) ? -1 : number(name))
                .toArray();
        int[] fresh =
                order.stream().mapToInt(name -> added.getOrDefault(name, -1)).toArray();
        Tensor wide = Tensor.zeros(Shape.of(rows(), order.size()));
        BitSet wideMissing = new BitSet();
        for (int row = 0; row < rows(); row++) {
            for (int i = 0; i < from.length; i++) {
                if (from[i] < 0) {
                    wide.set(values.get(row, fresh[i]), row, i);
                } else {
                    wide.set(numbers.get(row, from[i]), row, i);
                    wideMissing.set(row * from.length + i, missing.get(row * numeric.size() + from[i]));
                }
            }
        }
        return new Table(source, all, places, wide, wideMissing, left, lines);
    }

    /** Returns a text such as {@code Table of 309 rows: [YEAR, SUNACTIVITY]}. */
    @Override
    public String toString() {
        return "Table of " + rows() + (rows() == 1 ? " row: " : " rows: ") + Texts.list(columns);
    }
}
