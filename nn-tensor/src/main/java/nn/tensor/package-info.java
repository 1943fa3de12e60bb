/**
 * Dense float32 tensors, their shapes, and counter-based randomness.
 *
 * <p>A {@link nn.tensor.Tensor} is a contiguous row-major block of floats: an array, an offset and a
 * {@link nn.tensor.Shape}, without strides. It has the operations that a network needs: products with either
 * side transposed, element-wise operations, row views, reductions, and a few transcendental functions.
 *
 * <h2>Same bits everywhere</h2>
 * Every operation gives the same float bits on every JDK from 25 on, every operating system, processor and SIMD width
 * (no SIMD included) and with any number of threads. Five rules ensure this:
 * <ul>
 *   <li>in a product, one lane owns one output element and the inner index runs in order with fused multiply-adds;
 *       threads split rows or columns, never the inner index, so a row has the same bits alone or in a batch; more than
 *       8192 inner steps are cut into chains of 8192, each of which begins with 0 (the first with the destination's
 *       value, if the product is added to it) and is added to the previous ones;</li>
 *   <li>a sum of rows adds them in order; more than 2048 rows are cut into chains of 2048, whose sums are added in
 *       double;</li>
 *   <li>a sum over elements uses blocks of 32,768, 256 virtual lanes in double and one fixed tree,
 *       on every machine;</li>
 *   <li>a sum along the rows of a softmax, a normalization or a loss uses 32 virtual lanes in double and a fixed tree,
 *       since rows are short; a sum along a column is in double, with the rows in order. Inner products, gradients of a
 *       normalization and the sum of a softmax add four terms in float before they go to double;</li>
 *   <li>exp, log, tanh and the random fills are polynomials of this library, built from operations that IEEE 754
 *       defines to the bit.</li>
 * </ul>
 * So no chain of float additions is longer than 8192. Where all rounding errors have one direction, as for equal
 * numbers, those of a product with k inner steps add up to at most 2^-12 + k 2^-38 of the sum of magnitudes: the weight
 * gradient of ten million equal rows is right to 3 in 10,000. Those of a sum of rows add up to at most 2^-14.
 *
 * <h2>Memory</h2>
 * A thread keeps up to 4 megabytes for each of fifteen intermediate results of operations, whatever their size. Where
 * the heap has no room for a tensor or a factorization, the {@link java.lang.OutOfMemoryError} says what was being
 * allocated, how many bytes it needs and how many are free.
 *
 * <h2>Threads</h2> Large products and reductions, and loops by {@link nn.tensor.ParallelLoop} such as an optimizer's
 * update, use the processors that the JVM reports; the system property {@code nn.threads} sets another number (1 to
 * 1024) and is read once. Where the processors do not share a cache, small steps of training take longer on several
 * threads than on one: set 1 there. If its value is invalid, every operation that needs it throws an {@link
 * java.lang.IllegalArgumentException}. The system property {@code nn.kernels} selects the implementation of the
 * kernels: {@code auto} (vector kernels once they are compiled, the default), {@code scalar}, or {@code vector}.
 * Threads other than the caller's end after two seconds without work. A tensor is mutable and not synchronized: reading
 * one from several threads is safe, writing it while another thread reads it is not.
 */
@NullMarked
package nn.tensor;

import org.jspecify.annotations.NullMarked;
