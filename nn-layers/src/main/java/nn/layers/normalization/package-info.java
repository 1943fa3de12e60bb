/**
 * Layers that give values mean 0 and variance 1.
 *
 * <p>By feature over the batch, or by row. A new normalization belongs here.
 */
@NullMarked
package nn.layers.normalization;

import org.jspecify.annotations.NullMarked;
