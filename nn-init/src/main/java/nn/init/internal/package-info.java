/** Checks and texts that the packages of this module share; not exported. */
@NullMarked
package nn.init.internal;

import org.jspecify.annotations.NullMarked;
