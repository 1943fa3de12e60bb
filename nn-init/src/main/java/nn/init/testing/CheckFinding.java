package nn.init.testing;

import java.util.Objects;

/**
 * The result of a check for one property.
 *
 * @param property the property
 * @param verdict whether it holds
 * @param shape of the tensor, such as {@code [64 x 96]}
 * @param expected the promised value
 * @param measured the measured value
 * @param allowed how far the two may differ
 * @param note the likely mistake if the property fails, what would decide it if it is undecided; may be empty
 */
public record CheckFinding(
        Property property,
        Verdict verdict,
        String shape,
        String expected,
        String measured,
        String allowed,
        String note) {

    /** Whether a property holds. */
    public enum Verdict {
        /** It holds, as far as this number of values can show. */
        HOLDS,
        /** The values cannot decide it: take another shape. */
        UNDECIDED,
        /** It does not hold. */
        FAILS
    }

    /** Checks that nothing is null. */
    public CheckFinding {
        Objects.requireNonNull(property, "property");
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(expected, "expected");
        Objects.requireNonNull(measured, "measured");
        Objects.requireNonNull(allowed, "allowed");
        Objects.requireNonNull(note, "note");
    }

    /** One line, such as {@code second moment FAILS at [64 x 96]: expected ..., measured ..., allowed ...; note}. */
    @Override
    public String toString() {
        String line = property + " " + verdict + " at " + shape;
        if (!expected.isEmpty()) {
            line += ": expected " + expected + ", measured " + measured + ", allowed " + allowed;
        }
        return note.isEmpty() ? line : line + "; " + note;
    }
}
