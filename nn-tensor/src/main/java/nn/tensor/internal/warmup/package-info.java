/**
 * What is known of vector kernels while C2 compiles them: the operations and the stages of tiles that are compiled one
 * by one, which of them are compiled, and what a trial of a kernel is.
 *
 * <p>A new kernel has a constant in {@link nn.tensor.internal.warmup.Operation} and is chosen by {@link
 * nn.tensor.internal.warmup.Compiled}, which a kernel gets as an argument. Uses no other package of the kernels.
 */
@NullMarked
package nn.tensor.internal.warmup;

import org.jspecify.annotations.NullMarked;
