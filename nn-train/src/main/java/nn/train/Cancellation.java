package nn.train;

import java.util.Optional;
import java.util.function.Supplier;
import nn.train.internal.Outputs;

/**
 * The wish to end a fit: {@link Trainer#cancel} was called, or the thread was interrupted. It reaches a metric, which
 * is a function of the user's without a parameter for it, by {@link Outputs#BEFORE_PART}.
 */
final class Cancellation {
    private volatile boolean cancelled;

    void request() {
        cancelled = true;
    }

    /** Forgets a request, at the end of the fit that it was for. */
    void clear() {
        cancelled = false;
    }

    boolean isRequested() {
        return cancelled || Thread.currentThread().isInterrupted();
    }

    /** Returns the reason of an end that was requested. */
    StopReason reason() {
        return cancelled ? StopReason.CANCELLED : StopReason.INTERRUPTED;
    }

    /** Ends a measurement if that was requested. */
    void check() {
        if (isRequested()) {
            throw new Requested();
        }
    }

    /** Returns the result of a measurement; empty if its end was requested meanwhile. */
    <T> Optional<T> unlessRequested(Supplier<T> measurement) {
        try {
            return Optional.of(
                    ScopedValue.where(Outputs.BEFORE_PART, this::check).call(measurement::get));
        } catch (Requested e) {
            return Optional.empty();
        }
    }

    /** Ends a measurement from within. */
    private static final class Requested extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Requested() {
            super("the training was cancelled or interrupted", null, false, false);
        }
    }
}
