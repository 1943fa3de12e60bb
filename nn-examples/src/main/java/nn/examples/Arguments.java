package nn.examples;

import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nn.examples.Example.Option;
import nn.tensor.Key;

/**
 * The options of a command line, and the defaults of the others.
 *
 * @param values by the option's name; a switch that was given has the value {@code true}
 * @param given the names of the options that were given
 * @param words the words that are not options, in order
 */
record Arguments(Map<String, String> values, Set<String> given, List<String> words) {
    Arguments {
        values = Map.copyOf(values);
        given = Set.copyOf(given);
        words = List.copyOf(words);
    }

    /** Refuses an option that another one leaves without effect, if both were given. */
    void requireNotWith(String option, String... without) {
        for (String other : without) {
            if (given.contains(option) && given.contains(other)) {
                throw new UsageException(
                        "option " + other + " has no effect together with " + option + "; leave one of them out");
            }
        }
    }

    /** Returns whether the option was given or has a default. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Returns the option's text. */
    String text(String name) {
        return values.get(name);
    }

    /** Returns the option as a whole number from {@code least} to {@code most}. */
    int number(String name, int least, int most) {
        return whole(name, least, most).intValueExact();
    }

    /** Returns the option as a path. */
    Path path(String name) {
        String text = values.get(name);
        if (text.isEmpty()) {
            throw new UsageException("option " + name + " is empty; it names a file or folder");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            // The usual case is LC_ALL=C, in which the JVM can name no file that is not ASCII.
            throw new UsageException("option " + name + " is '" + text + "', which is not a file name on this system ("
                    + e.getReason() + "); if it has letters beyond ASCII, set LC_ALL=C.UTF-8 or another UTF-8 locale");
        }
    }

    /** Returns the key of {@code --seed}. */
    Key key() {
        return Key.of(seed());
    }

    /** Returns the number of {@code --seed}. */
    long seed() {
        return whole(Option.SEED.name(), Long.MIN_VALUE, Long.MAX_VALUE).longValueExact();
    }

    private BigInteger whole(String name, long least, long most) {
        String text = values.get(name);
        // Longer ones are out of range, and slow to read if they are very long.
        if (text.length() <= 30 && text.matches("[+-]?[0-9]+")) {
            BigInteger number = new BigInteger(text);
            if (number.compareTo(BigInteger.valueOf(least)) >= 0 && number.compareTo(BigInteger.valueOf(most)) <= 0) {
                return number;
            }
        }
        throw new UsageException("option " + name + " is '" + shortened(text) + "'; it must be a whole number from "
                + least + " to " + most);
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
}
