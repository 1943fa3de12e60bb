package nn.init;

import java.util.Map;

/**
 * Offers initializers by name to {@link Init#parse}, from another module or jar. Found by {@link
 * java.util.ServiceLoader}: on the module path by
 *
 * <pre>{@code
 * provides nn.init.InitializerProvider with com.example.MySchemes;
 * }</pre>
 *
 * <p>in its module-info, on the class path by a file {@code META-INF/services/nn.init.InitializerProvider} that names
 * the class. The class has a public constructor without arguments.
 *
 * <pre>{@code
 * public final class MySchemes implements InitializerProvider {
 *     public Map<String, Factory> factories() {
 *         return Map.of("small normal", spec -> Init.normal(spec.number("stddev", 0.01)));
 *     }
 * }
 * }</pre>
 *
 * <p>An initializer whose {@code toString} is such a text, {@code small normal(stddev 0.02)}, can be read back from
 * it.
 */
public interface InitializerProvider {
    /**
     * Returns the factories that it offers. A name is words of lower-case letters and digits with single spaces
     * between; spelled with underscores, hyphens or capitals it is the same name. The algorithm of a name must never
     * change: a new algorithm gets a new name.
     *
     * @return factories by name
     */
    Map<String, Factory> factories();

    /** Creates an initializer from its arguments. */
    @FunctionalInterface
    interface Factory {
        /**
         * Creates the initializer.
         *
         * @param spec the arguments, to be read one by one; arguments that are not read are refused afterwards
         * @return the initializer, not null
         * @throws IllegalArgumentException if an argument is missing or bad
         */
        Initializer create(InitializerSpec spec);
    }
}
