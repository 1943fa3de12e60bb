package nn.train.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import nn.train.io.DataFormatException;

/**
 * Reads JSON (RFC 8259) from UTF-8 bytes, strictly, and only what a header needs: the caller states what must come
 * next, or skips it, and no tree is built. So the input cannot nest deeper than the caller, and 32 levels deeper in
 * what is skipped. A name that occurs twice in an object is
 * refused, as are comments, trailing commas, raw control characters, and text that is not Unicode.
 */
final class Json {
    private static final int DEEPEST = 32; // levels of a value that is skipped
    private static final int LONGEST_LITERAL = 400; // a double has at most 309 digits before the point
    private static final Pattern LITERAL =
            Pattern.compile("true|false|null|-?(0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][+-]?[0-9]++)?");

    private final byte[] text;
    private final String source;
    private final long start; // the offset of the text in the file
    private final String part; // of the file, for messages
    private int at;

    Json(byte[] text, String source, long start) {
        this(text, source, start, "header");
    }

    Json(byte[] text, String source, long start, String part) {
        this.text = text;
        this.source = source;
        this.start = start;
        this.part = part;
    }

    /** Reads the value of a member or an element. */
    @FunctionalInterface
    interface Value {
        void read(String name) throws DataFormatException;
    }

    /** Reads an object; the function must read the value of the member whose name it gets. */
    void object(Value member) throws DataFormatException {
        expect('{', "an object");
        Set<String> names = new HashSet<>();
        if (next() == '}') {
            at++;
            return;
        }
        do {
            next();
            int begin = at;
            String name = string();
            if (!names.add(name)) {
                throw problem(begin, "the name " + quoted(name) + " occurs twice in one object");
            }
            expect(':', "':' after the name " + quoted(name));
            member.read(name);
        } while (another('}'));
    }

    /** Reads an array; the function must read one element. */
    void array(Value element) throws DataFormatException {
        expect('[', "an array");
        if (next() == ']') {
            at++;
            return;
        }
        do {
            element.read("");
        } while (another(']'));
    }

    private boolean another(char close) throws DataFormatException {
        int c = next();
        if (c != ',' && c != close) {
            throw problem("expected ',' or '" + close + "', got " + here());
        }
        at++;
        return c == ',';
    }

    /** Reads a string. */
    String string() throws DataFormatException {
        expect('"', "a string");
        StringBuilder string = new StringBuilder();
        while (true) {
            int from = at;
            while (at < text.length && text[at] != '"' && text[at] != '\\' && (text[at] & 0xFF) >= ' ') {
                at++;
            }
            try {
                string.append(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, from, at - from)));
            } catch (CharacterCodingException e) {
                throw problem(from, "a string that is not UTF-8");
            }
            if (at == text.length) {
                throw problem("the text ends inside a string");
            }
            switch (text[at++]) {
                case '"' -> {
                    return string.toString();
                }
                case '\\' -> string.appendCodePoint(escape());
                default -> throw problem(at - 1, "a control character inside a string; write it as an escape");
            }
        }
    }

    private int escape() throws DataFormatException {
        int begin = at - 1;
        char c = at < text.length ? (char) text[at++] : ' ';
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                char first = hex(begin);
                if (!Character.isSurrogate(first)) {
                    yield first;
                }
                boolean pair = at + 1 < text.length && text[at] == '\\' && text[at + 1] == 'u';
                if (Character.isHighSurrogate(first) && pair) {
                    at += 2;
                    char second = hex(begin);
                    if (Character.isLowSurrogate(second)) {
                        yield Character.toCodePoint(first, second);
                    }
                }
                throw problem(begin, "half of a surrogate pair, which is no character");
            }
            default -> throw problem(begin, "an escape that JSON does not have");
        };
    }

    private char hex(int begin) throws DataFormatException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length ? Character.digit((int) text[at++], 16) : -1; // beyond ASCII: negative
            if (digit < 0) {
                throw problem(begin, "\\u needs four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    /** Reads a whole number from 0 to 2^63 - 1, written in digits only. */
    long wholeNumber() throws DataFormatException {
        next();
        int begin = at;
        long value = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            int digit = text[at++] - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                throw problem(begin, "a number beyond 9223372036854775807");
            }
            value = 10 * value + digit;
        }
        if (at == begin) {
            throw problem("expected a whole number, got " + here());
        }
        if (text[begin] == '0' && at - begin > 1) {
            throw problem(begin, "a number with a leading zero");
        }
        if (at < text.length && (text[at] == '.' || text[at] == 'e' || text[at] == 'E')) {
            throw problem(begin, "a number with a fraction or an exponent, where a whole number belongs");
        }
        return value;
    }

    /** Reads a value of any kind, and drops it. */
    void skip() throws DataFormatException {
        skip(0);
    }

    private void skip(int depth) throws DataFormatException {
        if (depth > DEEPEST) {
            throw problem("values nested deeper than " + DEEPEST + " levels");
        }
        int c = next();
        switch (c) {
            case '{' -> object(name -> skip(depth + 1));
            case '[' -> array(unnamed -> skip(depth + 1));
            case '"' -> string();
            default -> literal();
        }
    }

    /** Reads a number, true, false or null. */
    private void literal() throws DataFormatException {
        int begin = at;
        while (at < text.length && at - begin <= LONGEST_LITERAL && isPartOfLiteral(text[at])) {
            at++;
        }
        String literal = new String(text, begin, at - begin, StandardCharsets.US_ASCII);
        if (!LITERAL.matcher(literal).matches()) {
            at = begin;
            throw problem("expected a value, got " + here());
        }
    }

    private static boolean isPartOfLiteral(byte c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == 'E' || c == '+' || c == '-' || c == '.';
    }

    /** Refuses everything but whitespace from here on. */
    void requireEndOfText() throws DataFormatException {
        if (next() >= 0) {
            throw problem("only whitespace may follow the JSON object, got " + here());
        }
    }

    /** Refuses everything but spaces (0x20) from here on. */
    void requireEnd() throws DataFormatException {
        while (at < text.length) {
            if (text[at] != ' ') {
                throw problem("only spaces may follow the JSON object, got " + here());
            }
            at++;
        }
    }

    /** Returns the index of the next byte that is not whitespace. */
    int position() {
        next();
        return at;
    }

    private void expect(char c, String what) throws DataFormatException {
        if (next() != c) {
            throw problem("expected " + what + ", got " + here());
        }
        at++;
    }

    /** Returns the next byte that is not whitespace, without consuming it; -1 at the end. */
    private int next() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
            at++;
        }
        return at < text.length ? text[at] : -1;
    }

    private String here() {
        if (at == text.length) {
            return "the end of the text";
        }
        return text[at] > ' ' && text[at] < 127
                ? "'" + (char) text[at] + "'"
                : String.format(Locale.ROOT, "the byte 0x%02X", text[at] & 0xFF);
    }

    private DataFormatException problem(String text) {
        return problem(at, text);
    }

    DataFormatException problem(int index, String text) {
        return new DataFormatException(source, start + index, part + ": " + text);
    }

    private static final int LONGEST_QUOTE = 80;

    /** Returns a string as JSON, cut if it is long. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder();
        append(quoted, text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...");
        return quoted.toString();
    }

    /** Writes a string. */
    static void append(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                default -> {
                    if (c < ' ') {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
