package nn.init.testing;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import nn.init.testing.Finding.Verdict;

/**
 * What a {@link Conformance} found out.
 *
 * @param initializer its name
 * @param findings one for each property that was looked at
 * @param smallestFactor the smallest factor by which the variance could be wrong, up or down, and still be noticed in
 *     999 of 1000 cases; infinite if the values say nothing about the variance
 */
public record Report(String initializer, List<Finding> findings, double smallestFactor) {
    /** Takes an unmodifiable copy. */
    public Report {
        Objects.requireNonNull(initializer, "initializer");
        findings = List.copyOf(findings);
    }

    /**
     * The findings of one verdict.
     *
     * @param verdict which
     * @return perhaps none
     */
    public List<Finding> with(Verdict verdict) {
        return findings.stream().filter(f -> f.verdict() == verdict).toList();
    }

    /**
     * Whether no property fails. Some may be undecided: {@link #conclusive}.
     *
     * @return false if one fails
     */
    public boolean passed() {
        return with(Verdict.FAILS).isEmpty();
    }

    /**
     * Whether every property that was looked at could be told.
     *
     * @return false if one is undecided
     */
    public boolean conclusive() {
        return with(Verdict.UNDECIDED).isEmpty();
    }

    /**
     * For tests: makes a failure loud.
     *
     * @return this
     * @throws AssertionError if a property fails; the message lists all that do
     */
    public Report throwIfFailed() {
        return throwIfAny(Verdict.FAILS);
    }

    /**
     * For tests that are to prove something: a property that could not be told is not a proof.
     *
     * @return this
     * @throws AssertionError if a property fails or is undecided
     */
    public Report throwIfUndecided() {
        throwIfFailed();
        return throwIfAny(Verdict.UNDECIDED);
    }

    private Report throwIfAny(Verdict verdict) {
        List<Finding> found = with(verdict);
        if (!found.isEmpty()) {
            throw new AssertionError(found.stream()
                    .map(Finding::toString)
                    .collect(Collectors.joining("\n  ", "initializer '" + initializer + "':\n  ", "")));
        }
        return this;
    }

    /** A line for each finding. */
    @Override
    public String toString() {
        return findings.stream()
                .map(Finding::toString)
                .collect(Collectors.joining("\n  ", "initializer '" + initializer + "':\n  ", ""));
    }
}
