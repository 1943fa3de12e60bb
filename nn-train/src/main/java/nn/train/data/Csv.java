package nn.train.data;

import java.io.BufferedInputStream;
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

/**
 * Reads tables of numbers and texts from CSV files (RFC 4180, UTF-8): an immutable description of the form that a file
 * has.
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
 * <p>{@link Table} makes numbers of categories, fills in what is missing, and makes labels of class names.
 *
 * <p>Every line has the same number of fields. A field may be in quotes, with a quote inside doubled. It has at most
 * 65536 bytes, in a column that is left out too. Lines end with LF or CR LF; blank lines may stand at the end of the
 * file only; a byte order mark is skipped.
 *
 * <p>A number is an optional sign, ASCII digits with at most one decimal <em>point</em> (or comma, see {@link
 * #decimalComma}), and an optional exponent: {@code -12}, {@code .5}, {@code 1e-3}. Spaces and tabs around it do not
 * count. It becomes the nearest float; a whole number that float32 does not hold, such as 16777217 or 1.6777217e7, is
 * refused, for two labels could become one (see {@link #roundWholeNumbers}). Nothing depends on the locale, and nothing
 * becomes NaN or infinite unless asked for: an empty field, {@code NaN}, {@code 1e39} (beyond the range of floats),
 * {@code 2f}, {@code 0x1p3}, digits of other scripts and {@code 1,5} are errors, which name line, column and text.
 */
