package nn.layers;

import java.util.Arrays;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The last time step of a sequence. The output is a view.
 *
 * <p>Shapes: x [time x batch x ...], time at least 1; y [batch x ...].
 */
public record LastStep() implements Propagating {
    @Override
    public Propagation propagation() {
        return new Row();
    }

    /** The last row of the first axis, and a gradient that is zero but for it. */
    private final class Row implements Propagation {
        private Tensor x;
        private Tensor y; // a view of x
        private Context context;

        @Override
        public Tensor forward(Tensor x, Context context) {
            this.context = context;
            if (x != this.x) {
                outputShape(x.shape());
                y = x.row(x.dim(0) - 1);
                this.x = x;
            }
            return y;
        }

        @Override
        public Tensor apply(Tensor dy, Gradients gradients) {
            Tensor dx = context.empty(x.shape());
            int last = dx.size() - dy.size();
            Arrays.fill(dx.array(), dx.offset(), dx.offset() + last, 0f);
            System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset() + last, dy.size());
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() < 2) {
            throw new ShapeException(
                    this + ": expected [time x batch x ...], got " + in, "[time x batch x ...]", in);
        }
        if (in.dim(0) == 0) {
            throw new ShapeException(
                    this + ": a sequence of no steps has no last one; expected at least one, got " + in,
                    "[time x batch x ...], time >= 1",
                    in);
        }
        return in.withoutFirst();
    }

    /** The layer's name. */
    @Override
    public String toString() {
        return "LastStep";
    }
}
