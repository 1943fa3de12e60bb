package nn.tensor.internal.thread;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Runs the parts of one operation on several threads. Which thread runs which part never changes a result. */
public final class Parallel {
    private static final String PROPERTY = "nn.threads";
    private static final int MOST = 1024;

    private static final @Nullable String GIVEN = System.getProperty(PROPERTY);

    /**
     * The most threads one operation uses, the caller's included; 0 if the property is invalid: an error here would
     * appear once, then as a NoClassDefFoundError.
     */
    private static final int THREADS = read();

    /**
     * Relative costs of an element ({@link #threadsForElements}): tanh gains from a second thread at 16,384 elements, a
     * sum at 131,072. There, a leaky ReLU forward and backward takes 28 microseconds instead of 46.
     */
    public static final double FUNCTION = 2;

    public static final double SIMPLE = 0.25;

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

    /** The workers, created at the first large operation. */
    private static final class Pool {
        static final WorkerPool POOL = new WorkerPool(most() - 1);
    }

    /**
     * Returns the number of threads that pay off for an operation now. It depends on other threads and on earlier
     * operations, so no result may depend on it.
     *
     * @param work its multiply-adds in float; one in double counts as two
     * @return 1 to what the system property {@code nn.threads} allows
     * @throws IllegalArgumentException if that property is invalid, at every call
     */
    public static int threads(double work) {
        return most() == 1 ? 1 : Pool.POOL.threads(work);
    }

    /**
     * Returns the number of threads that pay off for a loop over elements now; an element counts as 16 multiply-adds.
     *
     * @param n the number of elements, weighted by their cost
     * @return 1 to what the system property {@code nn.threads} allows
     * @throws IllegalArgumentException if that property is invalid, at every call
     */
    public static int threadsForElements(double n) {
        return threads(16.0 * n);
    }

    /** Where part number {@code part} of {@code parts} of n elements begins, or n. */
    public static int edge(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }

    /** The body of a loop over a range of numbers. */
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
     * caller's thread takes part. A part that fails stops no other one; the exception of the first that failed is then
     * thrown here, as it is or, if checked, as the cause of an {@link IllegalStateException}. A body may call this
     * again, and several threads may at once.
     *
     * @param parts the number of parts, at least 1; may exceed the number of threads
     * @param body the work; parts must not write to the same place
     */
    public static void run(int parts, IntConsumer body) {
        if (parts == 1) {
            body.accept(0);
            return;
        }
        Pool.POOL.run(parts, body);
    }
}
