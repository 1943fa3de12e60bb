package nn.tensor.internal;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.IntConsumer;

/** Runs the parts of one operation on several threads. Which thread runs which part never changes a result. */
public final class Parallel {
    private static final String PROPERTY = "nn.threads";
    private static final int MOST = 1024;

    /** The most threads one operation uses, the caller's included. */
    public static final int THREADS = threads();

    private Parallel() {}

    private static int threads() {
        String text = System.getProperty(PROPERTY);
        if (text == null) {
            return Math.min(MOST, Runtime.getRuntime().availableProcessors());
        }
        try {
            int threads = Integer.parseInt(text.strip());
            if (threads >= 1 && threads <= MOST) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "system property " + PROPERTY + " is '" + text + "': it is a whole number from 1 to " + MOST);
    }

    /** The workers beside the caller; made when the first large operation comes, daemons all. */
    private static final class Pool {
        static final ForkJoinPool POOL = new ForkJoinPool(Math.max(1, THREADS - 1));
    }

    /**
     * Calls {@code body} with 0 to parts - 1, at the same time where it can, and returns when all have ended. The
     * caller's thread takes part.
     *
     * @param parts how many, at least 1
     * @param body the work; parts must not write to the same place
     */
    public static void run(int parts, IntConsumer body) {
        if (parts == 1) {
            body.accept(0);
            return;
        }
        ForkJoinTask<?>[] others = new ForkJoinTask<?>[parts - 1];
        for (int i = 1; i < parts; i++) {
            int part = i;
            others[i - 1] = Pool.POOL.submit(() -> body.accept(part));
        }
        Throwable failure = null;
        try {
            body.accept(0);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (ForkJoinTask<?> other : others) {
            other.quietlyJoin(); // all must have ended before the arrays go back to the caller
        }
        for (ForkJoinTask<?> other : others) {
            if (failure == null && other.getException() != null) {
                failure = other.getException();
            }
        }
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
