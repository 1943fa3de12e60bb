/**
 * One pass through a model, forward and backward, of a batch or a part of one, and where it finds a number that is not
 * finite. Not exported. The trainer and the workers of {@code nn.train.shard} run it.
 */
@NullMarked
package nn.train.internal.pass;

import org.jspecify.annotations.NullMarked;
