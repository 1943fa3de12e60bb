package nn.train;

/** The reason for which a {@link Trainer#fit} ended. */
public enum StopReason {
    /** All epochs were done. */
    COMPLETED,
    /** The loss did not get better for as many epochs as {@link FitOptions#patience} says. */
    STOPPED_EARLY,
    /** {@link Trainer#cancel} was called. */
    CANCELLED,
    /** The thread was interrupted; it still is. */
    INTERRUPTED
}
