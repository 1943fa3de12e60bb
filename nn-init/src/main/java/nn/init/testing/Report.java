package nn.init.testing;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import nn.init.testing.CheckFinding.Verdict;

/**
 * The findings of a {@link Conformance}.
 *
 * @param initializer its name
 * @param findings one for each property that was checked
 * @param smallestFactor the smallest factor, up or down, by which a wrong variance is noticed in 999 of 1000 cases;
 *     infinite if the values say nothing about the variance
 */
public record Report(String initializer, List<CheckFinding> findings, double smallestFactor) {
    /** Takes an unmodifiable copy. */
    public Report {
        Objects.requireNonNull(initializer, "initializer");
        findings = List.copyOf(findings);
    }

    /**
     * Returns the findings with a verdict.
     *
     * @param verdict the verdict
     * @return the findings, possibly none
     */
    public List<CheckFinding> findings(Verdict verdict) {
        return findings.stream().filter(f -> f.verdict() == verdict).toList();
    }

    /**
     * Whether no property fails. Some may be undecided: {@link #conclusive}.
     *
     * @return false if one fails
     */
    public boolean passed() {
        return findings(Verdict.FAILS).isEmpty();
    }

    /**
     * Whether every property was decided.
     *
     * @return false if one is undecided
     */
    public boolean conclusive() {
        return findings(Verdict.UNDECIDED).isEmpty();
    }

    /**
     * Throws if a property fails; for tests.
     *
     * @return this
     * @throws AssertionError if a property fails; the message lists all that do
     */
    public Report throwIfFailed() {
        return throwIfAny(Verdict.FAILS);
    }

    /**
     * Throws if a property fails or is undecided; for tests that are meant as a proof.
     *
     * @return this
     * @throws AssertionError if a property fails or is undecided
     */
    public Report throwIfUndecided() {
        throwIfFailed();
        return throwIfAny(Verdict.UNDECIDED);
    }

    private Report throwIfAny(Verdict verdict) {
        List<CheckFinding> found = findings(verdict);
        if (!found.isEmpty()) {
            throw new AssertionError(found.stream()
                    .map(CheckFinding::toString)
                    .collect(Collectors.joining("\n  ", "initializer '" + initializer + "':\n  ", "")));
        }
        return this;
    }

    /** A line for each finding. */
    @Override
    public String toString() {
        return findings.stream()
                .map(CheckFinding::toString)
                .collect(Collectors.joining("\n  ", "initializer '" + initializer + "':\n  ", ""));
    }
}
