/**
 * Layers that normalize values to mean 0 and variance 1.
 *
 * <p>{@link nn.layers.normalization.BatchNorm} normalizes each feature over the batch, {@link
 * nn.layers.normalization.LayerNorm} each row. A new normalization belongs here.
 */
@NullMarked
package nn.layers.normalization;

import org.jspecify.annotations.NullMarked;
