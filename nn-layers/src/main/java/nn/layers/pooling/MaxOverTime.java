package nn.layers.pooling;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.TimePooling;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The largest value of each feature over the time steps of a sequence (Collobert and others, <i>Natural language
 * processing (almost) from scratch</i>, 2011). If the context knows the {@linkplain Context#lengths lengths} of padded
 * sequences, padding is left out. Among equal values, the first receives the whole gradient. NaN counts as the largest.
 *
 * <p>Shapes: x [time x batch x ...], of rank 3 or more, time at least 1; y [batch x ...].
 */
public record MaxOverTime() implements Layer {
    @Override
    public Pass newPass() {
        return new Max();
    }

    /** Finds the largest values, and remembers their steps. */
    private final class Max extends Pass {
        private int[] at = {}; // the step of each largest value
        private int[] lengths = {}; // of the sequences

        Max() {
            super(MaxOverTime.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            lengths = StepCounts.of(MaxOverTime.this, x, context, "largest value", lengths);
            at = at.length < y.size() ? new int[y.size()] : at;
            TimePooling.max(x, lengths, y, at);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            TimePooling.maxGradient(dy, at, dx);
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        return Sequences.withoutTime(this, in, "largest value");
    }

    /** Maps axis 1 to axis 0: axis 0 of the input is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, true);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Value steps = Sequences.exportWithoutPadding(graph, x, Double.NEGATIVE_INFINITY);
        return graph.call("ReduceMax", steps, graph.wholes("axes", 0))
                .with("keepdims", 0)
                .gives(outputShape(x.shape()));
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "MaxOverTime";
    }
}
