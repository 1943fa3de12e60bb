package nn.train.internal;

import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import nn.layers.Parameter;

/**
 * The right to change the parameters of a model, which one trainer, or one loading of weights, has at a time. A fit
 * {@linkplain #keep keeps} it from its first step to its last, so that nobody else comes between two steps either.
 */
public final class ModelLock {
    private final List<String> paths;
    private final List<Parameter> parameters;
    private final String advice;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile boolean kept;

    /**
     * A lock that nobody has yet.
     *
     * @param parameters of the model, by path
     * @param advice the end of the message of a refusal, behind {@code 'path' is being trained}
     */
    public ModelLock(SequencedMap<String, Parameter> parameters, String advice) {
        this.paths = List.copyOf(parameters.keySet());
        this.parameters = List.copyOf(parameters.values());
        this.advice = advice;
    }

    /**
     * Takes the model for one change.
     *
     * @throws IllegalStateException if another lock has one of the parameters, or this one was claimed before
     */
    public void claim() {
        if (!claimed.compareAndSet(false, true)) {
            throw refusal(0);
        }
        if (!kept) {
            boolean done = false;
            try {
                claimParameters();
                done = true;
            } finally {
                claimed.set(done);
            }
        }
    }

    /** Gives back what {@link #claim} took. */
    public void release() {
        if (!kept) {
            release(parameters.size());
        }
        claimed.set(false);
    }

    /**
     * Takes the model for many changes; each of them still claims it.
     *
     * @throws IllegalStateException if another lock has one of the parameters, or this one was claimed before
     */
    public void keep() {
        claim();
        kept = true;
        claimed.set(false);
    }

    /** Gives back what {@link #keep} took. */
    public void giveBack() {
        kept = false;
        release(parameters.size());
    }

    private void claimParameters() {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).claim()) {
                release(i);
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
