/**
 * Layers that rearrange values and compute nothing.
 *
 * <p>They change the shape or the order of axes. A new rearrangement belongs here.
 */
@NullMarked
package nn.layers.shape;

import org.jspecify.annotations.NullMarked;
