package nn.tensor.internal;

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

    /** The workers beside the caller, made when the first large operation comes. */
    private static final class Pool {
        static final Crew CREW = new Crew(THREADS - 1);
    }

    /**
     * How many threads an operation is worth now. It depends on what other threads do and on what was done before, so
     * no result may depend on it.
     *
     * @param work its multiply-adds in float; one in double counts as two
     * @return 1 to {@link #THREADS}
     */
    public static int threads(double work) {
        return THREADS == 1 ? 1 : Pool.CREW.threads(work);
    }

    /**
     * How many threads a loop over elements is worth now, an element for 16 multiply-adds, a fifth of a nanosecond.
     *
     * @param n the elements; what costs more counts more than once
     * @return 1 to {@link #THREADS}
     */
    public static int threadsForElements(double n) {
        return threads(16.0 * n);
    }

    /** Where part number {@code part} of {@code parts} of n elements begins, or n. */
    public static int edge(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }

    /** Neighbouring numbers, from one to before another. */
    @FunctionalInterface
    public interface Range {
        void run(int from, int to);
    }

    /** Cuts 0 to n - 1 into parts of neighbours, at most one longer than another, and {@linkplain #run runs} them. */
    public static void split(int n, int parts, Range body) {
        run(parts, part -> body.run(edge(n, part, parts), edge(n, part + 1, parts)));
    }

    /**
     * Calls {@code body} with 0 to parts - 1, at the same time where it can, and returns when all have ended. The
     * caller's thread takes part. A part that fails stops no other one; what the first of those that failed threw is
     * then thrown here, as it is or, if checked, as the cause of an {@link IllegalStateException}. A body may call this
     * again, and several threads may at once.
     *
     * @param parts how many, at least 1; they may be more than threads
     * @param body the work; parts must not write to the same place
     */
    public static void run(int parts, IntConsumer body) {
        if (parts == 1) {
            body.accept(0);
            return;
        }
        Pool.CREW.run(parts, body);
    }
}
