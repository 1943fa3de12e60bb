/**
 * Element-wise nonlinearities, and the softmax.
 *
 * <p>A nonlinearity without parameters needs no new layer: write a {@link nn.init.nonlinearity.Nonlinearity} and wrap
 * it in an {@link nn.layers.activation.Activation}. A new layer belongs here if it has parameters or reads a whole row.
 */
@NullMarked
package nn.layers.activation;

import org.jspecify.annotations.NullMarked;
