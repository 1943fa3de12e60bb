package nn.layers;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import nn.tensor.Tensor;

/**
 * The backward half of one forward pass: the vector-Jacobian product. It has captured what it needs of the forward
 * pass, and is called once at most.
 */
@FunctionalInterface
public interface Pullback {
    /**
     * Takes a gradient from the output back to the input, and adds each parameter's gradient to the ones given.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     * @return gradient of the loss at the input, of the input's shape; it may be {@code dOutput} or a view of it: not
     *     to be written to. A chain of layers {@linkplain Context#release releases} it once the layer before has used
     *     it, so who wants to keep it makes a copy
     */
    Tensor apply(Tensor dOutput, Gradients into);

    /**
     * Adds the parameters' gradients only, in place of {@link #apply}, where nobody asks for the gradient at the input:
     * as for the first layer of a network in training, where that gradient would cost a third of the layer's work.
     *
     * @param dOutput gradient of the loss at the output, of the output's shape; not changed
     * @param into receives the parameters' gradients, by addition
     */
    default void parametersOnly(Tensor dOutput, Gradients into) {
        apply(dOutput, into);
    }

    /**
     * A pullback in two parts, of which the second may be left out.
     *
     * @param parameters adds the parameters' gradients, from the gradient at the output
     * @param input gives the gradient at the input, from the gradient at the output
     * @return the two, one after the other
     */
    static Pullback of(BiConsumer<Tensor, Gradients> parameters, UnaryOperator<Tensor> input) {
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(input, "input");
        return new Pullback() {
            @Override
            public Tensor apply(Tensor dOutput, Gradients into) {
                parameters.accept(dOutput, into);
                return input.apply(dOutput);
            }

            @Override
            public void parametersOnly(Tensor dOutput, Gradients into) {
                parameters.accept(dOutput, into);
            }
        };
    }
}
