/**
 * Layers that multiply by a weight matrix.
 *
 * <p>A new layer belongs here if each row of its output is linear in a weight, with no time and no neighbourhood: such
 * as {@link nn.layers.dense.Dense}, or the table lookup {@link nn.layers.dense.Embedding}.
 */
@NullMarked
package nn.layers.dense;

import org.jspecify.annotations.NullMarked;
