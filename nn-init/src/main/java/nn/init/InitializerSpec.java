package nn.init;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import nn.init.internal.Arguments;

/**
 * The parsed text of an initializer: a name, and arguments in parentheses with commas between them, as in {@code
 * truncated normal(0, 0.02, cut 3)}. An argument is its value, or its name, a space, and its value. Those without a
 * name are taken in order: the caller chooses the type.
 *
 * <p>{@link Init#parse} passes this to an {@link InitializerProvider}, which reads each argument once.
 */
public final class InitializerSpec {
    /** Maximum nesting depth; guards against stack overflow. */
    private static final int DEEPEST = 50;

    /** Maximum length of a text, in characters. */
    private static final int LONGEST = 10_000;

    /** Maximum number of arguments in one pair of parentheses: an initializer may have as many gates. */
    private static final int MOST_ARGUMENTS = Gates.MOST;

    private final String name;
    private final List<String> open; // not read yet
    private final List<String> taken = new ArrayList<>();
    private final String text;
    private final Providers providers;
    private final int depth;

    private InitializerSpec(String name, List<String> open, String text, Providers providers, int depth) {
        this.name = name;
        this.open = open;
        this.text = text;
        this.providers = providers;
        this.depth = depth;
    }

    static InitializerSpec of(String text, Providers providers, int depth) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("an initializer's text has " + text.length() + " characters, more than"
                    + " the " + LONGEST + " that are read: " + Arguments.quote(text));
        }
        String all = text.strip();
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "an initializer's text has more than " + DEEPEST + " nested parentheses");
        }
        int parenthesis = all.indexOf('(');
        if (parenthesis < 0) {
            return new InitializerSpec(canonical(all), new ArrayList<>(), all, providers, depth);
        }
        if (!all.endsWith(")")) {
            throw new IllegalArgumentException(
                    Arguments.quote(all) + ": a name and its arguments end with a closing parenthesis");
        }
        String name = canonical(all.substring(0, parenthesis));
        List<String> arguments = arguments(all.substring(parenthesis + 1, all.length() - 1), all);
        return new InitializerSpec(name, arguments, all, providers, depth);
    }

    /** Splits at the commas that are not inside parentheses. */
    private static List<String> arguments(String inside, String all) {
        List<String> arguments = new ArrayList<>();
        int level = 0;
        int begin = 0;
        for (int i = 0; i <= inside.length(); i++) {
            char c = i < inside.length() ? inside.charAt(i) : ',';
            level += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (level < 0 || i == inside.length() && level > 0) {
                throw new IllegalArgumentException(Arguments.quote(all) + ": the parentheses do not match");
            }
            if (c == ',' && level == 0) {
                if (arguments.size() == MOST_ARGUMENTS) {
                    throw new IllegalArgumentException(
                            Arguments.quote(all) + ": more than " + MOST_ARGUMENTS + " arguments");
                }
                arguments.add(inside.substring(begin, i).strip());
                begin = i + 1;
            }
        }
        if (arguments.equals(List.of(""))) {
            return new ArrayList<>();
        }
        if (arguments.contains("")) {
            throw new IllegalArgumentException(Arguments.quote(all) + ": an argument between two commas is missing");
        }
        return arguments;
    }

    /** Returns the canonical form of a name: heNormal, he_normal and He-Normal become "he normal". */
    static String canonical(String name) {
        String words = name.strip().replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
        return words.replaceAll("[_\\-\\s]+", " ").toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the name, in lower case with single spaces.
     *
     * @return such as {@code he normal}
     */
    public String name() {
        return name;
    }

    /**
     * Returns the number of arguments not read yet.
     *
     * @return 0 or more
     */
    public int remaining() {
        return open.size();
    }

    /**
     * Reads a required number.
     *
     * @param parameter its name, one word
     * @return the number; the initializer checks its range
     * @throws IllegalArgumentException if it is missing, or not a number
     */
    public double number(String parameter) {
        return toNumber(parameter, take(parameter, true).orElseThrow(() -> missing(parameter, "0.5")));
    }

    /**
     * Reads an optional number.
     *
     * @param parameter its name, one word
     * @param otherwise the value if it is missing
     * @return the number; the initializer checks its range
     * @throws IllegalArgumentException if it is not a number
     */
    public double number(String parameter, double otherwise) {
        return take(parameter, true).map(value -> toNumber(parameter, value)).orElse(otherwise);
    }

    /**
     * Reads a required whole number.
     *
     * @param parameter its name, one word
     * @return the number; the initializer checks its range
     * @throws IllegalArgumentException if it is missing, not whole, or beyond the range of int
     */
    public int count(String parameter) {
        return whole(parameter, toNumber(parameter, take(parameter, true).orElseThrow(() -> missing(parameter, "4"))));
    }

    /**
     * Reads an optional whole number.
     *
     * @param parameter its name, one word
     * @param otherwise the value if it is missing
     * @return the number; the initializer checks its range
     * @throws IllegalArgumentException if it is not whole, or beyond the range of int
     */
    public int count(String parameter, int otherwise) {
        return whole(parameter, number(parameter, otherwise));
    }

    private int whole(String parameter, double value) {
        if (value != (int) value) {
            throw new IllegalArgumentException(name + ": " + parameter + " " + Arguments.brief(value)
                    + " must be a whole number in the range of int");
        }
        return (int) value;
    }

    /**
     * Reads a required word.
     *
     * @param parameter its name, one word
     * @return the word as it is written
     * @throws IllegalArgumentException if it is missing
     */
    public String word(String parameter) {
        return word(parameter, "...");
    }

    private String word(String parameter, String example) {
        return take(parameter, false).orElseThrow(() -> missing(parameter, example));
    }

    /**
     * Reads a required constant of an enum.
     *
     * @param <E> the enum
     * @param parameter its name, one word
     * @param type the enum
     * @return the constant, whose name may be spelled as that of an initializer
     * @throws IllegalArgumentException if it is missing, or there is no such constant
     */
    public <E extends Enum<E>> E choice(String parameter, Class<E> type) {
        String value =
                word(parameter, canonical(type.getEnumConstants()[0].name().toLowerCase(Locale.ROOT)));
        List<String> all = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            all.add(canonical(constant.name().toLowerCase(Locale.ROOT)));
            if (all.getLast().equals(canonical(value))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                name + ": " + parameter + " " + Arguments.quote(value) + " must be one of " + String.join(", ", all));
    }

    /**
     * Reads a required initializer.
     *
     * @param parameter its name, one word
     * @return the initializer
     * @throws IllegalArgumentException if it is missing, or {@link Init#parse} refuses it
     */
    public Initializer initializer(String parameter) {
        return InitializerRegistry.parse(word(parameter, "he normal"), providers, depth + 1);
    }

    /** Takes the argument of that name, or else the first without a name that is a number if a number is read. */
    private Optional<String> take(String parameter, boolean number) {
        for (String argument : open) {
            int end = parameter.length();
            if (argument.startsWith(parameter)
                    && argument.length() > end
                    && Character.isWhitespace(argument.charAt(end))) {
                open.remove(argument);
                taken.add(argument);
                return Optional.of(argument.substring(end).strip());
            }
        }
        Optional<String> found =
                open.stream().filter(argument -> isNumber(argument) == number).findFirst();
        found.ifPresent(argument -> {
            open.remove(argument);
            taken.add(argument);
        });
        return found;
    }

    private static boolean isNumber(String text) {
        try {
            Double.parseDouble(text);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private double toNumber(String parameter, String value) {
        if (!isNumber(value)) {
            throw new IllegalArgumentException(
                    name + ": " + parameter + " " + Arguments.quote(value) + " is not a number");
        }
        return Double.parseDouble(value);
    }

    private IllegalArgumentException missing(String parameter, String example) {
        List<String> complete = new ArrayList<>(taken);
        complete.add(parameter + " " + example);
        return new IllegalArgumentException(Arguments.quote(text) + ": '" + name + "' needs its " + parameter
                + ", such as " + Arguments.shortened(name + "(" + String.join(", ", complete) + ")"));
    }

    void requireNothingLeft() {
        if (!open.isEmpty()) {
            throw new IllegalArgumentException(Arguments.quote(text) + ": '" + name + "' does not take "
                    + Arguments.quote(open.getFirst()) + " (or not twice, or not that many arguments)");
        }
    }
}
