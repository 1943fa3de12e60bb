package nn.init;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import nn.init.InitializerProvider.Factory;
import nn.init.internal.Arguments;
import nn.tensor.Key;

/** The initializers by name: those of this library and those of providers. */
final class InitializerRegistry {
    private static final Map<String, Factory> BUILT_IN = Collections.unmodifiableMap(builtIn());

    /** Names in other frameworks. */
    private static final Map<String, Factory> OTHER_NAMES = Map.of(
            "glorot uniform", BUILT_IN.get("xavier uniform"),
            "glorot normal", InitializerRegistry::glorotNormal,
            "kaiming normal", BUILT_IN.get("he normal"),
            "kaiming uniform", BUILT_IN.get("he uniform"),
            "eye", BUILT_IN.get("identity"));

    /** Longest name for which a near one is sought; no known name is longer. */
    private static final int LONGEST_NAME = 60;

    /** Maximum number of characters for the names in a message. */
    private static final int MOST_LISTED = 600;

    private InitializerRegistry() {}

    private static Map<String, Factory> builtIn() {
        Map<String, Factory> all = new TreeMap<>();
        all.put("zeros", spec -> Init.zeros());
        all.put("ones", spec -> Init.ones());
        all.put("constant", spec -> Init.constant(spec.number("value")));
        all.put(
                "normal",
                spec -> spec.remaining() < 2
                        ? Init.normal(spec.number("stddev"))
                        : new Normal(spec.number("mean"), spec.number("stddev")));
        all.put(
                "uniform",
                spec -> spec.remaining() < 2
                        ? Init.uniform(spec.number("bound"))
                        : new Uniform(spec.number("low"), spec.number("high")));
        all.put(
                "truncated normal",
                spec -> spec.remaining() < 2
                        ? Init.truncatedNormal(spec.number("stddev"))
                        : new TruncatedNormal(
                                spec.number("mean"), spec.number("stddev"), spec.number("cut", Distribution.CUT)));
        all.put("identity", spec -> new Identity(spec.number("gain", 1)));
        all.put("orthogonal", spec -> new Orthogonal(spec.number("gain", 1)));
        all.put("delta orthogonal", spec -> new DeltaOrthogonal(spec.number("gain", 1)));
        all.put("dirac", spec -> new Dirac());
        all.put(
                "variance scaling",
                spec -> new VarianceScaling(
                        spec.number("gain"),
                        spec.choice("fan", Fan.class),
                        spec.choice("distribution", Distribution.class)));
        for (Distribution shape : Distribution.values()) {
            all.put("xavier " + shape, spec -> new VarianceScaling(1, Fan.AVERAGE, shape));
            all.put("lecun " + shape, spec -> new VarianceScaling(1, Fan.IN, shape));
            all.put("he " + shape, spec -> new VarianceScaling(Gain.he(spec.number("slope", 0)), Fan.IN, shape));
        }
        all.put("sparse", spec -> new Sparse(spec.count("connections"), spec.number("stddev")));
        all.put(
                "looks linear",
                spec -> new LooksLinear(spec.choice("mirror", LooksLinear.Mirror.class), spec.initializer("block")));
        all.put("siren", spec -> new Siren(spec.number("omega")));
        all.put("siren first", spec -> new SirenFirst());
        all.put("scaled", spec -> new Scaled(spec.initializer("base"), spec.number("factor")));
        all.put("padding row", spec -> new PaddingRow(spec.initializer("base"), spec.count("row")));
        all.put("gates", InitializerRegistry::gates);
        all.put(
                "mup",
                spec -> new MuP(spec.choice("role", MuP.Role.class), spec.count("width"), spec.initializer("base")));
        all.put("asymmetric weight", spec -> new Asymmetric(Asymmetric.Part.WEIGHT, key(spec)));
        all.put("asymmetric bias", spec -> new Asymmetric(Asymmetric.Part.BIAS, key(spec)));
        all.put("chrono keep", spec -> new Chrono(Chrono.Part.KEEP, spec.number("longest"), key(spec)));
        all.put("chrono admit", spec -> new Chrono(Chrono.Part.ADMIT, spec.number("longest"), key(spec)));
        all.put("torch default", spec -> Init.torchDefault());
        all.put("torch recurrent", spec -> Init.torchRecurrent());
        all.put("torch embedding", spec -> Init.torchEmbedding());
        all.put("keras dense", spec -> Init.kerasDense());
        all.put("keras recurrent", spec -> Init.kerasRecurrent());
        all.put("keras embedding", spec -> Init.kerasEmbedding());
        all.put("flax dense", spec -> Init.flaxDense());
        return all;
    }

