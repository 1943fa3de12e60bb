package nn.layers.activation;

import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.tensor.Shape;
import nn.tensor.ShapeException;
import nn.tensor.Tensor;
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Turns each row of numbers into probabilities: {@code y_j = exp(x_j - m) / sum_k exp(x_k - m)}, where m is the row's
 * largest value, so that nothing overflows.
 *
 * <p>Shapes: x and y [... x n], n at least 1.
 *
 * <p>Train a classifier on logits, without this layer: a softmax cross-entropy includes it and is more accurate.
 */
public record Softmax() implements Layer {
    @Override
    public Pass newPass() {
        return new Probabilities();
    }

    private final class Probabilities extends Pass {
        private Tensor y = Tensor.zeros(0);

        Probabilities() {
            super(Softmax.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            y = save(context.empty(outputShape()));
            x.softmaxInto(y);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(dy.shape());
            y.softmaxGradInto(dy, dx); // dx = y (dy - dy . y), row by row
            return dx;
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        if (in.rank() == 0 || in.dim(-1) == 0) {
            throw new ShapeException(this + ": expected [... x n], n at least 1, got " + in, "[... x n]", in);
        }
        return in;
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return graph.call("Softmax", x).with("axis", -1).gives(outputShape(x.shape()));
    }

    /** Returns the layer's name. */
    @Override
    public String toString() {
        return "Softmax";
    }
}
