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
            for (int b = 0; b < batch; b++) {
                int steps = steps(b);
                for (int t = 0; t < inputShape().dim(0); t++) {
                    int to = dx.offset() + (t * batch + b) * features;
                    for (int i = 0; i < features; i++) {
                        dx.array()[to + i] =
                                t < steps ? (float) (dy.array()[dy.offset() + b * features + i] / (double) steps) : 0f;
                    }
                }
            }
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

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "MeanOverTime";
    }
}
