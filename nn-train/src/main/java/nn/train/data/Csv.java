package nn.train.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.train.internal.FileKind;

/**
 * Reads tables of numbers from CSV files (RFC 4180, UTF-8): an immutable description of the form that a file has.
 *
 * <pre>{@code
 * Table table = Csv.withHeader().read(Path.of("points.csv"));
 * Dataset data = table.withLabels("kind", 3);
 * }</pre>
 *
 * <p>Every line has the same number of fields. A field may be in quotes, with a quote inside doubled. Lines end with LF
 * or CR LF; there are no blank lines; a byte order mark is skipped.
 *
 * <p>A number is an optional sign, ASCII digits with at most one decimal <em>point</em>, and an optional exponent:
 * {@code -12}, {@code .5}, {@code 1e-3}. Spaces and tabs around it do not count. It becomes the nearest float. Nothing
 * depends on the locale, and nothing becomes NaN or infinite unless asked for: an empty field, {@code NaN}, {@code
 * 1e39} (beyond the range of floats), {@code 2f}, {@code 0x1p3}, digits of other scripts and {@code 1,5} are errors,
 * which name line, column and text.
 */
public final class Csv {
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}; // of UTF-8
    private static final int LONGEST_FIELD = 1 << 16;
    private static final int FIRST_ROOM = 1 << 12;
    private static final int MOST = Integer.MAX_VALUE - 8; // elements of an array

    private final boolean header;
    private final char separator;
    private final boolean nonFinite;

    private Csv(boolean header, char separator, boolean nonFinite) {
        this.header = header;
        this.separator = separator;
        this.nonFinite = nonFinite;
    }

    /**
     * A file of numbers only. Its columns are called {@code 1}, {@code 2} and so on.
     *
     * @return separated by commas
     */
    public static Csv withoutHeader() {
        return new Csv(false, ',', false);
    }

    /**
     * A file whose first line names the columns, each by a name of its own.
     *
     * @return separated by commas
     */
    public static Csv withHeader() {
        return new Csv(true, ',', false);
    }

    /**
     * This, with another character between fields.
     *
     * @param character such as {@code ';'} or {@code '\t'}; of ASCII, and nothing that a number or a line has
     * @return a changed copy
     * @throws IllegalArgumentException if it is another character
     */
    public Csv separator(char character) {
        boolean ofNumbers = character >= '0' && character <= '9' || "+-.eE".indexOf(character) >= 0;
        if (character == 0 || character > 126 || ofNumbers || "\"\r\n".indexOf(character) >= 0) {
            throw new IllegalArgumentException(String.format(
                    "separator U+%04X: it must be an ASCII character that no number, quote or line end has",
                    (int) character));
        }
        return new Csv(header, character, nonFinite);
    }

    /**
     * This, with the texts {@code NaN}, {@code Infinity}, {@code -Infinity} (and no others) for those values.
     *
     * @return a changed copy
     */
    public Csv allowNonFinite() {
        return new Csv(header, separator, true);
    }

    /**
     * Reads a file.
     *
     * @param file a file of this form, with at least one line of numbers
     * @return its numbers [rows x columns] and the names of the columns
     * @throws DataFormatException if it has another form; names line, column and text
     * @throws IOException if it cannot be read
     */
    public Table read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @param in the bytes of a file of this form, with at least one line of numbers
     * @param name what to call it in messages
     * @return its numbers [rows x columns] and the names of the columns
     * @throws DataFormatException if it has another form; names line, column and text
     * @throws IOException if it cannot be read
     */
    public Table read(InputStream in, String name) throws IOException {
        return new Reader(new BufferedInputStream(in, 1 << 16), Objects.requireNonNull(name, "name")).read();
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
        private int line = 1;
        private List<String> columns = new ArrayList<>();
        private float[] values = new float[FIRST_ROOM];
        private int count;

        Reader(InputStream in, String name) {
            this.in = in;
            this.name = name;
        }

        Table read() throws IOException {
            skipMark();
            if (header) {
                readNames();
            }
            int firstLine = line;
            while (peek() != END) {
                readNumbers();
            }
            if (count == 0) {
                throw problem("", header ? "there is no line below the header" : "the file is empty");
            }
            int rows = count / columns.size();
            Tensor numbers = Tensor.wrap(Arrays.copyOf(values, count), 0, Shape.of(rows, columns.size()));
            return new Table(columns, numbers, name, firstLine);
        }

        private void skipMark() throws IOException {
            in.mark(4);
            byte[] start = in.readNBytes(4);
            boolean marked = start.length >= MARK.length && Arrays.equals(start, 0, MARK.length, MARK, 0, MARK.length);
            String looksLike = FileKind.resemblance(start);
            if (!looksLike.isEmpty() && !looksLike.endsWith("text")) {
                throw problem("", "this is no text" + looksLike);
            }
            in.reset();
            if (marked) {
                in.skipNBytes(MARK.length);
                position = MARK.length;
            }
        }

        private void readNames() throws IOException {
            if (peek() == END) {
                throw problem("", "the file is empty");
            }
            Set<String> seen = new HashSet<>();
            do {
                readField();
                String column = new String(field, 0, length, StandardCharsets.UTF_8);
                if (column.indexOf('\ufffd') >= 0) {
                    throw problem(", column " + (columns.size() + 1), "the name " + text() + " is not UTF-8");
                }
                column = quoted ? column : column.strip();
                if (!seen.add(column)) {
                    throw problem(
                            ", column " + (columns.size() + 1),
                            "a second column is named " + text() + "; each needs a name of its own");
                }
                columns.add(column);
            } while (ended == separator);
            line++;
        }

        private void readNumbers() throws IOException {
            boolean unnamed = !header && count == 0;
            int column = 0;
            do {
                readField();
                column++;
                if (unnamed) {
                    columns.add("" + column);
                } else if (column > columns.size()) {
                    throw ragged("more");
                }
                if (length == 0 && column == 1 && ended != separator && !quoted) {
                    throw problem("", "a blank line; remove it");
                }
                if (count == MOST) {
                    throw problem("", "more than " + MOST + " numbers; split the file");
                }
                if (count == values.length) {
                    values = Arrays.copyOf(values, (int) Math.min(MOST, 2L * count));
                }
                values[count++] = number(column);
            } while (ended == separator);
            if (column < columns.size()) {
                throw ragged("" + column);
            }
            line++;
        }

        private DataFormatException ragged(String got) {
            return problem("", "expected " + columns.size() + " fields as in line 1, got " + got);
        }

        private float number(int column) throws DataFormatException {
            int from = 0;
            int to = length;
            while (from < to && (field[from] == ' ' || field[from] == '\t')) {
                from++;
            }
            while (to > from && (field[to - 1] == ' ' || field[to - 1] == '\t')) {
                to--;
            }
            String text = new String(field, from, to - from, StandardCharsets.ISO_8859_1);
            if (nonFinite && (text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity"))) {
                return Float.parseFloat(text);
            }
            String where = ", column " + column + (header ? " ('" + columns.get(column - 1) + "')" : "");
            if (!isNumber(text)) {
                throw problem(
                        where,
                        from == to ? "the field is empty; fill it in, or leave the line out" : text() + hint(text));
            }
            float value = Float.parseFloat(text);
            if (Float.isInfinite(value)) {
                throw problem(where, text() + " is beyond the range of float32, which ends at 3.4e38");
            }
            return value;
        }

        private String hint(String text) {
            if (text.equals("NaN") || text.contains("nfinity")) {
                return " is not a finite number; leave the line out, or see Csv.allowNonFinite()";
            }
            for (char other : new char[] {';', '\t', ',', '|'}) {
                if (other != separator && text.indexOf(other) >= 0) {
                    return " is not a number; if that is what stands between fields, say so by separator('"
                            + (other == '\t' ? "\\t" : "" + other) + "')";
                }
            }
            String inFirst = "; if the first line names the columns, use Csv.withHeader()";
            return " is not a number" + (line == 1 ? inFirst : "");
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
                if (c != separator && c != '\n' && c != '\r' && c != END) {
                    throw problem("", "text follows the closing quote of " + text() + "; a quote inside is doubled");
                }
            }
            while (c != separator && c != '\n' && c != '\r' && c != END) {
                if (c == '"') {
                    throw problem("", "a quote inside of a field that does not begin with one");
                }
                append(c);
                c = next();
            }
            if (c == '\r') {
                c = next();
                if (c != '\n') {
                    throw problem("", "a carriage return without a line feed behind it");
                }
            }
            ended = c;
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
            StringBuilder text = new StringBuilder("'");
            String all = new String(field, 0, length, StandardCharsets.UTF_8);
            all.codePoints().limit(40).forEach(c -> {
                if (Character.isISOControl(c)) {
                    text.append(String.format("\\u%04x", c));
                } else {
                    text.appendCodePoint(c);
                }
            });
            return text.append(all.length() > 40 ? "...'" : "'").toString();
        }

        private DataFormatException problem(String where, String problem) {
            return new DataFormatException(name, "line " + line + where, position, problem);
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
