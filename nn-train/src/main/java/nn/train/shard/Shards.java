package nn.train.shard;

import java.util.Objects;

/**
 * Cuts every batch into virtual shards: parts that belong to the recipe of a training, not to the machines that compute
 * them. Loss, gradients and everything that follows depend on the number of shards, and never on who computes them, on
 * how many threads, in which order or how often. The number is saved with the state of a trainer and compared when that
 * is restored; the executor may be another one.
 *
 * <p>The rules, for V shards of a batch of n examples:
 *
 * <ul>
 *   <li>Shard i holds the examples from {@code ceil(n i / V)} to {@code ceil(n (i + 1) / V)}, the second excluded. If n
 *       is below V, some shards are empty and left out.
 *   <li>Each shard is one pass forward and backward, as a micro-batch is: the gradient of a mean is weighted by the
 *       shard's share of the loss's {@linkplain nn.train.loss.Loss#terms terms}; a shard without terms is left out.
 *   <li>Gradients, losses and moves of statistics are summed over a binary tree on the index: first 0 + 1, 2 + 3, ...,
 *       then (0 + 1) + (2 + 3), ..., the lower index on the left. A shard that has no partner passes on as it is.
 *       Clipping, penalties and the optimizer get the sum. (Micro-batches are summed one after the other instead, so
 *       that one gradient is enough; their bits differ from those of shards.)
 *   <li>Layers that draw, such as dropout, use the key {@code key.child(step).child(i)} of the trainer's key.
 *   <li>A batch normalization normalizes each shard by itself (ghost batch normalization: Hoffer, Hubara and Soudry,
 *       <i>Train longer, generalize better</i>, NIPS 2017), so each shard needs 2 rows or more. Running statistics move
 *       by the mean of the moves of the shards, each from the value before the step.
 * </ul>
 *
 * <p>A thread that computes several shards with neighbouring indices runs {@linkplain nn.layers.Layer#isRowwise
 * row-wise} layers once on the rows of all of them, and any other layer on the rows of each, if the examples are along
 * the first axis in all layers of the model, and half of its parameters or more are in layers that run once. Any other
 * model runs shard by shard. No bit depends on it. On one thread, shards of 32 examples or more cost less than a tenth
 * over plain training, and 8 of 16 examples 7 to 9 %, or 12 % with batch normalization (measured with 784-256-128-10;
 * SHARDS.md has other networks).
 *
 * @param count the number of shards V, 1 to {@link #MOST}
 * @param executor has them computed
 */
public record Shards(int count, ShardExecutor executor) {
    /** The largest number of shards. */
    public static final int MOST = 1 << 16;

    /**
     * Checks the arguments.
     *
     * @throws IllegalArgumentException if the count is out of its range
     * @throws NullPointerException if the executor is null
     */
    public Shards {
        Objects.requireNonNull(executor, "executor");
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("a batch in " + count + " shards; give 1 to " + MOST);
        }
    }

    /**
     * Returns shards that are computed on the {@linkplain nn.tensor.ParallelLoop threads} of this process.
     *
     * @param count the number of shards, 1 to {@link #MOST}
     * @return the shards
     * @throws IllegalArgumentException if the count is out of its range
     */
    public static Shards of(int count) {
        return new Shards(count, ShardExecutor.LOCAL);
    }
}
