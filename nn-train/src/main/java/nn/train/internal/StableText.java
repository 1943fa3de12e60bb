package nn.train.internal;

import java.util.regex.Pattern;
import nn.tensor.Description;

/** Texts of objects that are compared between runs: they contain no hash code and no line break. */
public final class StableText {
    private static final Pattern ADDRESS = Pattern.compile("(?:[\\w$]+\\.)*([\\w$]+)@[0-9a-f]{1,8}\\b");

    private StableText() {}

    /**
     * Returns the {@linkplain Description description} of an object in one line. A part of the object that does not
     * define {@code toString} appears as the name of its class.
     *
     * @param thing any object
     * @return its text
     */
    public static String of(Object thing) {
        return ADDRESS.matcher(Description.of(String.valueOf(thing)))
                .replaceAll("$1")
                .replaceAll("[\\t\\n\\r]", " ");
    }
}
