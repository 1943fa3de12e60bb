package nn.layers;

import nn.tensor.Tensor;

/**
 * What a forward pass gives: the output, and the way back.
 *
 * @param output the layer's output; with a trainer's workspace it is valid until the next step begins
 * @param pullback takes a gradient at the output to one at the input; to be called once at most
 */
public record Pass(Tensor output, Pullback pullback) {}
