/**
 * Kernels that compute each element by itself, at one place of all operands: arithmetic, functions and their
 * gradients, steps of recurrent cells.
 *
 * <p>Each has a loop in plain Java and one on vectors. May use {@code math}, {@code thread} and {@code warmup}.
 */
@NullMarked
package nn.tensor.internal.element;

import org.jspecify.annotations.NullMarked;
