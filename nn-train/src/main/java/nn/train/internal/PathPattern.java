package nn.train.internal;

import java.util.Collection;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some paths of parameters. In the text, {@code *} stands for any characters, dots among them, and a dot at the end for
 * everything below: {@code encoder.fc1.weight} is one path, {@code encoder.} stands for {@code encoder.*}, and {@code
 * encoder.*.weight} for all weights in the encoder.
 */
public final class PathPattern {
    private static final int MAX_NAMES = 20; // in a message

    private final Pattern pattern;

    /**
     * Reads a pattern.
     *
     * @param text the pattern
     */
    public PathPattern(String text) {
        String whole = Objects.requireNonNull(text, "pattern").endsWith(".") ? text + "*" : text;
        pattern = Pattern.compile(
                Stream.of(whole.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    /**
     * Returns the refusal of a pattern that matches no path of a model.
     *
     * @param who uses the pattern
     * @param text the pattern
     * @param paths those of the model's parameters
     * @return to be thrown
     */
    public static IllegalArgumentException unmatched(String who, String text, Collection<String> paths) {
        boolean isLayer = paths.stream().anyMatch(path -> path.startsWith(text + "."));
        int more = paths.size() - MAX_NAMES;
        String names = paths.stream().limit(MAX_NAMES).collect(Collectors.joining(", "));
        return new IllegalArgumentException(who + ": no parameter matches '" + text + "'"
                + (isLayer ? "; all parameters of that layer match '" + text + ".'" : "")
                + "; there are " + names + (more > 0 ? " and " + more + " more" : ""));
    }

    /**
     * Returns whether a path is among those that the pattern stands for.
     *
     * @param path of a parameter
     * @return whether it matches as a whole
     */
    public boolean matches(String path) {
        return pattern.matcher(path).matches();
    }
}
