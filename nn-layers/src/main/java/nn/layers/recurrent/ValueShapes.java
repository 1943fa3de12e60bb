package nn.layers.recurrent;

import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * Shapes [steps x batch x width] of the values of gates. In training they are kept for all steps, as the backward pass
 * reads them. In inference only the states are kept, and the values of a chunk of steps stay in a cache.
 */
final class ValueShapes {
    /** Numbers of a chunk: a quarter of a megabyte. */
    private static final int CACHED = 1 << 16;

    private final int width;
    private Shape shape = Shape.of(0, 0, 0);

    ValueShapes(int width) {
        this.width = width;
    }

    /** For all steps of x [time x batch x inputs]. */
    Shape all(Tensor x) {
        return of(x.dim(0), x.dim(1));
    }

    /** For a chunk: at least one step, if x has any. */
    Shape chunk(Tensor x) {
        int step = Math.max(1, x.dim(1) * width);
        return of(Math.min(x.dim(0), Math.max(1, CACHED / step)), x.dim(1));
    }

    private Shape of(int steps, int batch) {
        if (shape.dim(0) != steps || shape.dim(1) != batch) {
            shape = Shape.of(steps, batch, width);
        }
        return shape;
    }
}
