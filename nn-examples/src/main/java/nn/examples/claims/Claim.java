package nn.examples.claims;

import nn.examples.experiment.Experiment;

/**
 * One claim of the subject and the experiment that judges it: one class with a public constructor without arguments,
 * in the package of its {@link Family}. The {@link Lab} finds it there by itself.
 */
public interface Claim {
    /**
     * What is claimed, and what holds.
     *
     * @return always the same
     */
    Card card();

    /**
     * Does the experiment, and hands its measurements and drawings to {@code e}.
     *
     * @param e gives keys, initializers and threads, and collects what comes out
     */
    void measure(Experiment e);
}
