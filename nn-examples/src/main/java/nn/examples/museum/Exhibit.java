package nn.examples.museum;

import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;

/**
 * A mistake of initialization that somebody made.
 *
 * @param name a short title
 * @param sources issues and pull requests of GitHub that tell of it, such as {@code pytorch/pytorch#23854}
 * @param story what was wrong, in a sentence or two
 * @param finder what names it
 * @param broken examines the mistake with draws of a seed; returns what is said of it, first the sentence that names
 *     it; empty if none does
 * @param repaired examines the same with the repair, for a seed; returns what is said against it: nothing
 */
public record Exhibit(
        String name,
        List<String> sources,
        String story,
        Finder finder,
        LongFunction<List<String>> broken,
        LongFunction<List<String>> repaired) {
    /** What names a mistake. */
    public enum Finder {
        /** {@link nn.init.testing.Conformance}. */
        CONFORMANCE("Conformance"),
        /** {@link nn.layers.preset.Preset#differences}. */
        PRESET("Preset.differences"),
        /** {@link nn.train.diagnose.InitReport}. */
        REPORT("InitReport");

        private final String text;

        Finder(String text) {
            this.text = text;
        }

        /** The class, and the method if there are several. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** Checks that nothing is null or missing. */
    public Exhibit {
        Objects.requireNonNull(name, "name");
        sources = List.copyOf(sources);
        Objects.requireNonNull(story, "story");
        Objects.requireNonNull(finder, "finder");
        Objects.requireNonNull(broken, "broken");
        Objects.requireNonNull(repaired, "repaired");
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("exhibit '" + name + "' has no source");
        }
    }

    /**
     * The addresses of the sources.
     *
     * @return in order; GitHub leads from an issue's address to a pull request of that number
     */
    public List<String> addresses() {
        return sources.stream()
                .map(source -> "https://github.com/" + source.replace("#", "/issues/"))
                .toList();
    }
}
