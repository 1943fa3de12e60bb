/**
 * Dense float32 tensors, their shapes, and counter-based randomness.
 *
 * <p>A {@link nn.tensor.Tensor} is a contiguous row-major block of floats: an array, an offset and a
 * {@link nn.tensor.Shape}, without strides. What a network needs and nothing more: products with either side
 * transposed, element-wise operations, row views, reductions, and a few transcendental functions.
 *
 * <h2>Same bits everywhere</h2>
 * Every operation gives the same float bits on every JDK from 25 on, every operating system, processor and SIMD width
 * (no SIMD included) and with any number of threads. Four rules make it so:
 * <ul>
 *   <li>in a product, one lane owns one output element and the inner index runs in order with fused
 *       multiply-adds; threads split rows or columns, never the inner index, so a row of a batch gets the
 *       same bits alone or among others; more than 8192 inner steps are cut into chains of 8192, each of which begins
 *       with 0 (the first with what the destination holds, if the product is added) and is added to those before;</li>
 *   <li>a sum of rows adds them in order; more than 2048 rows are cut into chains of 2048, whose sums are added in
 *       double;</li>
 *   <li>a sum over elements uses blocks of 32,768, 256 virtual lanes in double and one fixed tree,
 *       whatever the machine has;</li>
 *   <li>exp, log, tanh and the random fills are polynomials of this library, built from operations that IEEE 754
 *       defines to the last bit.</li>
 * </ul>
 * So no chain of float additions is longer than 8192. Where all rounding errors have one direction, as for equal
 * numbers, those of a product with k inner steps add up to at most 2^-12 + k 2^-38 of the sum of magnitudes: the weight
 * gradient of ten million equal rows is right to 0.03 %. Those of a sum of rows add up to at most 2^-14, 0.006 %.
 *
 * <h2>Memory</h2>
 * A thread keeps up to 4 megabytes for each of six intermediate results of products, however large they are. Where the
 * heap has no room for a tensor or the work of a factorization, the {@link java.lang.OutOfMemoryError} says what was to
 * be allocated, how many bytes it needs and how many are free.
 *
 * <h2>Threads</h2> Large products and reductions, and loops by {@link nn.tensor.ParallelLoop} such as an optimizer's
 * update, use the processors that the JVM reports; the system property {@code nn.threads} sets another number (1 to
 * 1024) and is read once. Where it is no such number, every operation that asks for it throws an {@link
 * java.lang.IllegalArgumentException}. Threads other than the caller's end after two seconds without work. A tensor is
 * mutable and not synchronized: reading one from several threads is safe, writing it while another thread reads it is
 * not.
 */
package nn.tensor;
