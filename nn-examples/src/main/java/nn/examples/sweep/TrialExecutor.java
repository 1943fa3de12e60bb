package nn.examples.sweep;

import java.io.IOException;
import java.util.List;

/**
 * Runs trials somewhere: on threads of this machine, or on the machines of an engine. A trial is a pure function of its
 * coordinates and the recipe, so an executor may run it anywhere, move it, lose it and run it again.
 */
@FunctionalInterface
public interface TrialExecutor {
    /** Receives outcomes. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes an outcome. A trial that ran twice may be handed over twice.
         *
         * @param trial the coordinates
         * @param outcome what it measured
         * @throws IOException if it cannot be kept
         */
        void accept(Trial trial, Outcome outcome) throws IOException;
    }

    /**
     * Runs every trial at least once, and returns when all outcomes were handed over.
     *
     * @param recipe what the trials have in common
     * @param trials the coordinates
     * @param sink receives the outcomes in any order, one at a time, as they come
     * @throws IOException if the sink throws it, or the executor lost its machines
     * @throws IllegalArgumentException if a trial cannot be run at all; its message names the trial
     */
    void run(Recipe recipe, List<Trial> trials, Sink sink) throws IOException;
}
