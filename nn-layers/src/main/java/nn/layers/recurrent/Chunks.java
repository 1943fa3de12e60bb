package nn.layers.recurrent;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Cuts the steps of a sequence into chunks. In training all steps are one chunk, as the backward pass reads the values
 * of the gates at each of them. In inference only the states are kept, and the values of a chunk stay in a cache.
 */
final class Chunks {
    /** Numbers of a chunk in inference: a quarter of a megabyte. */
    private static final int CACHED = 1 << 16;

    private final int width;
    private Shape shape = Shape.of(0, 0, 0);
    private int time;
    private int most;
    private int first;
    private int steps;

    /** Chunks of values [steps x batch x width]. */
    Chunks(int width) {
        this.width = width;
    }

    /** Begins a pass over x [time x batch x inputs]. */
    void begin(Tensor x, boolean training) {
        int step = Math.max(1, x.dim(1) * width);
        begin(x, training ? x.dim(0) : Math.min(x.dim(0), Math.max(1, CACHED / step)));
    }

    /** Begins a pass over x [time x batch x inputs] with so many steps in each chunk but the last. */
    void begin(Tensor x, int most) {
        time = x.dim(0);
        this.most = most;
        if (shape.dim(0) != most || shape.dim(1) != x.dim(1)) {
            shape = Shape.of(most, x.dim(1), width);
        }
        first = 0;
        steps = 0;
    }

    /** Goes to the next chunk; returns false after the last. */
    boolean next() {
        int next = first + steps;
        if (next == time) {
            return false;
        }
        first = next;
        steps = Math.min(most, time - first);
        return true;
    }

    /** Steps of a chunk: [most x batch x width]. */
    Shape shape() {
        return shape;
    }

    /** The number of steps of each chunk but the last. */
    int most() {
        return most;
    }

    /** The first step of this chunk. */
    int first() {
        return first;
    }

    /** The number of steps of this chunk. */
    int steps() {
        return steps;
    }

    /** The steps of this chunk, of a tensor over all steps. */
    Tensor of(Tensor all) {
        return steps == time ? all : all.rows(first, first + steps);
    }

    /** The steps of this chunk, of a tensor over one chunk. */
    Tensor firstOf(Tensor chunk) {
        return steps == most ? chunk : chunk.rows(0, steps);
    }
}
