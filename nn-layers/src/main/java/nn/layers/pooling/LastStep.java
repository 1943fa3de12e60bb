package nn.layers.pooling;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.LastStepView;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * Selects the last time step of a sequence; the output is a view. If the context knows the {@linkplain Context#lengths
 * lengths} of padded sequences, selects the last step of each sequence before its padding.
 *
 * <p>Shapes: x [time x batch x ...], of rank 3 or more, time at least 1; y [batch x ...].
 */
public record LastStep() implements Layer {
    @Override
    public Pass newPass() {
        return new Row();
    }

    /**
     * Takes the last row of the first axis. The gradient is zero at the others. Its tensor is kept from step to step,
     * because filling another one with zeros would take all the time of this layer.
     */
    private final class Row extends Pass {
        private final LastStepView view = new LastStepView();
        private @Nullable Lengths lengths; // null: all steps count
        private @Nullable Tensor kept; // a gradient that is zero before the last step

        Row() {
            super(LastStep.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            lengths = Lengths.of(LastStep.this, x, context);
            if (lengths != null) {
                lengths.requireSteps(LastStep.this, "last step");
            }
            return view.of(x, lengths, context);
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            if (lengths != null) {
                Tensor dx = context().empty(inputShape());
                Sequences.lastGradient(dy, lengths, dx);
                return dx;
            }
            Tensor dx = kept;
            if (dx == null || !dx.shape().equals(inputShape())) {
                dx = Tensor.zeros(inputShape());
                kept = dx;
            }
            int before = dx.size() - dy.size();
            System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset() + before, dy.size());
            return dx;
        }

        @Override
        protected boolean backwardCopiesRows() {
            return true;
        }
    }

    @Override
    public boolean isTransparent() {
        return true;
    }

    @Override
    public Shape outputShape(Shape in) {
        return Sequences.withoutTime(this, in, "last step");
    }

    /** Maps axis 1 to axis 0: axis 0 of the input is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, true);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return Sequences.exportLastStep(graph, x);
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "LastStep";
    }
}
