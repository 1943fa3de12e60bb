/**
 * Functions of one number, and the same of a vector of numbers lane by lane, with bits that are the same everywhere:
 * fused multiply-add, exponentials, logarithms, activations and their slopes.
 *
 * <p>No loops and no arrays: those are in {@code nn.tensor.internal.element} and above. Uses no other package of the
 * kernels.
 */
@NullMarked
package nn.tensor.internal.math;

import org.jspecify.annotations.NullMarked;
