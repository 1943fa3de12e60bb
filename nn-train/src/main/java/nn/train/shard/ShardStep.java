package nn.train.shard;

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
     * Returns the number of this step.
     *
     * @return from 1, counted over all fits of the trainer
     */
    long number();

    /**
     * Returns a fingerprint of the batch, by which processes tell whether they train on the same one.
     *
     * @return a hash of the shapes of inputs and targets, and of up to 4,096 numbers of each
     */
    long batchFingerprint();

    /**
     * Returns about how much work a shard is.
     *
     * @return multiply-adds
     */
    double work();

    /**
     * Computes some shards on this thread. One that was computed before is left out. One call for several shards takes
     * less time than a call for each.
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
     * Takes the result of a shard from a worker, or a {@link #sum} from a trainer of the same recipe. What was computed
     * before is left out; a sum replaces those of its parts that were.
     *
     * @param result of {@link ShardWorker#compute} or {@link #sum}; unchanged
     * @return whether the result was new
     * @throws DataFormatException if the message is damaged, of another recipe, or of another step; nothing has changed
     *     then: ask for it again
     * @throws IllegalStateException if it is a sum and a thread computes shards meanwhile; nothing has changed then
     */
    boolean accept(ByteBuffer result) throws DataFormatException;

    /**
     * Returns the sum of a subtree as a message for {@link #accept} of the same step in another process. The subtree
     * must be complete and not be added to its partner yet.
     *
     * @param shard the first one of the subtree, a multiple of the width
     * @param width how many shards the subtree has, those above the last shard included: a power of two; or {@link
     *     #count} with shard 0 for the whole tree
     * @return a new message, ready to be read
     * @throws IllegalStateException if this subtree is not complete, or is part of a larger one already
     * @throws IndexOutOfBoundsException if there is no such shard
     */
    ByteBuffer sum(int shard, int width);
}
