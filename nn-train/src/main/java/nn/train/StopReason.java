package nn.train;

/** Why a {@link Trainer#fit} came to its end. */
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
