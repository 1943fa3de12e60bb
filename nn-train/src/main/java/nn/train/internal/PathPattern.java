package nn.train.internal;

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
     * Returns whether a path is among those that the pattern stands for.
     *
     * @param path of a parameter
     * @return whether it matches as a whole
     */
    public boolean matches(String path) {
        return pattern.matcher(path).matches();
    }
}
