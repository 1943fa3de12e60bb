package nn.train;

import java.util.Collections;
import java.util.SequencedMap;
import nn.layers.Context;

/**
 * Is notified of the progress of a {@link Trainer#fit}, on the training thread, between steps. An exception that it
 * throws ends the training. It may call {@link Trainer#state} and {@link Trainer#cancel}; a call that would change the
 * training, such as {@link Trainer#restore}, is refused. By default all methods do nothing.
 */
public interface TrainingObserver {
    /**
     * Called when training begins.
     *
     * @param epochs the most epochs to come; 0 if a resumed fit had done all its epochs before
     * @param steps number of steps of each epoch
     * @param completedSteps number of steps of the first epoch done before, if an unfinished epoch is resumed; else 0
     */
    default void onStart(int epochs, int steps, int completedSteps) {}

    /**
     * Called before each step; an observer that looks into its passes returns a context over theirs, for this step: a
     * {@link nn.layers.ForwardingContext} that overrides {@code run} or {@code afterBackward}. It sees every layer of
     * every micro-batch, and must change nothing: what it throws ends the step. Tensors are reused after a layer has
     * run, so it keeps numbers and no tensors. The other steps get the context as it was and cost nothing.
     *
     * @param step the number of the step that begins, from 1
     * @param context of the passes
     * @return the same context by default
     */
    default Context over(long step, Context context) {
        return context;
    }

    /**
     * Called after each step, but not for a batch in which no row counts for the loss.
     *
     * @param report its report
     */
    default void onStep(StepReport report) {}

    /**
     * Called after the steps of each epoch, before {@link #onEpoch}: what the observer has measured in this epoch, for
     * the {@link History}.
     *
     * @return the numbers by name, in the order of the history's columns; none by default
     */
    default SequencedMap<String, Double> observations() {
        return Collections.emptyNavigableMap();
    }

    /**
     * Called after each epoch.
     *
     * @param report its report
     */
    default void onEpoch(EpochReport report) {}

    /**
     * Called when training has ended, also by cancellation or interruption, but not if it ended by an exception. An
     * exception thrown here does not change the state of the fit; the caller gets it once all observers were called.
     *
     * @param history the epochs of this call
     */
    default void onEnd(History history) {}
}
