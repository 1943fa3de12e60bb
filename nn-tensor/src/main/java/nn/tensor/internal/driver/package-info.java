/**
 * Operations on whole tensors: they cut the work into parts of a size that suits a cache, split the parts between
 * threads and call kernels for each.
 *
 * <p>A driver asks {@link nn.tensor.internal.Kernels#active} for the kernels and never for a vector or a scalar one, so
 * the Vector API is not used here. May use every package of the kernels; only {@code nn.tensor} and its packages use
 * this one.
 */
@NullMarked
package nn.tensor.internal.driver;

import org.jspecify.annotations.NullMarked;
