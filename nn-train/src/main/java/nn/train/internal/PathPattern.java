package nn.train.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Some paths of parameters. In the text, {@code *} stands for any characters, dots among them, and a dot at the end for
 * everything below: {@code encoder.fc1.weight} is one path, {@code encoder.} stands for {@code encoder.*}, and {@code
 * encoder.*.weight} for all weights in the encoder.
 */
public final class PathPattern {
    private static final int MAX_NAMES = 20; // in a message

    private final String text;
    private final List<String> literals; // what stands before, between and behind the stars

    /**
     * Reads a pattern.
     *
     * @param text the pattern
     */
    public PathPattern(String text) {
        this.text = Objects.requireNonNull(text, "pattern");
        literals = List.of((text.endsWith(".") ? text + "*" : text).split("\\*", -1));
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
        return match(path).isPresent();
    }

    /**
     * Returns the texts that the stars stand for, each as short as possible, the first star first.
     *
     * @param path of a parameter
     * @return a text for each star; empty if the path as a whole does not match
     */
    public Optional<List<String>> match(String path) {
        String first = literals.getFirst();
        if (literals.size() == 1) {
            return path.equals(first) ? Optional.of(List.of()) : Optional.empty();
        }
        String last = literals.getLast();
        int end = path.length() - last.length();
        if (end < first.length() || !path.startsWith(first) || !path.endsWith(last)) {
            return Optional.empty();
        }
        List<String> stars = new ArrayList<>();
        int at = first.length();
        for (String literal : literals.subList(1, literals.size() - 1)) {
            int found = path.indexOf(literal, at);
            if (found < 0 || found + literal.length() > end) {
                return Optional.empty();
            }
            stars.add(path.substring(at, found));
            at = found + literal.length();
        }
        stars.add(path.substring(at, end));
        return Optional.of(stars);
    }

    /**
     * Returns the number of stars, a dot at the end among them.
     *
     * @return 0 for a pattern that is one path
     */
    public int stars() {
        return literals.size() - 1;
    }

    /**
     * Writes the pattern with texts in the place of its stars.
     *
     * @param stars a text for each star
     * @return a path that matches
     */
    public String fill(List<String> stars) {
        StringBuilder path = new StringBuilder(literals.getFirst());
        for (int i = 0; i < stars.size(); i++) {
            path.append(stars.get(i)).append(literals.get(i + 1));
        }
        return path.toString();
    }

    /** Returns the pattern as it was given. */
    @Override
    public String toString() {
        return text;
    }
}
