/**
 * Layers that reduce a sequence to one step: the last step, the mean, or the largest values.
 *
 * <p>The input is [time x batch x ...], the output [batch x ...]. Padding is left out. A new way to combine steps
 * belongs here.
 */
@NullMarked
package nn.layers.pooling;

import org.jspecify.annotations.NullMarked;
