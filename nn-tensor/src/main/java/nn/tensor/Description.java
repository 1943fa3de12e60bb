package nn.tensor;

/**
 * Names for objects in messages, tables and files. A lambda, or an object of a class without a {@code toString}, prints
 * as a class and an address, such as {@code Main$$Lambda/0x00007f3a@6d06d69c}, which is meaningless and differs in
 * every run; here it is {@code a lambda}, or the class alone.
 */
public final class Description {
    private static final String LAMBDA = "$$Lambda";
    private static final String LAMBDAS = "[\\w.$]+\\$\\$Lambda[$/\\w]*(?:@[0-9a-f]+)?"; // compiled when it is needed

    private Description() {}

    /**
     * Returns the name of an object.
     *
     * @param thing any object, or null
     * @return its {@code toString}, in which lambdas are named as such; the name of its class if it does not override
     *     that, or gives null
     */
    public static String of(Object thing) {
        String text = String.valueOf(thing);
        if (thing != null && (text == null || text.startsWith(thing.getClass().getName() + "@"))) {
            return ofClass(thing.getClass());
        }
        return text.contains(LAMBDA) ? text.replaceAll(LAMBDAS, "a lambda") : text;
    }

    /**
     * Returns the name of a class.
     *
     * @param type any class
     * @return its name without the package; {@code a lambda} or {@code anonymous} for classes without a name
     */
    public static String ofClass(Class<?> type) {
        return type.isHidden() ? "a lambda" : type.isAnonymousClass() ? "anonymous" : type.getSimpleName();
    }
}
