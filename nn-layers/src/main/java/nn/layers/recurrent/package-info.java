/**
 * Layers that carry a state through a sequence.
 *
 * <p>A new recurrent layer implements {@link nn.layers.Recurrent}, and its pass extends {@link
 * nn.layers.RecurrentPass}. It can then be stacked, run in both directions and carried from chunk to chunk, like those
 * here.
 */
@NullMarked
package nn.layers.recurrent;

import org.jspecify.annotations.NullMarked;
