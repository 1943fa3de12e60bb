package nn.tensor;

import java.util.Objects;
import nn.tensor.internal.Parallel;

/**
 * Loops over elements on the threads that large operations use (see the package): for optimizers and whatever else
 * walks through arrays of its own.
 */
public final class ParallelLoop {
    private ParallelLoop() {}

    /** What is done for some of the elements. */
    @FunctionalInterface
    public interface Body {
        /**
         * Does it for neighbouring elements.
         *
         * @param from the first
         * @param to the one behind the last, above {@code from}
         */
        void run(int from, int to);
    }

    /**
     * Does something for n elements: all at once on this thread or, if there are enough of them, in parts on several.
     * So what is done for one element must not depend on another, nor on the split, and may be done at the same time.
     * Returns when all is done. On one thread it allocates nothing.
     *
     * @param n how many, 0 or more; for 0 nothing is called
     * @param body what is done; if a part throws, so does this, when the other parts have ended
     * @throws IllegalArgumentException if n is negative
     */
    public static void run(int n, Body body) {
        Objects.requireNonNull(body, "body");
        if (n < 0) {
            throw new IllegalArgumentException("cannot do anything for " + n + " elements; give 0 or more");
        }
        int parts = Parallel.threadsForElements(n);
        if (parts > 1) {
            Parallel.split(n, parts, body::run);
        } else if (n > 0) {
            body.run(0, n);
        }
    }
}
