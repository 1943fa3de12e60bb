package nn.train;

/**
 * A part of a training that may differ between a saved state and the trainer that restores it. A difference is refused
 * unless the caller names its part; the trainer then keeps its own part:
 *
 * <pre>{@code
 * Checkpoint.resume(file, trainer, Difference.OPTIMIZER);    // continues with another learning rate
 * }</pre>
 *
 * <p>Layers, losses, optimizers and options such as schedules are compared by {@code toString}. Objects that do not
 * define it, such as lambdas, are compared at most by their class.
 */
public enum Difference {
    /**
     * The layers: their paths and texts, such as {@code relu} or {@code Dropout 0.1}. Parameters of other shapes or
     * paths are always refused.
     */
    ARCHITECTURE,
    /** The loss. */
    LOSS,
    /**
     * The hyperparameters of the optimizer, such as its learning rate. Another kind of optimizer is always refused, and
     * so is one that keeps other tensors: its state begins anew if only the weights are loaded, by {@link
     * nn.train.checkpoint.Checkpoint#loadWeights(java.nio.file.Path, nn.layers.Layer, Difference...) loadWeights}.
     */
    OPTIMIZER,
    /**
     * The {@link TrainerOptions}: schedule, plateau, clipping, penalty, micro-batches, carried states; and which
     * parameters are {@linkplain Trainer#freeze frozen}.
     */
    OPTIONS,
    /** The trainer's key and the keys of the parameters, which name all randomness of a training. */
    KEYS
}
