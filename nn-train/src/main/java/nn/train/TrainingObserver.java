package nn.train;

/**
 * Watches a {@link Trainer#fit}. It is called on the training thread, between steps; an exception from it ends the
 * training. It may call {@link Trainer#state} and {@link Trainer#cancel}; a call that would change the training, such
 * as {@link Trainer#restore}, is refused. All methods do nothing by default.
 */
public interface TrainingObserver {
    /**
     * Training begins.
     *
     * @param epochs how many there will be at most; 0 where a fit that had done all its epochs is continued
     * @param steps how many steps each has
     * @param completedSteps how many of the first one were made before, where an unfinished epoch is continued; 0 as a
     *     rule
     */
    default void onStart(int epochs, int steps, int completedSteps) {}

    /**
     * A step is done.
     *
     * @param report what it did
     */
    default void onStep(StepReport report) {}

    /**
     * An epoch is done.
     *
     * @param report what it did
     */
    default void onEpoch(EpochReport report) {}

    /**
     * Training has come to its end, cancelled or interrupted included; not called if an exception ends it. An exception
     * that is thrown here leaves the fit as it ended, and is thrown on when all observers were told.
     *
     * @param history what was done
     */
    default void onEnd(History history) {}
}
