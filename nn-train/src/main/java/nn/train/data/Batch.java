package nn.train.data;

import java.util.Objects;
import nn.tensor.Tensor;

/**
 * Some examples that a step trains on.
 *
 * @param x the inputs [batch x ...]
 * @param y the targets [batch x ...]
 */
public record Batch(Tensor x, Tensor y) {
    /**
     * Checks the arguments.
     *
     * @throws NullPointerException if one is null
     */
    public Batch {
        Objects.requireNonNull(x, "x of a batch");
        Objects.requireNonNull(y, "y of a batch");
    }
}
