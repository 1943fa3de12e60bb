package nn.train.shard;

import nn.tensor.ParallelLoop;

/**
 * Has the {@linkplain Shards shards} of a step computed: on threads of this process, in a {@link
 * nn.train.group.ShardGroup} of processes or, by messages, anywhere. A shard is a pure function of the weights, its
 * examples and its index, so an executor may compute it in any order, move it, lose it and compute it again.
 */
@FunctionalInterface
public interface ShardExecutor {
    /** Computes shards on the threads that large operations use. It needs nothing. */
    ShardExecutor LOCAL = step -> ParallelLoop.run(step.count(), step.work(), step);

    /**
     * Has every shard of a step computed at least once, and returns when all are done. It returns or throws only when
     * nobody computes for this step any more.
     *
     * @param step the shards of one step; not to be used after the return
     * @throws RuntimeException as computing a shard throws it, or if the executor gives up. The step then fails and
     *     changes nothing
     */
    void run(ShardStep step);
}
