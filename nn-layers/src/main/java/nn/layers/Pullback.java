package nn.layers;

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
     * @return gradient of the loss at the input, of the input's shape
     */
    Tensor apply(Tensor dOutput, Gradients into);
}
