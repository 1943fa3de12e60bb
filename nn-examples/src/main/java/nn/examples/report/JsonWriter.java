package nn.examples.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Writes JSON (RFC 8259) from maps, lists, arrays of double, text, numbers and truth values. */
final class JsonWriter {
    private final StringBuilder out = new StringBuilder();
    private final int digits;

    private JsonWriter(int digits) {
        this.digits = digits;
    }

    /** Returns JSON with exact numbers, and a line for each element of the outer levels. */
    static String exact(Object value) {
        JsonWriter json = new JsonWriter(0);
        json.write(value, 0, 4);
        return json.out.append('\n').toString();
    }

    /** Returns JSON for a page: numbers to six digits, no white space, no {@code <}. */
    static String compact(Object value) {
        JsonWriter json = new JsonWriter(6);
        json.write(value, 0, -1);
        return json.out.toString().replace("<", "\\u003c");
    }

    /** Returns a map in the order of its arguments: key, value, key, value. */
    static SequencedMap<String, Object> map(Object... pairs) {
        SequencedMap<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private void write(Object value, int level, int lines) {
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Integer i -> out.append(i);
            case Long l -> out.append(l);
            case Double d -> number(d);
            case String s -> string(s);
            case double[] numbers -> write(Arrays.stream(numbers).boxed().toList(), level, -1);
            case double[][] rows -> write(List.of(rows), level, -1);
            case List<?> list -> {
                out.append('[');
                for (int i = 0; i < list.size(); i++) {
                    separate(i, level + 1, lines);
                    write(list.get(i), level + 1, lines);
                }
                end(list.isEmpty(), level, lines);
                out.append(']');
            }
            case Map<?, ?> map -> {
                out.append('{');
                int i = 0;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    separate(i++, level + 1, lines);
                    string((String) entry.getKey());
                    out.append(lines < 0 ? ":" : ": ");
                    write(entry.getValue(), level + 1, lines);
                }
                end(map.isEmpty(), level, lines);
                out.append('}');
            }
            default -> throw new IllegalArgumentException("no JSON for a value of " + value.getClass());
        }
    }

    private void separate(int index, int level, int lines) {
        if (index > 0) {
            out.append(level <= lines || lines < 0 ? "," : ", ");
        }
        if (level <= lines) {
            out.append('\n').repeat(' ', 2 * level);
        }
    }

    private void end(boolean empty, int level, int lines) {
        if (!empty && level + 1 <= lines) {
            out.append('\n').repeat(' ', 2 * level);
        }
    }

    /** Writes a number; infinity and NaN, which JSON does not have, become text. */
    private void number(double x) {
        if (!Double.isFinite(x)) {
            out.append('"').append(x).append('"');
        } else if (x == Math.rint(x) && Math.abs(x) < 1e15) {
            out.append((long) x);
        } else if (digits > 0) {
            out.append(new BigDecimal(x).round(new MathContext(digits)).stripTrailingZeros());
        } else {
            out.append(x);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
