/**
 * Layers that normalize values to variance 1, and most of them to mean 0.
 *
 * <p>{@link nn.layers.normalization.BatchNorm} normalizes each feature over the batch, {@link
 * nn.layers.normalization.LayerNorm} each row, {@link nn.layers.normalization.GroupNorm} groups of channels of an
 * example. {@link nn.layers.normalization.RmsNorm} divides each row by its root mean square. A new normalization
 * belongs here.
 */
@NullMarked
package nn.layers.normalization;

import org.jspecify.annotations.NullMarked;
