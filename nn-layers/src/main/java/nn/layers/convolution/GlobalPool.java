package nn.layers.convolution;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.Windows;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

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

    /** All places as one row, of which a window reads all: [batch x 1 x places x channels]. */
    private static Tensor asRow(Tensor t) {
        return t.reshape(t.dim(0), 1, places(t.shape()), t.dim(-1));
    }

    private static int places(Shape shape) {
        int places = 1;
        for (int i = 1; i < shape.rank() - 1; i++) {
            places *= shape.dim(i);
        }
        return places;
    }

    private static Windows all(Shape in) {
        return new Windows(Windows.Axis.of(1), Windows.Axis.of(places(in)));
    }

    /** Computes the mean or the maximum over the places in the middle. */
    private final class Overall extends ImagesPass {
        private int[] places = {}; // of the largest elements

        Overall() {
            super(GlobalPool.this, GlobalPool::asRow, GlobalPool::all);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Sequences.requireNoPadding(layer(), x.shape(), context, "MeanOverTime or MaxOverTime");
            Tensor y = context.empty(outputShape());
            if (isMax) {
                places = places.length == y.size() ? places : new int[y.size()];
                windows().maxInto(in.of(x), out.of(y), places);
            } else {
                windows().meanInto(in.of(x), true, out.of(y));
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            if (isMax) {
                windows().maxGradInto(dOut.of(dy), places, dIn.of(dx));
            } else {
                windows().meanGradInto(dOut.of(dy), true, dIn.of(dx));
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

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value images = graph.channelsSecond(x);
        Shape places = images.shape();
        for (int i = 2; i < places.rank(); i++) {
            places = places.withDim(i, 1);
        }
        Value pooled = graph.call(isMax ? "GlobalMaxPool" : "GlobalAveragePool", images)
                .gives(places);
        return graph.call("Flatten", pooled).with("axis", 1).gives(outputShape(x.shape()));
    }

    /** {@code GlobalPool mean} or {@code GlobalPool max}. */
    @Override
    public String toString() {
        return isMax ? "GlobalPool max" : "GlobalPool mean";
    }
}
