package nn.layers.pooling;

import java.util.Arrays;
import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import nn.tensor.operator.ElementKind;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;
import org.jspecify.annotations.Nullable;

/**
 * The mean of each feature over the time steps of a sequence. If the context knows the {@linkplain Context#lengths
 * lengths} of padded sequences, padding is left out. Sums are computed in double, in the order of the steps.
 *
 * <p>Shapes: x [time x batch x ...], of rank 3 or more, time at least 1; y [batch x ...].
 */
public record MeanOverTime() implements Layer {
    @Override
    public Pass newPass() {
        return new Mean();
    }

    /** Numbers of a step whose gradient stays in a first-level cache while it is given to all steps. */
    private static final int BLOCK = 2048;

    /** Averages over the steps, and gives each step an equal part of the gradient. */
    private final class Mean extends Pass {
        private @Nullable Lengths lengths; // null: all steps count
        private double[] sums = {};

        Mean() {
            super(MeanOverTime.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            lengths = Lengths.of(MeanOverTime.this, x, context);
            if (lengths != null) {
                lengths.requireSteps(MeanOverTime.this, "mean");
            }
            int batch = inputShape().dim(1);
            int features = batch == 0 ? 0 : y.size() / batch;
            sums = sums.length < features ? new double[features] : sums;
            for (int b = 0; b < batch; b++) {
                int steps = steps(b);
                Arrays.fill(sums, 0, features, 0);
                for (int t = 0; t < steps; t++) {
                    int at = x.offset() + (t * batch + b) * features;
                    for (int i = 0; i < features; i++) {
                        sums[i] += x.array()[at + i];
                    }
                }
                for (int i = 0; i < features; i++) {
                    y.array()[y.offset() + b * features + i] = (float) (sums[i] / steps);
                }
            }
            return y;
        }

        private int steps(int sequence) {
            return lengths == null ? inputShape().dim(0) : lengths.length(sequence);
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            int batch = inputShape().dim(1);
            int features = batch == 0 ? 0 : dy.size() / batch;
            float[] to = dx.array();
            for (int b = 0; b < batch; ) {
                int steps = steps(b);
                int end = b + 1;
                while (end < batch && steps(end) == steps) {
                    end++; // neighbours of the same length are done at once
                }
                for (int i = b * features; i < end * features; i += BLOCK) {
                    int n = Math.min(BLOCK, end * features - i);
                    int first = dx.offset() + i;
                    System.arraycopy(dy.array(), dy.offset() + i, to, first, n);
                    divide(to, first, n, steps);
                    for (int t = 1; t < inputShape().dim(0); t++) {
                        int at = first + t * dy.size();
                        if (t < steps) {
                            System.arraycopy(to, first, to, at, n);
                        } else {
                            Arrays.fill(to, at, at + n, 0f);
                        }
                    }
                }
                b = end;
            }
            return dx;
        }

        /** In place, which C2 makes vector code of: it knows that a store does not change what another lane reads. */
        private static void divide(float[] x, int from, int n, double divisor) {
            for (int i = from; i < from + n; i++) {
                x[i] = (float) (x[i] / divisor);
            }
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
