package nn.train.internal;

import java.util.regex.Pattern;
import nn.tensor.Description;

/** Texts of objects that are compared from run to run, so they hold no address and no line break. */
public final class StableText {
    private static final Pattern ADDRESS = Pattern.compile("(?:[\\w$]+\\.)*([\\w$]+)@[0-9a-f]{1,8}\\b");

    private StableText() {}

    /**
     * Returns the {@linkplain Description description} of an object in one line, in which an object without a text that
     * is a part of it is the name of its class, too.
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
