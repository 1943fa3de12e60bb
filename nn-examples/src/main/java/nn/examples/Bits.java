package nn.examples;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import nn.init.Fans;
import nn.init.Init;
import nn.init.Initializer;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Prints fingerprints of what this library computes: initial weights, trained weights, and measurements of claims. They
 * are the same on every machine, so a reader can compare them with those that README shows.
 */
final class Bits extends Example {
    /** Every scheme with its usual arguments; a scheme appears under every name that {@link Init#names} lists. */
    static final List<String> SCHEMES = List.of(
            "zeros",
            "ones",
            "constant(0.1)",
            "normal(0.01)",
            "uniform(0.05)",
            "truncated normal(0.02)",
            "xavier normal",
            "xavier uniform",
            "xavier truncated normal",
            "he normal",
            "he uniform",
            "he truncated normal",
            "lecun normal",
            "lecun uniform",
            "lecun truncated normal",
            "variance scaling(2, fan out, uniform)",
            "orthogonal",
            "identity",
            "delta orthogonal",
            "dirac",
            "sparse(3, 1)",
            "looks linear(both, orthogonal)",
            "siren first",
            "siren(30)",
            "scaled(he normal, 0.5)",
            "padding row(normal(0.02), 3)",
            "gates(4, orthogonal)",
            "mup(hidden, 8, he normal)",
            "asymmetric weight(0000000000000000000000000000002a)",
            "asymmetric bias(0000000000000000000000000000002a)",
            "chrono keep(100, 0000000000000000000000000000002a)",
            "chrono admit(100, 0000000000000000000000000000002a)",
            "ring magnitudes(0.9, 0.999)",
            "ring phases(0.3)",
            "ring gains(0.9, 0.999, 0000000000000000000000000000002a)",
            "torch default",
            "torch recurrent",
            "torch embedding",
            "keras dense",
            "keras recurrent",
            "keras embedding",
            "flax dense");

    Bits() {
        super(
                "bits",
                "fingerprints that are the same on every machine",
                new Option("--weights", "", "", "leave out the claims, which take half a minute"),
                Option.SEED);
    }

    @Override
    int run(Arguments arguments, Terminal terminal) {
        boolean weights = arguments.has("--weights");
        terminal.announce(weights ? 0 : Claims.QUICK_SECONDS);
        terminal.line("the first 64 weights of each scheme (the SHA-256 without its last 8 digits)");
        for (String text : SCHEMES) {
            Initializer scheme = Init.parse(text);
            String name = name(text);
            terminal.line(
                    "%-23s %.56s",
                    name, weights(scheme, arguments.key().child(name)).sha256());
        }
        terminal.line("weights after the training of 'nn digits'");
        Digits.fingerprints(Digits.trained(arguments.key()), terminal);
        if (weights) {
            return 0;
        }
        terminal.line("the file that 'nn claims --quick --json FILE' writes");
        terminal.line("%-15s %s", "claims", sha256(Claims.quickJson(arguments.seed(), terminal)));
        return 0;
    }

    /** The scheme's name, without arguments. */
    static String name(String scheme) {
        return scheme.replaceAll("\\(.*", "");
    }

    /** Returns 64 weights: a matrix, or a kernel or a vector for a scheme that fills only those. */
    private static Tensor weights(Initializer scheme, Key key) {
        String name = scheme.toString();
        boolean kernel = name.startsWith("delta") || name.startsWith("dirac");
        boolean vector = name.startsWith("chrono") || name.startsWith("asymmetric bias");
        Tensor weights = Tensor.zeros(kernel ? Shape.of(2, 2, 4, 4) : vector ? Shape.of(64) : Shape.of(8, 8));
        scheme.fill(weights, new Fans(kernel ? 16 : 8, kernel ? 16 : 8), key);
        return weights;
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
