package nn.train;

/**
 * A part of a training that may differ between a saved state and the trainer that restores it. A difference is refused,
 * unless the caller accepts it by naming its part; the trainer then continues with its own:
 *
 * <pre>{@code
 * Checkpoint.resume(file, trainer, Difference.OPTIMIZER);    // continues with another learning rate
 * }</pre>
 *
 * <p>Layers, losses and schedules are compared by their text. Those without a text of their own, such as lambdas, are
 * compared by their class at most.
 */
public enum Difference {
    /** The layers: their paths, and each layer's text, such as {@code relu} or {@code Dropout 0.1}. */
    ARCHITECTURE,
    /** The loss. */
    LOSS,
    /** The numbers of the optimizer, such as its learning rate. Another kind of optimizer is always refused. */
    OPTIMIZER,
    /** The {@link TrainerOptions}: schedule, plateau, clipping, penalty, micro-batches, carried states. */
    OPTIONS,
    /** The trainer's key and the keys of the parameters, which name all randomness of a training. */
    KEYS
}
