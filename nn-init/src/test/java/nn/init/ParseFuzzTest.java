package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random changes of texts that are right: what comes of them is an initializer or a sentence of some length. */
class ParseFuzzTest {
    private static final List<String> RIGHT = List.of(
            "zeros",
            "ones",
            "constant(0.1)",
            "normal(0, 0.01)",
            "uniform(-1, 2)",
            "truncated normal(0, 0.02, cut 3)",
            "identity(gain 0.5)",
            "orthogonal(gain 1.5)",
            "delta orthogonal(gain 1.5)",
            "dirac",
            "chrono keep(longest 784, choices 0123456789abcdef0123456789abcdef)",
            "variance scaling(gain 2, fan average, uniform)",
            "xavier normal",
            "he normal(slope 0.1)",
            "lecun truncated_normal",
            "sparse(15, 1)",
            "looks linear(both, orthogonal)",
            "siren(30)",
            "sirenFirst",
            "scaled(he normal, 0.25)",
            "gates(4, orthogonal)",
            "gates(zeros, ones, zeros, gates(2, he uniform(slope 0.3)))",
            "mup(output, 64, lecun normal)",
            "asymmetric weight(choices 0123456789abcdef0123456789abcdef)",
            "torch default",
            "keras embedding",
            "flax dense",
            "glorot_uniform");

    private static final List<String> PIECES = List.of(
            "(",
            ")",
            "((",
            "))",
            ",",
            ", ",
            " ",
            "",
            "-",
            "+",
            ".",
            "e",
            "0",
            "1",
            "-0",
            "1e38",
            "3.5e38",
            "1e-46",
            "1e400",
            "-1e38",
            "2147483647",
            "2147483648",
            "99999999999999999999",
            "NaN",
            "Infinity",
            "-Infinity",
            "0x1p3",
            "1f",
            "1d",
            "slope ",
            "gain ",
            "mean ",
            "gates ",
            "gates(1000, ",
            "gates(30, ",
            "scaled(",
            "mup(input, 1, ",
            "\u0000",
            "\n",
            "\u00a0",
            "\ud83d",
            "\ude00",
            "\u202e",
            "\u0130",
            "\u0661",
            "\u2212",
            "heNormal",
            "'",
            "\"",
            "%s",
            "${x}",
            "\\");

    @Test
    void everyTextIsAnInitializerOrASentence() {
        long seed = Long.getLong("nn.fuzz.seed", 7);
        int cases = Integer.getInteger("nn.fuzz.cases", 4000);
        SplittableRandom random = new SplittableRandom(seed);
        int read = 0;
        for (int i = 0; i < cases; i++) {
            String text = changed(RIGHT.get(random.nextInt(RIGHT.size())), random);
            Initializer initializer;
            try {
                initializer = Init.parse(text);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).as("case %d", i).isNotBlank().hasSizeLessThan(1000);
                continue;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("case " + i + ", '" + text + "'", e);
            }
            read++;
            assertThat(Init.parse(initializer.toString()))
                    .as("'%s', case %d", text, i)
                    .isEqualTo(initializer);
        }
        assertThat(read).isBetween(cases / 20, cases * 19 / 20); // both happen
    }

    private static String changed(String text, SplittableRandom random) {
        StringBuilder result = new StringBuilder(text);
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(result.length() + 1);
            int to = Math.min(result.length(), at + random.nextInt(4));
            switch (random.nextInt(7)) {
                case 0 -> result.delete(at, to);
                case 1 -> result.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> result.replace(at, to, PIECES.get(random.nextInt(PIECES.size())));
                case 3 -> result.insert(at, (char) random.nextInt(0x10000));
                case 4 -> result.insert(at, RIGHT.get(random.nextInt(RIGHT.size())));
                case 5 -> wrap(result, random);
                default -> result.replace(at, to, numbers(random));
            }
        }
        return result.toString();
    }

    private static String numbers(SplittableRandom random) {
        return String.valueOf(Double.longBitsToDouble(random.nextLong()));
    }

    /** Within other initializers, now and then deeper than is read. */
    private static void wrap(StringBuilder text, SplittableRandom random) {
        List<String> begin =
                List.of("scaled(", "gates(2, ", "looks linear(inputs, ", "mup(hidden, 8, ", "gates(zeros, ");
        List<String> end = List.of(", 0.5)", ")", ")", ")", ")");
        int depth = 1 + (random.nextInt(20) == 0 ? random.nextInt(200) : random.nextInt(8));
        List<Integer> kinds = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            kinds.add(random.nextInt(begin.size()));
        }
        for (int kind : kinds) {
            text.insert(0, begin.get(kind)).append(end.get(kind));
        }
    }
}
