/**
 * Virtual shards of a batch: the same bits, whoever computes them. {@link nn.train.shard.Shards} has the rules.
 *
 * <pre>{@code
 * TrainerOptions options = TrainerOptions.NONE.shards(8); // on the threads of this process
 * }</pre>
 *
 * <p>A {@link nn.train.shard.ShardExecutor} decides who computes the shards of a {@link nn.train.shard.ShardStep}. A
 * {@link nn.train.shard.ShardWorker} computes them in another process, by messages that the executor carries. Processes
 * that all train alike are a {@link nn.train.group.ShardGroup}.
 *
 * <p>A new way to have shards computed is a {@code ShardExecutor}. This package knows no trainer and no socket: the
 * trainer is made of it, so an executor that needs a trainer has a package above, as {@code nn.train.group} is.
 */
@NullMarked
package nn.train.shard;

import org.jspecify.annotations.NullMarked;
