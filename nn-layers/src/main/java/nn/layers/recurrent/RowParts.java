package nn.layers.recurrent;

import java.util.function.IntFunction;
import nn.tensor.ParallelLoop;

/**
 * Shares out the rows of a batch between threads. Rows do not depend on each other, so each thread computes all steps
 * of its rows without waiting for the others.
 *
 * @param <P> the work on some rows
 */
final class RowParts<P extends RowParts.Rows> {
    /** The work on the rows {@code [from, to)}, with views that are kept from pass to pass. */
    abstract static class Rows {
        final int from;
        final int to;

        Rows(int from, int to) {
            this.from = from;
            this.to = to;
        }

        /**
         * Views these rows of the pass's tensors. It comes before each run: the rows may be shared out otherwise
         * backward than forward.
         */
        abstract void view();

        /** Computes the states of all steps. */
        abstract void forward();

        /** Computes the gradients of all steps, from the last to the first. */
        abstract void backward();
    }

    /** Makes the work on some rows. */
    interface Maker<P> {
        P make(int from, int to);
    }

    private final Maker<P> maker;
    private final IntFunction<P[]> array;
    private final ParallelLoop.Body forward = (from, to) -> rows(from, to).forward();
    private final ParallelLoop.Body backward = (from, to) -> rows(from, to).backward();
    private P[] parts; // by their first row

    RowParts(Maker<P> maker, IntFunction<P[]> array) {
        this.maker = maker;
        this.array = array;
        parts = array.apply(0);
    }

    /** Runs all rows forward; work is the number of multiply-adds of a row. */
    void forward(int batch, double work) {
        run(batch, work, forward);
    }

    /** Runs all rows backward. */
    void backward(int batch, double work) {
        run(batch, work, backward);
    }

    private void run(int batch, double work, ParallelLoop.Body body) {
        if (parts.length < batch) {
            parts = array.apply(batch);
        }
        ParallelLoop.run(batch, work, body);
    }

    private P rows(int from, int to) {
        P rows = parts[from];
        if (rows == null || rows.to != to) {
            rows = maker.make(from, to);
            parts[from] = rows;
        }
        rows.view();
        return rows;
    }
}
