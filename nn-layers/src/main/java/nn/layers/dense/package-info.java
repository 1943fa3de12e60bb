/**
 * Layers that multiply by a weight matrix.
 *
 * <p>A new layer belongs here if each row of its output is linear in a weight and depends on one row of the input only,
 * as in {@link nn.layers.dense.Dense} and in the table lookup {@link nn.layers.dense.Embedding}.
 */
@NullMarked
package nn.layers.dense;

import org.jspecify.annotations.NullMarked;
