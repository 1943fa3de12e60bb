package nn.layers;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * The last time step of a sequence: a view; or, where the context knows the {@linkplain Context#lengths lengths} of
 * padded sequences, each sequence's own last step.
 *
 * <p>Shapes: x [time x batch x ...], of rank 3 or more, time at least 1; y [batch x ...].
 */
public record LastStep() implements Layer {
    @Override
    public Pass newPass() {
        return new Row();
    }

    /** The last row of the first axis, and a gradient that is zero elsewhere. */
    private final class Row extends Pass {
        private Tensor x; // of which y is a view
        private Tensor y;
        private Lengths lengths; // null: all steps count

        Row() {
            super(LastStep.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Lengths given = Lengths.of(LastStep.this, x, context);
            if (given != null) {
                given.requireSteps(LastStep.this, "last one");
                y = context.empty(outputShape());
                given.lastSteps(x, y);
            } else if (x != this.x || lengths != null) {
                y = x.row(x.dim(0) - 1);
            }
            this.x = x;
            lengths = given;
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            if (lengths != null) {
                lengths.lastStepsGradient(dy, dx);
                return dx;
            }
            int last = dx.size() - dy.size();
            Arrays.fill(dx.array(), dx.offset(), dx.offset() + last, 0f);
            System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset() + last, dy.size());
            return dx;
        }
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        return Sequences.withoutTime(this, in, "last one");
    }

    /** Axis 0 for axis 1: axis 0 of the input is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, true);
    }

    /** The layer's name. */
    @Override
    public String toString() {
        return "LastStep";
    }
}
