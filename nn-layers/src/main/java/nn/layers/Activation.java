package nn.layers;

import java.util.Objects;
import nn.init.Nonlinearity;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A nonlinearity applied to every element. tanh and ReLU run on vector kernels; any other nonlinearity, a pair of
 * lambdas included, is called in double for each element.
 *
 * <p>Shapes: x and y alike, any.
 *
 * @param nonlinearity f and its derivative
 */
public record Activation(Nonlinearity nonlinearity) implements Layer {
    /** max(x, 0), with gradient 0 at 0. */
    public static final Activation RELU = new Activation(Nonlinearity.RELU);

    /** tanh x. */
    public static final Activation TANH = new Activation(Nonlinearity.TANH);

    /**
     * Checks the argument.
     *
     * @throws NullPointerException if it is null
     */
    public Activation {
        Objects.requireNonNull(nonlinearity, "nonlinearity");
    }

    @Override
    public Pass forward(Tensor x, Context context) {
        Tensor y = context.empty(x.shape());
        value(x, y);
        return new Pass(y, (dy, gradients) -> {
            Tensor dx = context.empty(x.shape());
            gradient(x, y, dy, dx);
            return dx;
        });
    }

    /** y = f(x); y may be x if the gradient is then asked with {@link #fromOutput}. */
    void value(Tensor x, Tensor y) {
        if (nonlinearity.equals(Nonlinearity.RELU)) {
            x.reluInto(y);
        } else if (nonlinearity.equals(Nonlinearity.TANH)) {
            x.tanhInto(y);
        } else {
            x.mapInto(nonlinearity::value, y);
        }
    }

    /** dx = dy f'(x), for y = f(x); dx is a tensor of its own. */
    void gradient(Tensor x, Tensor y, Tensor dy, Tensor dx) {
        if (nonlinearity.equals(Nonlinearity.RELU)) {
            y.reluGradInto(dy, dx);
        } else if (nonlinearity.equals(Nonlinearity.TANH)) {
            y.tanhGradInto(dy, dx);
        } else {
            x.mapInto(nonlinearity::derivative, dx);
            dx.multiplyInto(dy, dx);
        }
    }

    /** Whether the gradient needs y alone, so that y may take the place of x. */
    boolean fromOutput() {
        return nonlinearity.equals(Nonlinearity.RELU) || nonlinearity.equals(Nonlinearity.TANH);
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    /** The nonlinearity's name. */
    @Override
    public String toString() {
        return nonlinearity.name();
    }
}
