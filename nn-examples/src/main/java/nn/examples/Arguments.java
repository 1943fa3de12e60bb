package nn.examples;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import nn.examples.Example.Option;
import nn.tensor.Key;

/** The options given on the command line, and the defaults of the others. */
final class Arguments {
    private final Map<String, String> values = new HashMap<>();
    private final List<String> words = new ArrayList<>();

    /** Reads the words behind the example's name. */
    static Arguments parse(Example example, List<String> words) {
        List<Option> options = example.options();
        Arguments arguments = new Arguments();
        for (Option option : options) {
            if (!option.fallback().isEmpty()) {
                arguments.values.put(option.name(), option.fallback());
            }
        }
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!example.words().isEmpty() && !word.startsWith("--")) {
                arguments.words.add(word);
                continue;
            }
            Option option = options.stream()
                    .filter(o -> o.name().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("unknown option '" + word + "'; known: "
                            + options.stream().map(Option::name).collect(Collectors.joining(", "))));
            if (option.value().isEmpty()) {
                arguments.values.put(word, "yes");
            } else if (i + 1 == words.size()) {
                throw new UsageException("option " + word + " wants a value: " + word + " " + option.value());
            } else {
                arguments.values.put(word, words.get(++i));
            }
        }
        return arguments;
    }

    /** The words that are no options, in order. */
    List<String> words() {
        return List.copyOf(words);
    }

    /** Whether the option was given or has a default. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The option's text. */
    String text(String name) {
        return values.get(name);
    }

    /** The option as a whole number of at least {@code least}. */
    int number(String name, int least) {
        try {
            int number = Integer.parseInt(values.get(name));
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageException(
                "option " + name + " is '" + values.get(name) + "': it is a whole number of at least " + least);
    }

    /** The key of {@code --seed}. */
    Key key() {
        return Key.of(seed());
    }

    /** The number of {@code --seed}. */
    long seed() {
        try {
            return Long.parseLong(values.get(Option.SEED.name()));
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "option --seed is '" + values.get(Option.SEED.name()) + "': it is a whole number");
        }
    }
}
