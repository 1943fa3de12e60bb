package nn.train.diagnose;

import java.util.Objects;

/**
 * Something wrong with a network.
 *
 * @param severity how bad it is
 * @param symptom what it is
 * @param layer the path of the layer where it is worst or where it begins, such as {@code hidden1}; empty if it is
 *     about the network or its input
 * @param measured the number that decides
 * @param limit what it should not have passed
 * @param text what was found, where, and why
 * @param remedy what would help
 */
public record InitFinding(
        Severity severity, Symptom symptom, String layer, double measured, double limit, String text, String remedy) {
    /** The severity of a finding. */
    public enum Severity {
        /** It costs time or accuracy. */
        WARNING,
        /** It hinders training. */
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
