package nn.examples.claims;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A claim with its place in the lab.
 *
 * @param claim the claim
 * @param card its words
 * @param family the last part of its package's name
 * @param title the family's heading
 * @param order the family's place
 * @param claimant the author of the claim
 */
public record Entry(Claim claim, Card card, String family, String title, int order, Claimant claimant)
        implements Comparable<Entry> {
    private static final Pattern ID = Pattern.compile("([A-Z]*)-?([0-9]+)([a-z]?)");

    /** Proper names in the names of claims, as they are written. */
    private static final Map<String, String> PROPER = Map.of(
            "Relu", "ReLU", "Relus", "ReLUs", "He", "He", "Xavier", "Xavier", "Jacobian", "Jacobian", "Siren", "SIREN");

    private static final Comparator<Entry> ORDER = Comparator.comparingInt(Entry::order)
            .thenComparing(Entry::family)
            .thenComparing(Entry::letters)
            .thenComparingInt(Entry::digits)
            .thenComparing(Entry::id);

    static Entry of(Claim claim) {
        Package home = claim.getClass().getPackage();
        Family family = home.getAnnotation(Family.class);
        if (family == null) {
            throw new IllegalStateException(claim.getClass().getName() + " is a claim, but its package has no"
                    + " @Family: move it into a family's package, or annotate package-info.java");
        }
        String name = home.getName().substring(home.getName().lastIndexOf('.') + 1);
        return new Entry(claim, claim.card(), name, family.title(), family.order(), family.claimant());
    }

    /**
     * Returns a heading for the claim: the name of its class in words.
     *
     * @return such as {@code He keeps the second moment}
     */
    public String headline() {
        String[] words = claim.getClass().getSimpleName().split("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            String written = PROPER.getOrDefault(word, line.isEmpty() ? word : word.toLowerCase(Locale.ROOT));
            line.append(line.isEmpty() ? "" : " ").append(written);
        }
        return line.toString();
    }

    /**
     * Returns the claim's own id.
     *
     * @return unique in the lab
     */
    public String id() {
        return card.id();
    }

    /**
     * Returns whether a user's word means this claim: one of its ids in any case ({@code 33} means 33a and 33b too), or
     * its family, with or without hyphens.
     *
     * @param word of the command line
     * @return true if it does
     */
    public boolean answersTo(String word) {
        String asked = word.toUpperCase(Locale.ROOT);
        return family.equalsIgnoreCase(word.replace("-", ""))
                || card.ids().stream()
                        .anyMatch(id -> id.toUpperCase(Locale.ROOT).equals(asked)
                                || asked.matches("[0-9]+") && id.matches(asked + "[a-z]"));
    }

    @Override
    public int compareTo(Entry other) {
        return ORDER.compare(this, other);
    }

    private Matcher parts() {
        Matcher matcher = ID.matcher(id());
        if (!matcher.matches()) {
            throw new IllegalStateException(id());
        }
        return matcher;
    }

    private String letters() {
        return parts().group(1);
    }

    private int digits() {
        return Integer.parseInt(parts().group(2));
    }
}
