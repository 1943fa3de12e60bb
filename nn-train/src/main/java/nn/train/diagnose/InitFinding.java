package nn.train.diagnose;

import java.util.Objects;

/**
 * A fault of a network.
 *
 * @param severity warning or failure
 * @param symptom the kind of fault
 * @param layer the path of the layer where it is worst or where it begins, such as {@code hidden1}; empty if it
 *     concerns the network or its input
 * @param measured the measured number
 * @param limit the limit that it has passed
 * @param text a sentence that says what was found, where, and why
 * @param remedy a suggestion
 */
public record InitFinding(
        Severity severity, Symptom symptom, String layer, double measured, double limit, String text, String remedy) {
    /** The severity of a finding. */
    public enum Severity {
        /** Costs training time or accuracy. */
        WARNING,
        /** Prevents training. */
        FAILURE
    }

    /** Checks that nothing is null. */
    public InitFinding {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(symptom, "symptom");
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(remedy, "remedy");
    }

    /** Returns a text such as {@code FAILURE signal: ... Remedy: ...}. */
    @Override
    public String toString() {
        return severity + " " + symptom + ": " + text + " Remedy: " + remedy;
    }
}
