/**
 * Layers that act in training only.
 *
 * <p>{@link nn.layers.regularization.Dropout} is one. A new layer that adds noise or drops values in training belongs
 * here.
 */
@NullMarked
package nn.layers.regularization;

import org.jspecify.annotations.NullMarked;
