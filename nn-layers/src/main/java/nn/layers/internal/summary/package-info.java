/** The table that describes a model, of networks and graphs. */
@NullMarked
package nn.layers.internal.summary;

import org.jspecify.annotations.NullMarked;
