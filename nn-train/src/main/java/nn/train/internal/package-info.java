/**
 * Checks, texts and helpers that several packages of the module share. Not exported. It depends on no other package of
 * the module, so all may use it.
 */
@NullMarked
package nn.train.internal;

import org.jspecify.annotations.NullMarked;
