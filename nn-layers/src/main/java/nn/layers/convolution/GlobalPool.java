package nn.layers.convolution;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The mean or largest element of each channel over all places, at the end of a convolutional network.
 *
 * <p>Shapes: x [batch x ... x channels] of rank 3 or more, y [batch x channels].
 */
public final class GlobalPool implements Layer {
    /** The mean over all places. */
    public static final GlobalPool MEAN = new GlobalPool(false);

    /** The largest element; of equal ones the first gets the gradient. */
    public static final GlobalPool MAX = new GlobalPool(true);

    private static final String EXPECTED = "[batch x ... x channels] of rank 3 or more";

    private final boolean isMax;

    private GlobalPool(boolean isMax) {
        this.isMax = isMax;
    }

    @Override
    public Pass newPass() {
        return new Overall();
    }

    /** Computes the mean or the maximum over the places in the middle. */
    private final class Overall extends Pass {
        private Tensor x;
        private Tensor y;

        Overall() {
            super(GlobalPool.this);
        }

        private Tensor places(Tensor t) {
            int batch = t.dim(0);
            int channels = t.dim(-1);
            return t.reshape(batch, t.size() / Math.max(1, batch * channels), channels);
        }

        private Tensor asPlace(Tensor t) {
            return t.reshape(t.dim(0), 1, t.dim(1));
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = isMax ? save(x) : x;
            y = context.empty(outputShape());
            if (isMax) {
                places(x).maxInto(asPlace(save(y)));
            } else {
                y.fill(0);
                places(x).addSumsInto(asPlace(y));
                y.scaleInPlace((float) y.size() / x.size());
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            if (isMax) {
                places(x).maxGradInto(asPlace(y), asPlace(dy), places(dx));
            } else {
                Tensor each = context().empty(dy.shape());
                each.copyFrom(dy);
                each.scaleInPlace((float) dy.size() / dx.size());
                asPlace(each).broadcastInto(places(dx));
                context().release(each);
            }
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        boolean isEmpty = false;
        for (int i = 1; i < in.rank(); i++) {
            isEmpty |= in.dim(i) == 0;
        }
        if (in.rank() < 3 || isEmpty) {
            throw new ShapeException(this + ": expected " + EXPECTED + ", got " + in, EXPECTED, in);
        }
        return Shape.of(in.dim(0), in.dim(-1));
    }

    /** Axis 0 counts the examples. */
    @Override
    public OptionalInt batchAxis(int in) {
        return in == 0 ? OptionalInt.of(0) : OptionalInt.empty();
    }

    /** {@code GlobalPool mean} or {@code GlobalPool max}. */
    @Override
    public String toString() {
        return isMax ? "GlobalPool max" : "GlobalPool mean";
    }
}
