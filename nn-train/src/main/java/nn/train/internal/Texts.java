package nn.train.internal;

import java.util.Collection;
import java.util.stream.Collectors;

/** Shows texts of files in messages. */
public final class Texts {
    private static final int MAX_LENGTH = 40;
    private static final int MAX_NAMES = 20;

    private Texts() {}

    /**
     * Replaces invisible characters by escapes, and cuts a long text.
     *
     * @param text any text
     * @return such as {@code \}{@code u00a02}; the first 40 characters and {@code ...} of a longer one
     */
    public static String visible(String text) {
        return visible(text, MAX_LENGTH);
    }

    /**
     * Replaces invisible characters by escapes: control and format characters, and spaces other than U+0020.
     *
     * @param text any text
     * @return such as {@code \}{@code u00a02}, uncut
     */
    public static String whole(String text) {
        return visible(text, Integer.MAX_VALUE);
    }

    private static String visible(String text, int most) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().limit(most).forEach(c -> {
            if (isVisible(c)) {
                visible.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    String hex = Integer.toHexString(unit); // in ASCII digits, whatever the locale
                    visible.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
                }
            }
        });
        return visible.append(text.codePointCount(0, text.length()) > most ? "..." : "")
                .toString();
    }

    /**
     * Lists names.
     *
     * @param names any number of names
     * @return such as {@code [a, b]}; if there are more than 20, the first 20 and a text such as {@code and 3 more}
     */
    public static String list(Collection<String> names) {
        int more = names.size() - MAX_NAMES;
        return names.stream().limit(MAX_NAMES).map(Texts::visible).collect(Collectors.joining(", ", "[", "]"))
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
