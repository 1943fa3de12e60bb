package nn.train;

import nn.tensor.ParallelLoop;

/** The shards of one step, as a {@link ShardExecutor} sees them. All methods may be called by several threads. */
public interface ShardStep extends ParallelLoop.Body {
    /**
     * Returns the number of shards.
     *
     * @return 1 or more; empty ones included
     */
    int count();

    /**
     * Returns about how much work a shard is.
     *
     * @return multiply-adds
     */
    double work();

    /**
     * Computes some shards on this thread. One that was computed before is left out.
     *
     * @param from the first shard
     * @param to one more than the last, above {@code from} and at most {@link #count}
     */
    @Override
    void run(int from, int to);
}
