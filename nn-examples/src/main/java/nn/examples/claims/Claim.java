package nn.examples.claims;

import nn.examples.experiment.Experiment;

/**
 * A claim and the experiment that judges it: a public class in the package of its {@link Family}, with a public
 * constructor without arguments. The {@link Lab} finds it there.
 */
public interface Claim {
    /**
     * Returns the claim and the verdict in words.
     *
     * @return the same card at every call
     */
    Card card();

    /**
     * Runs the experiment, and hands its measurements and drawings to {@code e}.
     *
     * @param e gives keys, initializers and threads, and collects the results
     */
    void measure(Experiment e);
}
