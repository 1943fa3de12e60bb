/** Helpers of this module; not exported. */
@NullMarked
package nn.layers.internal;

import org.jspecify.annotations.NullMarked;
