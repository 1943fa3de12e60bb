/**
 * Threads, and the memory that each thread keeps for its next call: workers, scratch buffers, descriptors, arrays that
 * begin at a cache line.
 *
 * <p>What belongs here knows nothing of kernels. It uses no other package of the kernels, and every one may use it.
 */
@NullMarked
package nn.tensor.internal.thread;

import org.jspecify.annotations.NullMarked;
