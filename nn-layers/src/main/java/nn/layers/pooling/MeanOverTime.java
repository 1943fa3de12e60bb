package nn.layers.pooling;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.TimePooling;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * The mean of each feature over the time steps of a sequence. If the context knows the {@linkplain Context#lengths
 * lengths} of padded sequences, padding is left out. Sums add the steps in order, in chains of float additions of a
 * fixed length ({@link TimePooling}).
 *
 * <p>Shapes: x [time x batch x ...], of rank 3 or more, time at least 1; y [batch x ...].
 */
public record MeanOverTime() implements Layer {
    @Override
    public Pass newPass() {
        return new Mean();
    }

    /** Averages over the steps, and gives each step an equal part of the gradient. */
    private final class Mean extends Pass {
        private int[] lengths = {}; // of the sequences

        Mean() {
            super(MeanOverTime.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            lengths = StepCounts.of(MeanOverTime.this, x, context, "mean", lengths);
            TimePooling.mean(x, lengths, y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            TimePooling.meanGradient(dy, lengths, dx);
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        return Sequences.withoutTime(this, in, "mean");
    }

    /** Maps axis 1 to axis 0: axis 0 of the input is the time. */
    @Override
    public OptionalInt batchAxis(int in) {
        return Sequences.batchAxis(in, true);
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        Shape out = outputShape(x.shape());
        Value lengths = graph.lengths().orElse(null);
        if (lengths == null) {
            return graph.call("ReduceMean", x, graph.wholes("axes", 0))
                    .with("keepdims", 0)
                    .gives(out);
        }
        Value steps = Sequences.exportWithoutPadding(graph, x, 0);
        Value sum = graph.call("ReduceSum", steps, graph.wholes("axes", 0))
                .with("keepdims", 0)
                .gives(out);
        long[] axes = new long[out.rank() - 1];
        int[] dims = new int[out.rank()];
        Arrays.fill(dims, 1);
        dims[0] = out.dim(0);
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 1L;
        }
        Value counts = graph.call("Unsqueeze", graph.cast(lengths, ElementKind.FLOAT32), graph.wholes("axes", axes))
                .gives(Shape.of(dims));
        return graph.call("Div", sum, counts).gives(out);
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "MeanOverTime";
    }
}
