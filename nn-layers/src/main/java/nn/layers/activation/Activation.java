package nn.layers.activation;

import java.util.Objects;
import java.util.Optional;
import nn.init.nonlinearity.ElementwiseKernel;
import nn.init.nonlinearity.Nonlinearity;
import nn.layers.Context;
import nn.layers.Gradients;
import nn.layers.Layer;
import nn.layers.Pass;
import nn.layers.internal.NullFromLayer;
import nn.tensor.Shape;
import nn.tensor.Tensor;

/**
 * A nonlinearity applied to every element, by its {@linkplain Nonlinearity#newKernel kernel}. ReLU, tanh, the logistic
 * function, SiLU, GELU, softplus, ELU, SELU and leaky ReLU have one in float, right to a few units in the last place;
 * any other nonlinearity, a pair of lambdas included, is called in double for each element, unless its class has a
 * kernel, too.
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
        private final ElementwiseKernel kernel = NullFromLayer.kernel(Activation.this, nonlinearity);
        private Tensor saved; // x or y

        Elementwise() {
            super(Activation.this);
        }

        @Override
        protected Tensor forward(Tensor x, Context context) {
            Tensor y = context.empty(outputShape());
            kernel.apply(x, y);
            saved = save(kernel.gradientFromOutput() ? y : x);
            return y;
        }

        @Override
        protected Tensor backward(Tensor dy, Gradients gradients) {
            Tensor dx = context().empty(inputShape());
            kernel.gradient(saved, dy, dx);
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
