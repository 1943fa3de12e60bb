package nn.train.diagnose;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A fault of a network, with the faults that follow from it.
 *
 * @param severity how much it matters
 * @param symptom the kind of fault
 * @param layer the path of the layer where it is worst or where it begins, such as {@code hidden1}; empty if it
 *     concerns the network or its data
 * @param measured the measured number
 * @param limit the limit that it has passed
 * @param text a sentence that says what was found, where, and why
 * @param remedies what may help, the best first; at least one. In a report the first one has been tried, if it has a
 *     {@link Treatment}
 * @param consequences the findings that disappear when the first remedy is applied
 */
public record InitFinding(
        Severity severity,
        Symptom symptom,
        String layer,
        double measured,
        double limit,
        String text,
        List<Remedy> remedies,
        List<InitFinding> consequences) {
    /** How much a finding matters. */
    public enum Severity {
        /**
         * Does no harm by itself. A report has it only as the cause of something else, and then with that severity.
         */
        SUSPICION,
        /** Costs training time or accuracy. */
        WARNING,
        /** Prevents training. */
        FAILURE
    }

    /**
     * Checks the arguments and takes unmodifiable copies.
     *
     * @throws NullPointerException if an argument is null
     * @throws IllegalArgumentException if there is no remedy
     */
    public InitFinding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(symptom, "symptom");
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(text, "text");
        remedies = List.copyOf(Objects.requireNonNull(remedies, "remedies"));
        consequences = List.copyOf(Objects.requireNonNull(consequences, "consequences"));
        if (remedies.isEmpty()) {
            throw new IllegalArgumentException("finding '" + symptom + "' has no remedy; give at least some advice");
        }
    }

    /**
     * A finding without consequences, as checks make them.
     *
     * @param severity how much it matters
     * @param symptom the kind of fault
     * @param layer the path of a layer; empty if it concerns the network or its data
     * @param measured the measured number
     * @param limit the limit that it has passed
     * @param text a sentence
     * @param remedies what may help, the best first; at least one
     * @return the finding
     */
    public static InitFinding of(
            Severity severity,
            Symptom symptom,
            String layer,
            double measured,
            double limit,
            String text,
            Remedy... remedies) {
        return new InitFinding(severity, symptom, layer, measured, limit, text, List.of(remedies), List.of());
    }

    /**
     * What helps most, in words.
     *
     * @return the text of the first remedy
     */
    public String remedy() {
        return remedies.getFirst().text();
    }

    /**
     * What helps most, as a program can do it.
     *
     * @return the treatment of the first remedy; {@link Treatment#NONE} if only people can apply it
     */
    public Treatment treatment() {
        return remedies.getFirst().treatment();
    }

    /** This finding and all that follow from it. */
    Stream<InitFinding> withConsequences() {
        return Stream.concat(Stream.of(this), consequences.stream().flatMap(InitFinding::withConsequences));
    }

    /** Returns a text such as {@code FAILURE signal: ... Remedy: ...}. */
    @Override
    public String toString() {
        return severity + " " + symptom + ": " + text + " Remedy: " + remedy();
    }
}
