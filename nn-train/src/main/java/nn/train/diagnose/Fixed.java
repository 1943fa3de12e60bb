package nn.train.diagnose;

import java.util.List;
import java.util.Objects;
import nn.layers.Layer;
import nn.tensor.Tensor;

/**
 * A model after a {@link Treatment}, and what that has changed. The data for it come through {@link #inputs} and {@link
 * #targets}.
 *
 * @param model the model that was examined, with new weights where the treatment draws them
 * @param changes a line for each parameter that was drawn again, such as {@code hidden1.weight: he normal in place of
 *     normal(0.05)}, and one for inputs or targets that must be standardized; empty if nothing was changed
 * @param treatment what was applied
 */
public record Fixed(Layer model, List<String> changes, Treatment treatment) {
    /**
     * Takes an unmodifiable copy.
     *
     * @throws NullPointerException if an argument is null
     */
    public Fixed {
        Objects.requireNonNull(model, "model");
        changes = List.copyOf(Objects.requireNonNull(changes, "changes"));
        Objects.requireNonNull(treatment, "treatment");
    }

    /**
     * Prepares data for the model.
     *
     * @param x [... x features], at least one row
     * @return the data with each feature at mean 0 and variance 1, if the treatment standardizes; else x itself
     */
    public Tensor inputs(Tensor x) {
        return treatment.inputs(x);
    }

    /**
     * Prepares targets for the model.
     *
     * @param y [... x outputs], at least one row
     * @return the targets with each output at mean 0 and variance 1, if the treatment standardizes them; else y itself
     */
    public Tensor targets(Tensor y) {
        return treatment.targets(y);
    }
}
