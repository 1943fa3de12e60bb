package nn.layers.recurrent;

import java.util.function.IntFunction;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.Tensor;

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

        /** These rows' own piece of a tensor for chunks [steps x batch x n]: [steps x rows x n]. */
        final Tensor own(Tensor chunk) {
            int steps = chunk.dim(0);
            int n = chunk.dim(2);
            return Tensor.wrap(chunk.array(), chunk.offset() + from * steps * n, Shape.of(steps, to - from, n));
        }

        /**
         * These rows of x [time x batch x n] at some steps, one step after the other: [steps x rows x n].
         *
         * @param chunk [most x batch x n]; they are copied into it if x has other rows too
         */
        final Tensor ownSteps(Tensor x, int first, int steps, Tensor chunk) {
            if (to - from == x.dim(1)) {
                return x.rows(first, first + steps);
            }
            Tensor own = own(chunk);
            int n = x.dim(2);
            int size = (to - from) * n;
            for (int t = 0; t < steps; t++) {
                int at = x.offset() + ((first + t) * x.dim(1) + from) * n;
                System.arraycopy(x.array(), at, own.array(), own.offset() + t * size, size);
            }
            return own.rows(0, steps);
        }

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
