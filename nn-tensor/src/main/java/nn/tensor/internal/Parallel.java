package nn.tensor.internal;

import java.util.function.IntConsumer;

/** Runs the parts of one operation on several threads. Which thread runs which part never changes a result. */
public final class Parallel {
    private static final String PROPERTY = "nn.threads";
    private static final int MOST = 1024;

    private static final String GIVEN = System.getProperty(PROPERTY);

    /**
     * The most threads one operation uses, the caller's included; 0 if the property is no number of threads: an error
     * here would come once, and then be a NoClassDefFoundError.
     */
    private static final int THREADS = read();

    private Parallel() {}

    private static int read() {
        if (GIVEN == null) {
            return Math.min(MOST, Runtime.getRuntime().availableProcessors());
        }
        try {
            int threads = Integer.parseInt(GIVEN.strip());
            return threads >= 1 && threads <= MOST ? threads : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The most threads one operation uses, the caller's included. */
    private static int most() {
        if (THREADS == 0) {
            throw new IllegalArgumentException(
                    "system property " + PROPERTY + " is '" + GIVEN + "': it is a whole number from 1 to " + MOST);
        }
        return THREADS;
    }

    /** The workers beside the caller, made when the first large operation comes. */
    private static final class Pool {
        static final Crew CREW = new Crew(most() - 1);
    }

    /**
     * How many threads an operation is worth now. It depends on what other threads do and on what was done before, so
     * no result may depend on it.
     *
     * @param work its multiply-adds in float; one in double counts as two
     * @return 1 to what the system property {@code nn.threads} allows
     * @throws IllegalArgumentException if that property is no number of threads, at every call
     */
    public static int threads(double work) {
        return most() == 1 ? 1 : Pool.CREW.threads(work);
    }

    /**
     * How many threads a loop over elements is worth now, an element for 16 multiply-adds, a fifth of a nanosecond.
     *
     * @param n the elements; what costs more counts more than once
     * @return 1 to what the system property {@code nn.threads} allows
     * @throws IllegalArgumentException if that property is no number of threads, at every call
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
