package nn.layers.activation;

import java.util.Objects;
import java.util.Optional;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.internal.ActivationKernel;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A nonlinearity applied to every element. ReLU, tanh, the logistic function, SiLU, GELU, softplus, ELU, SELU and leaky
 * ReLU run in float on kernels for whole tensors, to a few units in the last place; any other nonlinearity, a pair of
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
    public Pass newPass() {
        return new Elementwise();
    }

    /** f(x) and dy f'(x). */
    private final class Elementwise extends Pass {
        private final ActivationKernel kernel = ActivationKernel.of(nonlinearity);
        private Tensor x; // one of the two is read
        private Tensor y;

        Elementwise() {
            super(Activation.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            this.x = x;
            y = context.empty(outputShape());
            kernel.value(x, y);
            save(kernel.fromOutput() ? y : x);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            kernel.gradient(x, y, dy, dx);
            return dx;
        }
    }

    @Override
    public Optional<Nonlinearity> activation() {
        return Optional.of(nonlinearity);
    }

    @Override
    public Shape outputShape(Shape in) {
        return Objects.requireNonNull(in, "shape");
    }

    /** The nonlinearity's name. */
    @Override
    public String toString() {
        return nonlinearity.name();
    }
}
