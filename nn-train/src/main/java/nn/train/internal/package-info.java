/**
 * Checks, texts and helpers for several packages of the module. Not exported. It depends on no other package of the
 * module, so all packages may use it.
 */
@NullMarked
package nn.train.internal;

import org.jspecify.annotations.NullMarked;
