package nn.init.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nn.init.testing.Finding.Verdict;
import nn.tensor.Shape;

/** Collects what is found at one shape. */
final class Findings {
    private final String shape;
    private final List<Finding> found = new ArrayList<>();

    Findings(Shape shape) {
        this.shape = shape.toString();
    }

    List<Finding> all() {
        return found;
    }

    /** Holds or fails; the mistake is told only if it fails. */
    void judge(Property property, boolean holds, String expected, String measured, String allowed, String mistake) {
        Verdict verdict = holds ? Verdict.HOLDS : Verdict.FAILS;
        found.add(new Finding(property, verdict, shape, expected, measured, allowed, holds ? "" : mistake));
    }

    /** Nothing to see, but so few values might have shown nothing anyway. */
    void tooFew(Property property, String expected, String measured, String allowed, String needed) {
        found.add(new Finding(property, Verdict.UNDECIDED, shape, expected, measured, allowed, needed));
    }

    void undecided(Property property, String why) {
        tooFew(property, "", "", "", why);
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
