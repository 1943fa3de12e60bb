package nn.train.data;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Consumer;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.Texts;
import nn.train.internal.io.BinaryReader;
import nn.train.internal.io.ElementType;
import nn.train.internal.io.FileKind;
import nn.train.io.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Reads tables of numbers and texts from CSV files (RFC 4180, UTF-8). A {@code Csv} is an immutable description of a
 * file's format.
 *
 * <pre>{@code
 * Table table = Csv.withHeader().read(Path.of("points.csv"));
 * Dataset data = table.withLabels("kind", 3);
 *
 * Table people = Csv.withHeader()
 *         .separator(';').decimalComma()          // 1,5;2,5
 *         .comments('#')                          // lines to skip
 *         .without("name", "street")              // columns to leave out
 *         .text("city", "kind")                   // columns of texts
 *         .allowMissing("NA", "?")                // and empty fields
 *         .read(Path.of("people.csv"));
 * }</pre>
 *
 * <p>{@link Table} encodes categories as numbers, fills in missing values, and turns class names into labels.
 *
 * <p>Every line has the same number of fields. A field may be in quotes, with a quote inside doubled. It has at most
 * 65536 bytes, even in a column that is left out. Lines end with LF or CR LF; blank lines are allowed only at the end
 * of the file; a byte order mark is skipped.
 *
 * <p>A number is an optional sign, ASCII digits with at most one decimal <em>point</em> (or comma, see {@link
 * #decimalComma}), and an optional exponent: {@code -12}, {@code .5}, {@code 1e-3}. Spaces and tabs around it are
 * ignored. It becomes the nearest float; a whole number that float32 does not hold, such as 16777217 or 1.6777217e7,
 * is refused, because two labels could become one (see {@link #roundWholeNumbers}). Nothing depends on the locale, and
 * nothing becomes NaN or infinite unless asked for: an empty field, {@code NaN}, {@code 1e39} (beyond the range of
 * floats), {@code 2f}, {@code 0x1p3}, digits of other scripts and {@code 1,5} are errors that name line, column and
 * text.
 */
public final class Csv {
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}; // of UTF-8
    private static final int LONGEST_FIELD = 1 << 16;
    private static final int CHUNK = 1 << 16;
    private static final int MAGIC = 4; // bytes that tell a kind of file
    private static final double ALL_WHOLE = 0x1p24; // float32 holds every whole number below
    private static final int MAX_NUMBERS = Shape.MAX_SIZE;
    private static final String ZERO =
            " has the character U+0000, which no text has; if the file is UTF-16, save it" + " as UTF-8";
    private static final Set<String> MISSING = Set.of("na", "n/a", "nan", "null", "none", "nil", "?", "-", "--", ".");

    private final Format format;

    private Csv(Format format) {
        this.format = format;
    }

    /** The format of a file; changed only before a {@link Csv} has it. */
    private static final class Format {
        private final boolean header;
        private char separator = ',';
        private boolean nonFinite;
        private boolean decimalComma;
        private boolean rounded;
        private int comment = -1;
        private Set<String> missing = Set.of(); // empty if none is allowed
        private Set<String> only = Set.of(); // empty for all
        private final SequencedSet<String> without = new LinkedHashSet<>();
        private final SequencedSet<String> text = new LinkedHashSet<>();

        Format(boolean header) {
            this.header = header;
        }

        Format copy() {
            Format copy = new Format(header);
            copy.separator = separator;
            copy.nonFinite = nonFinite;
            copy.decimalComma = decimalComma;
            copy.rounded = rounded;
            copy.comment = comment;
            copy.missing = missing;
            copy.only = only;
            copy.without.addAll(without);
            copy.text.addAll(text);
            return copy;
        }
    }

    private Csv with(Consumer<Format> change) {
        Format changed = format.copy();
        change.accept(changed);
        return new Csv(changed);
    }

    /**
     * Returns the format of a file without column names; the columns become {@code 1}, {@code 2} and so on.
     *
     * @return a description with fields separated by commas
     */
    public static Csv withoutHeader() {
        return new Csv(new Format(false));
    }

    /**
     * Returns the format of a file whose first line has the column names, which must differ.
     *
     * @return a description with fields separated by commas
     */
    public static Csv withHeader() {
        return new Csv(new Format(true));
    }

    /**
     * Returns a copy with another separator of fields.
     *
     * @param character an ASCII character that no number, quote or line end has, such as {@code ';'} or {@code '\t'}
     * @return a description with that separator
     * @throws IllegalArgumentException for any other character
     */
    public Csv separator(char character) {
        boolean ofNumbers = character >= '0' && character <= '9' || "+-.eE".indexOf(character) >= 0;
        if (character == 0 || character > 126 || ofNumbers || "\"\r\n".indexOf(character) >= 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "separator U+%04X: it must be an ASCII character that no number, quote or line end has",
                    (int) character));
        }
        return with(format -> format.separator = character);
    }

    /**
     * Returns a copy with a comma instead of the decimal point: {@code 1,5}. A point, as in {@code 1.234,5}, is then
     * refused.
     *
     * @return a description with a decimal comma; its separator must be another character
     */
    public Csv decimalComma() {
        return with(format -> format.decimalComma = true);
    }

    /**
     * Returns a copy that accepts the texts {@code NaN}, {@code Infinity} and {@code -Infinity} (and no others) as
     * those values.
     *
     * @return a description that accepts them
     */
    public Csv allowNonFinite() {
        return with(format -> format.nonFinite = true);
    }

    /**
     * Returns a copy that rounds a whole number that float32 does not hold, such as 16777217 or a time in seconds, to
     * the nearest float, like all other numbers.
     *
     * @return a description that rounds them
     */
    public Csv roundWholeNumbers() {
        return with(format -> format.rounded = true);
    }

    /**
     * Returns a copy that skips lines that begin with a given character, also before the header.
     *
     * @param character an ASCII character, such as {@code '#'} or {@code '%'}, but no letter, digit, quote, sign, point
     *     or space
     * @return a description with comments
     * @throws IllegalArgumentException for any other character
     */
    public Csv comments(char character) {
        if (character <= ' '
                || character > 126
                || Character.isLetterOrDigit(character)
                || "\"+-.".indexOf(character) >= 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "comments U+%04X: it must be an ASCII character with which no number, name or quote begins",
                    (int) character));
        }
        return with(format -> format.comment = character);
    }

    /**
     * Returns a copy that allows missing values: empty fields, and fields with one of some texts. {@link Table} refuses
     * to make a data set of them before they are dropped or filled in. In a column of texts, an empty field in quotes
     * is an empty text.
     *
     * @param texts such as {@code NA} or {@code ?}, in addition to an empty field; spaces and tabs around them are
     *     ignored
     * @return a description with those and earlier texts for missing values
     */
    public Csv allowMissing(String... texts) {
        Set<String> all = new HashSet<>(format.missing);
        all.add("");
        for (String text : Objects.requireNonNull(texts, "texts")) {
            all.add(Reader.trim(Objects.requireNonNull(text, "text")));
        }
        return with(format -> format.missing = Set.copyOf(all));
    }

    /**
     * Returns a copy that reads some columns as texts instead of numbers. Spaces and tabs around a text without quotes
     * are ignored.
     *
     * @param columns names
     * @return a description with those and earlier columns of texts
     * @throws IllegalArgumentException if none is named
     */
    public Csv text(String... columns) {
        List<String> named = named("text", columns);
        return with(format -> format.text.addAll(named));
    }

    /**
     * Returns a copy that leaves out some columns, which may hold anything.
     *
     * @param columns names
     * @return a description without those and earlier columns
     * @throws IllegalArgumentException if none is named
     */
    public Csv without(String... columns) {
        List<String> named = named("without", columns);
        return with(format -> format.without.addAll(named));
    }

    /**
     * Returns a copy that reads some columns only; the others may hold anything.
     *
     * @param columns names; the columns keep the order of the file
     * @return a description with those columns
     * @throws IllegalArgumentException if none is named
     */
    public Csv only(String... columns) {
        List<String> named = named("only", columns);
        return with(format -> format.only = new LinkedHashSet<>(named));
    }

    private static List<String> named(String option, String... columns) {
        if (Objects.requireNonNull(columns, "columns").length == 0) {
            throw new IllegalArgumentException(option + ": no column named");
        }
        for (String column : columns) {
            Objects.requireNonNull(column, "column");
        }
        return List.of(columns);
    }

    /**
     * Reads a file.
     *
     * @param file a file of this format, with at least one line below the header
     * @return its numbers and texts, and the names of the columns
     * @throws DataFormatException if it has another format, or the heap cannot hold it; names line, column and text
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if one character has two of the roles separator, decimal comma and beginning of a
     *     comment, or a text for missing values begins as a comment does
     */
    public Table read(Path file) throws IOException {
        try (InputStream in = BinaryReader.open(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @param in the bytes of a file of this format, with at least one line below the header
     * @param name its name in messages
     * @return its numbers and texts, and the names of the columns
     * @throws DataFormatException if it has another format, or the heap cannot hold it; names line, column and text
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if one character has two of the roles separator, decimal comma and beginning of a
     *     comment, or a text for missing values begins as a comment does
     */
    public Table read(InputStream in, String name) throws IOException {
        if (format.decimalComma && format.separator == ',') {
            throw new IllegalStateException("decimalComma() needs another separator than ',', such as separator(';')");
        }
        if (format.comment == format.separator || format.decimalComma && format.comment == ',') {
            throw new IllegalStateException("comments('" + (char) format.comment + "'): lines that begin with "
                    + (format.comment == format.separator ? "an empty field" : "a decimal comma")
                    + " would be skipped; give comments or fields another character");
        }
        for (String text : format.missing) {
            if (!text.isEmpty() && text.charAt(0) == format.comment) {
                throw new IllegalStateException("comments('" + (char) format.comment + "'): lines that begin with the"
                        + " missing value '" + Texts.visible(text)
                        + "' would be skipped; give comments another character");
            }
        }
        Objects.requireNonNull(in, "in");
        return new Reader(in, Objects.requireNonNull(name, "name")).read();
    }

    /** A column of the file. */
    private enum Kind {
        NUMBER,
        TEXT,
        SKIPPED
    }

    /** Reads one file. */
    private final class Reader {
        private static final int END = -1;

        private final InputStream in;
        private final String name;
        // No longer than a field may be, so that a field that ends in it is not too long.
        private final byte[] buffer = new byte[LONGEST_FIELD];
        private int at; // in the buffer
        private int end; // of the bytes in the buffer
        private long passed; // bytes of the file before the buffer
        private final byte[] field = new byte[LONGEST_FIELD];
        private int length; // of the field, in bytes
        private boolean quoted;
        private int ended; // what ended the field: the separator, LF or END
        private final FloatScanner scanner = new FloatScanner();
        private final byte point = (byte) (format.decimalComma ? ',' : '.');
        private final double limit = format.rounded ? Double.POSITIVE_INFINITY : ALL_WHOLE;
        private final boolean scans = format.missing.stream().noneMatch(Csv::hasDigit); // no number is missing
        private String suspicion = ""; // of a file that begins as a table may, but also as another kind of file
        private int line = 1; // where the next field begins
        private int firstLine; // the line that decides the number of fields
        private final List<String> columns = new ArrayList<>(); // all of the file's
        private final List<Kind> kinds = new ArrayList<>();
        private boolean[] numeric = {}; // whether a column's fields can be scanned
        private final SequencedMap<String, List<@Nullable String>> texts = new LinkedHashMap<>(); // null where missing
        private final Map<String, String> known = new HashMap<>(); // one object for equal texts
        private List<float[]> chunks = new ArrayList<>();
        private float[] chunk = {}; // the last one
        private int count; // of numbers
        private final BitSet missing = new BitSet();
        private int[] lines = new int[16];
        private int rows;

        Reader(InputStream in, String name) {
            this.in = in;
            this.name = name;
        }

        Table read() throws IOException {
            try {
                readAll();
                return table();
            } catch (OutOfMemoryError e) {
                chunks = List.of();
                chunk = new float[0];
                Runtime heap = Runtime.getRuntime();
                throw problem(
                        "",
                        rows + " rows of " + columns.size() + " columns were read, " + 4L * count
                                + " bytes of numbers, and the heap has only "
                                + (heap.maxMemory() - heap.totalMemory() + heap.freeMemory())
                                + " bytes free of " + heap.maxMemory()
                                + "; give the JVM more by -Xmx, or read fewer columns by only(...)");
            }
        }

        private void readAll() throws IOException {
            skipMark();
            skipComments();
            if (format.header) {
                readNames();
            }
            int blank = 0; // the first of the blank lines just read; 0 if there is none
            for (skipComments(); peek() != END; skipComments()) {
                if (!readRow()) {
                    blank = blank == 0 ? line : blank;
                    line++;
                } else if (blank != 0) {
                    line = blank;
                    throw problem("", "a blank line; remove it");
                }
            }
            if (rows == 0) {
                throw problem("", format.header ? "there is no line below the header" : "the file is empty");
            }
        }

        private Table table() {
            Map<String, Integer> places = new HashMap<>();
            List<String> read = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                places.put(columns.get(i), i + 1);
                if (kinds.get(i) != Kind.SKIPPED) {
                    read.add(columns.get(i));
                }
            }
            float[] values = new float[count];
            for (int i = 0; i < chunks.size(); i++) {
                System.arraycopy(chunks.get(i), 0, values, i * CHUNK, Math.min(CHUNK, count - i * CHUNK));
            }
            SequencedMap<String, @Nullable String[]> arrays = new LinkedHashMap<>();
            texts.forEach((column, all) -> arrays.put(column, all.toArray(String[]::new)));
            Tensor numbers = Tensor.wrap(values, 0, Shape.of(rows, count / rows));
            return new Table(name, read, places, numbers, missing, arrays, Arrays.copyOf(lines, rows));
        }

        private void skipMark() throws IOException {
            while (end < MAGIC && fill()) {
                // A stream may give single bytes.
            }
            byte[] start = Arrays.copyOf(buffer, Math.min(end, MAGIC));
            boolean marked = start.length >= MARK.length && Arrays.equals(start, 0, MARK.length, MARK, 0, MARK.length);
            String looksLike = FileKind.resemblance(start);
            if (!looksLike.isEmpty() && !FileKind.isText(start)) {
                throw problem("", "this is no text" + looksLike);
            }
            suspicion = looksLike.endsWith("like text") ? "" : looksLike;
            at = marked ? MARK.length : 0;
        }

        private void skipComments() throws IOException {
            while (format.comment >= 0 && peek() == format.comment) {
                int c = next();
                while (c != '\n' && c != END) {
                    boolean carriageReturn = c == '\r';
                    c = next();
                    if (carriageReturn && c != '\n') {
                        throw bareCarriageReturn();
                    }
                }
                line++;
            }
        }

        private void readNames() throws IOException {
            if (peek() == END) {
                throw problem("", "the file is empty");
            }
            firstLine = line;
            Set<String> seen = new HashSet<>();
            do {
                readField();
                String where = ", column " + (columns.size() + 1);
                String column = quoted ? utf8(where) : utf8(where).strip();
                if (column.isEmpty() && columns.isEmpty() && ended != format.separator) {
                    throw problem("", "a blank line, where the names of the columns should be; remove it");
                }
                if (column.indexOf('\ufeff') >= 0) {
                    throw problem(where, "the name " + text() + " has a byte order mark (U+FEFF) in it; remove it");
                }
                if (!seen.add(column)) {
                    throw problem(where, "a second column is named " + text() + "; give each column another name");
                }
                columns.add(column);
            } while (ended == format.separator);
            line++;
            chooseColumns();
        }

        /** Decides how each column is read. */
        private void chooseColumns() throws DataFormatException {
            columns.forEach(this::choose);
            requireChosen();
        }

        private void choose(String column) {
            boolean skipped =
                    format.without.contains(column) || !format.only.isEmpty() && !format.only.contains(column);
            boolean text = format.text.contains(column);
            kinds.add(skipped ? Kind.SKIPPED : text ? Kind.TEXT : Kind.NUMBER);
        }

        /** Refuses choices of columns that the file does not have. */
        private void requireChosen() throws DataFormatException {
            require("text", format.text);
            require("without", format.without);
            require("only", format.only);
            if (!kinds.contains(Kind.NUMBER) && !kinds.contains(Kind.TEXT)) {
                throw problem("", "no column is left to read of " + Texts.list(columns));
            }
            numeric = new boolean[kinds.size()];
            for (int i = 0; i < numeric.length; i++) {
                numeric[i] = scans && kinds.get(i) == Kind.NUMBER;
            }
        }

        private void require(String option, Set<String> names) throws DataFormatException {
            Set<String> there = new HashSet<>(columns);
            for (String name : names) {
                if (!there.contains(name)) {
                    throw problem(
                            "",
                            option + ": no column '" + Texts.visible(name) + "'; there are " + Texts.list(columns)
                                    + otherSeparator(columns.getFirst()));
                }
            }
        }

        /** Reads a line; false if it is blank. */
        private boolean readRow() throws IOException {
            int begin = line;
            boolean first = !format.header && rows == 0;
            firstLine = first ? line : firstLine;
            int column = 0;
            do {
                if (!first && column < numeric.length && numeric[column] && scanField()) {
                    column++;
                    continue;
                }
                readField();
                if (column == 0 && ended != format.separator && !quoted && isBlank()) {
                    return false;
                }
                if (column == columns.size()) {
                    if (!first) {
                        throw ragged("more");
                    }
                    columns.add("" + (column + 1));
                    choose(columns.getLast());
                }
                take(column++);
            } while (ended == format.separator);
            if (column < columns.size()) {
                throw ragged("" + column);
            }
            if (first) {
                requireChosen();
            }
            if (rows == lines.length) {
                lines = Arrays.copyOf(lines, (int) Math.min(MAX_NUMBERS, 2L * rows));
            }
            lines[rows++] = begin;
            line++;
            return true;
        }

        private DataFormatException ragged(String got) {
            String other = columns.size() == 1 && format.header ? otherSeparator(columns.getFirst()) : "";
            return problem(
                    "", "expected " + columns.size() + " fields as in line " + firstLine + ", got " + got + other);
        }

        private String otherSeparator(String text) {
            for (char other : new char[] {';', '\t', ',', '|'}) {
                if (other != format.separator && !(format.decimalComma && other == ',') && text.indexOf(other) >= 0) {
                    return "; if '" + (other == '\t' ? "\\t" : "" + other)
                            + "' separates fields, use separator('"
                            + (other == '\t' ? "\\t" : "" + other) + "')";
                }
            }
            return "";
        }

        /** Stores the field that was read. */
        private void take(int column) throws DataFormatException {
            if (kinds.get(column) == Kind.SKIPPED) {
                return;
            }
            String trimmed = trimmed();
            boolean isMissing = !format.missing.isEmpty() && format.missing.contains(utf8OfBytes(trimmed));
            if (kinds.get(column) == Kind.TEXT) {
                if (!quoted && trimmed.isEmpty() && !isMissing) {
                    throw empty(column);
                }
                String where = where(column);
                String text = quoted ? utf8(where) : trim(utf8(where));
                boolean none = isMissing && !quoted;
                texts.computeIfAbsent(columns.get(column), absent -> new ArrayList<>())
                        .add(none ? null : known.computeIfAbsent(text, t -> t));
                return;
            }
            if (count == MAX_NUMBERS) {
                throw problem("", "more than " + MAX_NUMBERS + " numbers; split the file");
            }
            if (isMissing) {
                missing.set(count);
            }
            store(isMissing ? Float.NaN : number(trimmed, column));
        }

        private void store(float value) {
            if (count % CHUNK == 0) {
                chunk = new float[CHUNK];
                chunks.add(chunk);
            }
            chunk[count++ % CHUNK] = value;
        }

        /**
         * Reads and stores the usual field of numbers: without quotes, with a number that a {@link FloatScanner} knows
         * and no rule refuses, and with its end in the buffer. Any other field is left as it is, for {@link #readField}
         * and {@link #take}, which would do the same.
         */
        private boolean scanField() {
            int from = afterSpace(at);
            if (!scanner.scan(buffer, from, end, point) || Math.abs(scanner.value()) >= limit || count == MAX_NUMBERS) {
                return false;
            }
            int after = afterSpace(scanner.end());
            if (after < end && buffer[after] == '\r') {
                after++;
                if (after == end || buffer[after] != '\n') {
                    return false;
                }
            }
            if (after == end || buffer[after] != format.separator && buffer[after] != '\n') {
                return false;
            }
            store(scanner.value());
            ended = buffer[after];
            at = after + 1;
            return true;
        }

        private int afterSpace(int from) {
            int to = from;
            while (to < end && (buffer[to] == ' ' || buffer[to] == '\t') && buffer[to] != format.separator) {
                to++;
            }
            return to;
        }

        private String where(int column) {
            return ", column " + (column + 1)
                    + (format.header ? " ('" + Texts.visible(columns.get(column)) + "')" : "");
        }

        private DataFormatException empty(int column) {
            return problem(
                    where(column), "the field is empty; fill it in, leave the line out, or see Csv.allowMissing()");
        }

        private boolean isBlank() {
            for (int i = 0; i < length; i++) {
                if (field[i] != ' ' && field[i] != '\t') {
                    return false;
                }
            }
            return true;
        }

        /** Returns the field without spaces and tabs around it, one character for each byte. */
        private String trimmed() {
            int from = 0;
            int to = length;
            while (from < to && (field[from] == ' ' || field[from] == '\t')) {
                from++;
            }
            while (to > from && (field[to - 1] == ' ' || field[to - 1] == '\t')) {
                to--;
            }
            return new String(field, from, to - from, StandardCharsets.ISO_8859_1);
        }

        private static String trim(String text) {
            int from = 0;
            int to = text.length();
            while (from < to && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
                from++;
            }
            while (to > from && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == '\t')) {
                to--;
            }
            return text.substring(from, to);
        }

        /** Decodes UTF-8 from a text with one character for each byte; invalid bytes become U+FFFD. */
        private static String utf8OfBytes(String bytes) {
            return bytes.chars().allMatch(c -> c < 128)
                    ? bytes
                    : new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }

        private String utf8(String where) throws DataFormatException {
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(field, 0, length))
                        .toString();
                if (text.indexOf('\0') >= 0) {
                    throw problem(where, text() + ZERO);
                }
                return text;
            } catch (CharacterCodingException e) {
                throw problem(where, text() + " is not UTF-8; save the file as UTF-8");
            }
        }

        private float number(String text, int column) throws DataFormatException {
            if (format.nonFinite && (text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity"))) {
                return Float.parseFloat(text);
            }
            if (text.isEmpty()) {
                throw empty(column);
            }
            String number = !format.decimalComma ? text : text.indexOf('.') >= 0 ? "" : text.replace(',', '.');
            if (!isNumber(number)) {
                throw problem(where(column), text() + hint(text, column));
            }
            float value = Float.parseFloat(number);
            if (Float.isInfinite(value)) {
                throw problem(where(column), text() + " is beyond the range of float32, which ends at 3.4e38");
            }
            if (!format.rounded && Math.abs(value) >= 0x1p24f && losesDigits(number, value)) {
                throw problem(
                        where(column),
                        text() + " is " + ElementType.notFloat("a whole number") + "; leave the"
                                + " column out by without(...), read it by text(...), or take the nearest floats by"
                                + " roundWholeNumbers()");
            }
            return value;
        }

        /**
         * Returns whether a number is a whole one that float32 does not hold, so that it may become one with another.
         * That depends on the value: 16777217, 16777217.0 and 1.6777217e7 are one number. Two kinds of numbers with a
         * point or an exponent only look so. One is a float in its usual text: rounded to as many digits, the float is
         * the number again, as for 6.02e23 or 3.4028235e38. The other is beyond all integer types, so it is measured.
         *
         * @param value its nearest float, finite, and 2^24 or more
         */
        private static boolean losesDigits(String number, float value) {
            int end = Math.max(number.indexOf('e'), number.indexOf('E'));
            String mantissa = end < 0 ? number : number.substring(0, end);
            int exponent = end < 0 ? 0 : Integer.parseInt(number.substring(end + 1)); // small, because value is finite
            int point = mantissa.indexOf('.');
            int fraction = point < 0 ? 0 : mantissa.length() - 1 - point;
            String digits = point < 0 ? mantissa : mantissa.substring(0, point) + mantissa.substring(point + 1);
            int from = 0;
            while ("+-0".indexOf(digits.charAt(from)) >= 0) {
                from++;
            }
            int to = digits.length();
            while (digits.charAt(to - 1) == '0') {
                to--;
            }
            int power = exponent - fraction + digits.length() - to; // the last digit but zeros counts 10^power
            if (power < 0) {
                return false;
            }
            BigInteger whole = new BigInteger(digits.substring(from, to)).multiply(BigInteger.TEN.pow(power));
            if (ElementType.isFloat(whole)) {
                return false;
            }
            if (end < 0 && point < 0) {
                return true;
            }
            BigDecimal rounded = new BigDecimal(Math.abs(value)).round(new MathContext(to - from));
            return (power == 0 || whole.bitLength() <= Long.SIZE) && rounded.compareTo(new BigDecimal(whole)) != 0;
        }

        private String hint(String text, int column) {
            if (text.indexOf('\0') >= 0) {
                return ZERO;
            }
            if (text.equals("NaN") || text.contains("nfinity")) {
                return " is not a finite number; leave the line out, or see Csv.allowMissing(\"NaN\") and"
                        + " Csv.allowNonFinite()";
            }
            if (!format.decimalComma && text.indexOf(',') >= 0 && isNumber(text.replace(',', '.'))) {
                return " is not a number; if its comma is a decimal comma, use decimalComma()";
            }
            if (format.decimalComma && text.indexOf('.') >= 0) {
                return " is not a number with a decimal comma; remove the points from it, or leave out decimalComma()";
            }
            String all = new String(field, 0, length, StandardCharsets.UTF_8);
            int hidden = all.codePoints()
                    .filter(c ->
                            c != ' ' && Texts.visible(Character.toString(c)).length() > Character.charCount(c))
                    .findFirst()
                    .orElse(-1);
            if (hidden > 127) {
                String names = Character.getName(hidden);
                return " is not a number: it has the character " + Texts.visible(Character.toString(hidden))
                        + (names == null ? "" : " (" + names + ")") + "; remove it";
            }
            String other = otherSeparator(text);
            if (!other.isEmpty()) {
                return " is not a number" + other;
            }
            if (MISSING.contains(text.toLowerCase(Locale.ROOT))) {
                return " is not a number; if it stands for a missing value, use allowMissing(\"" + text + "\")";
            }
            if (column == 0 && (text.startsWith("#") || text.startsWith("%"))) {
                return " is not a number; if that begins a comment, use comments('" + text.charAt(0) + "')";
            }
            if (line == firstLine && !format.header) {
                return " is not a number; if the first line names the columns, use Csv.withHeader()";
            }
            return " is not a number; text(...) reads a column of texts, without(...) leaves one out";
        }

        /** Reads one field and the character that ends it. */
        private void readField() throws IOException {
            length = 0;
            int c = next();
            quoted = c == '"';
            if (quoted) {
                int begin = line;
                c = next();
                while (c != '"' || peek() == '"') {
                    if (c == '"') {
                        next(); // two quotes mean one
                    } else if (c == END) {
                        throw problem("", "the quote that opens in line " + begin + " is never closed");
                    } else if (c == '\n') {
                        line++;
                    }
                    append(c);
                    c = next();
                }
                c = next();
                if (c != format.separator && c != '\n' && c != '\r' && c != END) {
                    throw problem("", "text follows the closing quote of " + text() + "; a quote inside is doubled");
                }
            }
            while (c != format.separator && c != '\n' && c != '\r' && c != END) {
                if (c == '"') {
                    throw problem("", "a quote inside of a field that does not begin with one");
                }
                append(c);
                c = next();
            }
            if (c == '\r') {
                c = next();
                if (c != '\n') {
                    throw bareCarriageReturn();
                }
            }
            ended = c;
        }

        private DataFormatException bareCarriageReturn() {
            return problem(
                    "", "a carriage return without a line feed after it; save the file with line ends LF or CR LF");
        }

        private void append(int c) throws DataFormatException {
            if (length == LONGEST_FIELD) {
                throw problem("", "a field of more than " + LONGEST_FIELD + " bytes; is there a quote too many?");
            }
            field[length++] = (byte) c;
        }

        private int next() throws IOException {
            int c = peek();
            at += c == END ? 0 : 1;
            return c;
        }

        private int peek() throws IOException {
            return at < end || fill() ? buffer[at] & 0xFF : END;
        }

        /** Reads more bytes into the buffer; false at the end of the file. */
        private boolean fill() throws IOException {
            if (at == end) {
                passed += at;
                at = 0;
                end = 0;
            }
            int got = in.read(buffer, end, buffer.length - end);
            end += Math.max(got, 0);
            return got > 0;
        }

        /** Returns the field in quotes, safe to print. */
        private String text() {
            return "'" + Texts.visible(new String(field, 0, length, StandardCharsets.UTF_8)) + "'";
        }

        private DataFormatException problem(String where, String problem) {
            return new DataFormatException(name, "line " + line + where, passed + at, problem + suspicion);
        }
    }

    /**
     * Returns whether a text has sign, digits with at most one point, exponent; stricter than {@link Float#parseFloat}.
     */
    static boolean isNumber(String text) {
        int n = text.length();
        int at = n > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        int whole = digits(text, at);
        at += whole;
        int fraction = 0;
        if (at < n && text.charAt(at) == '.') {
            fraction = digits(text, at + 1);
            at += 1 + fraction;
        }
        if (whole + fraction == 0) {
            return false;
        }
        if (at < n && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            at += at < n && (text.charAt(at) == '-' || text.charAt(at) == '+') ? 1 : 0;
            int exponent = digits(text, at);
            if (exponent == 0) {
                return false;
            }
            at += exponent;
        }
        return at == n;
    }

    private static boolean hasDigit(String text) {
        return text.chars().anyMatch(c -> c >= '0' && c <= '9');
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - from;
    }
}
