package nn.train.internal;

import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import nn.layers.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive right to change or to read the parameters of a model; one trainer, or one call that loads weights, has
 * it at a time. A fit {@linkplain #keep keeps} it from its first step to its last, so that nothing else changes the
 * model between two steps; other threads are refused until then, and the fit never is.
 */
public final class ModelLock {
    private static final long PAUSE = 100_000; // nanoseconds between two looks at a thread that reads

    private enum Use {
        FREE,
        CLAIMED,
        READ,
        KEPT, // and free for the thread that keeps it
        KEPT_AND_CLAIMED
    }

    private final List<String> paths;
    private final List<Parameter> parameters;
    private final String advice;
    private final AtomicReference<Use> use = new AtomicReference<>(Use.FREE);
    private volatile @Nullable Thread keeper; // a thread only asks whether it is this one itself, and so of the reader
    private volatile @Nullable Thread reader;

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
     * Claims the model for one change. While another thread reads, it waits for the end of that.
     *
     * @throws IllegalStateException if another lock has one of the parameters, this one was claimed before, or another
     *     thread keeps it
     */
    public void claim() {
        claim(Use.CLAIMED, advice);
    }

    /**
     * Claims the model to read it; {@link #release} ends that. While another thread reads, it waits for the end of
     * that.
     *
     * @param readersAdvice the end of the error message, after {@code 'path' is being trained}
     * @throws IllegalStateException as for {@link #claim}
     */
    public void claimToRead(String readersAdvice) {
        claim(Use.READ, readersAdvice);
        reader = Thread.currentThread();
    }

    private void claim(Use wanted, String end) {
        boolean keeps = keeper == Thread.currentThread();
        Use free = keeps ? Use.KEPT : Use.FREE;
        while (!use.compareAndSet(free, keeps ? Use.KEPT_AND_CLAIMED : wanted)) {
            Use now = use.get();
            if (now == Use.READ && reader != Thread.currentThread()) {
                LockSupport.parkNanos(PAUSE);
            } else if (now != free) {
                throw refusal(0, end);
            }
        }
        if (!keeps) {
            claimParameters(end);
        }
    }

    /** Releases the model after {@link #claim} or {@link #claimToRead}. */
    public void release() {
        if (reader != null) {
            reader = null;
        }
        if (keeper == null) {
            release(parameters.size());
            use.setRelease(Use.FREE); // without a fence, as Parameter.release
        } else {
            use.setRelease(Use.KEPT);
        }
    }

    /**
     * Claims the model for many changes by this thread; each of them still calls {@link #claim}.
     *
     * @throws IllegalStateException as for {@link #claim}
     */
    public void keep() {
        claim();
        keeper = Thread.currentThread();
        use.set(Use.KEPT);
    }

    /** Releases the model after {@link #keep}. */
    public void releaseKept() {
        keeper = null;
        release(parameters.size());
        use.set(Use.FREE);
    }

    private void claimParameters(String end) {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).claim()) {
                release(i);
                use.set(Use.FREE);
                throw refusal(i, end);
            }
        }
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            parameters.get(i).release();
        }
    }

    private IllegalStateException refusal(int index, String end) {
        return new IllegalStateException("'" + paths.get(index) + "' is being trained" + end);
    }
}
