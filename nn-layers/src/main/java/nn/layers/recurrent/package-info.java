/**
 * Layers that carry a state through a sequence.
 *
 * <p>A new cell extends {@link nn.layers.RecurrentPass} and implements {@link nn.layers.Recurrent}; it can then be
 * stacked, run in both directions and carried from chunk to chunk, as those here.
 */
@NullMarked
package nn.layers.recurrent;

import org.jspecify.annotations.NullMarked;
