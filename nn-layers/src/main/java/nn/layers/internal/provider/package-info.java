/** The initializers of single layers, by name, for {@link nn.init.Init#parse}. */
@NullMarked
package nn.layers.internal.provider;

import org.jspecify.annotations.NullMarked;
