package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * Swaps the first two axes: data come [batch x time x features], recurrent layers take [time x batch x features].
 *
 * <p>Shapes: x [a x b x features], y [b x a x features].
 */
public record TimeMajor() implements Propagating {
    @Override
    public Propagation propagation() {
        return new Swap();
    }

    /** The swap, both ways. */
    private static final class Swap implements Propagation {
        private final OutputShape shape = new OutputShape(new TimeMajor());
        private Shape in;
        private Context context;

        @Override
        public Tensor forward(Tensor x, Context context) {
            in = x.shape();
            this.context = context;
            Tensor y = context.empty(shape.of(x));
            swap(x, y);
            return y;
        }

        @Override
        public Tensor apply(Tensor dy, Gradients gradients) {
            Tensor dx = context.empty(in);
            swap(dy, dx);
            return dx;
        }
    }

    private static void swap(Tensor from, Tensor to) {
        int features = from.dim(2);
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
    public Shape outputShape(Shape in) {
        if (in.rank() != 3) {
            throw new ShapeException(
                    this + ": expected [batch x time x features], got " + in, "[batch x time x features]", in);
        }
        return Shape.of(in.dim(1), in.dim(0), in.dim(2));
    }

    /** The layer's name. */
    @Override
    public String toString() {
        return "TimeMajor";
    }
}
