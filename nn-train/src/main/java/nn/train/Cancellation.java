package nn.train;

import java.util.Optional;
import java.util.function.Supplier;
import nn.train.internal.Outputs;

/**
 * A request to end a fit: {@link Trainer#cancel} was called, or the thread was interrupted. {@link
 * Outputs#BEFORE_CHUNK} passes it on to metrics, which are functions without a parameter for it.
 */
final class Cancellation {
    private volatile boolean cancelled;

    void request() {
        cancelled = true;
    }

    /** Forgets the request, at the end of its fit. */
    void clear() {
        cancelled = false;
    }

    boolean isRequested() {
        return cancelled || Thread.currentThread().isInterrupted();
    }

    /** Returns the reason of a requested end. */
    StopReason reason() {
        return cancelled ? StopReason.CANCELLED : StopReason.INTERRUPTED;
    }

    /** Throws if the end was requested. */
    void check() {
        if (isRequested()) {
            throw new Requested();
        }
    }

    /** Returns the result of a measurement; empty if the end was requested meanwhile. */
    <T> Optional<T> unlessRequested(Supplier<T> measurement) {
        try {
            return Optional.of(
                    ScopedValue.where(Outputs.BEFORE_CHUNK, this::check).call(measurement::get));
        } catch (Requested e) {
            return Optional.empty();
        }
    }

    /** Thrown to end a measurement. */
    private static final class Requested extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Requested() {
            super("the training was cancelled or interrupted", null, false, false);
        }
    }
}
