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
import nn.tensor.operator.OperatorGraph;
import nn.tensor.operator.Value;

/**
 * Applies a nonlinearity to every element, by its {@linkplain Nonlinearity#newKernel kernel}. ReLU, tanh, the logistic
 * function, SiLU, GELU, softplus, ELU, SELU, leaky ReLU, hard tanh, erf and sine have a float kernel, accurate to a few
 * units in the last place. Any other nonlinearity, such as a pair of lambdas, is called in double for each element,
 * unless its class has its own kernel.
 *
 * <p>Shapes: x and y have the same shape, of any rank.
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

    /** Computes f(x), and dy f'(x) backward. */
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
    public boolean isRowwise() {
        return true;
    }

    @Override
    public Optional<Nonlinearity> activation() {
        return Optional.of(nonlinearity);
    }

    @Override
    public Shape outputShape(Shape in) {
        return Objects.requireNonNull(in, "shape");
    }

    @Override
    public Value export(OperatorGraph graph, Value x) {
        return nonlinearity.export(graph, x);
    }

    /** Returns the nonlinearity's name. */
    @Override
    public String toString() {
        return nonlinearity.name();
    }
}
