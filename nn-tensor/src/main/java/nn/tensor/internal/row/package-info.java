/**
 * Kernels that treat each row or each column of a matrix by itself: softmax, losses, normalization, sums and maxima of
 * columns, slopes by column; and the descriptors of their operands.
 *
 * <p>{@link nn.tensor.internal.row.RowKernels} says in which order a row is summed. May use {@code math}, {@code
 * thread} and {@code warmup}.
 */
@NullMarked
package nn.tensor.internal.row;

import org.jspecify.annotations.NullMarked;
