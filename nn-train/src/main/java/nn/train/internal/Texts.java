package nn.train.internal;

import java.util.Collection;
import java.util.stream.Collectors;

/** Texts of files, as messages show them. */
public final class Texts {
    private static final int MOST = 40;
    private static final int MOST_NAMES = 20;

    private Texts() {}

    /**
     * A text with what cannot be seen in it written as an escape: control and format characters, and spaces other than
     * the usual one.
     *
     * @param text any text
     * @return such as {@code \}{@code u00a02}; the first 40 characters and {@code ...} of a longer one
     */
    public static String visible(String text) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().limit(MOST).forEach(c -> {
            if (isVisible(c)) {
                visible.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    String hex = Integer.toHexString(unit); // in ASCII digits, whatever the locale
                    visible.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
                }
            }
        });
        return visible.append(text.codePointCount(0, text.length()) > MOST ? "..." : "")
                .toString();
    }

    /**
     * Names, as messages list them.
     *
     * @param names any number
     * @return such as {@code [a, b]}; of many, the first 20 and {@code and 3 more}
     */
    public static String list(Collection<String> names) {
        int more = names.size() - MOST_NAMES;
        return names.stream().limit(MOST_NAMES).map(Texts::visible).collect(Collectors.joining(", ", "[", "]"))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
