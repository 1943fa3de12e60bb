/**
 * Layers that move values and compute nothing.
 *
 * <p>Another shape, or other axes. A new rearrangement belongs here.
 */
@NullMarked
package nn.layers.shape;

import org.jspecify.annotations.NullMarked;
