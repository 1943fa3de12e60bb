package nn.layers.recurrent;

import nn.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Views of a tensor at each index of its first axis, kept as long as it is the same tensor, as it is in steady steps.
 */
final class TimeSteps {
    private @Nullable Tensor all;
    private Tensor[] steps = {};

    /** Views this tensor [time x ...] from now on. */
    void of(Tensor tensor) {
        if (tensor != all) {
            steps = new Tensor[tensor.dim(0)];
            for (int t = 0; t < steps.length; t++) {
                steps[t] = tensor.row(t);
            }
            all = tensor;
        }
    }

    /** The tensor at a step [...]. */
    Tensor at(int step) {
        return steps[step];
    }
}
