package nn.train.internal;

import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
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

    // Uses. No enum: writing a reference takes a barrier of the garbage collector, which a tiny step notices.
    private static final int FREE = 0;
    private static final int CLAIMED = 1;
    private static final int READ = 2;
    private static final int KEPT = 3; // and free for the thread that keeps it
    private static final int KEPT_AND_CLAIMED = 4;

    private final List<String> paths;
    private final List<Parameter> parameters;
    private final String advice;
    private final AtomicInteger use = new AtomicInteger(FREE);
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
        claim(CLAIMED, advice);
    }

    /**
     * Claims the model to read it; {@link #release} ends that. While another thread reads, it waits for the end of
     * that.
     *
     * @param readersAdvice the end of the error message, after {@code 'path' is being trained}
     * @throws IllegalStateException as for {@link #claim}
     */
    public void claimToRead(String readersAdvice) {
        claim(READ, readersAdvice);
        reader = Thread.currentThread();
    }

    private void claim(int wanted, String end) {
        boolean keeps = keeper == Thread.currentThread();
        int free = keeps ? KEPT : FREE;
        while (!use.compareAndSet(free, keeps ? KEPT_AND_CLAIMED : wanted)) {
            int now = use.get();
            if (now == READ && reader != Thread.currentThread()) {
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
            use.setRelease(FREE); // without a fence, as Parameter.release
        } else {
            use.setRelease(KEPT);
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
        use.set(KEPT);
    }

    /** Releases the model after {@link #keep}. */
    public void releaseKept() {
        keeper = null;
        release(parameters.size());
        use.set(FREE);
    }

    private void claimParameters(String end) {
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).claim()) {
                release(i);
                use.set(FREE);
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
