package nn.layers.pooling;

import java.util.OptionalInt;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Lengths;
import nn.layers.Pass;
import nn.layers.Sequences;
import nn.tensor.Shape;
import nn.tensor.Tensor;

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

        Max() {
            super(MaxOverTime.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            Lengths lengths = Lengths.of(MaxOverTime.this, x, context);
            if (lengths != null) {
                lengths.requireSteps(MaxOverTime.this, "largest value");
            }
            int n = y.size();
            int features = n == 0 ? 0 : n / inputShape().dim(1);
            at = at.length < n ? new int[n] : at;
            for (int i = 0; i < n; i++) {
                int steps = lengths == null ? inputShape().dim(0) : lengths.length(i / features);
                float max = x.array()[x.offset() + i];
                at[i] = 0;
                for (int t = 1; t < steps && !Float.isNaN(max); t++) {
                    float value = x.array()[x.offset() + t * n + i];
                    if (value > max || Float.isNaN(value)) {
                        max = value;
                        at[i] = t;
                    }
                }
                y.array()[y.offset() + i] = max;
            }
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            dx.fill(0f);
            int n = dy.size();
            for (int i = 0; i < n; i++) {
                dx.array()[dx.offset() + at[i] * n + i] = dy.array()[dy.offset() + i];
            }
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

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "MaxOverTime";
    }
}
