/**
 * Functions of one number, with bits that are the same everywhere: fused multiply-add, exponentials, logarithms,
 * activations and their slopes. Loops on vectors have the same steps in place.
 *
 * <p>No loops and no arrays: those are in {@code nn.tensor.internal.element} and above. Uses no other package of the
 * kernels.
 */
@NullMarked
package nn.tensor.internal.math;

import org.jspecify.annotations.NullMarked;
