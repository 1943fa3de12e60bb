package nn.init.testing;

import java.util.Objects;

/**
 * What a check found out about one property.
 *
 * @param property which
 * @param verdict whether it holds
 * @param shape of the tensor, such as {@code [64 x 96]}
 * @param expected what was promised
 * @param measured what was found
 * @param allowed how far the two may differ
 * @param note the likely mistake where it fails, what would be needed where it cannot be told; else perhaps empty
 */
public record Finding(
        Property property,
        Verdict verdict,
        String shape,
        String expected,
        String measured,
        String allowed,
        String note) {

    /** Whether a property holds. */
    public enum Verdict {
        /** It holds, as far as so many values can tell. */
        HOLDS,
        /** Too few values, or not the right ones, to tell: take another shape. */
        UNDECIDED,
        /** It does not hold. */
        FAILS
    }

    /** Checks that nothing is null. */
    public Finding {
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
