/**
 * Dense float32 tensors, their shapes, and counter-based randomness.
 *
 * <p>A {@link nn.tensor.Tensor} is a contiguous row-major block of floats: an array, an offset and a
 * {@link nn.tensor.Shape}, without strides. What a network needs and nothing more: products with either side
 * transposed, element-wise operations, row views, reductions, and a few transcendental functions.
 *
 * <h2>Same bits everywhere</h2>
 * Every operation gives the same float bits on every JDK from 25 on, every operating system, processor and SIMD width
 * (no SIMD included) and with any number of threads. Three rules make it so:
 * <ul>
 *   <li>in a product, one lane owns one output element and the inner index runs in order with fused
 *       multiply-adds; threads split rows or columns, never the inner index, so a row of a batch gets the
 *       same bits alone or among others;</li>
 *   <li>a sum over elements uses blocks of 32,768, 256 virtual lanes in double and one fixed tree,
 *       whatever the machine has;</li>
 *   <li>exp, log, tanh and the random fills are polynomials of this library, built from operations that IEEE 754
 *       defines to the last bit.</li>
 * </ul>
 *
 * <h2>Threads</h2> Large products and reductions, and loops by {@link nn.tensor.Parts} such as an optimizer's update,
 * use the processors that the JVM reports; the system property {@code nn.threads} sets another number (1 to 1024) and
 * is read once. A tensor is mutable and not synchronized: reading one from several threads is safe, writing it while
 * another thread reads it is not.
 */
package nn.tensor;