public final class Csv {
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}; // of UTF-8
    private static final int LONGEST_FIELD = 1 << 16;
    private static final int CHUNK = 1 << 16;
    private static final int MOST = Shape.MAX_SIZE;
    private static final String ZERO =
            " has the character U+0000, which no text has; if the file is UTF-16, save it" + " as UTF-8";
    private static final Set<String> MISSING = Set.of("na", "n/a", "nan", "null", "none", "nil", "?", "-", "--", ".");

    private final Form form;

    private Csv(Form form) {
        this.form = form;
    }

    /** The form of a file; changed only before anybody else sees it. */
    private static final class Form {
        private final boolean header;
        private char separator = ',';
        private boolean nonFinite;
        private boolean decimalComma;
        private boolean rounded;
        private int comment = -1;
        private Set<String> missing; // null if none is allowed
        private SequencedSet<String> only; // null for all
        private final SequencedSet<String> without = new LinkedHashSet<>();
        private final SequencedSet<String> text = new LinkedHashSet<>();

        Form(boolean header) {
            this.header = header;
        }

        Form copy() {
            Form copy = new Form(header);
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

    private Csv with(Consumer<Form> change) {
        Form changed = form.copy();
        change.accept(changed);
        return new Csv(changed);
    }

    /**
     * A file without names of columns. They are called {@code 1}, {@code 2} and so on.
     *
     * @return separated by commas
     */
    public static Csv withoutHeader() {
        return new Csv(new Form(false));
    }

    /**
     * A file whose first line names the columns, each by a name of its own.
     *
     * @return separated by commas
     */
    public static Csv withHeader() {
        return new Csv(new Form(true));
    }

    /**
     * Returns a copy with another character between fields.
     *
     * @param character such as {@code ';'} or {@code '\t'}; of ASCII, and nothing that a number or a line has
     * @return a description with that separator
     * @throws IllegalArgumentException if it is another character
     */
    public Csv separator(char character) {
        boolean ofNumbers = character >= '0' && character <= '9' || "+-.eE".indexOf(character) >= 0;
        if (character == 0 || character > 126 || ofNumbers || "\"\r\n".indexOf(character) >= 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "separator U+%04X: it must be an ASCII character that no number, quote or line end has",
                    (int) character));
        }
        return with(form -> form.separator = character);
    }

    /**
     * Returns a copy with a comma instead of the decimal point: {@code 1,5}. A point is refused then, as in {@code
     * 1.234,5}.
     *
     * @return a description that needs another separator than the comma
     */
    public Csv decimalComma() {
        return with(form -> form.decimalComma = true);
    }

    /**
     * Returns a copy with the texts {@code NaN}, {@code Infinity}, {@code -Infinity} (and no others) for those values.
     *
     * @return a description that has such values
     */
    public Csv allowNonFinite() {
        return with(form -> form.nonFinite = true);
    }

    /**
     * This, where a whole number that float32 does not hold, such as 16777217 or a time in seconds, becomes the nearest
     * float, as other numbers do.
     *
     * @return a description that rounds them
     */
    public Csv roundWholeNumbers() {
        return with(form -> form.rounded = true);
    }

    /**
     * This, where lines that begin with a character are skipped, before the header too.
     *
     * @param character such as {@code '#'} or {@code '%'}: of ASCII, no letter, digit, quote, sign, point or space
     * @return a description with comments
     * @throws IllegalArgumentException if it is another character
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
        return with(form -> form.comment = character);
    }

    /**
     * This, where values may be missing: empty fields, and those that consist of one of some texts. {@link Table}
     * counts them as missing, and makes no data set of them before they are dropped or filled in. In a column of texts,
     * an empty field in quotes is an empty text.
     *
     * @param texts such as {@code NA} or {@code ?}, in addition to an empty text; spaces and tabs around one do not
     *     count
     * @return a description with those and earlier texts for missing values
     */
    public Csv allowMissing(String... texts) {
        Set<String> all = new HashSet<>(form.missing == null ? Set.of() : form.missing);
        all.add("");
        for (String text : Objects.requireNonNull(texts, "texts")) {
            all.add(Reader.trim(Objects.requireNonNull(text, "text")));
        }
        return with(form -> form.missing = Set.copyOf(all));
    }

    /**
     * This, where some columns hold texts rather than numbers. Spaces and tabs around a text that is not in quotes do
     * not count.
     *
     * @param columns names
     * @return a description with those and earlier columns of texts
     * @throws IllegalArgumentException if none is named
     */
    public Csv text(String... columns) {
        List<String> named = named("text", columns);
        return with(form -> form.text.addAll(named));
    }

    /**
     * This, without some columns, which may hold anything.
     *
     * @param columns names
     * @return a description without those and earlier columns
     * @throws IllegalArgumentException if none is named
     */
    public Csv without(String... columns) {
        List<String> named = named("without", columns);
        return with(form -> form.without.addAll(named));
    }

    /**
     * Returns a copy with some columns only; the others may hold anything.
     *
     * @param columns names; the order is that of the file all the same
     * @return a description with those columns
     * @throws IllegalArgumentException if none is named
     */
    public Csv only(String... columns) {
        List<String> named = named("only", columns);
        return with(form -> form.only = new LinkedHashSet<>(named));
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
     * @param file a file of this form, with at least one line below the header
     * @return its numbers and texts, and the names of the columns
     * @throws DataFormatException if it has another form, or the heap cannot hold it; names line, column and text
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if one character is two of separator, decimal comma and the beginning of comments,
     *     or a text for a missing value begins as comments do
     */
    public Table read(Path file) throws IOException {
        try (InputStream in = BinaryReader.open(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @param in the bytes of a file of this form, with at least one line below the header
     * @param name what to call it in messages
     * @return its numbers and texts, and the names of the columns
     * @throws DataFormatException if it has another form, or the heap cannot hold it; names line, column and text
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if one character is two of separator, decimal comma and the beginning of comments,
     *     or a text for a missing value begins as comments do
     */
    public Table read(InputStream in, String name) throws IOException {
        if (form.decimalComma && form.separator == ',') {
            throw new IllegalStateException(
                    "decimalComma() needs another separator than ',': say which, as by" + " separator(';')");
        }
        if (form.comment == form.separator || form.decimalComma && form.comment == ',') {
            throw new IllegalStateException("comments('" + (char) form.comment + "'): lines that begin with "
                    + (form.comment == form.separator ? "an empty field" : "a decimal comma")
                    + " would be skipped; give comments or fields another character");
        }
        for (String text : form.missing == null ? Set.<String>of() : form.missing) {
            if (!text.isEmpty() && text.charAt(0) == form.comment) {
                throw new IllegalStateException("comments('" + (char) form.comment + "'): lines that begin with the"
                        + " missing value '" + Texts.visible(text)
                        + "' would be skipped; give comments another character");
            }
        }
        Objects.requireNonNull(in, "in");
        return new Reader(new BufferedInputStream(in, 1 << 16), Objects.requireNonNull(name, "name")).read();
    }

    /** A column of the file. */
    private enum Kind {
        NUMBER,
        TEXT,
        SKIPPED
    }

    /** One reading of one file. */
    private final class Reader {
        private static final int END = -1;

        private final InputStream in;
        private final String name;
        private final byte[] field = new byte[LONGEST_FIELD];
        private int length; // of the field
        private boolean quoted;
        private int ended; // what ended the field: the separator, LF or END
        private long position;
        private String suspicion = ""; // of a file that begins as a table may, but also as another kind of file
        private int line = 1; // in which the next field begins
        private int firstLine; // the one that says how many fields there are
        private final List<String> columns = new ArrayList<>(); // of the file
        private final List<Kind> kinds = new ArrayList<>();
        private final SequencedMap<String, List<String>> texts = new LinkedHashMap<>();
        private final Map<String, String> known = new HashMap<>(); // one object for equal texts
        private List<float[]> chunks = new ArrayList<>();
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
            if (form.header) {
                readNames();
            }
            int blank = 0; // the first blank line that no other line follows
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
                throw problem("", form.header ? "there is no line below the header" : "the file is empty");
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
            SequencedMap<String, String[]> arrays = new LinkedHashMap<>();
            texts.forEach((column, all) -> arrays.put(column, all.toArray(String[]::new)));
            Tensor numbers = Tensor.wrap(values, 0, Shape.of(rows, count / rows));
            return new Table(name, read, places, numbers, missing, arrays, Arrays.copyOf(lines, rows));
        }

        private void skipMark() throws IOException {
            in.mark(4);
            byte[] start = in.readNBytes(4);
            boolean marked = start.length >= MARK.length && Arrays.equals(start, 0, MARK.length, MARK, 0, MARK.length);
            String looksLike = FileKind.resemblance(start);
            if (!looksLike.isEmpty() && !FileKind.isText(start)) {
                throw problem("", "this is no text" + looksLike);
            }
            suspicion = looksLike.endsWith("like text") ? "" : looksLike;
            in.reset();
            if (marked) {
                in.skipNBytes(MARK.length);
                position = MARK.length;
            }
        }

        private void skipComments() throws IOException {
            while (form.comment >= 0 && peek() == form.comment) {
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
                if (column.isEmpty() && columns.isEmpty() && ended != form.separator) {
                    throw problem("", "a blank line, where the names of the columns should be; remove it");
                }
                if (column.indexOf('\ufeff') >= 0) {
                    throw problem(where, "the name " + text() + " has a byte order mark (U+FEFF) in it; remove it");
                }
                if (!seen.add(column)) {
                    throw problem(where, "a second column is named " + text() + "; each needs a name of its own");
                }
                columns.add(column);
            } while (ended == form.separator);
            line++;
            chooseColumns();
        }

        /** Decides how each column is read. */
        private void chooseColumns() throws DataFormatException {
            columns.forEach(this::choose);
            requireChosen();
        }

        private void choose(String column) {
            boolean skipped = form.without.contains(column) || form.only != null && !form.only.contains(column);
            boolean text = form.text.contains(column);
            kinds.add(skipped ? Kind.SKIPPED : text ? Kind.TEXT : Kind.NUMBER);
            if (text && !skipped) {
                texts.put(column, new ArrayList<>());
            }
        }

        /** Refuses choices of columns that the file does not have. */
        private void requireChosen() throws DataFormatException {
            require("text", form.text);
            require("without", form.without);
            require("only", form.only == null ? form.text : form.only);
            if (!kinds.contains(Kind.NUMBER) && !kinds.contains(Kind.TEXT)) {
                throw problem("", "no column is left to read of " + Texts.list(columns));
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
            boolean first = !form.header && rows == 0;
            firstLine = first ? line : firstLine;
            int column = 0;
            do {
                readField();
                if (column == 0 && ended != form.separator && !quoted && isBlank()) {
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
            } while (ended == form.separator);
            if (column < columns.size()) {
                throw ragged("" + column);
            }
            if (first) {
                requireChosen();
            }
            if (rows == lines.length) {
                lines = Arrays.copyOf(lines, (int) Math.min(MOST, 2L * rows));
            }
            lines[rows++] = begin;
            line++;
            return true;
        }

        private DataFormatException ragged(String got) {
            String other = columns.size() == 1 && form.header ? otherSeparator(columns.getFirst()) : "";
            return problem(
                    "", "expected " + columns.size() + " fields as in line " + firstLine + ", got " + got + other);
        }

        private String otherSeparator(String text) {
            for (char other : new char[] {';', '\t', ',', '|'}) {
                if (other != form.separator && !(form.decimalComma && other == ',') && text.indexOf(other) >= 0) {
                    return "; if '" + (other == '\t' ? "\\t" : "" + other)
                            + "' is what stands between fields, say so by separator('"
                            + (other == '\t' ? "\\t" : "" + other) + "')";
                }
            }
            return "";
        }

        /** Takes the field that was read. */
        private void take(int column) throws DataFormatException {
            if (kinds.get(column) == Kind.SKIPPED) {
                return;
            }
            String trimmed = trimmed();
            boolean isMissing = form.missing != null && form.missing.contains(utf8OfBytes(trimmed));
            if (kinds.get(column) == Kind.TEXT) {
                if (!quoted && trimmed.isEmpty() && !isMissing) {
                    throw empty(column);
                }
                String where = where(column);
                String text = quoted ? utf8(where) : trim(utf8(where));
                boolean none = isMissing && !quoted;
                texts.get(columns.get(column)).add(none ? null : known.computeIfAbsent(text, t -> t));
                return;
            }
            if (count == MOST) {
                throw problem("", "more than " + MOST + " numbers; split the file");
            }
            if (count % CHUNK == 0) {
                chunks.add(new float[CHUNK]);
            }
            if (isMissing) {
                missing.set(count);
            }
            chunks.getLast()[count++ % CHUNK] = isMissing ? Float.NaN : number(trimmed, column);
        }

        private String where(int column) {
            return ", column " + (column + 1) + (form.header ? " ('" + Texts.visible(columns.get(column)) + "')" : "");
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

        /** The field without spaces and tabs around it, a character for each byte. */
        private String trimmed() {
            return trim(new String(field, 0, length, StandardCharsets.ISO_8859_1));
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

        /** The text whose bytes are characters in another; damaged bytes, which no text has, become U+FFFD. */
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
            if (form.nonFinite && (text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity"))) {
                return Float.parseFloat(text);
            }
            if (text.isEmpty()) {
                throw empty(column);
            }
            String number = !form.decimalComma ? text : text.indexOf('.') >= 0 ? "" : text.replace(',', '.');
            if (!isNumber(number)) {
                throw problem(where(column), text() + hint(text, column));
            }
            float value = Float.parseFloat(number);
            if (Float.isInfinite(value)) {
                throw problem(where(column), text() + " is beyond the range of float32, which ends at 3.4e38");
            }
            if (!form.rounded && Math.abs(value) >= 0x1p24f && losesDigits(number, value)) {
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
            if (!form.decimalComma && text.indexOf(',') >= 0 && isNumber(text.replace(',', '.'))) {
                return " is not a number; if its comma is a decimal comma, say so by decimalComma()";
            }
            if (form.decimalComma && text.indexOf('.') >= 0) {
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
                return " is not a number, for it has the character " + Texts.visible(Character.toString(hidden))
                        + (names == null ? "" : " (" + names + ")") + "; remove it";
            }
            String other = otherSeparator(text);
            if (!other.isEmpty()) {
                return " is not a number" + other;
            }
            if (MISSING.contains(text.toLowerCase(Locale.ROOT))) {
                return " is not a number; if it stands for a missing value, say so by allowMissing(\"" + text + "\")";
            }
            if (column == 0 && (text.startsWith("#") || text.startsWith("%"))) {
                return " is not a number; if that begins a comment, say so by comments('" + text.charAt(0) + "')";
            }
            if (line == firstLine && !form.header) {
                return " is not a number; if the first line names the columns, use Csv.withHeader()";
            }
            return " is not a number; text(...) reads a column of texts, without(...) leaves one out";
        }

        /** Reads one field, what ends it included. */
        private void readField() throws IOException {
            length = 0;
            int c = next();
            quoted = c == '"';
            if (quoted) {
                int begin = line;
                c = next();
                while (c != '"' || peek() == '"') {
                    if (c == '"') {
                        next(); // of two quotes, one counts
                    } else if (c == END) {
                        throw problem("", "the quote that opens in line " + begin + " is never closed");
                    } else if (c == '\n') {
                        line++;
                    }
                    append(c);
                    c = next();
                }
                c = next();
                if (c != form.separator && c != '\n' && c != '\r' && c != END) {
                    throw problem("", "text follows the closing quote of " + text() + "; a quote inside is doubled");
                }
            }
            while (c != form.separator && c != '\n' && c != '\r' && c != END) {
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
                    "", "a carriage return without a line feed behind it; save the file with line ends LF or CR LF");
        }

        private void append(int c) throws DataFormatException {
            if (length == LONGEST_FIELD) {
                throw problem("", "a field of more than " + LONGEST_FIELD + " bytes; is there a quote too many?");
            }
            field[length++] = (byte) c;
        }

        private int next() throws IOException {
            int c = in.read();
            position += c < 0 ? 0 : 1;
            return c;
        }

        private int peek() throws IOException {
            in.mark(1);
            int c = in.read();
            in.reset();
            return c;
        }

        /** The field in quotes, fit to print. */
        private String text() {
            return "'" + Texts.visible(new String(field, 0, length, StandardCharsets.UTF_8)) + "'";
        }

        private DataFormatException problem(String where, String problem) {
            return new DataFormatException(name, "line " + line + where, position, problem + suspicion);
        }
    }

    /** Sign, digits with at most one point, exponent: less than {@link Float#parseFloat} takes. */
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

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - from;
    }
}
