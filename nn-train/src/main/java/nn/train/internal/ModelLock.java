package nn.train.internal;

import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.layers.Parameter;

/**
 * The exclusive right to change the parameters of a model; one trainer, or one call that loads weights, has it at a
 * time. A fit {@linkplain #keep keeps} it from its first step to its last, so that nothing else changes the model
 * between two steps.
 */
public final class ModelLock {
    private final List<String> paths;
    private final List<Parameter> parameters;
    private final String advice;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile boolean kept;

    /**
     * Creates a lock that is free.
     *
     * @param parameters of the model, by path
     * @param advice the end of the error message, after {@code 'path' is being trained}
     */
    public ModelLock(SequencedMap<String, Parameter> parameters, String advice) {
        this.paths = List.copyOf(parameters.keySet());
        this.parameters = List.copyOf(parameters.values());
        this.advice = advice;
    }

    /**
     * Claims the model for one change.
     *
     * @throws IllegalStateException if another lock has one of the parameters, or this one was claimed before
     */
    public void claim() {
        if (!claimed.compareAndSet(false, true)) {
            throw refusal(0);
        }
        if (!kept) {
            claimParameters();
        }
    }

    /** Releases the model after {@link #claim}. */
    public void release() {
        if (!kept) {
            release(parameters.size());
        }
        claimed.setRelease(false); // without a fence, as Parameter.release
    }

    /**
     * Claims the model for many changes; each of them still calls {@link #claim}.
     *
     * @throws IllegalStateException if another lock has one of the parameters, or this one was claimed before
     */
    public void keep() {
        claim();
        kept = true;
        claimed.set(false);
    }

    /** Releases the model after {@link #keep}. */
    public void releaseKept() {
        kept = false;
        release(parameters.size());
    }

    private void claimParameters() {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).claim()) {
                release(i);
                claimed.set(false);
                throw refusal(i);
            }
        }
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            parameters.get(i).release();
        }
    }

    private IllegalStateException refusal(int index) {
        return new IllegalStateException("'" + paths.get(index) + "' is being trained" + advice);
    }
}