    private static Initializer glorotNormal(InitializerSpec spec) {
        throw new IllegalArgumentException("'glorot normal' is ambiguous: Keras and JAX cut it at two standard"
                + " deviations, which is 'xavier truncated normal' here; the paper does not, which is 'xavier normal'");
    }

    /** Reads an initializer for each gate, or a number of gates and one initializer for all. */
    private static Initializer gates(InitializerSpec spec) {
        int left = spec.remaining();
        int gates = spec.count("gates", 1);
        if (spec.remaining() < left) {
            return Init.gates(gates, spec.initializer("each"));
        }
        List<Initializer> each = new ArrayList<>();
        do {
            each.add(spec.initializer("gate"));
        } while (spec.remaining() > 0);
        return new Gates(each);
    }

    private static Key key(InitializerSpec spec) {
        String digits = spec.word("choices");
        try {
            return Key.parse(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    spec.name() + ": choices " + Arguments.quote(digits) + " must be the 32 hexadecimal digits of a"
                            + " key",
                    e);
        }
    }

    static SortedSet<String> names() {
        return names(Providers.find());
    }

    private static SortedSet<String> names(Providers providers) {
        SortedSet<String> names = new TreeSet<>(BUILT_IN.keySet());
        providers.offers().forEach(offer -> names.add(offer.name()));
        return names;
    }

    static Initializer parse(String text) {
        return parse(text, Providers.find(), 0);
    }

    static Initializer parse(String text, Providers providers, int depth) {
        InitializerSpec spec = InitializerSpec.of(text, providers, depth);
        Factory factory = factory(spec.name(), text, providers);
        Initializer initializer;
        try {
            initializer = factory.create(spec);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) { // only from a provider
            throw new IllegalArgumentException(
                    "initializer '" + spec.name() + "': its provider failed to create it ("
                            + Arguments.shortened(e.toString()) + ")",
                    e);
        }
        if (initializer == null) {
            throw new IllegalArgumentException("initializer '" + spec.name() + "': its provider returned null");
        }
        spec.requireNothingLeft();
        return initializer;
    }

    private static Factory factory(String name, String text, Providers providers) {
        Map<String, Factory> offers = new TreeMap<>(); // by provider
        Factory own = BUILT_IN.getOrDefault(name, OTHER_NAMES.get(name));
        if (own != null) {
            offers.put("nn.init itself", own);
        }
        for (Providers.Offer offer : providers.offers()) {
            if (InitializerSpec.canonical(offer.name()).equals(name)) {
                offers.put(offer.provider(), offer.factory());
            }
        }
        if (offers.size() > 1) {
            throw new IllegalArgumentException(
                    "initializer '" + name + "' is offered by " + String.join(" and ", offers.keySet())
                            + ": a name must be unique; rename one, or take a provider off the path");
        }
        return offers.values().stream().findFirst().orElseThrow(() -> unknown(name, text, providers));
    }

    private static IllegalArgumentException unknown(String name, String text, Providers providers) {
        SortedSet<String> names = names(providers);
        String nearest = "";
        int least = Math.max(2, Math.min(name.length(), LONGEST_NAME) / 3) + 1; // a name farther away would be a guess
        for (String candidate : name.length() > LONGEST_NAME ? List.<String>of() : names) {
            int distance = distance(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return new IllegalArgumentException("no initializer is named " + Arguments.quote(name)
                + (text.strip().equals(name) ? "" : " (" + Arguments.quote(text.strip()) + ")")
                + (nearest.isEmpty() ? "." : "; did you mean '" + nearest + "'?")
                + (providers.failures().isEmpty()
                        ? ""
                        : " Left out: " + Arguments.shortened(String.join("; ", providers.failures())) + ".")
                + " There are: " + listed(names));
    }

    /** Lists as many names as a message has room for; the library's own always fit. */
    private static String listed(SortedSet<String> names) {
        StringBuilder list = new StringBuilder();
        int rest = names.size();
        for (String name : names) {
            if (list.length() + name.length() > MOST_LISTED) {
                return list + " and " + rest + " more, which Init.names() lists";
            }
            list.append(list.isEmpty() ? "" : ", ").append(name);
            rest--;
        }
        return list.toString();
    }

    /** The Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
