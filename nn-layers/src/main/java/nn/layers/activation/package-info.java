/**
 * Element-wise nonlinearities, and the softmax.
 *
 * <p>A nonlinearity that has no parameters is no new layer: write a {@link nn.init.nonlinearity.Nonlinearity} and wrap
 * it in an {@link nn.layers.activation.Activation}. A layer belongs here if it has parameters or looks at a whole row.
 */
@NullMarked
package nn.layers.activation;

import org.jspecify.annotations.NullMarked;
