package nn.train.diagnose;

import java.util.List;

/**
 * A look at one kind of fault. A {@link Doctor} asks its checks in the order of causes: the data first, then the
 * parameters, then what they do to the signal and the gradient.
 *
 * <p>A check reports each fault at most once, with the remedies that may help, the best one first. It need not know
 * what follows from what: the doctor tries the remedies, and lists under a finding all those that disappear with it.
 *
 * <pre>{@code
 * Check narrow = examination -> examination.places().stream()
 *         .filter(place -> place.reading().units() == 1)
 *         .limit(1)
 *         .map(place -> InitFinding.of(InitFinding.Severity.WARNING, Symptom.OWN, place.reading().path(),
 *                 1, 2, "the layer has one unit.", Remedy.advice("give it at least two.")))
 *         .toList();
 * InitReport report = Doctor.standard().and(narrow).examine(network, batch, Key.of(1));
 * }</pre>
 */
@FunctionalInterface
public interface Check {
    /**
     * Looks for one kind of fault.
     *
     * @param examination what one pass of a batch has shown; not changed
     * @return what was found; empty if nothing is wrong
     */
    List<InitFinding> findings(Examination examination);
}
