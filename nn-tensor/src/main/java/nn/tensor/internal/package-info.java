/**
 * The kernels behind {@code nn.tensor}; not exported. This package has the list of them, {@link
 * nn.tensor.internal.Kernels}, and chooses who computes it: {@code ScalarKernels} in plain Java, {@code VectorKernels}
 * on the Vector API with the same bits, {@code TieredKernels} with one or the other while C2 compiles, for which {@code
 * VectorWarmUp} runs the trials of all kernels.
 *
 * <table>
 *   <caption>The packages; each uses only those above it</caption>
 *   <tr><td>{@code thread}</td><td>worker threads, and the memory that a thread keeps</td></tr>
 *   <tr><td>{@code warmup}</td><td>which vector kernels are compiled</td></tr>
 *   <tr><td>{@code math}</td><td>functions of one number or of one vector</td></tr>
 *   <tr><td>{@code random}</td><td>random numbers</td></tr>
 *   <tr><td>{@code element}</td><td>kernels on elements</td></tr>
 *   <tr><td>{@code row}</td><td>kernels on rows and columns</td></tr>
 *   <tr><td>{@code product}</td><td>kernels of matrix products</td></tr>
 *   <tr><td>{@code window}</td><td>kernels of convolutions and poolings</td></tr>
 *   <tr><td>this one</td><td>all kernels by one name</td></tr>
 *   <tr><td>{@code driver}</td><td>operations on whole tensors, split between threads</td></tr>
 * </table>
 *
 * <p>No kernel calls {@code Kernels} back: which vector kernels are compiled is an argument, {@code Compiled}.
 */
@NullMarked
package nn.tensor.internal;

import org.jspecify.annotations.NullMarked;
