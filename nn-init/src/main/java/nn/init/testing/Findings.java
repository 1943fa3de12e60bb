package nn.init.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import nn.init.testing.CheckFinding.Verdict;
import nn.tensor.Shape;

/** Collects the findings at one shape. */
final class Findings {
    private final String shape;
    private final List<CheckFinding> found = new ArrayList<>();

    Findings(Shape shape) {
        this.shape = shape.toString();
    }

    List<CheckFinding> all() {
        return found;
    }

    /** Adds a property that holds or fails; the mistake is noted only if it fails. */
    void judge(Property property, boolean holds, String expected, String measured, String allowed, String mistake) {
        Verdict verdict = holds ? Verdict.HOLDS : Verdict.FAILS;
        found.add(new CheckFinding(property, verdict, shape, expected, measured, allowed, holds ? "" : mistake));
    }

    /** Says that a property which seemed to hold fails. */
    void revise(Property property, String expected, String measured, String allowed, String mistake) {
        CheckFinding fails = new CheckFinding(property, Verdict.FAILS, shape, expected, measured, allowed, mistake);
        found.replaceAll(finding -> finding.property() == property ? fails : finding);
    }

    /** Adds a property that seems to hold, but that these values could not have refuted. */
    void tooFew(Property property, String expected, String measured, String allowed, String needed) {
        found.add(new CheckFinding(property, Verdict.UNDECIDED, shape, expected, measured, allowed, needed));
    }

    void undecided(Property property, String why) {
        tooFew(property, "", "", "", why);
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
