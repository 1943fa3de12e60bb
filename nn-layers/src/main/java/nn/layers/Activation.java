package nn.layers;

import java.util.Objects;
import nn.init.Nonlinearity;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A nonlinearity applied to each element of a tensor of any shape: {@code y = f(x)}, {@code dx = dy f'(x)}. Tanh and ReLU
 * run on vector kernels; any other, a pair of lambdas of yours included, is called element by element in double.
 *
 * <p>The derivative of ReLU at 0 is 0. NaN goes through.
 *
 * @param nonlinearity f and f'
 */
public record Activation(Nonlinearity nonlinearity) implements Layer {
    /** f(x) = tanh x. */
    public static final Activation TANH = new Activation(Nonlinearity.TANH);

    /** f(x) = max(x, 0). */
    public static final Activation RELU = new Activation(Nonlinearity.RELU);

    /** Refuses null. */
    public Activation {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(x.shape());
        Pointwise.apply(nonlinearity, x, y);
        return new Pass(y, (dy, into) -> {
            Shapes.requireGradient(this, y, dy);
            Tensor dx = context.empty(x.shape());
            Pointwise.gradient(nonlinearity, x, y, dy, dx);
            return dx;
        });
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    /** The name of the nonlinearity. */
    @Override
    public String toString() {
        return nonlinearity.name();
    }
}
