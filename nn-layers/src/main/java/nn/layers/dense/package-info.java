/**
 * Layers that multiply by a weight matrix.
 *
 * <p>A new layer belongs here if each row of its output is linear in a weight and depends on one row of the input only,
 * as in {@link nn.layers.dense.Dense} and in the table lookup {@link nn.layers.dense.Embedding}. {@link
 * nn.layers.dense.GatedDense} multiplies the outputs of two dense layers and gives the products to a third.
 */
@NullMarked
package nn.layers.dense;

import org.jspecify.annotations.NullMarked;
