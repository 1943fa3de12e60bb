package nn.tensor;

import java.util.Objects;
import nn.tensor.internal.thread.Parallel;

/**
 * Loops over elements on the threads that large operations use (see the package): for optimizers and other code
 * that processes arrays.
 */
public final class ParallelLoop {
    private ParallelLoop() {}

    /** The loop body. */
    @FunctionalInterface
    public interface Body {
        /**
         * Processes the elements {@code [from, to)}.
         *
         * @param from the first element
         * @param to one more than the last, above {@code from}
         */
        void run(int from, int to);
    }

    /**
     * Runs a loop over n elements: in one call on this thread or, if there are enough elements, in parts on several
     * threads. The result for an element must not depend on another element or on the split; parts run at the same
     * time. Returns when all parts have ended. On one thread it allocates nothing.
     *
     * @param n the number of elements, 0 or more; for 0 the body is not called
     * @param body the loop body; if a part throws, this method throws the same when the other parts have ended
     * @throws IllegalArgumentException if n is negative
     */
    public static void run(int n, Body body) {
        Objects.requireNonNull(body, "body");
        requireCount(n);
        split(n, Parallel.threadsForElements(n), body);
    }

    /**
     * Runs a loop over n elements that are as much work as given, such as the rows of a batch. All else is as in {@link
     * #run(int, Body)}. Operations on tensors in the body stay on the thread of its part.
     *
     * @param n the number of elements, 0 or more; for 0 the body is not called
     * @param work multiply-adds for one element, about
     * @param body the loop body; if a part throws, this method throws the same when the other parts have ended
     * @throws IllegalArgumentException if n is negative
     */
    public static void run(int n, double work, Body body) {
        Objects.requireNonNull(body, "body");
        requireCount(n);
        split(n, Math.min(n, Parallel.threads(n * work)), body);
    }

    private static void requireCount(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("a loop over " + n + " elements; give 0 or more");
        }
    }

    private static void split(int n, int parts, Body body) {
        if (parts > 1) {
            Parallel.split(n, parts, body::run);
        } else if (n > 0) {
            body.run(0, n);
        }
    }
}
