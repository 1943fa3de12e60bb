package nn.tensor;

import java.util.regex.Pattern;

/**
 * Names for objects in messages, tables and files. A lambda, or an object of a class without a {@code toString}, prints
 * as a class and an address, such as {@code Main$$Lambda/0x00007f3a@6d06d69c}, which says nothing and is another one in
 * every run; here it is {@code a lambda}, or the class alone.
 */
public final class Description {
    private static final String LAMBDA = "$$Lambda";
    private static final Pattern LAMBDAS = Pattern.compile("[\\w.$]+\\$\\$Lambda[$/\\w]*(?:@[0-9a-f]+)?");

    private Description() {}

    /**
     * Returns what an object calls itself.
     *
     * @param thing any object, or null
     * @return its own text, in which lambdas are named as such; the name of its class, if it has no text of its own
     */
    public static String of(Object thing) {
        String text = String.valueOf(thing);
        if (thing != null && text.startsWith(thing.getClass().getName() + "@")) {
            return ofClass(thing.getClass());
        }
        return text.contains(LAMBDA) ? LAMBDAS.matcher(text).replaceAll("a lambda") : text;
    }

    /**
     * Returns what a class is called.
     *
     * @param type any class
     * @return its name without the package; {@code a lambda} or {@code anonymous} for those that have none
     */
    public static String ofClass(Class<?> type) {
        return type.isHidden() ? "a lambda" : type.isAnonymousClass() ? "anonymous" : type.getSimpleName();
    }
}
