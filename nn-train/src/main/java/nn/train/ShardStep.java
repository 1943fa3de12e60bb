package nn.train;

import java.nio.ByteBuffer;
import nn.tensor.ParallelLoop;
import nn.train.io.DataFormatException;

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

    /**
     * Returns the recipe and the weights of this step as a message for {@link ShardWorker#weights}. Make it once a
     * step; its size is about that of the weights.
     *
     * @return a new message, ready to be read
     */
    ByteBuffer weights();

    /**
     * Returns a shard as a message for {@link ShardWorker#compute}: its coordinates and its examples.
     *
     * @param shard its index, from 0
     * @return a new message, ready to be read
     * @throws IndexOutOfBoundsException if there is no such shard
     */
    ByteBuffer task(int shard);

    /**
     * Takes the result of a shard from a worker. A shard that was computed before is left out.
     *
     * @param result of {@link ShardWorker#compute}; unchanged
     * @return whether the result was new
     * @throws DataFormatException if the message is damaged, of another recipe, or of another step; nothing has changed
     *     then: ask for that shard again
     */
    boolean accept(ByteBuffer result) throws DataFormatException;
}
