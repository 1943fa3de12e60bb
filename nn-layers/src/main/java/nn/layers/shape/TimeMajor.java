package nn.layers.shape;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
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
    @Override
    public Pass newPass() {
        return new Swap();
    }

    /** Swaps the axes, forward and backward. */
    private final class Swap extends Pass {
        Swap() {
            super(TimeMajor.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            swap(x, y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            swap(dy, dx);
            return dx;
        }
    }

    private static void swap(Tensor from, Tensor to) {
        int features = from.size() == 0 ? 0 : from.size() / from.dim(0) / from.dim(1);
        for (int i = 0; i < from.dim(0); i++) {
            for (int j = 0; j < from.dim(1); j++) {
                System.arraycopy(
                        from.array(),
                        from.offset() + (i * from.dim(1) + j) * features,
                        to.array(),
                        to.offset() + (j * from.dim(0) + i) * features,
                        features);
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
