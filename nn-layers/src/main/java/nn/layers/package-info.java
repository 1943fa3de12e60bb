/**
 * Layers: {@link nn.layers.Dense}, {@link nn.layers.Activation}, {@link nn.layers.Rnn}, and {@link nn.layers.Network},
 * which chains them.
 *
 * <p>A {@linkplain nn.layers.Layer#forward forward pass} returns its output together with a {@linkplain
 * nn.layers.Pullback pullback}, the function that takes the gradient at the output back to the input and adds each
 * parameter's share to a {@link nn.layers.Gradients}. What the pullback needs it has captured; a layer keeps no state
 * between the two. So one layer may stand in a network twice, two passes may be in flight, and forward and backward
 * are read side by side.
 *
 * <p>A batch is [batch x features], a sequence [time x batch x features], a dense weight [inputs x outputs].
 */
package nn.layers;
