package nn.init;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import nn.init.InitializerProvider.Factory;

/**
 * The initializers that the providers on the path offer now. A provider that cannot be loaded, or that fails, is left
 * out with a warning in the log; the others and this library's own initializers are not affected.
 *
 * @param offers one for each name of each provider
 * @param failures a sentence for each provider that was left out
 */
record Providers(List<Offer> offers, List<String> failures) {
    private static final System.Logger LOG = System.getLogger("nn.init");

    /**
     * An initializer that a provider offers.
     *
     * @param provider the name of its class
     * @param name of the initializer, as the provider spells it
     * @param factory creates it
     */
    record Offer(String provider, String name, Factory factory) {}

    /** Searches the path that the context class loader sees. */
    static Providers find() {
        List<Offer> offers = new ArrayList<>();
        Set<String> failures = new HashSet<>();
        Iterator<InitializerProvider> found =
                ServiceLoader.load(InitializerProvider.class).iterator();
        boolean more = true;
        while (more) {
            try {
                more = found.hasNext();
                if (more) {
                    InitializerProvider provider = found.next();
                    ask(provider, offers, failures);
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                // another provider is next; the same error twice is one of the path, which would repeat it
                more = failures.add(reason(e));
            }
        }
        failures.forEach(failure -> LOG.log(Level.WARNING, "a provider of initializers is left out: " + failure));
        return new Providers(offers, List.copyOf(failures));
    }

    private static void ask(InitializerProvider provider, List<Offer> offers, Set<String> failures) {
        String type = provider.getClass().getName();
        try {
            List<Offer> own = new ArrayList<>();
            Map<String, Factory> factories = provider.factories();
            if (factories == null) {
                failures.add(type + " offers null");
                return;
            }
            for (Map.Entry<String, Factory> entry : factories.entrySet()) {
                if (entry.getKey() == null || entry.getValue() == null) {
                    failures.add(type + " offers a name or a factory that is null");
                    return;
                }
                own.add(new Offer(type, entry.getKey(), entry.getValue()));
            }
            offers.addAll(own);
        } catch (RuntimeException | LinkageError e) {
            failures.add(type + ", asked for its factories: " + e);
        }
    }

    /** The message and the cause, as the error itself names the class. */
    private static String reason(Throwable error) {
        return error.getMessage() + (error.getCause() == null ? "" : " (" + error.getCause() + ")");
    }
}
