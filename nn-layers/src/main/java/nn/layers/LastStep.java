package nn.layers;

import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;

/**
 * The last time step of a sequence. The output is a view.
 *
 * <p>Shapes: x [time x batch x ...], time at least 1; y [batch x ...].
 */
public record LastStep() implements Layer {
    @Override
    public Pass forward(Tensor x, Context context) {
        outputShape(x.shape());
        int last = x.dim(0) - 1;
        return new Pass(x.row(last), (dy, gradients) -> {
            Tensor dx = context.empty(x.shape());
            dx.rows(0, last).fill(0f);
            dx.row(last).copyFrom(dy);
            return dx;
        });
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
