package nn.layers.shape;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.ParallelLoop;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Swaps the first two axes. Data are often [batch x time x features], or [batch x time] for tokens, while recurrent
 * layers take [time x batch x features]. A second {@code TimeMajor} swaps the axes back.
 *
 * <p>Shapes: x [a x b x ...], y [b x a x ...].
 */
public record TimeMajor() implements Layer {
    /** Multiply-adds that take as long as copying a number: two threads pay from 131,072 numbers on. */
    private static final double COPY = 4;

    private static final Tensor NOTHING = Tensor.zeros(0, 0);

    @Override
    public Pass newPass() {
        return new Swap();
    }

    /** Swaps the axes, forward and backward. */
    private final class Swap extends Pass {
        private final ParallelLoop.Body part = this::swap; // a field, as the next two, so that no step allocates
        private Tensor from = NOTHING;
        private Tensor to = NOTHING;

        Swap() {
            super(TimeMajor.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            return swap(x, context.empty(outputShape()));
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            return swap(dy, context().empty(inputShape()));
        }

        private Tensor swap(Tensor x, Tensor y) {
            from = x;
            to = y;
            ParallelLoop.run(y.dim(0), COPY * y.size() / Math.max(1, y.dim(0)), part);
            from = NOTHING;
            to = NOTHING;
            return y;
        }

        /** Copies what is at some indices of the result's first axis. */
        private void swap(int first, int end) {
            int rows = from.dim(0);
            int columns = from.dim(1);
            int features = from.size() == 0 ? 0 : from.size() / rows / columns;
            for (int j = first; j < end; j++) {
                for (int i = 0; i < rows; i++) {
                    System.arraycopy(
                            from.array(),
                            from.offset() + (i * columns + j) * features,
                            to.array(),
                            to.offset() + (j * rows + i) * features,
                            features);
                }
            }
        }
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() < 2) {
            throw new ShapeException(this + ": expected [batch x time x ...], got " + in, "[batch x time x ...]", in);
        }
        int[] dims = in.dims();
        dims[0] = in.dim(1);
        dims[1] = in.dim(0);
        return Shape.of(dims);
    }

    /** Maps axis 0 to axis 1, axis 1 to axis 0, and any other axis to itself. */
    @Override
    public OptionalInt batchAxis(int in) {
        return OptionalInt.of(in > 1 ? in : 1 - in);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        int[] axes = new int[x.shape().rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i < 2 ? 1 - i : i;
        }
        return graph.transpose(x, axes);
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "TimeMajor";
    }
}
