package nn.train;

/** The reason why a {@link Trainer#fit} ended. */
public enum StopReason {
    /** All epochs were done. */
    COMPLETED,
    /** {@link EarlyStopping} stopped it: the monitored quantity did not get better for too many epochs. */
    STOPPED_EARLY,
    /** {@link Trainer#cancel} was called. */
    CANCELLED,
    /** The thread was interrupted; its interrupt status stays set. */
    INTERRUPTED
}
